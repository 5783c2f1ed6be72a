"""Octets become text by data_coding, and text octets, row by row."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.sms.parts import Alphabet, alphabet_of, in_parts
from bots.sms.smpp.encoding import Charset, Codings, encoded, text_of
from tests.adapters.smpp.rig import account

GSM, LATIN = Codings(), Codings("latin1")
DECODED = [
    # id, data_coding, octets, codings of the account, text
    ("default gsm", 0x00, b"a\x00\x1b\x65", GSM, "a@€"),
    ("default latin", 0x00, b"a@\xe9", LATIN, "a@é"),
    ("default ascii", 0x00, b"a@$_", Codings("ascii"), "a@$_"),
    ("more than ascii all the same", 0x00, b"a@\xe9", Codings("ascii"), "a@é"),
    ("no septets, but utf-8", 0x00, "积分@".encode(), GSM, "积分@"),
    ("no septets, but latin", 0x00, b"a@\xe9\x40", GSM, "a@é@"),
    ("no class of septets", 0xF1, b"caf\xe9", GSM, "café"),
    ("ascii", 0x01, b"a@", GSM, "a@"),
    ("data", 0x02, b"ab", GSM, None),
    ("latin", 0x03, b"\xe9", GSM, "é"),
    ("more data", 0x04, b"ab", GSM, None),
    ("japanese", 0x05, b"\x82\xa0", GSM, "あ"),
    ("cyrillic", 0x06, b"\xb0", GSM, "А"),
    ("hebrew", 0x07, b"\xe0", GSM, "א"),
    ("ucs2", 0x08, "中奖🎉".encode("utf-16-be"), GSM, "中奖🎉"),
    ("ucs2 with a mark", 0x08, b"\xfe\xff\x4e\x2d", GSM, "中"),
    ("ucs2 the wrong way", 0x08, b"\xff\xfe\x2d\x4e", GSM, "中"),
    ("ucs2 the wrong way without a mark", 0x08, b"S\x00T\x00O\x00P\x00", GSM, "STOP"),
    ("one that could be the wrong way", 0x08, b"N\x00", GSM, "一"),
    ("half a pair", 0x08, b"\xd8\x3c\x00a", GSM, "�a"),
    ("an octet too many", 0x08, b"\x00ab", GSM, "a�"),
    ("pictograms", 0x09, b"ab", GSM, None),
    ("music", 0x0A, b'\x1b$B$"\x1b(B', GSM, "あ"),
    ("reserved", 0x0B, b"ab", GSM, None),
    ("extended kanji", 0x0D, b'\x1b$B$"\x1b(B', GSM, "あ"),
    ("korean", 0x0E, b"\xb0\xa1", GSM, "가"),
    ("chinese", 0x0F, "积分".encode("gbk"), GSM, "积分"),
    ("flash", 0x10, b"\x00", LATIN, "@"),
    ("flash data", 0x14, b"ab", GSM, None),
    ("flash ucs2", 0x18, b"\x00a", GSM, "a"),
    ("compressed", 0x20, b"ab", GSM, None),
    ("a reserved group", 0x80, b"ab", GSM, None),
    ("waiting", 0xC8, b"a", GSM, "a"),
    ("waiting ucs2", 0xE0, b"\x00a", GSM, "a"),
    ("class", 0xF1, b"a", GSM, "a"),
    ("class data", 0xF5, b"a", GSM, None),
    ("eight bits that are latin here", 0x04, b"caf\xe9", Codings(others={0x04: "latin1"}), "café"),
    ("eight bits that are septets here", 0x02, b"a\x00", Codings(others={0x02: "gsm7"}), "a@"),
    ("eight bits that are utf-8 here", 0xF5, "积分".encode(), Codings(others={0xF5: "utf-8"}), "积分"),
    ("latin that is ucs2 here", 0x03, b"\x4e\x2d", Codings(others={0x03: "ucs2"}), "中"),
    ("ucs2 that is data here", 0x08, b"\x00a", Codings(others={0x08: "data"}), None),
    ("big5", 0x05, "積分".encode("big5"), Codings(others={0x05: "big5"}), "積分"),
    ("latin with an end", 0x03, b"caf\xe9\x00", GSM, "café"),
    ("ucs2 with an end", 0x08, b"\x4e\x2d\x00\x00", GSM, "中"),
    ("ucs2 with half an end", 0x08, b"\x4e\x2d\x00", GSM, "中"),
    ("ascii with an end", 0x01, b"points\x00", GSM, "points"),
    ("septets with an @", 0x00, b"points\x00", GSM, "points@"),
    ("packed", 0x04, b"\xe8\x32\x9b\xfd\x06", Codings(others={0x04: "gsm7-packed"}), "hello"),
    ("seven packed", 0x04, b"\xf0\x77\xda\x4d\x9f\x87\x00", Codings(others={0x04: "gsm7-packed"}), "points!"),
]


@pytest.mark.parametrize(
    ("coding", "octets", "codings", "text"), [row[1:] for row in DECODED], ids=[r[0] for r in DECODED]
)
def test_octets_become_text(coding, octets, codings, text):
    assert text_of(octets, coding, codings) == text


@given(st.binary(max_size=60), st.integers(0, 255), st.sampled_from(get_args(Charset)))
def test_no_octets_are_too_bad(octets, coding, charset):
    text = text_of(octets, coding, Codings(others={coding: charset} if coding else {}))
    assert text is None or text.encode() is not None


@given(st.text(st.characters(exclude_characters="\0"), max_size=400))
def test_what_goes_out_in_parts_is_the_text(text):
    one = account()
    alphabet = one.alphabet_for(text)
    coding = 8 if alphabet is Alphabet.UCS2 else 0
    octets = [encoded(part, "gsm7" if coding == 0 else "ucs2") for part in in_parts(text, alphabet)]
    assert all(len(part) <= 160 for part in octets)
    whole = text.encode("utf-16-be", "replace").decode("utf-16-be") if alphabet is Alphabet.UCS2 else text
    assert "".join(text_of(part, coding) or "" for part in octets) == whole.removeprefix("\ufeff") or "\ufeff" in text
    assert alphabet_of(text) is alphabet
