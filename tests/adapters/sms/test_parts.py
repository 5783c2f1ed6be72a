"""Counting and cutting short messages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.sms.parts import Alphabet, alphabet_of, gsm7_decode, gsm7_encode, in_parts

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = "\f^{}\\[~]|€"
COUNTS = [
    # id, text, alphabet, parts
    ("nothing", "", Alphabet.GSM7, [0]),
    ("160 Latin letters", "a" * 160, Alphabet.GSM7, [160]),
    ("161 Latin letters", "a" * 161, Alphabet.GSM7, [153, 8]),
    ("306 Latin letters", "a" * 306, Alphabet.GSM7, [153, 153]),
    ("80 euros", "€" * 80, Alphabet.GSM7, [80]),
    ("81 euros: 76 pairs to a part", "€" * 81, Alphabet.GSM7, [76, 5]),
    ("an escape pair at the edge", "a" * 152 + "€" * 10, Alphabet.GSM7, [152, 10]),
    ("70 Chinese", "火" * 70, Alphabet.UCS2, [70]),
    ("71 Chinese", "火" * 71, Alphabet.UCS2, [67, 4]),
    ("134 Chinese", "火" * 134, Alphabet.UCS2, [67, 67]),
    ("one other character switches all", "a" * 70 + "火", Alphabet.UCS2, [67, 4]),
    ("35 emoji", "🔥" * 35, Alphabet.UCS2, [35]),
    ("36 emoji: 33 pairs to a part", "🔥" * 36, Alphabet.UCS2, [33, 3]),
    ("a surrogate pair at the edge", "火" * 66 + "🔥" * 3, Alphabet.UCS2, [66, 3]),
]


@pytest.mark.parametrize(("text", "alphabet", "lengths"), [row[1:] for row in COUNTS], ids=[row[0] for row in COUNTS])
def test_a_text_is_cut_where_its_alphabet_says(text: str, alphabet: Alphabet, lengths: list[int]) -> None:
    assert alphabet_of(text) is alphabet
    assert [len(part) for part in in_parts(text)] == lengths


@pytest.mark.parametrize(("length", "parts"), [(140, 1), (141, 2), (268, 2), (269, 3)])
def test_latin1_has_140_and_134(length: int, parts: int) -> None:
    assert len(in_parts("é" * length, Alphabet.LATIN1)) == parts


def test_the_tables_are_those_of_the_standard() -> None:
    assert gsm7_encode("@Δ ¡¿àÇ€[") == bytes([0, 0x10, 0x20, 0x40, 0x60, 0x7F, 0x09, 0x1B, 0x65, 0x1B, 0x3C])
    assert len(BASIC) == 127
    assert all(len(gsm7_encode(character)) == 1 for character in BASIC)
    assert all(len(gsm7_encode(character)) == 2 for character in EXTENDED)


def test_what_the_alphabet_has_not_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"U\+706B"):
        gsm7_encode("火")
    with pytest.raises(ValueError, match=r"U\+706B"):
        in_parts("火", Alphabet.GSM7)


GARBAGE = [
    ("escape at the end", b"a\x1b", "a "),
    ("two escapes", b"\x1b\x1ba", " a"),
    ("escape before what is not extended", b"\x1bA", "A"),
    ("no septet", b"\x80\xff", "��"),
    ("escape before no septet", b"\x1b\xff", "�"),
]


@pytest.mark.parametrize(("octets", "text"), [row[1:] for row in GARBAGE], ids=[row[0] for row in GARBAGE])
def test_garbage_is_read_as_the_standard_says(octets: bytes, text: str) -> None:
    assert gsm7_decode(octets) == text


gsm_text = st.text(st.sampled_from(BASIC + EXTENDED), max_size=700)
any_text = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("火🔥€[a")), max_size=300)


@given(gsm_text)
@settings(max_examples=100)
def test_gsm7_comes_back(text: str) -> None:
    assert gsm7_decode(gsm7_encode(text)) == text


@given(st.binary(max_size=200))
@settings(max_examples=100)
def test_any_octets_can_be_read(octets: bytes) -> None:
    assert len(gsm7_decode(octets)) <= len(octets)


@given(gsm_text)
@settings(max_examples=100)
def test_parts_in_gsm7_fit_and_join_to_the_text(text: str) -> None:
    parts = in_parts(text, Alphabet.GSM7)
    assert "".join(parts) == text
    assert all(len(gsm7_encode(part)) <= (160 if len(parts) == 1 else 153) for part in parts)


@given(any_text)
@settings(max_examples=100)
def test_parts_in_ucs2_fit_and_join_to_the_text_and_split_no_pair(text: str) -> None:
    parts = in_parts(text, Alphabet.UCS2)
    octets = [part.encode("utf-16-be") for part in parts]  # fails for half a pair
    assert b"".join(octets).decode("utf-16-be") == text
    assert all(len(part) <= (140 if len(parts) == 1 else 134) for part in octets)
