"""Twilio calls us: signed bytes in, messages out."""

import json
import xml.etree.ElementTree as ET
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.sms.twilio.signature import addresses, signature_of
from core.messages import InboundKind
from core.sending.delivery_reports import DeliveryStatus
from tests.adapters.sms.rig import DISPATCH, FIXTURES, NOW, PUBLIC, Door, answer, twilio_account
from tests.fakes.gateways import Outgoing, Twilio

HERE = "http://localhost"  # what the test client says it calls
SID = "SM" + "ab" * 16
EXAMPLES = json.loads((FIXTURES / "twilio_signature.json").read_text(encoding="utf-8"))


@pytest.fixture
def door() -> Door:
    return Door(twilio_account(), public_url=PUBLIC)


def texts_of(twiml: bytes) -> list[str | None]:
    root = ET.fromstring(twiml)
    assert root.tag == "Response"
    assert {child.tag for child in root} <= {"Message"}
    return [child.text for child in root]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["signature"])
def test_the_documents_examples_verify(example: dict[str, object]) -> None:
    fields = [(name.encode(), value.encode()) for name, value in example["fields"].items()]
    assert signature_of(example["url"], fields, example["auth_token"]).decode() == example["signature"]


def test_a_field_that_comes_twice_counts_once_for_each_value() -> None:
    once = signature_of("https://a/", [(b"a", b"1"), (b"a", b"2")], "t")
    assert signature_of("https://a/", [(b"a", b"2"), (b"a", b"1"), (b"a", b"2")], "t") == once


def test_a_message_waits_for_its_answer_with_its_sid(door: Door, twilio: Twilio) -> None:
    response = door.call(twilio.message(PUBLIC, "main", "help", SID))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert texts_of(response.data) == ["ok"]
    (message,) = door.taken
    assert (message.user, message.external_id, message.text) == ("+14158675309", SID, "help")
    assert message.waits
    assert message.answer_by == NOW + timedelta(seconds=9)


CALLED = [
    # id, HUOJU_PUBLIC_URL, public_url of the account, what Twilio calls, what reaches us
    ("as it is", PUBLIC, None, "https://huoju.example/sms/main", "/sms/main"),
    ("with its port", PUBLIC, None, "https://huoju.example:443/sms/main", "/sms/main"),
    ("without TLS", PUBLIC, None, "http://huoju.example/sms/main", "/sms/main"),
    ("without TLS, with its port", PUBLIC, None, "http://huoju.example:80/sms/main", "/sms/main"),
    ("with a slash that a proxy takes off", PUBLIC, None, "https://huoju.example/sms/main/", "/sms/main"),
    ("with a slash", PUBLIC, None, "https://huoju.example/sms/main/", "/sms/main/"),
    ("without one that a proxy adds", PUBLIC, None, "https://huoju.example/sms/main", "/sms/main/"),
    ("a port of its own", f"{PUBLIC}:8443", None, "https://huoju.example:8443/sms/main", "/sms/main"),
    ("a port of its own that is not signed", f"{PUBLIC}:8443", None, "https://huoju.example/sms/main", "/sms/main"),
    ("a base path", f"{PUBLIC}/huoju/", None, "https://huoju.example/huoju/sms/main", "/sms/main"),
    ("the account's own", PUBLIC, "https://in.example/a", "https://in.example:443/a/sms/main", "/sms/main"),
    ("of an address in figures", "http://[::1]:8000", None, "http://[::1]:8000/sms/main", "/sms/main"),
    ("of one without its port", "http://[::1]", None, "http://[::1]:80/sms/main", "/sms/main"),
    ("a space as a plus", PUBLIC, None, f"{PUBLIC}/sms/main?a=b+c&d=", "/sms/main?a=b%20c&d="),
    ("a plus as a space", PUBLIC, None, f"{PUBLIC}/sms/main?a=b%20c", "/sms/main?a=b+c"),
    ("a colon as it is", PUBLIC, None, f"{PUBLIC}/sms/main?a=b:c/d@e", "/sms/main?a=b%3Ac%2Fd%40e"),
    ("a colon that is escaped", PUBLIC, None, f"{PUBLIC}/sms/main?a=b%3Ac", "/sms/main?a=b:c"),
    ("figures in small letters", PUBLIC, None, f"{PUBLIC}/sms/main?a=b%3ac", "/sms/main?a=b%3ac"),
    ("letters as they are", PUBLIC, None, f"{PUBLIC}/sms/main?a=é|", "/sms/main?a=%C3%A9%7C"),
    ("nobody said how we are called", None, None, f"{HERE}/sms/main", "/sms/main"),
    ("nor that TLS ends before us", None, None, "https://localhost/sms/main", "/sms/main"),
    ("nor its port", None, None, "http://localhost:80/sms/main", "/sms/main"),
]


