"""What gateways send as they really send it, through the route: heard, noted or counted, and refused for no reason.

No row is answered to a machine, and whatever nothing follows from has a name, which ``huoju outbox`` shows.
"""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from core.inbound_kinds import InboundKind
from core.sending.delivery_reports import DeliveryStatus
from tests.adapters.sms.rig import PUBLIC, Door, twilio_account
from tests.adapters.sms.test_gateway_examples import FILES, FORM, SECRETS, account, secret
from tests.adapters.sms.test_gateway_examples import _form as form
from tests.adapters.sms.test_gateway_examples import _json as infobip
from tests.adapters.sms.test_gateway_examples import _signed_by_vonage as vonage
from tests.fakes.gateways import Outgoing, Twilio

V = {"msisdn": "447700900001", "to": "447700900000", "messageId": "0B0", "text": "points", "type": "text", "nonce": "a"}
VR = {"msisdn": "447", "to": "Acme", "messageId": "0C0", "price": "0.03", "scts": "2001011400", "client-ref": "ours?"}
P = {"From": "14155551111", "To": "14155551234", "Type": "sms", "Text": "points", "MessageUUID": "5b40", "Units": "1"}
PR = {"From": "14155551234", "To": "14155551111", "MessageUUID": "u-1", "PartInfo": "1 of 1", "ErrorCode": "000"}
IM = {"messageId": "817", "from": "385916242493", "to": "3859", "text": "points", "keyword": "", "smsCount": 1}
IR = {"messageId": "M-1", "to": "385916242493", "status": {"groupName": "DELIVERED", "name": "DELIVERED_TO_HANDSET"}}
A = {"date": "2026-11-01", "from": "+254711000111", "id": "aa-1", "text": "points", "to": "12345", "linkId": "L"}
AR = {"id": "ATXid_1", "phoneNumber": "+254711000111", "networkCode": "63902", "retryCount": "0"}
S = {"MessageSid": "SM1", "From": "+14158675309", "To": "+14155551234", "Body": "points", "NumMedia": "0"}


def vonage_form(fields: dict[str, str], path: str = "", *, get: bool = False) -> Outgoing:
    told = urlencode(json.loads(vonage(fields).body))
    if get:
        return Outgoing("GET", f"/sms/vonage{path}?{told}", {}, b"")
    return Outgoing("POST", f"/sms/vonage{path}", FORM, told.encode())


def query(name: str, fields: dict[str, str], path: str = "") -> Outgoing:
    return Outgoing("GET", f"/sms/{name}{path}?{urlencode({'secret': secret(name), **fields})}", {}, b"")


def results(*told: object) -> Outgoing:
    return infobip({"results": told, "messageCount": len(told), "pendingMessageCount": 0})


def reports(*told: object) -> Outgoing:
    request = infobip({"results": told}, "/receipt")
    return Outgoing("POST", f"{request.target}?{urlencode({'secret': SECRETS['infobip']})}", FORM, request.body)


def twilio(path: str = "", **fields: str) -> Outgoing:
    return Twilio.signed(Twilio, PUBLIC, f"/sms/twilio{path}", {"AccountSid": Twilio.sid, **fields})  # type: ignore[arg-type]


def said(user: str, text: str = "points", kind: InboundKind = InboundKind.TYPED) -> tuple[str, str, str]:
    return user, text, kind.value


def shown(user: str) -> tuple[str, str, str]:
    return said(user, "", InboundKind.SHOWED)


