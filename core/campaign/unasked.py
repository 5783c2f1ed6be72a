"""Limits of what is said unasked: how often, and the hours in which nothing is."""

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from core.campaign.findings import Unfit
from core.campaign.grammar import Limit, Part

_QUIET = re.compile(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")


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
        raise Unfit('write two times of day, for example: "22:00-08:00"')
    return quiet


QuietField = Annotated[
    Quiet,
    BeforeValidator(read_quiet),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "title": "hours of a day",
            "pattern": r"^\s*\d{1,2}:\d\d\s*-\s*\d{1,2}:\d\d\s*$",
            "examples": ["22:00-08:00"],
        }
    ),
]


class FollowUpLimits(Part):
    """How often follow-ups and calendar texts may be said to one player, and at what hours they are not."""

    quiet: QuietField | None = Field(
        None,
        description=(
            "Hours in which nothing is said unasked: in the zone of the player's phone number where it has one,"
            " else in the campaign's."
        ),
    )
    per_day: Limit | None = Field(None, description="So many within any 24 hours.")
    per_week: Limit | None = Field(None, description="So many within any seven days.")

    @model_validator(mode="after")
    def _says_something(self) -> "FollowUpLimits":
        if self.quiet is None and self.per_day is None and self.per_week is None:
            raise Unfit('give quiet: "22:00-08:00", per_day or per_week, or remove this')
        return self