def _answer(twilio: Twilio, public: str | None, own: str | None, called: str, target: str) -> tuple[Door, int]:
    """The door, and what it answers to a message that is signed for ``called`` and reaches us as ``target``."""
    door = Door(twilio_account(public_url=own), public_url=public)
    signed = twilio.message("", "main", "help", SID)
    signed.headers["X-Twilio-Signature"] = signature_of(called, parse_qsl(signed.body), twilio.token).decode()
    signed.target = target
    return door, door.call(signed).status_code


@pytest.mark.parametrize(
    ("public", "own", "called", "target"), [row[1:] for row in CALLED], ids=[row[0] for row in CALLED]
)
def test_the_address_may_be_as_twilio_called_it(
    twilio: Twilio, public: str | None, own: str | None, called: str, target: str
) -> None:
    door, status = _answer(twilio, public, own, called, target)
    assert status == 200
    assert [message.text for message in door.taken] == ["help"]


FOREIGN = [
    # id, HUOJU_PUBLIC_URL, public_url of the account, what Twilio called, what reaches us
    ("somebody else", PUBLIC, None, "https://other.example/sms/main", "/sms/main"),
    ("the host that the request names", PUBLIC, None, f"{HERE}/sms/main", "/sms/main"),
    ("the same with TLS", PUBLIC, None, "https://localhost/sms/main", "/sms/main"),
    ("what is not the account's", PUBLIC, "https://in.example", f"{PUBLIC}/sms/main", "/sms/main"),
    ("another port", PUBLIC, None, f"{PUBLIC}:8443/sms/main", "/sms/main"),
    ("another base path", f"{PUBLIC}/huoju", None, f"{PUBLIC}/other/sms/main", "/sms/main"),
    ("no base path", f"{PUBLIC}/huoju", None, f"{PUBLIC}/sms/main", "/sms/main"),
    ("another account", PUBLIC, None, f"{PUBLIC}/sms/other", "/sms/main"),
    ("a query more", PUBLIC, None, f"{PUBLIC}/sms/main", "/sms/main?a=1"),
    ("a query less", PUBLIC, None, f"{PUBLIC}/sms/main?a=1", "/sms/main"),
    ("one value that was two", PUBLIC, None, f"{PUBLIC}/sms/main?a=1&b=2", "/sms/main?a=1%26b=2"),
    ("another order", PUBLIC, None, f"{PUBLIC}/sms/main?a=1&b=2", "/sms/main?b=2&a=1"),
    ("another scheme", PUBLIC, None, "ftp://huoju.example/sms/main", "/sms/main"),
]


@pytest.mark.parametrize(
    ("public", "own", "called", "target"), [row[1:] for row in FOREIGN], ids=[row[0] for row in FOREIGN]
)
def test_the_address_of_somebody_else_is_not_ours(
    twilio: Twilio, public: str | None, own: str | None, called: str, target: str
) -> None:
    door, status = _answer(twilio, public, own, called, target)
    assert status == 403
    assert door.taken == []


@given(st.lists(st.tuples(st.text(min_size=1, max_size=5), st.text(max_size=5)), max_size=4))
def test_each_spelling_of_a_query_says_the_same(pairs: list[tuple[str, str]]) -> None:
    query = urlencode(pairs, errors="replace")
    for address in addresses(PUBLIC, "/sms/main", query.encode()):
        written = parse_qsl(address.partition("?")[2], keep_blank_values=True)
        assert written == parse_qsl(query, keep_blank_values=True)


def test_a_get_is_signed_by_its_address_alone(door: Door, twilio: Twilio) -> None:
    query = urlencode({"MessageSid": SID, "AccountSid": twilio.sid, "From": "+14158675309", "Body": "a b"})
    signed = twilio.signed(PUBLIC, f"/sms/main?{query}", {})
    assert door.call(Outgoing("GET", signed.target, signed.headers)).status_code == 200
    assert [message.text for message in door.taken] == ["a b"]


def _without_signature(request: Outgoing) -> Outgoing:
    del request.headers["X-Twilio-Signature"]
    return request


def _with(request: Outgoing, **changes: object) -> Outgoing:
    for name, value in changes.items():
        setattr(request, name, value)
    return request


