"""What is known about players when something is to be said to them unasked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from core.campaign.follow_ups import FollowUpRules
from core.models import Timer


class Planting(NamedTuple):
    """What is known of some players whose timers a newer version of the rules has."""

    ids: Sequence[int]
    known: set[tuple[int, str, str, int]]
    """All of their timers, by primary key."""
    waiting: Mapping[tuple[int, str, str, int], Timer]
    """Those that are due or will be, locked, but for those that fire at this moment."""
    codes: Mapping[int, Sequence[tuple[str, datetime]]]
    """What each player's codes brought, and when."""


@dataclass(slots=True)
class Known:
    """What was asked about the players of some timers."""

    latest: dict[str, dict[int, datetime]] = field(default_factory=dict)
    """When each player last did what a condition names, by condition."""
    said: dict[int, list[datetime]] = field(default_factory=dict)
    """When follow-ups and calendar texts were said to each player within a week."""
    follow_ups: dict[tuple[int, str], FollowUpRules | None] = field(default_factory=dict)
    """What the timers of a campaign say, by campaign and subject; None where its newest version has it no more."""
    stopped: set[tuple[int, str, datetime]] = field(default_factory=set)
    """Announcements that an operator stopped: campaign, job and when it was scheduled."""
    twins: set[tuple[int, str, str, int]] = field(default_factory=set)
    """Timers, by primary key, of players who were linked to one that has the same timer: that one counts."""
    planting: Planting | None = None
    """What timers that come later are planted by."""
