"""We call gateways: what goes out, and what each answer means for the text."""

import hashlib
import hmac
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from bots.sms.gateway.outbound import GatewayOutbound
from bots.sms.kannel.outbound import KannelOutbound
from bots.sms.twilio.outbound import TwilioOutbound
from core.sending.outbound import Category, Cost, Delivered, Outcome, Refused, TryAgain, Unknown, unreadable
from tests.adapters.sms.rig import (
    DISPATCH,
    NOW,
    PUBLIC,
    Door,
    gateway_account,
    kannel_account,
    outbound,
    twilio_account,
)
from tests.fakes.gateways import Aggregator, Call, Kannel, Platform, Reply, Twilio, drop, endless, garbage, half

FREE: dict[str, Any] = {"price_micros": None, "currency": None}
MINUTES = timedelta(minutes=5)


def kannel_sends(kannel: Kannel, public_url: str | None = PUBLIC, **given: Any) -> KannelOutbound:
    return KannelOutbound(kannel_account(url=f"{kannel.url}/cgi-bin/sendsms", **given), public_url, lambda: NOW)


def twilio_sends(twilio: Twilio, public_url: str | None = PUBLIC, **given: Any) -> TwilioOutbound:
    return TwilioOutbound(twilio_account(base_url=twilio.url, **given), public_url, lambda: NOW)


def gateway_sends(aggregator: Platform, file: str = "aggregator", **given: Any) -> GatewayOutbound:
    say = {"url": f"{aggregator.url}/v1/send", **given.pop("say", {})}
    return GatewayOutbound(gateway_account(file, say=say, **given), PUBLIC, lambda: NOW)


def sent(sends: Any, **message: Any) -> Outcome:
    try:
        return sends.send(outbound(**message))
    finally:
        sends.close()


def test_kannel_gets_all_that_sendsms_needs(kannel: Kannel) -> None:
    sends = kannel_sends(kannel, price_micros=45_000, currency="CNY", signature="火炬", smsc="cmcc")
    assert sent(sends, text="你好 & +1") == Delivered((), Cost(1, 45_000, "CNY"))
    (taken,) = kannel.taken
    assert (taken["from"], taken["to"], taken["smsc"]) == ("10690000", "+8613800138000", "cmcc")
    assert (taken["text"], taken["charset"], taken["coding"]) == ("【火炬】你好 & +1", "UTF-8", "2")
    assert taken["dlr-mask"] == "19"
    receipt = urlsplit(taken["dlr-url"])
    assert f"{receipt.scheme}://{receipt.netloc}{receipt.path}" == f"{PUBLIC}/sms/main/receipt"
    assert "kannel-secret" not in taken["dlr-url"]


def test_kannels_receipt_finds_its_text(kannel: Kannel) -> None:
    sent(kannel_sends(kannel))
    door = Door(kannel_account())
    assert door.call(kannel.receipt(0, 2, "stat:REJECTD err:00B text:Hello")).status_code == 200
    assert [(each.dispatch, each.error) for each in door.receipts] == [(DISPATCH, "REJECTD/00B")]


def test_kannel_is_not_asked_for_receipts_that_cannot_come(kannel: Kannel) -> None:
    sent(kannel_sends(kannel, public_url=None))
    sent(kannel_sends(kannel, receipts=0))
    assert all("dlr-mask" not in taken for taken in kannel.taken)
    assert [taken["coding"] for taken in kannel.taken] == ["0", "0"]


KANNEL = [
    # id, status, body, outcome
    ("accepted", 202, b"0: Accepted for delivery", Delivered()),
    ("queued", 202, b"3: Queued for later delivery", Delivered()),
    ("an old one", 200, b"Sent.", Delivered()),
    ("wrong password", 403, b"Authorization failed for sendsms", TryAgain("authorization", MINUTES)),
    ("an old one, wrong password", 200, b"Authorization failed for sendsms", TryAgain("authorization", MINUTES)),
    ("not routable", 403, b"Not routable. Do not try again.", Refused("not_routable")),
    ("another 403", 403, b"", TryAgain("forbidden", MINUTES)),
    ("wrong path", 404, b"Unknown request.\n", TryAgain("wrong_address", MINUTES)),
    ("no sender", 400, b"Sender missing and no global set, rejected", TryAgain("no_sender", MINUTES)),
    ("on a black list", 400, b"Number(s) has/have been denied by white- and/or black-lists.", Refused("denied")),
    ("another 400", 400, b"Charset or body misformed, rejected", Refused("400")),
    ("full", 503, b"Temporal failure, try again later.", TryAgain("queue_full", timedelta(seconds=5))),
    ("broken while it sent", 500, b"Sending failed.", Unknown("500")),
    ("what nobody knows", 200, b"<html>It works!", unreadable("the words of sendsms: is this its address?")),
    ("a proxy", 502, b"Bad Gateway", Unknown("502")),
]