def test_what_twilio_has_not_signed_is_refused(door: Door, twilio: Twilio) -> None:
    made = lambda **other: twilio.message(PUBLIC, "main", "help", SID, **other)  # noqa: E731
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    forged = {
        "no signature": _without_signature(made()),
        "another body": _with(made(), body=made().body.replace(b"help", b"code")),
        "one field more": _with(made(), body=made().body + b"&OptOutType=STOP"),
        "a query more": _with(made(), target="/sms/main?a=1"),
        "the signature of another token": twilio.signed(PUBLIC, "/sms/main", {"Body": "a"}, token="another"),
        "the signature of a receipt": _with(twilio.signed(PUBLIC, "/sms/main/receipt", {}), target="/sms/main"),
        "a body of another type": _with(made(), headers=made().headers | {"Content-Type": "application/json"}),
        "a signature of bytes": Outgoing("POST", "/sms/main", form | {"X-Twilio-Signature": "ÿþ"}, b"Body=a"),
        "an empty one": Outgoing("POST", "/sms/main", form | {"X-Twilio-Signature": ""}, b"Body=a"),
    }
    for name, request in forged.items():
        response = door.call(request)
        assert response.status_code == 403, name
        assert twilio.token not in response.text
    assert door.taken == []


SAID = [
    # id, Body, other fields, text, kind
    ("words", "你好 🔥 &<>", {}, "你好 🔥 &<>", InboundKind.TYPED),
    ("nothing", "", {}, "", InboundKind.TYPED),
    ("a picture", "", {"NumMedia": "1"}, "", InboundKind.SHOWED),
    ("a picture with words", "look", {"NumMedia": "2"}, "look", InboundKind.TYPED),
    ("a number of pictures that is none", "", {"NumMedia": "²x"}, "", InboundKind.TYPED),
    ("stop", "STOP", {}, "STOP", InboundKind.TYPED),
]


