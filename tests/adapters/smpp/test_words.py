"""Alphabets, numbers and statuses, row by row."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bots.sms.segments import Alphabet, alphabet_of, segments
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.alphabets import octets_of, text_of
from bots.sms.smpp.statuses import STATUSES, Meaning, status_of
from bots.sms.smpp.submitting import bodies_of
from bots.sms.smpp.timing import Pauses, Timing
from core.randomness import SeededRandomness
from tests.fakes.smsc import read_submit

DECODED = [
    # id, data_coding, octets, default alphabet, text
    ("default gsm", 0x00, b"a\x00\x1b\x65", "gsm7", "a@€"),
    ("default latin", 0x00, b"a@\xe9", "latin1", "a@é"),
    ("ascii", 0x01, b"a@", "gsm7", "a@"),
    ("data", 0x02, b"ab", "gsm7", None),
    ("latin", 0x03, b"\xe9", "gsm7", "é"),
    ("more data", 0x04, b"ab", "gsm7", None),
    ("cyrillic", 0x06, b"\xb0", "gsm7", "А"),
    ("hebrew", 0x07, b"\xe0", "gsm7", "א"),
    ("ucs2", 0x08, "中奖🎉".encode("utf-16-be"), "gsm7", "中奖🎉"),
    ("ucs2 with a mark", 0x08, b"\xfe\xff\x4e\x2d", "gsm7", "中"),
    ("ucs2 the wrong way", 0x08, b"\xff\xfe\x2d\x4e", "gsm7", "中"),
    ("ucs2 the wrong way without a mark", 0x08, b"S\x00T\x00O\x00P\x00", "gsm7", "STOP"),
    ("one that could be the wrong way", 0x08, b"N\x00", "gsm7", "一"),
    ("half a pair", 0x08, b"\xd8\x3c\x00a", "gsm7", "�a"),
    ("an octet too many", 0x08, b"\x00ab", "gsm7", "a�"),
    ("pictograms", 0x09, b"ab", "gsm7", None),
    ("reserved", 0x0B, b"ab", "gsm7", None),
    ("korean", 0x0E, b"\xb0\xa1", "gsm7", "가"),
    ("flash", 0x10, b"\x00", "latin1", "@"),
    ("flash data", 0x14, b"ab", "gsm7", None),
    ("flash ucs2", 0x18, b"\x00a", "gsm7", "a"),
    ("compressed", 0x20, b"ab", "gsm7", None),
    ("a reserved group", 0x80, b"ab", "gsm7", None),
    ("waiting", 0xC8, b"a", "gsm7", "a"),
    ("waiting ucs2", 0xE0, b"\x00a", "gsm7", "a"),
    ("class", 0xF1, b"a", "gsm7", "a"),
    ("class data", 0xF5, b"a", "gsm7", None),
]


@pytest.mark.parametrize(
    ("coding", "octets", "default", "text"), [row[1:] for row in DECODED], ids=[r[0] for r in DECODED]
)
def test_octets_become_text(coding, octets, default, text):
    assert text_of(octets, coding, default) == text


@given(st.binary(max_size=60), st.integers(0, 255))
def test_no_octets_are_too_bad(octets, coding):
    text = text_of(octets, coding, "gsm7")
    assert text is None or text.encode() is not None


MEANT = {
    Meaning.TAKEN: {0x00},
    Meaning.SLOWER: {0x14, 0x58},
    Meaning.LATER: {0x04, 0x05, 0x08, 0x0D, 0x0E, 0x0F, 0x45, 0x64},
    Meaning.GONE: {0x0B},
    Meaning.DOUBTFUL: {0xFF},
}


@pytest.mark.parametrize("code", STATUSES)
def test_each_status_means_what_the_table_of_the_standard_says(code):
    meant = next((meaning for meaning, codes in MEANT.items() if code in codes), Meaning.NEVER)
    assert status_of(code).meaning is meant


def test_there_are_all_statuses_of_the_standard():
    assert len(STATUSES) == 48
    assert all(codes <= STATUSES.keys() for codes in MEANT.values())


@pytest.mark.parametrize("code", [0x400, 0x9999])
def test_a_vendors_status_may_pass(code):
    assert status_of(code).meaning is Meaning.LATER
    assert status_of(code).name == f"status_{code:#x}"


def account(**settings):
    given = {"name": "main", "host": "localhost", "system_id": "h", "password": "p", "sender": "12345"}
    return SmppAccount(**given | settings)


LONG = "0123456789" * 20
WRITTEN = [
    # id, settings, text, (esm_class, data_coding, octets) of each part
    ("gsm", {}, "a@€", [(0, 0, b"a\x00\x1b\x65")]),
    ("chinese", {}, "中奖", [(0, 8, "中奖".encode("utf-16-be"))]),
    ("default latin", {"alphabet": "latin1"}, "a@é", [(0, 0, b"a@\xe9")]),
    ("latin beyond gsm", {"alphabet": "latin1"}, "ê", [(0, 3, b"\xea")]),
    ("greek where it is latin", {"alphabet": "latin1"}, "Δ", [(0, 8, b"\x03\x94")]),
    (
        "parts",
        {},
        LONG,
        [(0x40, 0, b"\5\0\3\7\2\1" + LONG[:153].encode()), (0x40, 0, b"\5\0\3\7\2\2" + LONG[153:].encode())],
    ),
    ("sar", {"long_texts": "sar"}, LONG, [(0, 0, LONG[:153].encode()), (0, 0, LONG[153:].encode())]),
    ("payload", {"long_texts": "payload"}, LONG, [(0, 0, b"")]),
]


@pytest.mark.parametrize(("settings", "text", "expected"), [row[1:] for row in WRITTEN], ids=[r[0] for r in WRITTEN])
def test_texts_become_submit_sm(settings, text, expected):
    bodies = [read_submit(0, 1, body) for body in bodies_of(account(**settings), "+8613800138000", text, 263)]
    assert [(body.esm_class, body.data_coding, body.octets) for body in bodies] == expected
    if settings.get("long_texts") == "sar":
        options = [(body.options[0x020C], body.options[0x020E], body.options[0x020F]) for body in bodies]
        assert options == [(b"\1\7", b"\2", b"\1"), (b"\1\7", b"\2", b"\2")]
    if settings.get("long_texts") == "payload":
        assert bodies[0].options == {0x0424: LONG.encode()}


@given(st.text(max_size=400))
def test_what_goes_out_in_parts_is_the_text(text):
    one = account()
    alphabet = one.alphabet_for(text)
    coding = 8 if alphabet is Alphabet.UCS2 else 0
    octets = [octets_of(part, alphabet, "gsm7") for part in segments(text, alphabet)]
    assert all(len(part) <= 160 for part in octets)
    whole = text.encode("utf-16-be", "replace").decode("utf-16-be") if alphabet is Alphabet.UCS2 else text
    assert (
        "".join(text_of(part, coding, "gsm7") or "" for part in octets) == whole.removeprefix("\ufeff")
        or "\ufeff" in text
    )
    assert alphabet_of(text) is alphabet


def test_a_price_counts_segments_in_the_alphabet_that_goes_out():
    tariff = account(price_micros=45000, currency="CNY", signature="火炬").tariff
    assert tariff.cost("+8613800138000", "a" * 66).segments == 1
    assert tariff.cost("+8613800138000", "a" * 67).segments == 2


def test_pauses_grow_to_their_limit_and_begin_again():
    pauses = Pauses(Timing(), SeededRandomness("pauses"))
    taken = [pauses.next_s() for _ in range(8)]
    for pause_s, whole_s in zip(taken, [1, 2, 4, 8, 16, 32, 45, 45], strict=True):
        assert whole_s * 0.75 <= pause_s <= min(45, whole_s * 1.25)
    pauses.reset()
    assert pauses.next_s() <= 1.25


@pytest.mark.parametrize(
    "wrong", [{"password": "p" * 65}, {"system_id": "x" * 16}, {"sender": ""}, {"unknown": 1}, {"window": 0}]
)
def test_an_account_that_cannot_be(wrong):
    with pytest.raises(ValidationError):
        account(**wrong)
