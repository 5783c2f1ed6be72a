"""Nothing is tried for longer than anybody wants it, whoever carries it: what each gateway is told, and when."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bots.sms.gateway.outbound import GatewayOutbound
from bots.sms.kannel.outbound import KannelOutbound
from bots.sms.twilio.outbound import TwilioOutbound
from tests.adapters.sms.rig import NOW, PUBLIC, gateway_account, kannel_account, outbound, twilio_account
from tests.adapters.sms.test_gateway_examples import account
from tests.fakes.gateways import Call, Kannel, Platform, Reply, Twilio, running

HOUR, DAY = 3600, 86_400


def expiring(left_s: int | None) -> Any:
    return outbound(expires_at=None if left_s is None else NOW + timedelta(seconds=left_s))


@pytest.mark.parametrize(
    ("validity_s", "left_s", "told"),
    [(None, None, None), (HOUR, None, "60"), (None, 90, "1"), (HOUR, 1800, "30"), (None, -5, "1"), (None, DAY, "1440")],
)
def test_kannel_counts_in_minutes(kannel: Kannel, validity_s: int | None, left_s: int | None, told: str | None) -> None:
    there = kannel_account(url=f"{kannel.url}/cgi-bin/sendsms", validity_s=validity_s)
    sends = KannelOutbound(there, PUBLIC, lambda: NOW)
    sends.send(expiring(left_s))
    sends.close()
    assert kannel.taken[0].get("validity") == told


@pytest.mark.parametrize(
    ("validity_s", "left_s", "told"),
    [
        (None, None, None),
        (HOUR, None, "3600"),
        (HOUR, 90, "90"),
        (None, 5, "60"),
        (None, 35_999, "35999"),
        (None, 36_000, None),  # as Twilio does by itself, or the messaging service says, which may be less
        (None, DAY, None),
    ],
)
def test_twilio_tries_ten_hours_at_most(twilio: Twilio, validity_s: int | None, left_s: int | None, told: str) -> None:
    sends = TwilioOutbound(twilio_account(base_url=twilio.url, validity_s=validity_s), PUBLIC, lambda: NOW)
    sends.send(expiring(left_s))
    sends.close()
    assert twilio.taken[0].get("ValidityPeriod") == told


class Recorder(Platform):
    """Takes whatever comes."""

    def properly(self, call: Call) -> Reply:
        return Reply(200, b"{}")


def _vonage(call: Call) -> object:
    return call.form.get("ttl")


def _plivo(call: Call) -> object:
    return call.json.get("message_expiry")


def _infobip(call: Call) -> object:
    return call.json["messages"][0].get("options")


@pytest.mark.parametrize(
    ("name", "told", "left_s", "expected"),
    [
        ("vonage", _vonage, None, None),
        ("vonage", _vonage, HOUR, "3600000"),
        ("vonage", _vonage, 8 * DAY, None),
        ("plivo", _plivo, None, None),
        ("plivo", _plivo, 30, 60),
        ("plivo", _plivo, 10_799, 10_799),
        ("plivo", _plivo, 10_800, None),
        ("infobip", _infobip, None, None),
        ("infobip", _infobip, HOUR, {"validityPeriod": {"amount": 60}}),
        ("infobip", _infobip, 3 * DAY, None),
    ],
)
def test_the_described_are_told_in_their_units(name: str, told: Any, left_s: int | None, expected: object) -> None:
    with running(Recorder) as platform:
        there = account(name)
        say = there.say.model_copy(update={"url": f"{platform.url}/"})
        sends = GatewayOutbound(account(name, say=say), PUBLIC, lambda: NOW)
        sends.send(expiring(left_s))
        sends.close()
        assert told(platform.calls[0]) == expected


SAY = {"url": "https://gateway.example/send", "fields": {"to": "{to}", "text": "{text}", "parts": [{"a": "b"}, "c"]}}


@pytest.mark.parametrize("at", ["parts.2.valid", "parts.1.valid", "parts.x.valid", "to.valid", "a b", ".a", "a..b"])
def test_a_place_that_cannot_be_is_told_at_the_start(at: str) -> None:
    with pytest.raises(ValidationError, match=r"valid"):
        gateway_account(say={**SAY, "valid": {"at": at}})


def test_a_place_that_can_be() -> None:
    for at in ("valid", "options.valid", "parts.0.valid", "parts.0.options.valid"):
        assert gateway_account(say={**SAY, "valid": {"at": at}}).say.valid is not None


def test_a_wish_for_a_validity_without_a_place_is_told_at_the_start() -> None:
    with pytest.raises(ValidationError, match=r"say\.valid"):
        gateway_account(validity_s=600)
    with pytest.raises(ValidationError, match="only JSON has tables"):
        account("vonage", say={**account("vonage").say.model_dump(), "valid": {"at": "a.b"}})


def test_what_is_described_is_not_changed_by_what_is_sent() -> None:
    there = account("infobip")
    before = json.dumps(there.say.fields)
    with running(Recorder) as platform:
        say = there.say.model_copy(update={"url": f"{platform.url}/"})
        sends = GatewayOutbound(account("infobip", say=say), PUBLIC, lambda: NOW)
        for left_s in (HOUR, None):
            sends.send(expiring(left_s))
        sends.close()
        assert [_infobip(call) for call in platform.calls] == [{"validityPeriod": {"amount": 60}}, None]
    assert json.dumps(there.say.fields) == before
