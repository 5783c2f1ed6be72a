"""Chances: sizes of tests, tails and gaps agree with SciPy 1.17.1, whose figures stand here; what is said of them."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chances import MOST_LOOKS, Part, bound, gap, higher, sample_ratio, size_of_test, standing, told_gap

pytestmark = pytest.mark.reading

counts = st.integers(0, 400).flatmap(lambda people: st.tuples(st.integers(0, people), st.just(people)))
parts = counts.map(lambda each: Part(*each))


@pytest.mark.parametrize(("people", "size"), [(1_000, 139), (5_000, 493), (20_000, 1_225), (100_000, 3_108)])
def test_so_many_hear_each_version(people: int, size: int) -> None:
    assert size_of_test(people, 2, 0.05) == size


def test_more_versions_leave_fewer_people_for_each_and_never_more_than_there_are() -> None:
    sizes = [size_of_test(20_000, versions, 0.05) for versions in (2, 3, 4)]
    assert sizes == sorted(sizes, reverse=True)
    assert size_of_test(10, 2, 0.001) * 2 <= 10


@pytest.mark.parametrize(
    ("found", "shares", "chance"),
    [
        ((1225, 1103), (1, 1), 0.011454085641401854),
        ((330, 600, 300), (1, 2, 2), 2.256570129008565e-28),
        ((100, 100, 100), (1, 1, 1), 1.0),
        ((9, 1), (1, 1), 1.0),  # too few to say anything
        ((9,), (1,), 1.0),
    ],
)
def test_parts_of_a_test_are_as_large_as_they_should_be(
    found: tuple[int, ...], shares: tuple[int, ...], chance: float
) -> None:
    assert sample_ratio(found, shares) == pytest.approx(chance, rel=1e-9)


@pytest.mark.parametrize(
    ("one", "other", "chance"),
    [
        (Part(61, 1225), Part(42, 1225), 0.0557782172735781),  # chi2_contingency, without a correction
        (Part(120, 1000), Part(80, 1000), 0.0028691127920766196),
        (Part(3, 200), Part(9, 200), 0.11388207773945133),  # fisher_exact less half of hypergeom.pmf
        (Part(0, 150), Part(5, 150), 0.04531519205432248),
        (Part(5, 300), Part(12, 280), 0.06573315893813887),
        (Part(295, 300), Part(268, 280), 0.06573315893813887),
        (Part(0, 0), Part(5, 150), 1.0),
        (Part(0, 50), Part(0, 70), 1.0),
    ],
)
def test_a_gap_between_two_versions_is_chance_so_often(one: Part, other: Part, chance: float) -> None:
    assert gap(one, other) == pytest.approx(chance, rel=1e-9)


def test_one_is_higher_by_chance_so_often() -> None:
    assert higher(Part(9, 200), Part(3, 200)) == pytest.approx(0.0439240108911846, rel=1e-9)
    assert higher(Part(61, 1225), Part(42, 1225)) == pytest.approx(0.0557782172735781 / 2, rel=1e-9)
    assert higher(Part(1, 9), Part(0, 0)) == 1


@given(parts, parts)
def test_it_does_not_matter_which_is_named_first(one: Part, other: Part) -> None:
    assert 0 <= gap(one, other) <= 1
    assert gap(one, other) == pytest.approx(gap(other, one), abs=1e-9)
    assert standing(one, other) == -standing(other, one)
    if one.people and other.people:
        assert higher(one, other) + higher(other, one) == pytest.approx(1, abs=1e-9)


def test_planned_looks_are_stricter_the_earlier_they_are() -> None:
    assert [round(bound(look, 5), 2) for look in range(1, 6)] == [4.56, 3.23, 2.63, 2.28, 2.04]
    last = [bound(looks, looks) for looks in range(1, MOST_LOOKS + 1)]
    assert all(earlier < later for earlier, later in pairwise(last))
    assert math.isclose(last[0], 1.96)


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        (Part(61, 1225), Part(42, 1225), "in 6 of 100 tests: it may be chance."),
        (Part(120, 1000), Part(40, 1000), "in fewer than 1 of 1,000 tests: hardly chance."),
        (Part(80, 1000), Part(54, 1000), "in 2 of 100 tests: hardly chance."),
        (Part(61, 1225), Part(60, 1225), "in 93 of 100 tests: it says little."),
    ],
)
def test_a_shopkeeper_is_told_of_chance(one: Part, other: Part, says: str) -> None:
    told = " ".join(part.text for part in told_gap("b", one, "a", other))
    assert told.startswith(
        f"b has {one.did} of {one.people} ({100 * one.did / one.people:.1f} %), a has {other.did} of "
    )
    assert told.endswith(says)
