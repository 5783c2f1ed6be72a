"""Signed links: good until their time, for their purpose, and not a bit otherwise."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.links import read_signed, signed
from tests.stage import keyring

NOW = datetime(2026, 12, 1, 4, tzinfo=UTC)
says = st.text(max_size=60)


@given(says, st.integers(1, 10**6))
def test_what_was_signed_is_read_until_its_time(told: str, seconds: int) -> None:
    until = NOW + timedelta(seconds=seconds)
    token = signed(keyring(), "file", told, until)
    assert read_signed(keyring(), "file", token, until - timedelta(seconds=1)) == told
    assert read_signed(keyring(), "file", token, until) is None
    assert read_signed(keyring(), "console", token, NOW) is None


@given(says, st.data())
def test_a_token_that_was_changed_is_not_ours(told: str, data: st.DataObject) -> None:
    token = signed(keyring(), "file", told, NOW + timedelta(hours=1))
    place = data.draw(st.integers(0, len(token) - 2))  # the last symbol has bits that nobody reads
    other = data.draw(st.sampled_from([each for each in "ABCXYZabcxyz019-_" if each != token[place]]))
    assert read_signed(keyring(), "file", token[:place] + other + token[place + 1 :], NOW) is None


@given(st.text(max_size=600))
def test_whatever_somebody_types_is_none(token: str) -> None:
    assert read_signed(keyring(), "file", token, NOW) is None