@pytest.mark.parametrize(("status", "body", "outcome"), [row[1:] for row in KANNEL], ids=[row[0] for row in KANNEL])
def test_what_kannel_says(kannel: Kannel, status: int, body: bytes, outcome: Outcome) -> None:
    kannel.acts.append(Reply(status, body))
    assert sent(kannel_sends(kannel)) == outcome


def test_twilio_gets_a_form_and_names_the_text(twilio: Twilio) -> None:
    sends = twilio_sends(twilio, price_micros=7_900, currency="USD")
    text = "a" * 161
    assert sent(sends, user="+14158675309", text=text) == Delivered((f"SM{1:032x}",), Cost(2, 15_800, "USD"))
    (taken,) = twilio.taken
    assert taken == {
        "To": "+14158675309",
        "From": "+14155551234",
        "Body": text,
        "StatusCallback": f"{PUBLIC}/sms/main/receipt?dispatch={DISPATCH}",
    }
    door = Door(twilio_account(), public_url=PUBLIC)
    assert door.call(twilio.status(0, "delivered")).status_code == 200
    assert [each.dispatch for each in door.receipts] == [DISPATCH]


def test_twilio_sends_by_a_messaging_service(twilio: Twilio) -> None:
    sent(twilio_sends(twilio, public_url=None, sender="MG" + "1" * 32))
    assert set(twilio.taken[0]) == {"To", "Body", "MessagingServiceSid"}


TWILIO = [
    # status, code, more, outcome
    (400, 21610, {}, Refused("21610", unreachable=True, unwanted=True)),
    (400, 21211, {}, Refused("21211", unreachable=True)),
    (400, 21614, {}, Refused("21614", unreachable=True)),
    (400, 21408, {}, Refused("21408")),
    (403, 21408, {}, Refused("21408")),
    (400, 21617, {}, Refused("too_long")),
    (400, 30003, {}, Refused("30003")),
    (400, 30004, {}, Refused("30004")),
    (400, 30005, {}, Refused("30005", unreachable=True)),
    (400, 30006, {}, Refused("30006", unreachable=True)),
    (400, 63014, {}, Refused("63014", unreachable=True, unwanted=True)),
    (400, 30007, {}, Refused("30007")),
    (400, 30008, {}, Refused("30008")),
    (400, 21606, {}, TryAgain("21606", MINUTES)),
    (400, 21611, {}, TryAgain("21611", timedelta(minutes=1))),
    (429, 20429, {}, TryAgain("20429", timedelta(seconds=5))),
    (429, 20429, {"Retry-After": "17"}, TryAgain("20429", timedelta(seconds=17))),
    (429, 20429, {"Retry-After": "9" * 30}, TryAgain("20429", timedelta(seconds=5))),
    (401, 20003, {}, TryAgain("20003", MINUTES)),
    (404, 20404, {}, TryAgain("20404", MINUTES)),
    (500, 20500, {}, Unknown("20500")),
    (503, 20503, {}, Unknown("20503")),
    (400, 99999, {}, Refused("99999")),
]


@pytest.mark.parametrize(("status", "code", "more", "outcome"), TWILIO, ids=[f"{row[0]} {row[1]}" for row in TWILIO])
def test_what_twilio_says(twilio: Twilio, status: int, code: int, more: dict[str, str], outcome: Outcome) -> None:
    twilio.acts.append(Twilio.error(status, code, **more))
    assert sent(twilio_sends(twilio)) == outcome


ODD = [
    (Reply(201, b"{"), unreadable("sid")),
    (Reply(201, b'{"sid":7}'), unreadable("sid")),
    (Reply(401, b""), TryAgain("401", MINUTES)),
    (Reply(429, b"<html>"), TryAgain("429", timedelta(seconds=5))),
    (Reply(400, b'{"code":"; DROP"}'), Refused("400")),
    (Reply(502, b"[" * 60_000), Unknown("502")),
    (Reply(302, b"", {"Location": "http://127.0.0.1:1/"}), TryAgain("302", MINUTES)),
]


