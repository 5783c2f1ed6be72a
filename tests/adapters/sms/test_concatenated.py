"""Long messages that gateways tell in parts, at the webhooks of two processes: one message, answered once."""

import json

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from bots.sms.gateway.account import PartPlaces
from core.models import Inbox
from tests.adapters.sms.rig import SECRET, Chats, chats, gateway_account, kannel_account
from tests.fakes.gateways import Aggregator, Kannel, Outgoing
from tests.stage import Stage

ANNA = "+8613800138000"
NUMBERS = {"reference": "concat-ref", "total": "concat-total", "place": "concat-part"}


def received(stage: Stage) -> int:
    with stage.sessions() as session:
        return len(session.scalars(select(Inbox.external_id)).all())


def kannel_part(place: int, text: str, total: int = 2, reference: int = 9) -> Outgoing:
    udh = bytes([5, 0, 3, reference, total, place])
    return Kannel.message("main", SECRET, text, id=f"{reference}-{place}", udh=udh)  # type: ignore[arg-type]


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (1, 1, 2, 2, 1)])
def test_kannels_parts_are_one_message(stage: Stage, order: tuple[int, ...]) -> None:
    with chats(stage, kannel_account()) as one, chats(stage, kannel_account()) as another:
        (code,) = stage.codes(1)
        words = {1: code[:6], 2: code[6:]}
        for number, place in enumerate(order):
            response = (one, another)[number % 2].call(kannel_part(place, words[place]))
            assert (response.status_code, response.text) == (200, ""), "the answer goes by the sender, once"
    assert received(stage) == 1
    (told,) = stage.told(ANNA, channel="sms")
    assert told.startswith("redeem.points")


def test_a_part_alone_is_nobodys_code_and_a_ring_tone_no_part(stage: Stage) -> None:
    with chats(stage, kannel_account()) as chat:
        assert chat.call(kannel_part(1, "R")).status_code == 200
        chat.call(Kannel.message("main", SECRET, b"\x01\x02", coding="1", udh=b"\x05\x00\x03\x01\x02\x01"))  # type: ignore[arg-type]
    assert received(stage) == 1


def push(chat: Chats, **fields: object) -> int:
    told = [{"phone_number": "13800138000", "send_time": "1", **fields}]
    return chat.call(Aggregator.push("/sms/main", told)).status_code


def test_a_described_gateways_parts_are_one_message(stage: Stage) -> None:
    account = gateway_account(hear={"part": NUMBERS})
    with chats(stage, account) as one, chats(stage, account) as another:
        for chat, place, text in ((one, "3", "nts"), (another, "1", "p"), (one, "1", "p"), (another, "2", "oi")):
            parts = {"concat": "true", "concat-ref": "08B5", "concat-total": "3", "concat-part": place}
            assert push(chat, content=text, sequence_id=place, **parts) == 200
        assert push(one, content="help", sequence_id="4", concat="false") == 200
    assert received(stage) == 2
    assert len(stage.told(ANNA, channel="sms")) == 2


def test_a_header_in_hex_says_which_part_it_is(stage: Stage) -> None:
    account = gateway_account(hear={"part": {"header": "udh"}})
    with chats(stage, account) as chat:
        for place, text in ((2, "nts"), (1, "poi")):
            header = bytes([6, 8, 4, 1, 2, 2, place]).hex().upper()
            assert push(chat, content=text, sequence_id=str(place), udh=header) == 200
        assert push(chat, content="help", sequence_id="3", udh="zz") == 200
        assert push(chat, content="help", sequence_id="4") == 200
    assert received(stage) == 3


WRONG = [{}, {"reference": "a"}, {**NUMBERS, "header": "udh"}, {"total": "b", "place": "c"}]


@pytest.mark.parametrize("places", WRONG, ids=json.dumps)
def test_where_parts_stand_is_said_in_full(places: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="give reference, total and place, or header"):
        PartPlaces.model_validate(places)
