"""Crowds whose true rates are known: what a test of a broadcast sees of them, and what then becomes of all."""

import math
import random
from collections.abc import Iterator, Sequence

from core.chances import size_of_test
from handlers.broadcasts.deciding import Score, Verdict, judge


def did_it(dice: random.Random, people: int, rate: float) -> int:
    """How many of ``people`` do it, each with the probability ``rate``: by how many pass between two who do."""
    if rate <= 0:
        return 0
    did, at, scale = 0, 0, math.log1p(-rate)
    while (at := at + 1 + int(math.log(1 - dice.random()) / scale)) <= people:
        did += 1
    return did


def seen(
    dice: random.Random, people: Sequence[int], rates: Sequence[float], times: Sequence[float], members: Sequence[int]
) -> Iterator[list[Score]]:
    """The scores at each look, where results come in such parts (``times``, of 1) between two looks."""
    whole = [did_it(dice, each, rate) for each, rate in zip(people, rates, strict=True)]
    came = [sorted(dice.choices(range(len(times)), times, k=did)) for did in whole]
    for look in range(len(times)):
        so_far = [sum(at <= look for at in each) for each in came]
        each = zip(members, people, so_far, strict=True)
        yield [Score(version, *counts, 0, 0, 0) for version, counts in enumerate(each, 1)]


def looked_at(
    dice: random.Random,
    people: Sequence[int],
    rates: Sequence[float],
    times: Sequence[float] = (1.0,),
    members: Sequence[int] | None = None,
) -> tuple[Verdict, bool]:
    """What a test of these true rates ends with, and whether a planned look saw one version far ahead.

    Of ``members``, as many as heard it where nothing is said, these ``people`` heard each version.
    """
    for look, scores in enumerate(seen(dice, people, rates, times, members or people), 1):
        verdict = judge(scores, is_money=False, look=look, looks=len(times))
        if verdict.is_ahead and not verdict.wrong:
            return verdict, True
    return verdict, False


def rolled_out(dice: random.Random, people: int, rates: Sequence[float], guess: float) -> float:
    """How many of ``people`` do it when the best of small samples goes to the rest; the first where operators choose.

    Of the rest as many as by their rate on an average.
    """
    each = size_of_test(people, len(rates), guess)
    sizes = [each] * len(rates)
    (scores,) = seen(dice, sizes, rates, (1.0,), sizes)
    verdict = judge(scores, is_money=False, look=1, looks=1)
    best = 1 if verdict.wrong else verdict.best
    return sum(one.did for one in scores) + (people - len(rates) * each) * rates[best - 1]


def rates(dice: random.Random, mean: float, spread: float) -> list[float]:
    """Two true rates around ``mean`` with the standard deviation ``spread``."""
    size = mean * (1 - mean) / spread**2 - 1
    return [dice.betavariate(mean * size, (1 - mean) * size) for _ in range(2)]
