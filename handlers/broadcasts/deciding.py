"""Deciding: which version of a broadcast the rest hears, or why an operator has to say it.

The best is the one that earns most for each text that arrived, less what that text cost, where results are money; else
the one with most results for each, of equal ones the cheaper, and then the one listed first. Whether it is the best
by chance does not keep anybody waiting: to send the worse of two that are about equal costs next to nothing, to send
neither costs all that the better one earns. What is looked at is whether something is wrong.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from core.chances import Part, bound, gap, higher, sample_ratio, standing

_UNEVEN, _UNWELCOME = 0.001, 0.01
FEWEST_PEOPLE, FEWEST_RESULTS = 150, 5
"""With fewer people for each version, or results altogether, nothing is decided by itself."""
_MICROS_IN_A_CENT = 10_000


class Score(NamedTuple):
    """What a version came to among those of the test who heard it."""

    version: int
    members: int
    """Who should have heard it."""
    people: int
    """To whom it was delivered."""
    did: int
    """Who of them had the result within its time."""
    cents: int
    """What their results amount to."""
    opted_out: int
    micros: int
    """What it cost: millionths of the money in which results are, or else in which texts are paid."""

    @property
    def part(self) -> Part:
        """Who did it."""
        return Part(self.did, self.people)

    def worth(self, *, is_money: bool) -> tuple[Fraction, Fraction]:
        """What each text that arrived earned, and what it cost, with a minus."""
        cost = Fraction(self.micros, self.people or 1)
        earned = Fraction(self.cents * _MICROS_IN_A_CENT, self.people or 1) - cost
        return (earned if is_money else Fraction(self.did, self.people or 1)), -cost


class Verdict(NamedTuple):
    """What follows of the scores."""

    best: int
    """The version that did best."""
    is_ahead: bool
    """Whether it is so far ahead that a planned look ends the test."""
    wrong: tuple[str, ...]
    """Why an operator has to choose: what is wrong, the worst first."""


def ranked(scores: Sequence[Score], *, is_money: bool) -> list[Score]:
    """The best first."""
    return sorted(scores, key=lambda one: one.worth(is_money=is_money), reverse=True)


def judge(scores: Sequence[Score], *, is_money: bool, look: int, looks: int) -> Verdict:
    """What ``scores`` of versions that equally many should hear say at the ``look``-th of so many planned looks."""
    best, *others = ranked(scores, is_money=is_money)
    far = bound(look, looks)
    ahead = all(standing(best.part, other.part) >= far for other in others)
    return Verdict(best.version, ahead, tuple(_wrong(scores, best, others)))


def _wrong(scores: Sequence[Score], best: Score, others: Sequence[Score]) -> list[str]:
    elsewhere = Part(sum(one.opted_out for one in others), sum(one.people for one in others))
    found = {
        "uneven": _is_uneven(scores),
        "few_people": min(one.people for one in scores) < FEWEST_PEOPLE,
        "few_results": sum(one.did for one in scores) < FEWEST_RESULTS,
        "opt_outs": higher(Part(best.opted_out, best.people), elsewhere) < _UNWELCOME,
    }
    return [why for why, is_so in found.items() if is_so]


def _is_uneven(scores: Sequence[Score]) -> bool:
    """Whether versions are of other sizes than by chance, or more of one were lost on the way than of the others."""
    lost = (gap(_arrived([one]), _arrived([other for other in scores if other is not one])) for one in scores)
    return min(sample_ratio([one.people for one in scores], [1] * len(scores)), *lost) < _UNEVEN


def _arrived(scores: Sequence[Score]) -> Part:
    """How many of those who should have heard some versions did."""
    return Part(sum(one.people for one in scores), sum(one.members for one in scores))
