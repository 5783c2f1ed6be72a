"""A second, independent way to compute a draw, for auditors: it shares no code with the lottery that made it.

Read it as the definition: from the revealed seed, the published rules and one row of the draws.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class DrawRow:
    """What was kept of one draw."""

    code_hash: bytes
    roll: str
    odds: Fraction
    points_seen: int
    stock_seen: str | None
    prize: str | None


def what_is_wrong(seed: bytes, rules: dict[str, Any], row: DrawRow) -> str | None:
    """Say how ``row`` differs from what seed and rules (the published JSON) give; None when it is right."""
    digest = hmac.new(seed, rules["name"].encode() + b":" + row.code_hash, hashlib.sha256).digest()
    if digest[:8].hex() != row.roll:
        return f"the roll should be {digest[:8].hex()}"
    if (odds := _odds(rules["draw"], row.points_seen)) != row.odds:
        return f"the odds should be {odds} for {row.points_seen} points"
    won = Fraction(int.from_bytes(digest[:8], "big"), 2**64) < odds
    if not won:
        return None if row.prize is None else "the roll does not win"
    if row.stock_seen is None:
        return "the roll wins, but no stock was kept"
    prize = _prize(
        rules["draw"]["prizes"], json.loads(row.stock_seen), Fraction(int.from_bytes(digest[8:16], "big"), 2**64)
    )
    return None if prize == row.prize else f"the prize should be {prize}"


def _odds(draw: dict[str, Any], points: int) -> Fraction:
    base, boost = Fraction(draw["odds"]), draw.get("boost")
    if not boost:
        return base
    every, adds, at_most = (int(boost[key].split()[0].rstrip("%")) for key in ("every", "adds", "at_most"))
    return base * min(100 + points // every * adds, at_most) / 100


def _prize(prizes: list[dict[str, Any]], stock: dict[str, int], pick: Fraction) -> str | None:
    there = [(prize["name"], prize["weight"]) for prize in prizes if stock.get(prize["name"], 0) > 0]
    mark, total = pick * sum(weight for _, weight in there), 0
    for name, weight in there:
        total += weight
        if mark < total:
            return str(name)
    return None
