"""A second, independent way to compute every draw, for anybody: it shares no code with the lottery that made it.

Read it as the definition: from the revealed seed, the published rules and one row of the draws. It needs nothing but
Python 3.11: `python verify.py FILE` checks a file that `huoju draws export` wrote, and exits 1 with what is wrong.

The file is JSON, one document a line. First the campaign, the seed, its commitment, and by version the rules as they
were published with their hash; then the draws in ascending order of code_hash; last how many draws there are.
"""

import hashlib
import hmac
import json
import sys
from collections.abc import Iterable, Iterator
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


Wrong = tuple[str, dict[str, Any]]
"""A sentence, and what stands in its places."""


def what_is_wrong(seed: bytes, rules: dict[str, Any], row: DrawRow) -> Wrong | None:
    """Say how ``row`` differs from what seed and rules (the published JSON) give; None when it is right."""
    digest = hmac.new(seed, rules["name"].encode() + b":" + row.code_hash, hashlib.sha256).digest()
    if digest[:8].hex() != row.roll:
        return "the roll should be {roll}", {"roll": digest[:8].hex()}
    if not rules.get("draw"):
        return "these rules have no draw", {}
    if (odds := _odds(rules["draw"], row.points_seen)) != row.odds:
        return "the odds should be {odds} for {points} points", {"odds": odds, "points": row.points_seen}
    won = Fraction(int.from_bytes(digest[:8], "big"), 2**64) < odds
    if not won:
        return None if row.prize is None else ("the roll does not win", {})
    if row.stock_seen is None:
        return "the roll wins, but no stock was kept", {}
    prize = _prize(
        rules["draw"]["prizes"], json.loads(row.stock_seen), Fraction(int.from_bytes(digest[8:16], "big"), 2**64)
    )
    return None if prize == row.prize else ("the prize should be {prize}", {"prize": prize})


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


def wrong_lines(lines: Iterable[str]) -> Iterator[str]:
    """Say what is wrong with an exported file, line by line; nothing when every draw follows from seed and rules."""
    seed: bytes | None = None
    rules: dict[str, Any] = {}
    last_hash, draws, ended = b"", 0, False
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
            if seed is None:
                seed, rules = bytes.fromhex(told["seed"]), _rules(told)
                wrong = _wrong_head(seed, told)
            elif "code_hash" in told:
                code_hash, draws = bytes.fromhex(told["code_hash"]), draws + 1
                wrong = None if last_hash < code_hash else ("draws repeat or are out of order", {})
                wrong = wrong or what_is_wrong(seed, rules[str(told["version"])], _row(told))
                wrong, last_hash = ("draws after the last line", {}) if ended else wrong, code_hash
            else:
                counts = {"draws": told["draws"], "here": draws}
                wrong, ended = None if told["draws"] == draws else ("{draws} draws, {here} are here", counts), True
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError):
            wrong = "cannot be read", {}
        if wrong:
            yield f"line {number}: {wrong[0].format(**wrong[1])}"
        if seed is None:
            return
    if not ended:
        yield "the file is cut off: its last line, the number of draws, is missing"


def _rules(head: dict[str, Any]) -> dict[str, Any]:
    return {version: json.loads(published["rules"]) for version, published in head["versions"].items()}


def _wrong_head(seed: bytes, head: dict[str, Any]) -> Wrong | None:
    if hashlib.sha256(seed).hexdigest() != head["seed_commitment"]:
        return "the seed is not the one that was committed to", {}
    for version, published in head["versions"].items():
        if hashlib.sha256(published["rules"].encode()).hexdigest() != published["rules_hash"]:
            return "the rules of version {version} do not have their hash", {"version": version}
        if json.loads(published["rules"])["name"] != head["campaign"]:
            return "the rules of version {version} are another campaign's", {"version": version}
    return None


def _row(told: dict[str, Any]) -> DrawRow:
    code_hash, odds = bytes.fromhex(told["code_hash"]), Fraction(told["odds"])
    return DrawRow(code_hash, told["roll"], odds, told["points_seen"], told["stock_seen"], told["prize"])


def _main(path: str) -> int:
    with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  # as plain as it gets, for those who read it first
        good = True
        for line in wrong_lines(file):
            good = False
            _tell(line)
        if not good:
            return 1
        file.seek(0)
        head = json.loads(file.readline())
    hashes = ", ".join(published["rules_hash"] for published in head["versions"].values())
    _tell(
        f"Every draw of {head['campaign']} follows from its seed and rules. Compare with what was published before: "
        f"commitment {head['seed_commitment']}, rules {hashes}."
    )
    return 0


def _tell(sentence: str) -> None:
    print(sentence)  # noqa: T201  # this file runs alone, without our console


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]) if len(sys.argv) == 2 else "usage: python verify.py FILE")  # noqa: PLR2004