@pytest.mark.parametrize(("body", "other", "text", "kind"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_words_and_pictures(
    door: Door, twilio: Twilio, body: str, other: dict[str, str], text: str, kind: InboundKind
) -> None:
    assert door.call(twilio.message(PUBLIC, "main", body, SID, **other)).status_code == 200
    assert [(message.text, message.kind) for message in door.taken] == [(text, kind)]


def test_what_twilio_answered_by_itself_is_heard_and_not_answered_twice(door: Door, twilio: Twilio) -> None:
    response = door.call(twilio.message(PUBLIC, "main", "STOP", SID, OptOutType="STOP"))
    assert texts_of(response.data) == []
    assert [message.text for message in door.taken] == ["STOP"]


@pytest.mark.parametrize(
    ("verdict", "body", "text", "kind"),
    [
        ("STOP", "BAJA", "BAJA", InboundKind.STOPPED),
        ("stop", "no quiero más", "no quiero más", InboundKind.STOPPED),
        ("STOP", "START", "START", InboundKind.STOPPED),
        ("START", "ALTA", "ALTA", InboundKind.STARTED),
        ("HELP", "AYUDA", "HELP", InboundKind.TYPED),
        ("NOVEL", "points", "points", InboundKind.TYPED),
    ],
)
def test_twilios_verdict_counts_whatever_the_text_says(
    door: Door, twilio: Twilio, verdict: str, body: str, text: str, kind: InboundKind
) -> None:
    response = door.call(twilio.message(PUBLIC, "main", body, SID, OptOutType=verdict))
    assert texts_of(response.data) == []
    assert [(message.text, message.kind) for message in door.taken] == [(text, kind)]


def test_bytes_that_are_no_utf8_become_text(door: Door, twilio: Twilio) -> None:
    body = b"AccountSid=" + twilio.sid.encode() + b"&Body=%FF%FEhi&From=%2B14158675309&MessageSid=" + SID.encode()
    fields = [
        (b"AccountSid", twilio.sid.encode()),
        (b"Body", b"\xff\xfehi"),
        (b"From", b"+14158675309"),
        (b"MessageSid", SID.encode()),
    ]
    signature = signature_of(f"{PUBLIC}/sms/main", fields, twilio.token).decode()
    headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
    assert door.call(Outgoing("POST", "/sms/main", headers, body)).status_code == 200
    assert [message.text for message in door.taken] == ["��hi"]


def test_each_text_is_a_message_of_its_own_and_xml_cannot_be_broken() -> None:
    door = Door(twilio_account(signature="Huoju"), public_url=PUBLIC)
    said = ["a < b & ]]> </Message><Message>", "ctrl \x00\x08\x0b\x1f\ufffe end", "line\r\nbreak", "🔥"]
    door.answers = lambda _message: answer(*said, "later", here=4)
    response = door.call(Twilio.message(_Signer(), PUBLIC, "main", "help", SID))
    assert texts_of(response.data) == [
        "【Huoju】a < b & ]]> </Message><Message>",
        "【Huoju】ctrl  end",
        "【Huoju】line\n\nbreak",
        "【Huoju】🔥",
    ]


class _Signer(Twilio):
    """Signs, and serves nothing."""

    def __init__(self) -> None:
        """No server."""


def test_who_may_not_be_heard_is_acknowledged(twilio: Twilio) -> None:
    door = Door(twilio_account(countries=("US",)), public_url=PUBLIC)
    for sender in ("+8613800138000", "whatsapp:+14158675309", "Alibaba", ""):
        response = door.call(twilio.message(PUBLIC, "main", "help", SID, sender=sender))
        assert response.status_code == 200
        assert texts_of(response.data) == []
    assert door.taken == []


@pytest.mark.parametrize("sid", ["", "1", "SM1 2", "x" * 200])
def test_a_message_without_a_sid_is_counted(door: Door, twilio: Twilio, sid: str) -> None:
    assert door.call(twilio.message(PUBLIC, "main", "help", sid)).status_code == 200
    assert (door.taken, door.unread) == ([], ["message:MessageSid"])


STATES = [
    ("queued", {}, DeliveryStatus.ON_ITS_WAY, None, False),
    ("sending", {}, DeliveryStatus.ON_ITS_WAY, None, False),
    ("sent", {}, DeliveryStatus.ON_ITS_WAY, None, False),
    ("delivered", {}, DeliveryStatus.DELIVERED, None, False),
    ("read", {}, DeliveryStatus.DELIVERED, None, False),
    ("undelivered", {"ErrorCode": "30003"}, DeliveryStatus.FAILED, "30003", False),
    ("undelivered", {"ErrorCode": "30005"}, DeliveryStatus.FAILED, "30005", True),
    ("undelivered", {"ErrorCode": "30006"}, DeliveryStatus.FAILED, "30006", True),
    ("failed", {"ErrorCode": "21610"}, DeliveryStatus.FAILED, "21610", True),
    ("undelivered", {"ErrorCode": "63014"}, DeliveryStatus.FAILED, "63014", True),
    ("undelivered", {"ErrorCode": "30004"}, DeliveryStatus.FAILED, "30004", False),
    ("sent", {"ErrorCode": "21610"}, DeliveryStatus.ON_ITS_WAY, None, False),
    ("failed", {"ErrorCode": "<script>"}, DeliveryStatus.FAILED, "failed", False),
    ("failed", {}, DeliveryStatus.FAILED, "failed", False),
    ("canceled", {}, DeliveryStatus.FAILED, "failed", False),
]


@pytest.mark.parametrize(
    ("state", "other", "fate", "error", "gone"),
    STATES,
    ids=[f"{row[0]} {row[1].get('ErrorCode', '')}" for row in STATES],
)
def test_states(
    door: Door, twilio: Twilio, state: str, other: dict[str, str], fate: DeliveryStatus, error: str | None, gone: bool
) -> None:
    twilio.taken.append({"StatusCallback": f"{PUBLIC}/sms/main/receipt?dispatch={DISPATCH}", "To": "+14158675309"})
    request = twilio.status(0, state, **other)
    assert door.call(request).status_code == 200
    (receipt,) = door.receipts
    assert (receipt.status, receipt.error, receipt.unreachable) == (fate, error, gone)
    assert receipt.unwanted is (error in {"21610", "63014"})
    assert (receipt.external_ids, receipt.dispatch) == ((f"SM{1:032x}",), DISPATCH)
    request.target = request.target.replace("-7", "-8")  # of another text than what was signed
    assert door.call(request).status_code == 403


def test_a_state_that_is_new_says_nothing(door: Door, twilio: Twilio) -> None:
    fields = {"MessageSid": SID, "MessageStatus": "teleported", "AccountSid": twilio.sid}
    for path in ("/sms/main/receipt", "/sms/main"):
        assert door.call(twilio.signed(PUBLIC, path, fields)).status_code == 200
    assert (door.taken, door.receipts, door.unread) == ([], [], ["receipt:MessageStatus"] * 2)


def test_what_twilio_signed_for_another_account_is_counted(door: Door, twilio: Twilio) -> None:
    request = twilio.message(PUBLIC, "main", "help", SID, AccountSid="AC" + "1" * 32)
    response = door.call(request)
    assert (response.status_code, "<Message>" in response.text) == (200, False)
    fields = {"MessageSid": SID, "MessageStatus": "delivered"}
    assert door.call(twilio.signed(PUBLIC, "/sms/main/receipt", fields)).status_code == 200
    assert (door.taken, door.receipts, door.unread) == ([], [], ["message:AccountSid", "receipt:AccountSid"])
    request.body = request.body.replace(b"help", b"code")
    assert door.call(request).status_code == 403
