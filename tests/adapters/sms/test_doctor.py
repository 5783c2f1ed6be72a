"""What `huoju doctor` finds at a gateway, and that it sends nothing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from pydantic import SecretStr
from werkzeug.serving import make_server

from bots.sms.doctor import findings
from bots.sms.http_accounts import HttpAccount
from tests.adapters.sms.rig import NOW, Door, gateway_account, kannel_account, twilio_account
from tests.fakes.gateways import Aggregator, Kannel, Platform, Reply, Twilio


def found(account: HttpAccount, public_url: str | None) -> dict[str, bool]:
    """Whether it is well, by what was looked at, without addresses."""
    looked = list(findings(account, public_url, lambda: NOW))
    for finding in looked:
        assert finding.well or finding.remedy
        assert "secret" not in finding.remedy.replace("another secret", "")
    return {finding.what.partition(public_url or "http")[2] or finding.what: finding.well for finding in looked}


@contextmanager
def served(door: Door) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, door.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(60)


def of_kannel(platform: Platform, **given: Any) -> HttpAccount:
    return kannel_account(url=f"{platform.url}/cgi-bin/sendsms", **given)


def of_twilio(platform: Platform, **given: Any) -> HttpAccount:
    return twilio_account(base_url=platform.url, **given)


def of_gateway(platform: Platform, **given: Any) -> HttpAccount:
    return gateway_account(say={"url": f"{platform.url}/v1/send"}, **given)


def test_all_is_well_at_kannel(kannel: Kannel) -> None:
    account = of_kannel(kannel)
    door = Door(account)
    with served(door) as url:
        assert found(account, url) == {
            "Kannel's sendsms can be reached": True,
            "Kannel knows our user": True,
            "the address is that of sendsms": True,
            "/sms/main is ours, and takes what is proven": True,
        }
    assert kannel.taken == []
    assert door.taken == []


def test_all_is_well_at_twilio(twilio: Twilio) -> None:
    account = of_twilio(twilio)
    door = Door(account)
    with served(door) as url:
        looked = found(account, url)
    assert looked.pop("our clock agrees with the gateway's") is False  # the fake's is the machine's
    assert looked == {
        "Twilio can be reached": True,
        "Twilio knows our account": True,
        "/sms/main is ours, and takes what is proven": True,
    }
    assert twilio.taken == []
    assert door.taken == []


def test_all_is_well_at_a_described_gateway(aggregator: Aggregator) -> None:
    aggregator.acts.append(Reply(404))
    account = of_gateway(aggregator)
    door = Door(account)
    with served(door) as url:
        looked = found(account, url)
    looked.pop("our clock agrees with the gateway's")
    assert looked == {
        "the gateway can be reached": True,
        "/sms/main is ours, and refuses what is not proven": True,
    }
    assert aggregator.taken == []
    assert door.taken == []


def test_wrong_credentials_are_found(kannel: Kannel, twilio: Twilio) -> None:
    assert found(of_kannel(kannel, password=SecretStr("x")), None)["Kannel knows our user"] is False
    assert found(of_twilio(twilio, auth_token=SecretStr("x")), None)["Twilio knows our account"] is False


def test_another_secret_behind_the_door_is_found(kannel: Kannel) -> None:
    with served(Door(of_kannel(kannel, secret=SecretStr("quite another secret")))) as url:
        assert found(of_kannel(kannel), url)["/sms/main is ours, and takes what is proven"] is False


def test_a_door_that_is_closed_is_found(kannel: Kannel, twilio: Twilio, aggregator: Aggregator) -> None:
    aggregator.acts.append(Reply(404))
    for account in (of_kannel(kannel), of_twilio(twilio), of_gateway(aggregator)):
        looked = found(account, "http://127.0.0.1:1")
        assert [well for what, well in looked.items() if what.startswith("/sms/main")] == [False]


def test_an_address_that_is_not_known_is_found(kannel: Kannel, twilio: Twilio, aggregator: Aggregator) -> None:
    aggregator.acts.append(Reply(404))
    for account in (of_kannel(kannel), of_twilio(twilio), of_gateway(aggregator)):
        assert list(found(account, None).values())[-1] is False
    assert list(found(of_kannel(kannel, receipts=0), None).values())[-1] is True


@pytest.mark.parametrize("maker", [of_kannel, of_twilio, of_gateway])
def test_a_gateway_that_is_away_is_found(kannel: Kannel, maker: Any) -> None:
    account = maker(kannel)
    kannel.close()
    assert next(iter(found(account, None).values())) is False


CLOCKS = [(timedelta(seconds=59), True), (timedelta(seconds=61), False), (-timedelta(hours=1), False)]


@pytest.mark.parametrize(("off", "well"), CLOCKS)
def test_a_clock_that_differs_is_found(aggregator: Aggregator, off: timedelta, well: bool) -> None:
    aggregator.acts.append(Reply(404, b"", {"Date": format_datetime(NOW + off, usegmt=True)}))
    looked = list(findings(of_gateway(aggregator), None, lambda: NOW))
    clocks = [finding.well for finding in looked if "clock" in finding.what]
    assert clocks == [well]


def test_an_address_that_is_no_sendsms_is_found(twilio: Twilio) -> None:
    account = kannel_account(url=f"{twilio.url}/other")
    twilio.acts.append(Reply(404, b"nothing"))
    assert found(account, None)["the address is that of sendsms"] is False
