"""An aggregator that huoju.toml describes calls us: bytes in, messages out."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr, ValidationError

from bots.sms.gateway.account import GatewayAccount
from core.messages import InboundKind
from core.sending.delivery_reports import DeliveryStatus
from tests.adapters.sms.rig import DISPATCH, NOW, Door, answer, described, gateway_account
from tests.fakes.gateways import Aggregator, Outgoing

SECRET = Aggregator.secret
OK = {"code": 0, "msg": "接收成功"}


@pytest.fixture
def door() -> Door:
    return Door(gateway_account())


def test_a_push_of_several_messages_is_taken_and_acknowledged_as_described(door: Door, aggregator: Aggregator) -> None:
    push = aggregator.messages("main", ("18612345678", "1234567890", "内容"), ("8613800138000", "2", " "))
    response = door.call(push)
    assert (response.status_code, response.json) == (200, OK)
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert [(each.user, each.external_id, each.text, each.kind, each.waits) for each in door.taken] == [
        ("+8618612345678", "1234567890", "内容", InboundKind.TYPED, False),
        ("+8613800138000", "2", " ", InboundKind.SHOWED, False),
    ]
    assert door.taken[0].answer_by is None


def test_what_makes_no_sense_holds_back_nobody(door: Door, aggregator: Aggregator) -> None:
    good = {"phone_number": "18612345678", "content": "a", "sequence_id": 1}
    told = [good, {**good, "phone_number": None}, "x", 7, None, [], {**good, "sequence_id": []}, good]
    assert door.call(aggregator.push("/sms/main", told)).json == OK
    assert [message.text for message in door.taken] == ["a", "a"]


def test_half_a_pair_out_of_json_is_made_whole(door: Door, aggregator: Aggregator) -> None:
    body = b'[{"phone_number":"18612345678","content":"a\\ud800","sequence_id":"\\ud800"}]'
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert door.call(Outgoing("POST", "/sms/main", {"X-Signature": digest}, body)).status_code == 200
    assert [message.text for message in door.taken] == ["a\ufffd"]


GARBAGE = [b"", b"{", b"\xff\xfe", b"null", b"{}", b'"x"', b"[" * 60_000, b"1" * 5000]


@pytest.mark.parametrize("body", GARBAGE, ids=[str(body[:6]) for body in GARBAGE])
def test_a_body_of_garbage_is_counted_when_it_is_signed(door: Door, body: bytes) -> None:
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert door.call(Outgoing("POST", "/sms/main", {"X-Signature": digest}, body)).status_code == 200
    assert len(door.unread) == 1
    assert door.call(Outgoing("POST", "/sms/main", {"X-Signature": "0" * 64}, body)).status_code == 403
    assert door.taken == []


def test_forged_pushes_are_refused(door: Door, aggregator: Aggregator) -> None:
    made = aggregator.messages("main", ("18612345678", "1", "a"))
    other = aggregator.messages("main", ("18612345678", "1", "b"))
    forged = {
        "no signature": Outgoing("POST", "/sms/main", {}, made.body),
        "the signature of another body": Outgoing("POST", "/sms/main", other.headers, made.body),
        "of another secret": aggregator.push("/sms/main", [], secret="another"),
        "bytes": Outgoing("POST", "/sms/main", {"X-Signature": "ÿ"}, made.body),
        "a receipt": Outgoing("POST", "/sms/main/receipt", {}, b"[]"),
    }
    for name, request in forged.items():
        assert door.call(request).status_code == 403, name
    assert door.taken == []


RECEIPTS = [
    # id, the item, and of its receipt: fate, ids, dispatch, error, gone
    (
        "delivered",
        {"success": True, "err_code": "DELIVERED"},
        (DeliveryStatus.DELIVERED, ("9",), DISPATCH, None, False),
    ),
    ("failed", {"success": False, "err_code": "MK:1008"}, (DeliveryStatus.FAILED, ("9",), DISPATCH, "MK:1008", False)),
    (
        "gone",
        {"success": False, "err_code": "MOBILE_NOT_EXIST"},
        (DeliveryStatus.FAILED, ("9",), DISPATCH, "MOBILE_NOT_EXIST", True),
    ),
    (
        "opted out there",
        {"success": False, "err_code": "MK:UNSUBSCRIBED"},
        (DeliveryStatus.FAILED, ("9",), DISPATCH, "MK:UNSUBSCRIBED", True),
    ),
    (
        "delivered whatever the code",
        {"success": True, "err_code": "MK:UNSUBSCRIBED"},
        (DeliveryStatus.DELIVERED, ("9",), DISPATCH, None, False),
    ),
    (
        "a text as error",
        {"success": False, "err_code": "您好 x<y"},
        (DeliveryStatus.FAILED, ("9",), DISPATCH, "xy", False),
    ),
    ("of another id", {"success": True, "out_id": "theirs"}, (DeliveryStatus.DELIVERED, ("9",), None, None, False)),
]


@pytest.mark.parametrize(("item", "expected"), [row[1:] for row in RECEIPTS], ids=[row[0] for row in RECEIPTS])
def test_receipts(door: Door, aggregator: Aggregator, item: dict[str, Any], expected: tuple[object, ...]) -> None:
    told = [
        {"biz_id": 9, "out_id": DISPATCH, "phone_number": "1", **item},
        {"success": True},
        {"success": True, "biz_id": "x" * 129},
    ]
    response = door.call(aggregator.push("/sms/main/receipt", told))
    assert (response.status_code, response.json) == (200, OK)
    (receipt,) = door.receipts
    assert (receipt.status, receipt.external_ids, receipt.dispatch, receipt.error, receipt.unreachable) == expected
    assert receipt.unwanted is (receipt.error == "MK:UNSUBSCRIBED")


def form(**changes: str) -> Outgoing:
    """As an aggregator of form.toml calls: MD5 over sorted fields and the key."""
    fields = {"mobile": "13800138000", "msg": "你好 & 1=1", "ts": str(int(NOW.timestamp())), **changes}
    joined = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    sign = hashlib.md5(f"{joined}&key={SECRET}".encode()).hexdigest().upper()
    return Outgoing(
        "POST",
        "/sms/main",
        {"Content-Type": "application/x-www-form-urlencoded"},
        urlencode({**fields, "sign": sign}).encode(),
    )


def test_a_form_with_sorted_md5_is_answered_in_the_body() -> None:
    door = Door(gateway_account("form", signature="火炬"))
    door.answers = lambda _message: answer('say "hi"\n', "{text}", "later", here=2)
    response = door.call(form())
    assert response.json == {"reply": {"content": '【火炬】say "hi"\n\n{text}'}}
    (message,) = door.taken
    assert (message.user, message.text, message.waits) == ("+8613800138000", "你好 & 1=1", True)
    assert message.answer_by == NOW + timedelta(seconds=4)
    door.answers = lambda _message: answer("later", here=0)
    assert door.call(form()).text == "OK"


def test_a_form_is_told_apart_by_sender_time_and_text() -> None:
    door = Door(gateway_account("form"))
    later = str(int(NOW.timestamp()) + 1)
    for changes in ({}, {}, {"msg": "b"}, {"ts": later}, {"mobile": "13800138001"}):
        assert door.call(form(**changes)).status_code == 200
    ids = [message.external_id for message in door.taken]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


TIMES = [(0, 200), (300, 200), (-300, 200), (301, 403), (-301, 403)]


@pytest.mark.parametrize(("off_s", "status"), TIMES)
def test_a_replay_is_refused_after_the_window(off_s: int, status: int) -> None:
    door = Door(gateway_account("form"), now=NOW + timedelta(seconds=off_s))
    assert door.call(form()).status_code == status


@pytest.mark.parametrize("ts", ["", "x", "-1", "1e9", "9" * 15, "²"])
def test_a_time_that_is_none_is_refused(ts: str) -> None:
    assert Door(gateway_account("form")).call(form(ts=ts)).status_code == 403


def test_milliseconds_are_understood() -> None:
    door = Door(gateway_account("form"))
    assert door.call(form(ts=str(int(NOW.timestamp() * 1000)))).status_code == 200


def test_a_changed_field_breaks_the_signature() -> None:
    request = form()
    request.body = request.body.replace(b"mobile=138", b"mobile=139")
    assert Door(gateway_account("form")).call(request).status_code == 403


def test_receipts_as_json_inside_a_form_with_a_shown_secret() -> None:
    door = Door(gateway_account("form"))
    told = {
        "list": [
            {"id": "a", "stat": "DELIVRD"},
            {"id": "b", "stat": "ACCEPTD"},
            {"id": "c", "stat": "UNKNOWN_SUBSCRIBER"},
        ]
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Token": SECRET}
    request = Outgoing("POST", "/sms/main/receipt", headers, urlencode({"report": json.dumps(told)}).encode())
    assert door.call(request).text == "OK"
    assert [(each.external_ids, each.status, each.unreachable) for each in door.receipts] == [
        (("a",), DeliveryStatus.DELIVERED, False),
        (("b",), DeliveryStatus.ON_ITS_WAY, False),
        (("c",), DeliveryStatus.FAILED, True),
    ]
    request.headers["X-Token"] = SECRET + "x"
    assert door.call(request).status_code == 403


def _hmac(algorithm: str, over: bytes, encoding: str) -> str:
    digest = hmac.new(SECRET.encode(), over, algorithm).digest()
    return base64.b64encode(digest).decode() if encoding == "base64" else digest.hex()


BODY = b'{"m":"13800138000","t":"a","i":1}'
TIME = str(int(NOW.timestamp()))
PROOFS: list[tuple[str, dict[str, Any], dict[str, str], str]] = [
    # id, proof, headers, query
    ("SHA-1 in hex", {"signature": {"algorithm": "sha1", "at": "header:S"}}, {"S": _hmac("sha1", BODY, "hex")}, ""),
    (
        "MD5 in base 64",
        {"signature": {"algorithm": "md5", "at": "header:S", "encoding": "base64"}},
        {"S": _hmac("md5", BODY, "base64")},
        "",
    ),
    (
        "with a prefix",
        {"signature": {"at": "header:S", "prefix": "sha256="}},
        {"S": "sha256=" + _hmac("sha256", BODY, "hex").upper()},
        "",
    ),
    (
        "time and body",
        {
            "signature": {"at": "header:S", "over": ["text:v0", "header:T", "body"], "joiner": ":"},
            "time_at": "header:T",
        },
        {"T": TIME, "S": _hmac("sha256", b"v0:" + TIME.encode() + b":" + BODY, "hex")},
        "",
    ),
    (
        "path, sorted and a parameter",
        {"signature": {"at": "field:sig", "over": ["path", "sorted"], "pair": "", "between": ""}},
        {},
        "?sig=" + _hmac("sha256", b"/sms/maini1m13800138000ta", "hex"),
    ),
    (
        "the secret behind a word",
        {"secret_at": "header:Authorization", "secret_prefix": "Bearer "},
        {"Authorization": f"Bearer {SECRET}"},
        "",
    ),
    ("the secret as a parameter", {"secret_at": "field:token"}, {}, "?token=" + SECRET.replace(" ", "+")),
    (
        "hash around",
        {"signature": {"algorithm": "sha256", "key": "around", "at": "header:S"}},
        {"S": hashlib.sha256(SECRET.encode() + BODY + SECRET.encode()).hexdigest()},
        "",
    ),
]


@pytest.mark.parametrize(("proof", "headers", "query"), [row[1:] for row in PROOFS], ids=[row[0] for row in PROOFS])
def test_every_proof_opens_for_who_knows_the_secret_only(
    proof: dict[str, Any], headers: dict[str, str], query: str
) -> None:
    hear = {"format": "json", "items": None, "sender": "m", "text": "t", "id": "i", "proof": proof}
    door = Door(gateway_account(hear=hear))
    assert door.call(Outgoing("POST", f"/sms/main{query}", headers, BODY)).status_code == 200
    assert [message.text for message in door.taken] == ["a"]
    if "signature" in proof:
        assert door.call(Outgoing("POST", f"/sms/main{query}", headers, BODY.replace(b"a", b"b"))).status_code == 403
    stranger = Door(gateway_account(hear=hear, secret=SecretStr("another secret")))
    assert stranger.call(Outgoing("POST", f"/sms/main{query}", headers, BODY)).status_code == 403
    assert door.call(Outgoing("POST", "/sms/main", {}, BODY)).status_code == 403


WRONG = [
    # id, changes, what the complaint names
    ("no proof", {"hear": {"proof": {}}}, "nobody is heard unproven"),
    ("two proofs", {"hear": {"proof": {"secret_at": "header:A", "signature": {"at": "header:S"}}}}, "one of them"),
    (
        "a message that is not signed",
        {"hear": {"proof": {"signature": {"at": "header:S", "over": ["path"]}}}},
        "unsigned",
    ),
    (
        "a time that is not signed",
        {"hear": {"proof": {"time_at": "header:T", "signature": {"at": "header:S"}}}},
        "renew",
    ),
    ("a place that is none", {"hear": {"proof": {"secret_at": "cookie:x"}}}, "pattern"),
    ("no id and no time", {"hear": {"id": None}}, "give id or time"),
    ("a reply to a list", {"hear": {"reply": "{text}"}}, "items"),
    ("no text", {"say": {"fields": {"mobile": "{to}"}}}, "{to} and {text}"),
    ("a placeholder of nothing", {"say": {"fields": {"m": "{to}", "t": "{text}", "x": "{phone}"}}}, "{phone}"),
    ("a text in a header", {"say": {"headers": {"X": "{text}"}}}, "{text}"),
    ("no values", {"say": {"taken_values": []}}, "taken_values"),
    ("a GET with a body", {"say": {"method": "GET"}}, "query"),
    ("a table in a form", {"say": {"format": "form"}}, "only JSON"),
    ("no address", {"say": {"url": "ftp://x"}}, "pattern"),
    ("a receipt of nothing", {"receipt": {"dispatch": None, "external_id": None}}, "named"),
    ("a field that is none", {"hear": {"senders": "x"}}, "Extra inputs"),
    ("no country", {"countries": ["China"]}, "ISO 3166"),
    ("a price without its currency", {"currency": None}, "give both"),
    ("a limit without a price", {"price_micros": None, "currency": None, "micros_per_hour": 5}, "need price_micros"),
    ("a short secret", {"secret": SecretStr("x")}, "8"),
]


@pytest.mark.parametrize(("changes", "named"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_wrong_description_is_told_what_is_wrong(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValidationError) as caught:
        GatewayAccount(**described(**changes))
    assert named in str(caught.value)
    assert SECRET not in str(caught.value)


def test_an_account_that_hears_nothing_says_so() -> None:
    door = Door(gateway_account(hear=None, receipt=None))
    for target in ("/sms/main", "/sms/main/receipt"):
        assert door.call(Outgoing("POST", target, {}, b"{}")).status_code == 400
