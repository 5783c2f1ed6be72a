"""The alphabet of codes: what the check symbol promises, and that typing habits do not matter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alphabet import SYMBOLS, check_symbol, code_maker, code_space, grouped, is_checked, normalise

BODIES = st.text(SYMBOLS, min_size=5, max_size=19)


GROUPS = [
    # printed          of how many symbols
    ("0",               1),
    ("01234",           5),
    ("012-345",         6),
    ("012-3456",        7),
    ("0123-4567",       8),
    ("012-345-678",     9),
    ("012-345-6789",    10),
    ("012-3456-789A",   11),
    ("0123-4567-89AB",  12),
    ("012-345-678-9ABC", 13),
    ("012-345-6789-ABCD", 14),
    ("0123-4567-89AB-CDEF", 16),
    ("012-345-678-9ABC-DEFG", 17),
    ("0123-4567-89AB-CDEF-GHJK", 20),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "length"), GROUPS)
def test_a_code_is_printed_in_groups_that_read_well(printed: str, length: int) -> None:
    assert grouped(SYMBOLS[:length]) == printed


@given(st.text(SYMBOLS, min_size=6, max_size=32))
def test_no_group_is_more_than_one_symbol_longer_than_another(code: str) -> None:
    sizes = [len(group) for group in grouped(code).split("-")]
    assert sizes == sorted(sizes)
    assert {3, 4} >= set(sizes)


@given(BODIES)
def test_a_code_is_its_own_normal_form(body: str) -> None:
    code = body + check_symbol(body)
    assert is_checked(code)
    assert normalise(grouped(code).lower()) == code


@given(BODIES, st.data())
def test_every_single_wrong_symbol_is_caught(body: str, data: st.DataObject) -> None:
    code = body + check_symbol(body)
    place = data.draw(st.integers(0, len(code) - 1))
    wrong = data.draw(st.sampled_from([symbol for symbol in SYMBOLS if symbol != code[place]]))
    assert not is_checked(code[:place] + wrong + code[place + 1 :])


@given(BODIES, st.data())
def test_every_swap_of_two_symbols_is_caught(body: str, data: st.DataObject) -> None:
    code = list(body + check_symbol(body))
    one, two = data.draw(st.tuples(st.integers(0, len(code) - 1), st.integers(0, len(code) - 1)))
    if code[one] != code[two]:
        code[one], code[two] = code[two], code[one]
        assert not is_checked("".join(code))


@pytest.mark.parametrize("length", [6, 7, 8, 12, 13, 20])
def test_the_maker_makes_what_the_rule_says(length: int) -> None:
    (bits, make), (_, make_many) = code_maker(length, 1), code_maker(length, 10**6)
    assert bits == 5 * (length - 1)
    assert 2**bits - 22 ** (length - 1) == code_space(length)
    for number in (0, 1, 31, 32, 2**bits - 1, 0xDEADBEEF % 2**bits):
        code = make(number)
        assert make_many(number) == code
        assert len(code) == length
        assert is_checked(code)


@given(st.integers(0, 2**35 - 1), st.integers(0, 2**35 - 1))
def test_different_numbers_are_different_codes(one: int, two: int) -> None:
    _, make = code_maker(8, 1)
    assert (make(one) == make(two)) == (one == two)


@given(st.text(max_size=200))
def test_any_text_can_be_normalised(text: str) -> None:
    assert normalise(normalise(text)) == normalise(normalise(normalise(text)))
    assert is_checked(normalise(text)) in {True, False}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ＡＢＣＤ－２３４５", "ABCD2345"),
        ("abcd 2345", "ABCD2345"),
        ("oil", "011"),
        ("АВЕК", "ABEK"),  # Cyrillic
        ("AB_cd\u00ad-２", "ABCD2"),
    ],
)
def test_one_spelling_of_all_that_people_type(typed: str, read: str) -> None:
    assert normalise(typed) == read
