"""Deciding which version the rest hears: what counts, what stops it, and how rarely equal versions look different."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.broadcasts.deciding import Score, Verdict, judge, ranked
from tests.broadcasts.crowds import looked_at, rates, rolled_out

pytestmark = pytest.mark.reading

A = Score(1, 1225, 1225, 42, 0, 3, 0)
B = Score(2, 1225, 1225, 61, 0, 3, 0)


def judged(*scores: Score, is_money: bool = False, look: int = 1, looks: int = 1) -> Verdict:
    return judge(scores, is_money=is_money, look=look, looks=looks)


@pytest.mark.parametrize(
    ("scores", "is_money", "best"),
    [
        ((A, B), False, 2),
        ((A._replace(people=1200, members=1200), A._replace(version=2)), False, 1),  # for each that arrived
        ((A._replace(micros=500), A._replace(version=2, micros=499)), False, 2),  # of equal ones the cheaper
        ((A, A._replace(version=2), A._replace(version=3)), False, 1),  # and then the first
        ((A._replace(cents=30_000, micros=10**8), B._replace(cents=29_000, micros=5 * 10**7)), True, 2),  # profit
        ((A._replace(cents=9_000), B._replace(cents=8_000)), True, 1),  # what is earned, and not by how many
    ],
)
def test_the_version_that_earned_most_goes_to_the_rest(scores: tuple[Score, ...], is_money: bool, best: int) -> None:
    assert judged(*scores, is_money=is_money) == (best, False, ())


@pytest.mark.parametrize(
    ("scores", "wrong"),
    [
        ((A, B._replace(people=1100)), ("uneven",)),  # a tenth of one was lost
        ((A._replace(people=1150), B._replace(people=1140)), ()),  # of both alike
        ((A._replace(people=2100, members=2100), B._replace(people=1880, members=1880)), ("uneven",)),  # never there
        ((A._replace(people=149, members=149), B._replace(people=160, members=160)), ("few_people",)),
        ((A._replace(did=2), B._replace(did=2)), ("few_results",)),
        ((A, B._replace(opted_out=14)), ("opt_outs",)),
        ((A._replace(opted_out=14), B), ()),  # of the one that is not sent
        (
            (A._replace(did=1), B._replace(did=2, people=140, opted_out=9)),
            ("uneven", "few_people", "few_results", "opt_outs"),
        ),
    ],
)
def test_something_is_wrong_and_an_operator_is_asked(scores: tuple[Score, ...], wrong: tuple[str, ...]) -> None:
    assert judged(*scores)[2] == wrong


def test_a_planned_look_sees_only_what_is_far_ahead() -> None:
    far = B._replace(did=85)
    assert [judged(A, far, look=look, looks=5).is_ahead for look in range(1, 6)] == [False, True, True, True, True]
    assert not any(judged(A, B, look=look, looks=5).is_ahead for look in range(1, 5))
    assert not judged(A, far, far._replace(version=3, did=84), look=4, looks=5).is_ahead


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9)), min_size=2, max_size=5), st.booleans())
def test_the_best_is_never_worse_than_another(each: list[tuple[int, int]], is_money: bool) -> None:
    scores = [Score(at, 100, 100, did, did * 100, 0, cost * 10**6) for at, (did, cost) in enumerate(each, 1)]
    best, *others = ranked(scores, is_money=is_money)
    assert all(best.worth(is_money=is_money) >= other.worth(is_money=is_money) for other in others)
    assert all(
        best.worth(is_money=is_money) > other.worth(is_money=is_money)
        for other in others
        if other.version < best.version
    )


def test_equal_versions_rarely_look_different() -> None:
    """A thousand tests of two equal versions."""
    dice, tests = random.Random(1), 1_000
    ended = [looked_at(dice, (400, 400), (0.05, 0.05), (0.2,) * 5) for _ in range(tests)]
    assert sum(is_ahead for _, is_ahead in ended) / tests <= 0.055
    assert 0.45 < sum(verdict.best == 1 for verdict, _ in ended) / tests < 0.58  # equal ones: the first
    assert sum(bool(verdict.wrong) for verdict, _ in ended) / tests <= 0.002


def test_what_rolls_out_earns_nearly_what_the_better_one_would() -> None:
    dice, worlds = random.Random(20_000), 400
    came = possible = 0.0
    for _ in range(worlds):
        true = rates(dice, 0.05, 0.01)
        came += rolled_out(dice, 20_000, true, 0.05)
        possible += 20_000 * max(true)
    assert came / possible >= 0.97
