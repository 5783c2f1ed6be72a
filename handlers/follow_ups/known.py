"""What is known about players when something is to be said to them unasked."""

from dataclasses import dataclass, field
from datetime import datetime

from core.segments.segment import Sought
from handlers.follow_ups.rules import FollowUpRules


@dataclass(slots=True)
class Known:
    """What was asked about the players of some timers."""

    sought: Sought = field(default_factory=Sought)
    """What the segments that matter ask for."""
    said: dict[int, list[datetime]] = field(default_factory=dict)
    """When follow-ups and calendar texts were said to each player within a week."""
    follow_ups: dict[tuple[int, str], FollowUpRules | None] = field(default_factory=dict)
    """What the timers of a campaign say, by campaign and subject; None where its newest version has it no more."""
    stopped: set[tuple[int, str, datetime]] = field(default_factory=set)
    """Announcements that an operator stopped: campaign, job and when it was scheduled."""
    twins: set[tuple[int, str, str, int]] = field(default_factory=set)
    """Timers, by primary key, of players who were linked to one that has the same timer: that one counts."""
