"""Where a text is cut that is too long for one message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.texts.pieces import BYTES, UTF16, Unit, split

# id, how it is counted, the limit, the text, its pieces
CUT = [
    ("empty", BYTES, 4, "", [""]),
    ("fits", BYTES, 4, "abc", ["abc"]),
    ("anywhere", BYTES, 4, "abcdef", ["abcd", "ef"]),
    ("at a line", BYTES, 4, "ab\ncd", ["ab", "cd"]),
    ("at the last line that fits", BYTES, 6, "ab\nc\ndefg", ["ab\nc", "defg"]),
    ("at an empty line", BYTES, 4, "ab\n\ncd", ["ab", "cd"]),
    ("at a word", BYTES, 8, "one two three", ["one two", "three"]),
    ("a line before a word", BYTES, 8, "one\ntwo three", ["one", "two", "three"]),
    ("between characters", BYTES, 4, "一二三", ["一", "二", "三"]),
    ("line first", BYTES, 4, "\nabcdef", ["\nabc", "def"]),
    ("line last", BYTES, 4, "abcd\n", ["abcd"]),
    ("nothing but spaces", BYTES, 2, "     ", [""]),
    ("in UTF-16", UTF16, 2, "一二三", ["一二", "三"]),
    ("between emoji", UTF16, 3, "😀😀", ["😀", "😀"]),
    ("a character that does not fit", BYTES, 2, "一二", ["一", "二"]),
]


@pytest.mark.parametrize(("unit", "limit", "text", "pieces"), [row[1:] for row in CUT], ids=[row[0] for row in CUT])
def test_where_a_text_is_cut(unit: Unit, limit: int, text: str, pieces: list[str]) -> None:
    assert split(text, limit, unit) == pieces


@given(st.text(), st.integers(4, 40), st.sampled_from([BYTES, UTF16]))
def test_nothing_that_can_be_seen_is_lost(text: str, limit: int, unit: Unit) -> None:
    pieces = split(text, limit, unit)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(unit.count(piece) <= limit for piece in pieces)
