"""Machines at a gateway's webhook: receipts that come as messages, and the other way round; data that is no text."""

from urllib.parse import quote

import pytest

from core.messages import InboundKind
from core.sending.delivery_reports import DeliveryStatus
from tests.adapters.sms.rig import DISPATCH, PUBLIC, SECRET, Door, gateway_account, kannel_account, twilio_account
from tests.fakes.gateways import Aggregator, Kannel, Outgoing, Twilio

REPORTS = [
    "id:00B8BF8C sub:001 dlvrd:001 submit date:2612010400 done date:2612010401 stat:DELIVRD err:000 text:hello",
    "ID:12107660 STAT:DELIVRD",
    "stat:DELIVRD err:000 id:5k2F",
    "sub:001 dlvrd:001 stat:DELIVRD",
]


@pytest.fixture
def kannel() -> Door:
    return Door(kannel_account())


@pytest.mark.parametrize("words", REPORTS)
def test_a_report_that_comes_as_a_message_is_never_answered(kannel: Door, words: str) -> None:
    response = kannel.call(Kannel.message("main", SECRET, words))
    assert (response.status_code, response.text, kannel.taken) == (200, "", [])
    assert len(kannel.receipts) + len(kannel.unread) == 1


def test_kannels_receipt_at_the_door_of_messages_is_one(kannel: Door) -> None:
    response = kannel.call(Outgoing("GET", f"/sms/main?dispatch={DISPATCH}&secret={SECRET}&status=1"))
    assert (response.status_code, response.text, kannel.taken) == (200, "", [])
    assert [(one.dispatch, one.status) for one in kannel.receipts] == [(DISPATCH, DeliveryStatus.DELIVERED)]


def _twilio(twilio: Twilio, door: Door, path: str, **fields: str) -> int:
    given = {"AccountSid": Twilio.sid, "MessageSid": "SM0123456789", **fields}
    return door.call(twilio.signed(PUBLIC, path, given)).status_code


@pytest.mark.parametrize("status", ["sent", "delivered", "undelivered", "failed", "queued", "read"])
def test_twilios_status_at_the_door_of_messages_is_a_receipt(twilio: Twilio, status: str) -> None:
    door = Door(twilio_account(), public_url=PUBLIC)
    fields = {"MessageStatus": status, "SmsStatus": status, "From": "+14155551234", "To": "+14158675309"}
    assert _twilio(twilio, door, "/sms/main", **fields) == 200
    assert door.taken == []
    assert [one.external_ids for one in door.receipts] == [("SM0123456789",)]


def test_twilios_message_at_the_door_of_receipts_is_counted(twilio: Twilio) -> None:
    door = Door(twilio_account(), public_url=PUBLIC)
    assert _twilio(twilio, door, "/sms/main/receipt", SmsStatus="received", From="+14158675309", Body="hello") == 200
    assert (door.receipts, door.unread) == ([], ["receipt:SmsStatus"])


def test_an_aggregators_receipt_among_its_messages_is_one(aggregator: Aggregator) -> None:
    account = gateway_account()
    assert account.receipt is not None
    assert account.hear is not None
    door = Door(account)
    told = {account.receipt.state: account.receipt.delivered[0]}
    told |= {account.receipt.dispatch: DISPATCH} if account.receipt.dispatch else {}
    told |= {account.receipt.external_id: "m-1"} if account.receipt.external_id else {}
    assert door.call(aggregator.push("/sms/main", [told])).status_code == 200
    assert (door.taken, len(door.receipts)) == ([], 1)


def test_of_a_list_what_makes_no_sense_is_counted_and_holds_back_nothing(aggregator: Aggregator) -> None:
    account = gateway_account()
    assert account.hear is not None
    assert account.hear.id is not None
    assert account.receipt is not None
    good = {account.hear.sender: "13800138000", account.hear.id: "1", account.hear.text: "a"}
    nobody, nameless = ({k: v for k, v in good.items() if k != left} for left in (account.hear.sender, account.hear.id))
    unnamed = {account.receipt.state: account.receipt.delivered[0]}
    door = Door(account)
    told = [nobody, 7, None, [], "text", nameless, unnamed, good]
    assert door.call(aggregator.push("/sms/main", told)).status_code == 200
    assert [message.text for message in door.taken] == ["a"]
    assert door.unread == [f"item:{account.hear.sender}"] * 5 + [
        f"item:{account.hear.id}",
        f"item:{account.hear.sender}",
    ]


def test_receipts_that_name_no_text_are_counted_and_hold_back_nothing(aggregator: Aggregator) -> None:
    account = gateway_account()
    assert account.receipt is not None
    assert account.receipt.external_id is not None
    state = {account.receipt.state: account.receipt.delivered[0]}
    told = [
        state,
        7,
        None,
        {**state, account.receipt.external_id: "a b"},
        {**state, account.receipt.external_id: "m-1"},
    ]
    door = Door(account)
    assert door.call(aggregator.push("/sms/main/receipt", told)).status_code == 200
    assert [one.external_ids for one in door.receipts] == [("m-1",)]
    assert door.unread == ["receipt:unnamed"] * 4


def test_a_long_list_of_messages_is_heard(aggregator: Aggregator) -> None:
    account = gateway_account()
    assert account.hear is not None
    assert account.hear.id is not None
    told = [
        {account.hear.sender: "13800138000", account.hear.id: str(number), account.hear.text: "a" * 300}
        for number in range(300)
    ]
    door = Door(account)
    assert door.call(aggregator.push("/sms/main", told)).status_code == 200
    assert [message.external_id for message in door.taken] == [str(number) for number in range(300)]


DATA = [
    # what %C, %c, %u say
    {"coding": "1", "charset": "8-BIT"},
    {"coding": "1", "charset": "UTF-8"},
    {"coding": "1"},
    {"charset": "8-BIT"},
    {"charset": "binary"},
    {"coding": "0", "udh": b"\x06\x05\x04\x0b\x84\x23\xf0"},
    {"coding": "0", "udh": b"\x0b\x05\x04\x15\x82\x00\x00\x00\x03\x01\x02\x01"},
]


@pytest.mark.parametrize("told", DATA, ids=str)
@pytest.mark.parametrize("octets", [b"R", b"\x00R\x00", b"STOP", b"\x82\x53\x01"])
def test_what_is_data_is_no_text(kannel: Door, told: dict[str, str | bytes], octets: bytes) -> None:
    query = {"secret": SECRET, "id": "1", "from": "13800138000", "text": octets, **told}
    target = "/sms/main?" + "&".join(f"{name}={quote(value)}" for name, value in query.items())
    assert kannel.call(Outgoing("GET", target)).status_code == 200
    assert [(message.text, message.kind) for message in kannel.taken] == [("", InboundKind.SHOWED)]


TEXTS = [
    {"coding": "0", "charset": "UTF-8"},
    {"coding": "0", "udh": b"\x05\x00\x03\x01\x02\x01"},
    {"coding": "0", "udh": b""},
    {"coding": "0", "mclass": "1"},
    {"coding": "-1"},
]


@pytest.mark.parametrize("told", TEXTS, ids=str)
def test_what_is_a_text_stays_one(kannel: Door, told: dict[str, str | bytes]) -> None:
    query = {"secret": SECRET, "id": "1", "from": "13800138000", "text": "points", **told}
    target = "/sms/main?" + "&".join(f"{name}={quote(value)}" for name, value in query.items())
    assert kannel.call(Outgoing("GET", target)).status_code == 200
    assert [(message.text, message.kind) for message in kannel.taken] == [("points", InboundKind.TYPED)]
