"""What `huoju doctor` finds out about an account."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr
from werkzeug.serving import make_server

from bots.wechat.doctor import findings
from tests.adapters.wechat.rig import NOW, Door, account, random_bytes
from tests.fakes.wechat import Platform

SAFE, TOKEN, CLOCK, PORT, REACHED = range(5)


@pytest.fixture
def public(door: Door) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, door.app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join(60)
    server.server_close()


def look(platform: Platform, public_url: str | None, later_s: float = 0, **given):
    clock = lambda: NOW + timedelta(seconds=later_s)  # noqa: E731
    return list(findings(account(api_url=platform.url, **given), public_url, clock, random_bytes))


def test_an_account_in_order(platform: Platform, public: str) -> None:
    found = look(platform, public)
    assert [one.what for one in found if not one.well] == [found[PORT].what]
    assert "80 and 443" in found[PORT].remedy
    assert found[REACHED].what == f"WeChat can reach us at {public}wechat/main"


def test_a_public_address_has_a_port_that_is_called(platform: Platform) -> None:
    found = look(platform, "http://127.0.0.1")
    assert found[PORT].well
    assert not found[REACHED].well


@pytest.mark.parametrize(
    ("code", "says"),
    [(40164, "whitelist"), (40013, "AppID"), (40001, "AppSecret"), (50002, "errcode 50002"), ("404", "cannot be")],
    ids=str,
)
def test_credentials(platform: Platform, code, says: str) -> None:
    platform.misbehave("/stable_token", code)
    found = look(platform, None)
    assert not found[TOKEN].well
    assert says in found[TOKEN].remedy
    assert found[CLOCK].well
    assert found[-1].remedy.startswith("set the public address"), "nothing can be tried without a token"


@pytest.mark.parametrize(("later_s", "well"), [(59, True), (-61, False), (400, False)])
def test_a_clock_that_differs(platform: Platform, later_s: int, well: bool) -> None:
    assert look(platform, None, later_s)[CLOCK].well is well


def test_plain_mode_is_told_of(platform: Platform) -> None:
    found = look(platform, None, mode="plain", aes_key=None)
    assert not found[SAFE].well
    assert "安全模式" in found[SAFE].remedy


def test_a_process_that_has_another_token(platform: Platform, public: str) -> None:
    found = look(platform, public, token=SecretStr("changed"))
    assert not found[REACHED].well
    assert "restart" in found[REACHED].remedy


def test_something_else_that_answers(platform: Platform) -> None:
    found = look(platform, platform.url)
    assert not found[REACHED].well
    assert "something else" in found[REACHED].remedy