UK, US, HR, KE, CALLER = "+447700900001", "+14155551111", "+385916242493", "+254711000111", "+14158675309"
ROWS: dict[str, tuple[Outgoing, object]] = {
    "vonage: JSON": (vonage(V), [said(UK)]),
    "vonage: a form": (vonage_form(V), [said(UK)]),
    "vonage: a query": (vonage_form(V, get=True), [said(UK)]),
    "vonage: a binary message": (vonage({**V, "type": "binary", "data": "01", "udh": "0504", "text": ""}), [shown(UK)]),
    "vonage: a part that cannot be": (
        vonage({**V, "concat": "true", "concat-ref": "1", "concat-total": "3", "concat-part": "4"}),
        [said(UK)],
    ),
    "vonage: a name": (vonage({**V, "msisdn": "AcmeInc"}), "sender:name"),
    "vonage: a short code": (vonage({**V, "msisdn": "72345"}), "sender:short_code"),
    "vonage: eight digits": (vonage({**V, "msisdn": "10690000"}), "sender:no_number"),
    "vonage: no text": (vonage({**V, "text": ""}), [shown(UK)]),
    "vonage: a receipt at the door of messages": (
        vonage({**VR, "status": "delivered"}),
        [(DeliveryStatus.DELIVERED, "0C0")],
    ),
    "vonage: a receipt in a query": (
        vonage_form({**VR, "status": "failed", "err-code": "3"}, "/receipt", get=True),
        [(DeliveryStatus.FAILED, "0C0")],
    ),
    "vonage: a state of tomorrow": (vonage({**VR, "status": "read"}, "/receipt"), "receipt:state"),
    "vonage: a message at the door of receipts": (vonage(V, "/receipt"), "receipt:state"),
    "vonage: a receipt as a message": (
        vonage({**V, "text": "id:77 stat:DELIVRD err:000"}),
        [(DeliveryStatus.DELIVERED, "77")],
    ),
    "plivo: a form": (form("plivo", P), [said(US)]),
    "plivo: a query": (query("plivo", P), [said(US)]),
    "plivo: a picture": (form("plivo", {**P, "Type": "mms", "Text": "", "Media0": "https://x"}), [shown(US)]),
    "plivo: a picture with words": (form("plivo", {**P, "Type": "mms", "Media0": "https://x"}), [said(US)]),
    "plivo: a number with all signs": (form("plivo", {**P, "From": "+1 (415) 555-1111"}), [said(US)]),
    "plivo: a short code": (form("plivo", {**P, "From": "262966"}), "sender:short_code"),
    "plivo: a receipt": (form("plivo", {**PR, "Status": "delivered"}, "/receipt"), [(DeliveryStatus.DELIVERED, "u-1")]),
    "plivo: a receipt in a query": (
        query("plivo", {**PR, "Status": "sent"}, "/receipt"),
        [(DeliveryStatus.ON_ITS_WAY, "u-1")],
    ),
    "plivo: a receipt of a part": (
        form("plivo", {**PR, "ParentMessageUUID": "u-0", "PartInfo": "2 of 3", "Status": "failed"}, "/receipt"),
        [(DeliveryStatus.FAILED, "u-1")],
    ),
    "plivo: a state of tomorrow": (form("plivo", {**PR, "Status": "accepted"}, "/receipt"), "receipt:state"),
    "infobip: two, one of them a picture": (results(IM, {**IM, "messageId": "2", "text": None}), [said(HR), shown(HR)]),
    "infobip: escapes": (results({**IM, "text": "\u4f60\U0001f600"}), [said(HR, "\u4f60\U0001f600")]),
    "infobip: a name between": (results(IM, {**IM, "messageId": "2", "from": "Info"}), [said(HR), "sender:name"]),
    "infobip: a list of nothing": (results(), []),
    "infobip: no list": (infobip({}), "message:results"),
    "infobip: reports at the door of messages": (results(IR), [(DeliveryStatus.DELIVERED, "M-1")]),
    "infobip: a batch with one told twice": (
        reports(IR, IR),
        [(DeliveryStatus.DELIVERED, "M-1"), (DeliveryStatus.DELIVERED, "M-1")],
    ),
    "infobip: a report of nothing": (reports({"status": IR["status"]}), "receipt:unnamed"),
    "infobip: messages at the door of reports": (reports(IM), "receipt:state"),
    "africastalking: a form": (form("africastalking", A), [said(KE)]),
    "africastalking: a short code": (form("africastalking", {**A, "from": "22384"}), "sender:short_code"),
    "africastalking: somebody opted out": (
        form("africastalking", {"senderId": "HUOJU", "phoneNumber": KE}),
        [said(KE, "", InboundKind.STOPPED)],
    ),
    "africastalking: somebody ended a subscription": (
        form("africastalking", {"phoneNumber": KE, "shortCode": "1", "keyword": "K", "updateType": "deletion"}),
        "message:from",
    ),
    "africastalking: a receipt": (
        form("africastalking", {**AR, "status": "Success"}),
        [(DeliveryStatus.DELIVERED, "ATXid_1")],
    ),
    "twilio: a picture": (twilio(**{**S, "Body": "", "NumMedia": "1", "MediaUrl0": "https://x"}), [shown(CALLER)]),
    "twilio: a picture with words": (twilio(**{**S, "NumMedia": "1"}), [said(CALLER)]),
    "twilio: a short code": (twilio(**{**S, "From": "72345"}), "sender:short_code"),
    "twilio: WhatsApp": (twilio(**{**S, "From": "whatsapp:+14158675309"}), "sender:name"),
    "twilio: its word for STOP": (
        twilio(**{**S, "Body": "Arret", "OptOutType": "STOP"}),
        [said(CALLER, "Arret", InboundKind.STOPPED)],
    ),
    "twilio: a state at the door of messages": (
        twilio(MessageSid="SM1", MessageStatus="delivered"),
        [(DeliveryStatus.DELIVERED, "SM1")],
    ),
    "twilio: a click": (twilio("/receipt", SmsSid="SM1", EventType="click"), "receipt:MessageStatus"),
    "twilio: a message at the door of receipts": (twilio("/receipt", **S, SmsStatus="received"), "receipt:SmsStatus"),
}


@pytest.fixture(scope="module")
def door() -> Door:
    return Door(*(account(name) for name in FILES), twilio_account(name="twilio"), public_url=PUBLIC)


@pytest.mark.parametrize("name", ROWS)
def test_nothing_that_is_proven_is_refused_or_lost(name: str, door: Door) -> None:
    request, follows = ROWS[name]
    door.taken, door.receipts, door.unread = [], [], []
    assert door.call(request).status_code == 200
    found: list[Any] = [said(message.user, message.text, message.kind) for message in door.taken]
    found += [(receipt.status, *receipt.external_ids) for receipt in door.receipts]
    assert found + door.unread == (follows if isinstance(follows, list) else [follows])


def test_who_opts_out_again_later_is_heard_again(door: Door) -> None:
    door.taken = []
    request, _ = ROWS["africastalking: somebody opted out"]
    began = door.now
    for minutes in (0, 1, 60):
        door.now = began + timedelta(minutes=minutes)
        door.call(request)
    door.now = began
    ids = [message.external_id for message in door.taken]
    assert ids[0] == ids[1] != ids[2]


def test_a_query_counts_only_where_it_is_proven() -> None:
    signed = {"over": ["body"], "at": "header:X-Signature"}
    hear = {**account("plivo").hear.model_dump(), "proof": {"signature": signed}}  # type: ignore[union-attr]
    guarded = Door(account("plivo", hear=hear))
    of_nothing = hmac.new(secret("plivo").encode(), b"", hashlib.sha256).hexdigest()
    request = Outgoing("GET", f"/sms/plivo?{urlencode(P)}", {"X-Signature": of_nothing}, b"")
    guarded.call(request)
    assert guarded.taken == []