@pytest.mark.parametrize(("reply", "outcome"), ODD, ids=[f"{row[0].status} {row[0].body[:9]}" for row in ODD])
def test_odd_answers_of_twilio(twilio: Twilio, reply: Reply, outcome: Outcome) -> None:
    twilio.acts.append(reply)
    assert sent(twilio_sends(twilio)) == outcome


def test_a_described_gateway_gets_each_value_in_its_place(aggregator: Aggregator) -> None:
    text = 'quote " brace {id} {key} \\ \n 你好'
    assert sent(gateway_sends(aggregator), text=text) == Delivered(("m-1",), Cost(1, 45_000, "CNY"))
    assert aggregator.taken == [
        {
            "mobile": "8613800138000",
            "content": "【火炬】" + text,
            "extend": "1069",
            "out_id": DISPATCH,
            "at": {"ms": str(int(NOW.timestamp() * 1000))},
        }
    ]


def test_a_form_is_signed_over_its_sorted_fields(aggregator: Aggregator) -> None:
    forms: list[Call] = []
    aggregator.properly = lambda call: (forms.append(call), Reply(200, b'{"status":"0","id":5}'))[1]  # type: ignore[method-assign]
    assert sent(gateway_sends(aggregator, "form"), text="a&b=c") == Delivered(("5",))
    fields = forms[0].form
    sign = fields.pop("sign")
    joined = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    assert sign == hashlib.md5(f"{joined}&key={Aggregator.key}".encode()).hexdigest().upper()
    assert fields == {"mobile": "13800138000", "msg": "a&b=c", "uid": DISPATCH, "ts": str(int(NOW.timestamp()))}


def test_a_query_and_a_signature_in_a_header(aggregator: Aggregator) -> None:
    calls: list[Call] = []
    aggregator.properly = lambda call: (calls.append(call), Reply(204))[1]  # type: ignore[method-assign]
    say = {
        "method": "GET",
        "format": "query",
        "fields": {"to": "{to}", "text": "{text}", "back": "{receipt}"},
        "signature": {"over": ["header:X-Time", "sorted"], "joiner": ".", "at": "header:X-Sign"},
        "headers": {"X-Time": "{time}"},
        "taken_status": [204],
        "taken_field": None,
        "taken_values": [],
        "external_id": None,
    }
    assert sent(gateway_sends(aggregator, say=say, signature=None, **FREE)) == Delivered()
    (call,) = calls
    assert call.query == {"to": "+8613800138000"[1:], "text": "Hello", "back": f"{PUBLIC}/sms/main/receipt"}
    over = f"{int(NOW.timestamp())}.back={call.query['back']}&text=Hello&to=8613800138000"
    assert call.headers["x-sign"] == hmac.new(Aggregator.key.encode(), over.encode(), hashlib.sha256).hexdigest()


AGGREGATOR = [
    # id, reply, what "other" is, outcome
    ("gone", Aggregator.says("MOBILE_NOT_EXIST"), "unknown", Refused("MOBILE_NOT_EXIST", unreachable=True)),
    (
        "opted out there",
        Aggregator.says("MK:UNSUBSCRIBED"),
        "unknown",
        Refused("MK:UNSUBSCRIBED", unreachable=True, unwanted=True),
    ),
    ("refused", Aggregator.says("CONTENT_ILLEGAL"), "unknown", Refused("CONTENT_ILLEGAL")),
    (
        "too fast",
        Aggregator.says("BUSINESS_LIMIT_CONTROL"),
        "unknown",
        TryAgain("BUSINESS_LIMIT_CONTROL", timedelta(seconds=30)),
    ),
    ("later", Aggregator.says("SYSTEM_ERROR", 500), "unknown", TryAgain("SYSTEM_ERROR")),
    ("unheard of", Aggregator.says("NEW"), "unknown", Unknown("NEW", again=False)),
    ("unheard of, so refused", Aggregator.says("NEW"), "refused", Refused("NEW")),
    ("unheard of, so again", Aggregator.says("NEW"), "again", TryAgain("NEW")),
    ("an error of its own", Aggregator.says("NEW", 500), "refused", Unknown("NEW")),
    ("no code", Reply(200, b"{}"), "refused", unreadable("code: no 'code' in {}")),
    ("no JSON", Reply(200, b"<html>"), "refused", unreadable("code: the answer is no JSON")),
    ("a text for a code", Aggregator.says("余额 不足!"), "refused", Refused("failed")),
    ("429", Reply(429, b"", {"Retry-After": "3"}), "unknown", TryAgain("429", timedelta(seconds=3))),
    ("401", Reply(401), "unknown", TryAgain("401", timedelta(seconds=30))),
    ("503", Reply(503), "again", Unknown("503")),
]


