"""The gateways of examples/gateways, in the bytes of their own documents: what we send, what they say, what they tell.

The sources stand in each file.
"""

import base64
import hashlib
import hmac
import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from pydantic import SecretStr

from bots.http_client import HttpResponse
from bots.sms.gateway.account import GatewayAccount
from bots.sms.gateway.outbound import GatewayOutbound, outcome_of
from core.sending.delivery_reports import DeliveryStatus
from core.sending.outbound import Delivered, Outcome, Refused, TryAgain, Unknown
from tests.adapters.sms.rig import DISPATCH, NOW, PUBLIC, Door, outbound
from tests.fakes.gateways import Call, Outgoing, Platform, Reply, running

FILES = {path.stem: path for path in Path("examples/gateways").glob("*.toml")}
MINUTE = timedelta(minutes=1)
SECRETS = {"infobip": base64.b64encode(b"huoju:pass+word?").decode()}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def account(name: str, **given: Any) -> GatewayAccount:
    table = tomllib.loads(FILES[name].read_text(encoding="utf-8"))["sms"][name]
    usual = {"name": name, "secret": SecretStr(SECRETS.get(name, "the secret word")), "key": SecretStr("the key")}
    return GatewayAccount.model_validate({**table, **usual, **given})


def secret(name: str) -> str:
    return account(name).secret.get_secret_value()


def test_there_are_files() -> None:
    assert FILES.keys() == {"africastalking", "infobip", "plivo", "vonage"}


class Recorder(Platform):
    """Takes whatever comes."""

    def properly(self, call: Call) -> Reply:
        return Reply(202, b'{"message_uuid": ["u-1"]}')


def _sent(name: str, text: str) -> Call:
    with running(Recorder) as platform:
        there = account(name)
        url = platform.url + "/" + there.say.url.split("/", 3)[3]
        sends = GatewayOutbound(account(name, say=there.say.model_copy(update={"url": url})), PUBLIC, lambda: NOW)
        sends.send(outbound(text))
        sends.close()
        (call,) = platform.calls
        return call


def test_vonage_is_told_of_the_alphabet() -> None:
    call = _sent("vonage", "Hi")
    assert (call.path, call.headers["content-type"]) == ("/sms/json", f"{FORM['Content-Type']}; charset=utf-8")
    assert call.form == {
        "api_key": "YOUR API KEY",
        "api_secret": "the key",
        "to": "8613800138000",
        "from": "447700900000",
        "text": "Hi",
        "type": "text",
        "client-ref": DISPATCH,
        "callback": f"{PUBLIC}/sms/vonage/receipt",
    }
    assert _sent("vonage", "你好").form["type"] == "unicode"


def test_plivo_is_sent_json_and_where_to_tell_the_rest() -> None:
    call = _sent("plivo", "Hi")
    assert (call.path, call.headers["authorization"]) == ("/v1/Account/YOUR-AUTH-ID/Message/", "Basic the key")
    assert call.json == {
        "src": "14155551234",
        "dst": "8613800138000",
        "text": "Hi",
        "url": f"{PUBLIC}/sms/plivo/receipt?secret=the+secret+word",
        "method": "POST",
    }


def test_infobip_is_sent_its_nested_message() -> None:
    call = _sent("infobip", "Hi")
    assert (call.path, call.headers["authorization"]) == ("/sms/3/messages", "App the key")
    address = f"{PUBLIC}/sms/infobip/receipt?secret={quote_plus(secret('infobip'))}"
    delivery = {"callbackData": DISPATCH, "contentType": "application/json", "delivery": {"url": address}}
    message = {
        "sender": "447860099299",
        "destinations": [{"to": "8613800138000"}],
        "content": {"text": "Hi"},
        "webhooks": delivery,
    }
    assert call.json == {"messages": [message]}


def test_africas_talking_is_sent_a_form() -> None:
    call = _sent("africastalking", "Hi")
    assert (call.path, call.headers["apikey"]) == ("/version1/messaging", "the key")
    assert call.form == {"username": "YOUR USERNAME", "to": "+8613800138000", "message": "Hi", "from": "12345"}


def _vonage(*statuses: str) -> object:
    told = [{"to": "447700900000", "message-id": f"0C{n}", "status": each} for n, each in enumerate(statuses)]
    return {"message-count": str(len(told)), "messages": told}


def _infobip(group: str, name: str) -> object:
    status = {"groupId": 1, "groupName": group, "id": 26, "name": name, "description": "…"}
    return {"bulkId": "b", "messages": [{"messageId": "m-1", "status": status, "destination": "447…"}]}


