"""Shares: a player is in the same one for ever, tests know nothing of each other, parts are as large as asked."""

import hashlib
import hmac
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chances import sample_ratio
from core.shares import MILLION, place, share_at

pytestmark = pytest.mark.reading

SEED = bytes(range(32))
players = st.integers(1, 2**63 - 1)


@given(st.binary(min_size=1, max_size=64), players)
def test_a_place_is_what_anybody_computes_from_the_seed(seed: bytes, player_id: int) -> None:
    digest = hmac.new(seed, str(player_id).encode(), hashlib.sha256).hexdigest()
    assert place(seed, player_id) == int(digest[:16], 16)


def test_a_place_stays_what_it_was() -> None:
    assert [place(SEED, player_id) for player_id in (1, 2, 2**62)] == [
        8602352253608820220,
        9285792635211246049,
        17239663016319072710,
    ]


@given(st.integers(0, 2**64 - 1), st.lists(st.integers(0, 200_000), max_size=5))
def test_shares_are_cumulative_and_what_is_over_is_the_rest(where: int, shares: list[int]) -> None:
    at = share_at(where, shares)
    assert sum(shares[:at]) * 2**64 <= where * MILLION
    if at < len(shares):
        assert where * MILLION < sum(shares[: at + 1]) * 2**64
    assert share_at(2**64 - 1, [MILLION]) == 0


def test_parts_are_as_large_as_asked_for_and_tests_are_independent() -> None:
    shares = [50_000, 200_000, 200_000]
    ids = range(10**18, 10**18 + 20_000)
    one = [share_at(place(SEED, each), shares) for each in ids]
    found = Counter(one)
    assert sample_ratio([found[at] for at in range(4)], [*shares, 550_000]) > 0.001
    other = [share_at(place(b"another", each), shares) for each in ids]
    both = Counter(b for a, b in zip(one, other, strict=True) if a == 1)
    assert sample_ratio([both[at] for at in range(4)], [*shares, 550_000]) > 0.001
