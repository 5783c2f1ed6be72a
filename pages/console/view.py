"""What the console shows: numbers of one campaign, and nothing that anybody wrote or is called."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from core.times import milliseconds
from pages.wording import LANGUAGES, titled

BODY_LIMIT = 8_000
"""Bytes of what a screen is sent."""
MOST_PRIZES = 16
"""Prizes and gifts that are shown; of others it is said how many there are."""
MOST_LEGS = 8
"""Legs of the relay that are told apart; the last one has all that are further."""
_TITLE = 40
_DIGEST = 16

State = Literal["live", "paused", "over", "not_open"]


class Prize(NamedTuple):
    """A prize or a gift: its title by language, and its stock."""

    title: Mapping[str, str]
    stock: int
    left: int
    planned: int
    """How many would be left by now if they went evenly from the opening to the end."""


class Torches(NamedTuple):
    """The torches of a relay."""

    granted: int
    lit: int
    out: int
    legs: Sequence[int]
    """Players by leg, from the first one on."""


class Outbox(NamedTuple):
    """What waits to be sent, on all accounts."""

    waiting: int
    oldest_at: datetime | None
    """Since when the oldest of it could have gone."""


class Failures(NamedTuple):
    """What went wrong and waits for an operator."""

    messages: int
    timers: int
    texts: int
    """Given up, or of an outcome that nobody knows."""


class Money(NamedTuple):
    """In hundredths of ``currency``."""

    currency: str
    given: int | None
    """What the prizes are worth that were won; None where nothing is drawn."""
    liability: int | None
    """What the points that players have are worth; None where they are worth nothing."""
    budget: int | None


class Proof(NamedTuple):
    """What anybody may write down now and compare later."""

    commitment: str
    """The hash of the draw's seed, in hex."""
    log_head: str | None
    """The end of the operators' log, in hex; None where nothing is written yet."""
    log_entries: int
    log_whole: bool | None
    """Whether every row of the log is as it was written; None before that was looked at."""
    verified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleView:
    """All that a screen shows of a campaign."""

    title: Mapping[str, str]
    state: State
    zone: str
    language: str
    """For a browser that asks for none of ours."""
    figures: Mapping[str, int]
    """Counts by name; the page has a place for each that it knows."""
    prizes: Sequence[Prize]
    torches: Torches | None
    outbox: Outbox
    failures: Failures
    money: Money | None
    proof: Proof

    def document(self) -> dict[str, object]:
        """For the page's script; the same numbers are the same document."""
        proof = self.proof
        return {
            "title": _titles(self.title),
            "state": self.state,
            "zone": self.zone,
            "figures": dict(self.figures),
            "prizes": [
                {"title": _titles(one.title), "stock": one.stock, "left": one.left, "planned": one.planned}
                for one in self.prizes[:MOST_PRIZES]
            ],
            "more_prizes": max(len(self.prizes) - MOST_PRIZES, 0),
            "torches": None if self.torches is None else _torches(self.torches),
            "outbox": {"waiting": self.outbox.waiting, "oldest_at": _instant(self.outbox.oldest_at)},
            "failures": self.failures._asdict(),
            "money": None if self.money is None else self.money._asdict(),
            "proof": {
                "commitment": proof.commitment[:_DIGEST],
                "log_head": None if proof.log_head is None else proof.log_head[:_DIGEST],
                "log_entries": proof.log_entries,
                "log_whole": proof.log_whole,
                "verified_at": _instant(proof.verified_at),
            },
        }


def _titles(titles: Mapping[str, str]) -> dict[str, str]:
    """In each language of the screen."""
    each = {language: titled(titles, language) for language in LANGUAGES}
    return {language: title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…" for language, title in each.items()}


def _torches(torches: Torches) -> dict[str, object]:
    legs = list(torches.legs)
    shown = legs if len(legs) <= MOST_LEGS else [*legs[: MOST_LEGS - 1], sum(legs[MOST_LEGS - 1 :])]
    return {"granted": torches.granted, "lit": torches.lit, "out": torches.out, "legs": shown}


def _instant(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


@dataclass(frozen=True, slots=True)
class Screen:
    """What every screen of a campaign is sent: made once, as of ``at``."""

    view: ConsoleView
    body: bytes
    tag: str
    """Another one whenever the body is another one."""
    at: datetime

    @classmethod
    def of(cls, view: ConsoleView, at: datetime) -> "Screen":
        """``view`` as it was at ``at``."""
        body = json.dumps(view.document(), ensure_ascii=False, separators=(",", ":")).encode()
        return cls(view, body, hashlib.sha256(body).hexdigest()[:16], at)