@pytest.mark.parametrize(
    ("reply", "other", "outcome"), [row[1:] for row in AGGREGATOR], ids=[row[0] for row in AGGREGATOR]
)
def test_what_a_described_gateway_says(aggregator: Aggregator, reply: Reply, other: str, outcome: Outcome) -> None:
    aggregator.acts.append(reply)
    assert sent(gateway_sends(aggregator, say={"other": other})) == outcome


LINKS = [
    (drop, Unknown("connection_lost")),
    (half, Unknown("garbled")),
    (garbage, Unknown("garbled")),
    (endless, Unknown("garbled")),
]
MAKERS: dict[str, Callable[[Any], Any]] = {"kannel": kannel_sends, "twilio": twilio_sends, "aggregator": gateway_sends}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize(("act", "outcome"), LINKS, ids=[act.__name__ for act, _ in LINKS])
def test_an_answer_that_does_not_come_whole_leaves_it_open(
    request: pytest.FixtureRequest, kind: str, act: Any, outcome: Outcome
) -> None:
    platform = request.getfixturevalue(kind)
    platform.acts.append(act)
    assert sent(MAKERS[kind](platform)) == outcome


@pytest.mark.parametrize("kind", MAKERS)
def test_a_server_that_is_away_has_taken_nothing(request: pytest.FixtureRequest, kind: str) -> None:
    platform = request.getfixturevalue(kind)
    sends = MAKERS[kind](platform)
    platform.close()
    assert sent(sends) == TryAgain("unreachable")


REFUSED = [
    # id, message, account, error
    ("another country", {"user": "+14158675309"}, {"countries": ("CN",)}, "country"),
    ("no number", {"user": "anna"}, {}, "no_number"),
    ("too long for China", {"text": "a" * 501}, {}, "too_long"),
    ("too long with the signature", {"text": "a" * 497}, {"signature": "火炬"}, "too_long"),
    ("too long with the way out", {"text": "a" * 494, "category": Category.MARKETING}, {}, "too_long"),
    ("too long elsewhere", {"text": "a" * 1601, "user": "+14158675309"}, {}, "too_long"),
]


@pytest.mark.parametrize(("message", "account", "error"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_may_not_go_out_never_leaves(kannel: Kannel, message: Any, account: Any, error: str) -> None:
    assert sent(kannel_sends(kannel, **account), **message) == Refused(error)
    assert kannel.calls == []


def test_marketing_ends_with_the_way_out(kannel: Kannel) -> None:
    sent(kannel_sends(kannel), text="Sale", category=Category.MARKETING, language="en")
    sent(kannel_sends(kannel), text="特价", category=Category.MARKETING, language="zh")
    sent(kannel_sends(kannel, opt_out_line=False), text="Sale", category=Category.MARKETING)
    sent(kannel_sends(kannel), text="Notice", category=Category.NOTICE)
    texts = [taken["text"] for taken in kannel.taken]
    assert texts == ["Sale\nReply STOP to opt out", "特价\n拒收请回复R", "Sale", "Notice"]


def test_one_object_serves_many_threads_over_few_connections(twilio: Twilio) -> None:
    sends = twilio_sends(twilio)
    with ThreadPoolExecutor(8) as hands:
        outcomes = list(hands.map(lambda number: sends.send(outbound(f"text {number}")), range(64)))
    sends.close()
    assert all(isinstance(outcome, Delivered) for outcome in outcomes)
    assert sorted(taken["Body"] for taken in twilio.taken) == sorted(f"text {number}" for number in range(64))
    assert len({outcome.external_ids for outcome in outcomes if isinstance(outcome, Delivered)}) == 64
