"""The rules of follow-ups and of the calendar: what is said to whom and when, and the hours in which nothing is."""

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, PlainSerializer, StringConstraints, model_validator

from core.campaign.grammar import Limit, Name, Part, Phrases
from core.campaign.quantities import Span, span
from core.spelling import guess

Event = Literal["first contact", "first code", "last word", "torch lit", "torch out", "win"]
"""What a follow-up is counted from: the join, the first code, the last message, a torch's fate, a prize."""

Reason = Literal["redeemed", "spoke", "lit", "brought a friend", "claimed"]
"""What makes a follow-up needless, when it has happened since the event."""

Audience = Literal["everybody", "ambassadors", "unlit", "lit", "never redeemed"]
"""To whom a calendar job speaks; ambassadors hold a torch or held one, an unlit one burns down at this moment."""

_WHEN = re.compile(r"(.+?)\s+after\s+(.+)")
_QUIET = re.compile(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")
_LATE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class When:
    """So long after an event."""

    after: timedelta
    event: Event

    def __str__(self) -> str:
        return f"{int(self.after.total_seconds())}s after {self.event}"


@dataclass(frozen=True, slots=True)
class Quiet:
    """From one time of day to another, over midnight when the second one is the earlier."""

    begins: time
    ends: time

    @property
    def lasts(self) -> timedelta:
        """How long they are, on a day without a change of the clocks."""
        begins, ends = (timedelta(hours=each.hour, minutes=each.minute) for each in (self.begins, self.ends))
        return (ends - begins) % timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


def _when(value: object) -> When:
    if isinstance(value, When):
        return value
    match = _WHEN.fullmatch(" ".join(str(value).split()))
    event = next((name for name in get_args(Event) if match and name == match[2]), None)
    if match is None or event is None:
        events = ", ".join(get_args(Event))
        meant = f"{match[2]} is no event{guess(match[2], get_args(Event))}; " if match else ""
        raise ValueError(
            f"{meant}write a length of time after an event, for example: 24h after first contact ({events})"
        )
    after = span(match[1])
    if not after:
        raise ValueError("give a length of time above zero, for example: 10m after torch out")
    return When(after, event)


def read_quiet(value: object) -> Quiet:
    """Quiet hours as a file writes them. Raises ValueError, which says how."""
    if isinstance(value, Quiet):
        return value
    match = _QUIET.fullmatch(str(value).strip())
    try:
        quiet = Quiet(time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))) if match else None
    except ValueError:
        quiet = None
    if quiet is None or quiet.begins == quiet.ends:
        raise ValueError('write two times of day, for example: "22:00-08:00"')
    return quiet


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


WhenField = Annotated[When, BeforeValidator(_when), PlainSerializer(str, return_type=str)]
QuietField = Annotated[Quiet, BeforeValidator(read_quiet), PlainSerializer(str, return_type=str)]


class FollowUpRules(Part):
    """Something that is said to one player so long after an event, once for each."""

    name: Name
    when: WhenField
    unless: Annotated[tuple[Reason, ...], BeforeValidator(_listed), Field(max_length=5)] = ()
    """Any of these makes it needless."""
    say: Phrases


class JobRules(Part):
    """Something that is said to many whenever the calendar comes to it."""

    name: Name
    cron: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    """Minute, hour, day of the month, month, day of the week, in the campaign's zone."""
    to: Audience = "everybody"
    late: Span = _LATE
    """So much later it is still said, when no clock was running; after that it is missed."""
    say: Phrases


class FollowUpLimits(Part):
    """How often follow-ups and calendar texts may be said to one player, and at what hours they are not."""

    quiet: QuietField | None = None
    """In the zone of the player's phone number where it has one zone, else in the campaign's."""
    per_day: Limit | None = None
    """Within any 24 hours."""
    per_week: Limit | None = None
    """Within any seven days."""

    @model_validator(mode="after")
    def _says_something(self) -> "FollowUpLimits":
        if self.quiet is None and self.per_day is None and self.per_week is None:
            raise ValueError('give quiet: "22:00-08:00", per_day or per_week, or remove this')
        return self
