"""A receipt in any dress is never answered: one "hello" leads to exactly one text, whatever the SMSC says of it."""

import pytest

from tests.adapters.smpp.rig import ANNA, Game
from tests.fakes.smsc import Mo, Smsc, option, receipt
from tests.stage import Stage

WORDS = "id:{} sub:001 dlvrd:001 submit date:2612010400 done date:2612010401 stat:DELIVRD err:000 text:hello"
ID = "00B8BF8C"


def _plain(words: str = WORDS, **more: object) -> Mo:
    return Mo(ANNA, words.format(ID).encode("latin-1"), **more)  # type: ignore[arg-type]


def _packed(words: str) -> bytes:
    number = sum((ord(character) & 0x7F) << 7 * place for place, character in enumerate(words))
    return number.to_bytes((len(words) * 7 + 7) // 8, "little")


def _in_parts(words: str, cut: int) -> list[Mo]:
    pieces = words.format(ID).encode()
    halves = [pieces[:cut], pieces[cut:]]
    return [Mo(ANNA, bytes([5, 0, 3, 77, 2, place]) + piece, esm_class=0x40) for place, piece in enumerate(halves, 1)]


def _utf16(order: str) -> bytes:
    return WORDS.format(ID).replace("submit date:2612010400 ", "").encode(order)


DRESSES = {
    "plain": [_plain()],
    "plain, capitals": [_plain(WORDS.upper())],
    "plain, without err and text": [_plain("id:{} sub:001 dlvrd:001 stat:EXPIRED")],
    "plain, another order": [_plain("stat:DELIVRD err:000 id:{} done date:2612010401")],
    "plain, spaces and equals": [_plain("ID = {} Stat = DELIVRD Err = 000")],
    "plain, lines": [_plain("id:{}\nsub:001\ndlvrd:000\nstat:UNDELIV\nerr:01f")],
    "plain, without an id": [_plain("sub:001 dlvrd:001 stat:DELIVRD err:000")],
    "plain, a state alone": [_plain("stat:DELIVRD")],
    "plain, a state nobody knows": [_plain("id:{} sub:001 dlvrd:001 stat:WHATEVER")],
    "plain, sixteen bits": [Mo(ANNA, _utf16("utf-16-be"), data_coding=8)],
    "plain, sixteen bits, the other way": [Mo(ANNA, _utf16("utf-16-le"), data_coding=8)],
    "plain, sixteen bits, coding 0": [Mo(ANNA, _utf16("utf-16-be"))],
    "plain, Latin-1": [_plain(data_coding=3)],
    "plain, eight bits": [_plain(data_coding=4)],
    "plain, data": [_plain(data_coding=2)],
    "plain, packed": [Mo(ANNA, _packed(WORDS.format(ID)))],
    "plain, as payload": [Mo(ANNA, b"", options=option(0x0424, WORDS.format(ID).encode()))],
    "plain, of a name": [Mo("HUOJU", WORDS.format(ID).encode(), ton=5)],
    "plain, in parts": _in_parts(WORDS, 40),
    "plain, in parts, cut in a word": _in_parts(WORDS, 11),
    "an id alone": [_plain("Message delivered", options=option(0x001E, ID.encode() + b"\0"))],
    "a state alone": [_plain("", options=option(0x0427, b"\2"))],
    "both parameters, no words": [_plain("", options=option(0x001E, ID.encode()) + option(0x0427, b"\2"))],
    "a receipt": [receipt(ID)],
    "a receipt of nothing": [_plain("delivered to handset", esm_class=0x04)],
    "an acknowledgement of the phone": [_plain("delivered", esm_class=0x08)],
    "an acknowledgement of its user": [_plain("read", esm_class=0x10)],
    "an intermediate notification": [_plain("id:{} stat:ENROUTE", esm_class=0x20)],
    "a receipt with a header": [Mo(ANNA, b"\5\0\3\1\2\1" + WORDS.format(ID).encode(), esm_class=0x44)],
}


@pytest.mark.reading
@pytest.mark.parametrize("dress", DRESSES)
def test_one_hello_leads_to_one_text(stage: Stage, smsc: Smsc, dress: str):
    smsc.message_id = lambda _number: ID
    with Game(stage, smsc) as game:
        hello = Mo(ANNA, b"hello")
        smsc.say(hello)
        smsc.until(lambda: hello.statuses == [0])
        assert len(game.answers()) == 1
        for _ in range(3):  # an answer would be the cause of the next
            mos = [Mo(**{**vars(mo), "statuses": []}) for mo in DRESSES[dress]]
            smsc.say(*mos)
            smsc.until(lambda mos=mos: all(mo.statuses for mo in mos))
            assert {status for mo in mos for status in mo.statuses} == {0}
            assert game.answers() == []
        assert len(smsc.submits) == 1
        assert game.receipts or game.unread, "it was taken, or counted and named"


MATCHED = [name for name in DRESSES if name.startswith("plain") and not name.endswith(("id", "alone", "knows"))]


@pytest.mark.reading
@pytest.mark.parametrize("dress", MATCHED)
def test_a_receipt_in_any_dress_is_one(stage: Stage, smsc: Smsc, dress: str):
    smsc.message_id = lambda _number: "12107660"
    with Game(stage, smsc) as game:
        hello = Mo(ANNA, b"hello")
        smsc.say(hello)
        smsc.until(lambda: hello.statuses == [0])
        game.answers()
        smsc.say(*(Mo(**{**vars(mo), "statuses": []}) for mo in DRESSES[dress]))
        smsc.until(lambda: game.receipts)
        assert [one.external_ids for one in game.receipts] == [("12107660",)]
        assert game.unread == []
