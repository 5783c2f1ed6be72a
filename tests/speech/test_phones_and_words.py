"""Phone numbers and short words, however people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alphabet import SYMBOLS, grouped, normalise
from core.phones import for_courier, looks_like_phone, masked, phone_of, read_phone
from core.randomness import SeededRandomness
from core.speech.answers import number_in, yes_or_no
from core.words import Kind, Mark, has_digit, is_word, new_word, read_row_number, row_number, spell

pytestmark = pytest.mark.reading

# id, as typed, the country, E.164 or None
PHONES = [
    ("plain", "13800138000", "CN", "+8613800138000"),
    ("spaces", "138 0013 8000", "CN", "+8613800138000"),
    ("hyphens", "138-0013-8000", "CN", "+8613800138000"),
    ("full width", "１３８００１３８０００", "CN", "+8613800138000"),
    ("with its country", "+86 138 0013 8000", None, "+8613800138000"),
    ("two noughts", "0086 13800138000", "CN", "+8613800138000"),
    ("a landline", "010-62345678", "CN", "+861062345678"),
    ("from Britain", "020 7946 0018", "GB", "+442079460018"),
    ("of another country", "+44 20 7946 0018", "CN", "+442079460018"),
    ("no country", "13800138000", None, None),
    ("too short", "1380013", "CN", None),
    ("too long", "1380013800000", "CN", None),
    ("no such prefix", "10000000000", "CN", None),
    ("letters", "1380013800a", "CN", None),
    ("a plus inside", "138+00138000", "CN", None),
    ("empty", "", "CN", None),
    ("a hundred digits", "1" * 100, "CN", None),
    ("Arabic digits", "١٣٨٠٠١٣٨٠٠٠", "CN", "+8613800138000"),
]


@pytest.mark.parametrize(("name", "typed", "region", "number"), PHONES, ids=[row[0] for row in PHONES])
def test_a_phone_is_read_as_it_is_typed(name: str, typed: str, region: str | None, number: str | None) -> None:
    assert read_phone(typed, region) == number


@given(st.text(max_size=40), st.sampled_from(["CN", "GB", "US", None]))
def test_whatever_is_read_reads_back_to_itself(text: str, region: str | None) -> None:
    number = read_phone(text, region)
    if number is not None:
        assert read_phone(number, None) == phone_of(number) == number


@given(st.from_regex(r"1(3[0-9]|5[0-35-9]|8[0-9])[0-9]{8}", fullmatch=True))
def test_a_masked_number_shows_seven_digits_and_a_courier_can_dial_the_other(digits: str) -> None:
    number = read_phone(digits, "CN")
    assert number == f"+86{digits}"
    assert masked(number) == f"{digits[:3]}****{digits[-4:]}"
    assert for_courier(number, "CN").replace(" ", "") == digits
    assert for_courier(number, "GB") == f"(+86) {digits}"


@given(st.integers(0, 32**7 - 1), st.sampled_from(Kind))
def test_a_word_is_of_its_kind_only_and_one_slip_breaks_it(number: int, kind: Kind) -> None:
    word = spell(kind, number)
    assert [other for other in Kind if is_word(other, word)] == [kind]
    assert is_word(kind, normalise(grouped(word).lower()))
    for place, right in enumerate(word):
        slip = SYMBOLS[(SYMBOLS.index(right) + 1 + number % 31) % 32]
        assert slip == right or not is_word(kind, word[:place] + slip + word[place + 1 :])


def test_a_new_word_has_a_digit_so_that_no_plain_word_is_one() -> None:
    randomness = SeededRandomness("words")
    made = {new_word(Kind.INVITE, randomness) for _ in range(500)}
    assert len(made) == 500
    assert all(has_digit(word) for word in made)


@given(st.integers(0, 2**63 - 1), st.sampled_from(Mark))
def test_a_row_number_reads_back_and_a_slip_is_noticed(row_id: int, mark: Mark) -> None:
    number = row_number(mark, row_id)
    assert read_row_number(mark, f" {number.lower()} ") == row_id
    other = next(each for each in Mark if each is not mark)
    assert read_row_number(other, number) is None
    assert read_row_number(mark, number[:-1] + SYMBOLS[(SYMBOLS.index(number[-1]) + 1) % 32]) is None


def test_a_number_too_large_for_an_id_is_none_of_ours() -> None:
    assert read_row_number(Mark.CLAIM, row_number(Mark.CLAIM, 2**63)) is None


@given(st.text(max_size=60))
def test_any_text_is_no_number_a_number_or_harmless(text: str) -> None:
    number = number_in(text)
    assert number is None or 1 <= number <= 99
    assert yes_or_no(text) in {True, False, None}
    assert looks_like_phone(text) is None or len(text) < 60
    assert read_row_number(Mark.CLAIM, text) is None or text.strip()
