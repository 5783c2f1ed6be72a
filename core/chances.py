"""Chances: how large a test is, whether its parts are as large as they should be, and how often a gap is mere chance.

Three tails of distributions are all that is needed: elementary mathematics, where SciPy and NumPy would take 216 MB.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from core.answers import Line, line

SPREAD = 0.2
"""How far apart the true rates of two versions are wont to be, as a part of the rate: a standard deviation."""
_LEAST_EXPECTED = 8
"""With fewer expected in a part, its size says nothing (as GrowthBook has it)."""
_FEW = 10
"""A table of two versions with a smaller cell is judged exactly."""
_SAME = 1 + 1e-9
_OBRIEN_FLEMING = {1: 1.96, 2: 1.977, 3: 2.004, 4: 2.024, 5: 2.04, 6: 2.053, 7: 2.063, 8: 2.072, 9: 2.08, 10: 2.087}
"""The last bound by the number of looks, for one false alarm in twenty: Jennison and Turnbull, Group Sequential Methods
(1999), table 2.3."""
MOST_LOOKS = max(_OBRIEN_FLEMING)
_HARDLY_EVER, _RARE, _UNUSUAL = 0.001, 0.05, 0.2


class Part(NamedTuple):
    """How many of some people did something."""

    did: int
    people: int

    @property
    def rate(self) -> float:
        """The part of them; 0 of nobody."""
        return self.did / self.people if self.people else 0.0

    @property
    def percent(self) -> str:
        """The same as people read it."""
        return f"{100 * self.rate:.1f} %"


def size_of_test(people: int, versions: int, rate: float, spread: float = SPREAD) -> int:
    """How many hear each version of a test before the best one goes to the rest of ``people``.

    Where so many do, most is earned altogether when the true rates spread around ``rate`` by the part ``spread`` of it:
    Feit and Berman, Test & Roll (2019), arXiv 1811.00457, for two versions, and by the same derivation for more.
    """
    ratio = (1 - rate) / (rate * spread**2)
    found = math.sqrt(people * ratio / (2 * versions) + (0.75 * ratio) ** 2) - 0.75 * ratio
    return min(round(found), people // versions)


def sample_ratio(found: Sequence[int], shares: Sequence[int]) -> float:
    """How often parts would be as uneven as ``found``, or more, if people fell into them by ``shares``: Pearson's χ².

    1 where fewer than 8 are expected in a part.
    """
    total, whole = sum(found), sum(shares)
    expected = [total * share / whole for share in shares]
    if len(found) <= 1 or min(expected) < _LEAST_EXPECTED:
        return 1.0
    return _chi_square_tail(
        sum((one - mean) ** 2 / mean for one, mean in zip(found, expected, strict=True)), len(found) - 1
    )


def _chi_square_tail(over: float, freedom: int) -> float:
    """The probability of more than ``over``, by the recurrence of the incomplete gamma function."""
    half = over / 2
    tail, shape = (math.erfc(math.sqrt(half)), 0.5) if freedom % 2 else (math.exp(-half), 1.0)
    while shape < freedom / 2:
        tail += math.exp(shape * math.log(half) - half - math.lgamma(shape + 1)) if half else 0.0
        shape += 1
    return tail


def gap(one: Part, other: Part) -> float:
    """How often a gap between two rates would be as large, or larger, if both were equal.

    Fisher's exact test, with half of what is as likely as what was seen (mid-p), where a cell is smaller than 10; else
    the normal approximation.
    """
    if one.did * other.people == other.did * one.people:  # equal rates, or nobody
        return 1.0
    if _is_small(one, other):
        chances, at = _exact(one, other)
        seen = chances[at]
        return min(1.0, math.fsum(each for each in chances if each <= seen * _SAME) - seen / 2)
    return math.erfc(abs(standing(one, other)) / math.sqrt(2))


def higher(one: Part, other: Part) -> float:
    """How often ``one`` would be so far above ``other``, or farther, if both were equal."""
    if not one.people or not other.people:
        return 1.0
    if _is_small(one, other):
        chances, at = _exact(one, other)
        return math.fsum(chances[at:]) - chances[at] / 2
    return math.erfc(standing(one, other) / math.sqrt(2)) / 2


def standing(one: Part, other: Part) -> float:
    """By how many standard errors the rate of ``one`` is above that of ``other``; 0 where nothing can be said."""
    people = one.people + other.people
    together = (one.did + other.did) / people if people else 0.0
    if not one.people or not other.people or together in {0.0, 1.0}:
        return 0.0
    return (one.rate - other.rate) / math.sqrt(together * (1 - together) * (1 / one.people + 1 / other.people))


def _is_small(one: Part, other: Part) -> bool:
    return min(one.did, other.did, one.people - one.did, other.people - other.did) < _FEW


def _exact(one: Part, other: Part) -> tuple[list[float], int]:
    """How likely each split of all that did it is, and which of them was seen: the hypergeometric distribution."""
    did, people = one.did + other.did, one.people + other.people
    least = max(0, did - other.people)
    splits = range(least, min(did, one.people) + 1)
    whole = _log_choices(people, did)
    chances = [math.exp(_log_choices(one.people, at) + _log_choices(other.people, did - at) - whole) for at in splits]
    return chances, one.did - least


def _log_choices(people: int, did: int) -> float:
    return math.lgamma(people + 1) - math.lgamma(did + 1) - math.lgamma(people - did + 1)


def bound(look: int, looks: int) -> float:
    """How many standard errors apart two versions must be at ``look``, of so many that were planned, to stop there.

    Looks are a like piece of the test apart. In all of them together one of twenty tests of equal versions is stopped.
    Raises KeyError for more looks than ten.
    """
    return _OBRIEN_FLEMING[looks] * math.sqrt(looks / look)


def told_gap(one: str, of_one: Part, other: str, of_other: Part) -> list[Line]:
    """What two versions came to, and what chance has to do with it, as whoever keeps a shop reads it."""
    chance = gap(of_one, of_other)
    told = line(
        "{one} has {did} of {people} ({rate}), {other} has {other_did} of {other_people} ({other_rate}).",
        one=one,
        did=of_one.did,
        people=of_one.people,
        rate=of_one.percent,
        other=other,
        other_did=of_other.did,
        other_people=of_other.people,
        other_rate=of_other.percent,
    )
    return [told, _told_chance(chance)]


def _told_chance(chance: float) -> Line:
    if chance < _HARDLY_EVER:
        return line(
            "If both were equally good, a gap like this would appear in fewer than 1 of 1,000 tests: hardly chance."
        )
    times = max(1, round(100 * chance))
    if chance < _RARE:
        told = "If both were equally good, a gap like this would appear in {times} of 100 tests: hardly chance."
    elif chance < _UNUSUAL:
        told = "If both were equally good, a gap like this would appear in {times} of 100 tests: it may be chance."
    else:
        told = "If both were equally good, a gap like this would appear in {times} of 100 tests: it says little."
    return line(told, times=times)
