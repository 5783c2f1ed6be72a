"""How long rows are kept: the words of the table [keep] of huoju.toml, what each is worth, and the least it may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple


class Keepable(NamedTuple):
    """One word of [keep]."""

    word: str
    usual: timedelta
    least: timedelta
    why: str
    """Why it may not be less."""


INBOX = Keepable(
    "inbox",
    timedelta(days=400),
    timedelta(days=30),
    "a delivery that a platform or a gateway repeats is known by its row in the inbox",
)
OUTBOX = Keepable(
    "outbox",
    timedelta(days=400),
    timedelta(days=30),
    "platforms tell for 30 days what became of a text",
)
TIMERS = Keepable(
    "timers",
    timedelta(days=180),
    timedelta(days=30),
    "whoever asks why a reminder came looks at the timer that fired",
)
GUESSES = Keepable(
    "guesses",
    timedelta(days=180),
    timedelta(days=7),
    "the wrong codes of a day are counted until the day is final",
)
PLANS = Keepable("plans", timedelta(days=400), timedelta(days=30), "the log of operators is audited against them")
JOBS = Keepable("jobs", timedelta(days=90), timedelta(days=7), "operators look up what became of a job")
LINKS = Keepable("links", timedelta(days=90), timedelta(days=7), "who comes late is told that a link has expired")
WINNERS = Keepable(
    "winners",
    timedelta(days=730),
    timedelta(days=730),
    "the law wants lists of winners for two years",
)

KEEPABLE = (INBOX, OUTBOX, TIMERS, GUESSES, PLANS, JOBS, LINKS, WINNERS)
"""All words, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Keep:
    """A setting of an installation: how long rows are kept, by word; None is for ever."""

    lengths: Mapping[str, timedelta | None] = field(default_factory=dict)
    """Of the words that the installation sets."""

    def length(self, what: Keepable) -> timedelta | None:
        """How long ``what`` is kept; None for ever."""
        return self.lengths.get(what.word, what.usual)


ALL = Keep(dict.fromkeys(one.word for one in KEEPABLE))
"""Everything is kept for ever."""
