"""The lottery: what a roll is, when it wins, and which prize it wins.

A roll is the first 8 bytes of HMAC-SHA256(seed, campaign ‖ ":" ‖ code hash) read as a fraction of 2^64; it wins when
it lies below the odds. The next 8 bytes choose among the prizes in stock, in proportion to their weights. Nothing
else enters, so whoever has the revealed seed can compute every draw again (`handlers/draws/verify.py` does).
"""

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.campaign.live import Published
from handlers.draws.rules import DrawRules, PrizeRules

_WHOLE = 1 << 64
_PACES = {"hourly": timedelta(hours=1), "daily": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Roll:
    """Two numbers below 2^64: one decides whether, the other which."""

    value: int
    pick: int


def roll(seed: bytes, campaign: str, code_hash: bytes) -> Roll:
    """The roll of one code: the same for ever, known to nobody without the seed."""
    digest = hmac.digest(seed, campaign.encode() + b":" + code_hash, "sha256")
    return Roll(int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big"))


@dataclass(frozen=True, slots=True)
class Odds:
    """``wins`` in ``of``, boost included."""

    wins: int
    of: int

    def won_by(self, value: int) -> bool:
        """True when the roll ``value`` wins at these odds."""
        return value * self.of < self.wins * _WHOLE


@dataclass(frozen=True, slots=True)
class Chances:
    """The draw of one campaign version, compiled."""

    rules: DrawRules
    opens_at: datetime
    closes_at: datetime
    highest: Odds

    @classmethod
    def compile(cls, rules: DrawRules, opens_at: datetime, closes_at: datetime) -> "Chances":
        """Compile ``rules`` for a campaign that runs from ``opens_at`` to ``closes_at``."""
        highest = rules.highest_odds()
        return cls(rules, opens_at, closes_at, Odds(highest.numerator, highest.denominator))

    @classmethod
    def of(cls, published: Published) -> "Chances | None":
        """The draw of ``published``, compiled once; None where it has none."""
        return published.once(_compiled)

    def boosted_percent(self, points: int) -> int:
        """What a player with ``points`` has of the base odds: 100 or more."""
        boost = self.rules.boost
        return min(100 + points // boost.every * boost.adds, boost.at_most) if boost else 100

    def odds(self, points: int) -> Odds:
        """The odds of a player with ``points``."""
        return Odds(self.rules.odds.numerator * self.boosted_percent(points), self.rules.odds.denominator * 100)

    def released(self, prize: PrizeRules, at: datetime) -> int:
        """How many pieces of ``prize`` its pace has released by ``at``."""
        period = _PACES.get(prize.pace)
        if period is None:
            return prize.stock
        periods = max(-(-(self.closes_at - self.opens_at) // period), 1)
        begun = min(max((at - self.opens_at) // period + 1, 0), periods)
        return prize.stock * begun // periods

    def in_stock(self, left: Mapping[str, int], at: datetime) -> dict[str, int]:
        """How many pieces of each prize can be won at ``at``, given what is ``left`` of the whole stock."""
        return {
            prize.name: max(self.released(prize, at) - (prize.stock - left[prize.name]), 0)
            for prize in self.rules.prizes
        }

    def choose(self, pick: int, stock: Mapping[str, int]) -> PrizeRules | None:
        """The prize that ``pick`` falls on among those in ``stock``; None when there is none."""
        weights = [(prize, prize.weight) for prize in self.rules.prizes if stock[prize.name] > 0]
        return _fall(pick, weights)


def _fall(pick: int, weights: Sequence[tuple[PrizeRules, int]]) -> PrizeRules | None:
    mark = pick * sum(weight for _, weight in weights) >> 64
    for prize, weight in weights:
        if mark < weight:
            return prize
        mark -= weight
    return None


def stock_seen(stock: Mapping[str, int]) -> str:
    """The stock that a winning roll saw, as it is kept with the draw."""
    return json.dumps(stock, sort_keys=True, separators=(",", ":"))


def _compiled(published: Published) -> Chances | None:
    draw = published.rules.section(DrawRules)
    return Chances.compile(draw, published.opens_at, published.closes_at) if draw else None