def _africa(code: int, status: str = "Success") -> object:
    told = [{"statusCode": code, "number": "+254…", "cost": "0", "status": status, "messageId": "ATXid_1"}]
    return {"SMSMessageData": {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": told}}


VERDICTS: list[tuple[str, str, int, object, Outcome]] = [
    # id, gateway, status, what it says, the outcome
    ("taken", "vonage", 200, _vonage("0"), Delivered(("0C0",))),
    ("taken in parts", "vonage", 200, _vonage("0", "0", "0"), Delivered(("0C0", "0C1", "0C2"))),
    ("half taken", "vonage", 200, _vonage("0", "1"), Unknown("partly_taken", again=False)),
    ("too fast", "vonage", 200, _vonage("1"), TryAgain("1", MINUTE)),
    ("no credit", "vonage", 200, _vonage("9"), TryAgain("9", MINUTE)),
    ("a demo account", "vonage", 200, _vonage("29"), TryAgain("29", MINUTE)),
    ("a wrong address for receipts", "vonage", 200, _vonage("23"), TryAgain("23", MINUTE)),
    ("on the black list", "vonage", 200, _vonage("7"), Refused("7", unreachable=True, unwanted=True)),
    ("deactivated", "vonage", 200, _vonage("33"), Refused("33", unreachable=True)),
    ("no such number", "vonage", 200, _vonage("6"), Refused("6")),
    ("taken", "plivo", 202, {"message": "message(s) queued", "message_uuid": ["u-1"]}, Delivered(("u-1",))),
    ("refused", "plivo", 400, {"api_id": "a", "error": "dst is not a number"}, Refused("400")),
    ("a wrong key", "plivo", 401, b"Could not verify your access level", TryAgain("401", MINUTE)),
    ("its trouble", "plivo", 503, b"", Unknown("503")),
    ("taken", "infobip", 200, _infobip("PENDING", "PENDING_ACCEPTED"), Delivered(("m-1",))),
    ("taken", "africastalking", 201, _africa(101), Delivered(("ATXid_1",))),
    ("opted out", "africastalking", 201, _africa(406, "UserInBlacklist"), Refused("UserInBlacklist", True, True)),
    (
        "no number",
        "africastalking",
        201,
        _africa(403, "InvalidPhoneNumber"),
        Refused("InvalidPhoneNumber", unreachable=True),
    ),
    ("no balance", "africastalking", 201, _africa(405, "InsufficientBalance"), TryAgain("InsufficientBalance", MINUTE)),
    ("held", "africastalking", 201, _africa(401, "RiskHold"), TryAgain("RiskHold", MINUTE)),
    ("by night", "africastalking", 409, _africa(409, "DoNotDisturbRejection"), TryAgain("DoNotDisturbRejection")),
    ("a wrong key", "africastalking", 401, b"The supplied authentication is invalid", TryAgain("401", MINUTE)),
    ("a wrong address", "africastalking", 404, b"", TryAgain("404", MINUTE)),
    ("shut out by a proxy", "africastalking", 403, b"", TryAgain("403", MINUTE)),
    ("a wrong Accept", "africastalking", 406, b"", Unknown("406")),
    *(
        (name, "infobip", 200, _infobip("REJECTED", f"REJECTED_{name}"), outcome)
        for name, outcome in {
            "NOT_ENOUGH_CREDITS": TryAgain("REJECTED_NOT_ENOUGH_CREDITS", MINUTE),
            "DESTINATION_NOT_REGISTERED": TryAgain("REJECTED_DESTINATION_NOT_REGISTERED", MINUTE),
            "FLOODING_FILTER": TryAgain("REJECTED_FLOODING_FILTER"),
            "DESTINATION_BLOCKLISTED": Refused("REJECTED_DESTINATION_BLOCKLISTED", unreachable=True, unwanted=True),
            "DND": Refused("REJECTED_DND", unreachable=True, unwanted=True),
            "DESTINATION": Refused("REJECTED_DESTINATION", unreachable=True),
            "MESSAGE_TOO_LONG": Refused("REJECTED_MESSAGE_TOO_LONG"),
        }.items()
    ),
]


@pytest.mark.parametrize(
    ("name", "status", "told", "outcome"),
    [row[1:] for row in VERDICTS],
    ids=[f"{row[1]}: {row[0]}" for row in VERDICTS],
)
def test_what_they_say_of_a_text(name: str, status: int, told: object, outcome: Outcome) -> None:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    assert outcome_of(account(name).say, HttpResponse(status, {}, body)) == outcome


def test_no_recipients_are_no_verdict() -> None:
    told = {"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}
    outcome = outcome_of(account("africastalking").say, HttpResponse(201, {}, json.dumps(told).encode()))
    assert isinstance(outcome, Unknown)
    assert outcome.closes


def _signed_by_vonage(fields: dict[str, str], path: str = "") -> Outgoing:
    """As its documents say: sorted, an & before each, & and = in values as _, and HMAC-SHA256."""
    joined = "".join(f"&{name}={fields[name].replace('&', '_').replace('=', '_')}" for name in sorted(fields))
    sig = hmac.new(secret("vonage").encode(), joined.encode(), hashlib.sha256).hexdigest().upper()
    body = json.dumps({**fields, "sig": sig}).encode()
    return Outgoing("POST", f"/sms/vonage{path}", {"Content-Type": "application/json"}, body)


def _form(name: str, fields: dict[str, str], path: str = "") -> Outgoing:
    asked = urlencode({"secret": secret(name)})
    return Outgoing("POST", f"/sms/{name}{path}?{asked}", FORM, urlencode(fields).encode())


def _json(told: object, path: str = "") -> Outgoing:
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {SECRETS['infobip']}"}
    return Outgoing("POST", f"/sms/infobip{path}", headers, json.dumps(told).encode())


SAYS = "1+1=2 & 你好"
MESSAGES = {
    "vonage": _signed_by_vonage(
        {
            "msisdn": "447911123456",
            "to": "447700900000",
            "messageId": "0A1",
            "text": SAYS,
            "type": "unicode",
            "keyword": "1+1=2",
            "api-key": "abcd1234",
            "message-timestamp": "2020-01-01 12:00:00",
            "timestamp": "1577880000",
            "nonce": "aaaaaaaa",
        }
    ),
    "plivo": _form("plivo", {"From": "447911123456", "To": "1", "Type": "sms", "Text": SAYS, "MessageUUID": "0A1"}),
    "infobip": _json(
        {
            "results": [
                {
                    "messageId": "0A1",
                    "from": "447911123456",
                    "to": "447860099299",
                    "text": SAYS,
                    "cleanText": SAYS,
                    "keyword": "",
                    "receivedAt": "2019-11-09T16:00:00.000+0000",
                    "smsCount": 1,
                    "price": {"pricePerMessage": 0, "currency": "EUR"},
                    "callbackData": None,
                }
            ],
            "messageCount": 1,
            "pendingMessageCount": 0,
        }
    ),
    "africastalking": _form(
        "africastalking",
        {"date": "2026", "from": "+447911123456", "id": "0A1", "linkId": "l", "text": SAYS, "to": "12345"},
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_what_a_player_wrote_is_heard_once_proven(name: str) -> None:
    door, request = Door(account(name)), MESSAGES[name]
    assert door.call(request).status_code == 200
    (message,) = door.taken
    assert (message.user, message.external_id, message.text) == ("+447911123456", "0A1", SAYS)
    other = Door(account(name, secret=SecretStr("another secret word")))
    assert other.call(request).status_code == 403
    bare = Outgoing("POST", f"/sms/{name}", {"Content-Type": request.headers["Content-Type"]}, request.body)
    assert other.call(bare).status_code == 403
    if name == "vonage":
        forged = Outgoing("POST", request.target, request.headers, request.body.replace(b"1+1", b"1+2"))
        assert door.call(forged).status_code == 403


def _dlr(**given: str) -> Outgoing:
    usual = {"msisdn": "447", "to": "AcmeInc", "messageId": "0A1", "price": "0", "client-ref": DISPATCH, **given}
    return _signed_by_vonage({name.replace("_", "-"): value for name, value in usual.items()}, "/receipt")


def _report(group: str, error: str, status: str = "X") -> Outgoing:
    told = {
        "bulkId": "b",
        "messageId": "0A1",
        "to": "447",
        "callbackData": DISPATCH,
        "status": {"groupId": 3, "groupName": group, "id": 5, "name": f"{group}_{status}"},
        "error": {"groupId": 0, "groupName": "OK", "id": 0, "name": error, "permanent": False},
    }
    request = _json({"results": [told]}, "/receipt")
    return Outgoing("POST", f"{request.target}?{urlencode({'secret': SECRETS['infobip']})}", FORM, request.body)


def _status(status: str, code: str = "") -> Outgoing:
    return _form("plivo", {"MessageUUID": "0A1", "Status": status, **({"ErrorCode": code} if code else {})}, "/receipt")


def _delivery(status: str, why: str = "") -> Outgoing:
    told = {"id": "0A1", "status": status, "phoneNumber": "+254", "networkCode": "63902", "failureReason": why}
    return _form("africastalking", told, "/receipt")


RECEIPTS: list[tuple[str, Outgoing, DeliveryStatus, str | None, bool, bool]] = [
    # gateway, request, fate, error, gone, unwanted
    ("vonage", _dlr(status="delivered", err_code="0"), DeliveryStatus.DELIVERED, None, False, False),
    ("vonage", _dlr(status="buffered", err_code="0"), DeliveryStatus.ON_ITS_WAY, None, False, False),
    ("vonage", _dlr(status="failed", err_code="3"), DeliveryStatus.FAILED, "3", True, False),
    ("vonage", _dlr(status="failed", err_code="4"), DeliveryStatus.FAILED, "4", True, False),
    ("vonage", _dlr(status="failed", err_code="2"), DeliveryStatus.FAILED, "2", False, False),
    ("vonage", _dlr(status="expired", err_code="0"), DeliveryStatus.FAILED, "expired", False, False),
    ("vonage", _dlr(status="rejected", err_code="9"), DeliveryStatus.FAILED, "9", True, True),
    ("plivo", _status("delivered"), DeliveryStatus.DELIVERED, None, False, False),
    ("plivo", _status("sent"), DeliveryStatus.ON_ITS_WAY, None, False, False),
    ("plivo", _status("undelivered", "80"), DeliveryStatus.FAILED, "80", False, False),
    ("plivo", _status("failed", "200"), DeliveryStatus.FAILED, "200", True, True),
    ("infobip", _report("DELIVERED", "NO_ERROR"), DeliveryStatus.DELIVERED, None, False, False),
    ("infobip", _report("PENDING", "NO_ERROR"), DeliveryStatus.ON_ITS_WAY, None, False, False),
    *(
        ("infobip", _report(group, error, status), DeliveryStatus.FAILED, shown, gone, unwanted)
        for group, status, error, shown, gone, unwanted in [
            ("UNDELIVERABLE", "NOT_DELIVERED", "EC_UNKNOWN_SUBSCRIBER", "EC_UNKNOWN_SUBSCRIBER", True, False),
            (
                "UNDELIVERABLE",
                "NOT_DELIVERED",
                "EC_UNIDENTIFIED_SUBSCRIBER",
                "EC_UNIDENTIFIED_SUBSCRIBER",
                False,
                False,
            ),
            ("UNDELIVERABLE", "REJECTED_OPERATOR", "EC_CONTENT_BLOCKED", "EC_CONTENT_BLOCKED", True, True),
            ("REJECTED", "DESTINATION_BLOCKLISTED", "NO_ERROR", "REJECTED_DESTINATION_BLOCKLISTED", True, True),
            ("REJECTED", "PREFIX_MISSING", "NO_ERROR", "REJECTED_PREFIX_MISSING", True, False),
            ("REJECTED", "FLOODING_FILTER", "EC_DESTINATION_FLOODING", "EC_DESTINATION_FLOODING", False, False),
            ("EXPIRED", "EXPIRED", "NO_ERROR", "EXPIRED_EXPIRED", False, False),
        ]
    ),
    ("africastalking", _delivery("Success"), DeliveryStatus.DELIVERED, None, False, False),
    ("africastalking", _delivery("Buffered"), DeliveryStatus.ON_ITS_WAY, None, False, False),
    ("africastalking", _delivery("Failed", "UserDoesNotExist"), DeliveryStatus.FAILED, "UserDoesNotExist", True, False),
    ("africastalking", _delivery("Failed", "UserIsInactive"), DeliveryStatus.FAILED, "UserIsInactive", True, False),
    ("africastalking", _delivery("AbsentSubscriber"), DeliveryStatus.FAILED, "AbsentSubscriber", False, False),
    ("africastalking", _delivery("Rejected", "UserInBlackList"), DeliveryStatus.FAILED, "UserInBlackList", True, True),
]


@pytest.mark.parametrize(("name", "request_", "fate", "error", "gone", "unwanted"), RECEIPTS)
def test_what_became_of_a_text(
    name: str, request_: Outgoing, fate: DeliveryStatus, error: str | None, gone: bool, unwanted: bool
) -> None:
    door = Door(account(name))
    assert door.call(request_).status_code == 200
    (receipt,) = door.receipts
    assert (receipt.status, receipt.external_ids, receipt.error) == (fate, ("0A1",), error)
    assert (receipt.unreachable, receipt.unwanted) == (gone, unwanted)
    assert receipt.dispatch == (DISPATCH if name in {"vonage", "infobip"} else None)
    assert Door(account(name, secret=SecretStr("another secret word"))).call(request_).status_code == 403
