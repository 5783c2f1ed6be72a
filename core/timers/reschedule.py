"""Reschedule: whoever plays already gets the timers of what a newer version of the rules reminds of, or says later.

A timer is set with the event that it counts from, by the rules of that day. A newer version that has one more
reminder, a follow-up, or that lets torches be lit anew, sets those of what had happened before: in chunks of players,
a timer for each chunk. What would have been due before that version is not made up for. What it has no more drops
out when it fires.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from core import bulk, database, lists, notices
from core.campaign.rules import Rules
from core.context import TurnRows
from core.engine.locks import lock_people
from core.models import Player, Timer
from core.models.base import table_of
from core.timers.kinds import Key, TimerKind
from core.timers.schedule import set_timer

if TYPE_CHECKING:
    from core.mechanics import Publishing

PLANT = "plant"
CHUNK = 500
_LONGEST_TURN = timedelta(minutes=1)
"""By then every turn that began under the older version has ended: the second round finds what those left."""

_MINE = lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids")
_PLAYERS = (
    select(Player.id)
    .where(Player.campaign_id == bindparam("campaign"), Player.id > bindparam("after"), Player.merged_into.is_(None))
    .order_by(Player.id)
)
_OF_KINDS = (_MINE, lists.among(Timer.kind, "kinds"))
_SET = (
    select(Timer.owner_id, Timer.kind, Timer.subject, Timer.occurrence)
    .join(Player, Player.id == Timer.owner_id)
    .where(*_OF_KINDS)
)
_WAITING = database.taken(
    select(Timer).join(Player, Player.id == Timer.owner_id).where(*_OF_KINDS, Timer.state == "due"),
    Timer.due_at,
    Timer,
)
"""But for those that fire at this moment."""


class Due(NamedTuple):
    """A timer, and when it is due."""

    owner_id: int
    kind: str
    subject: str
    occurrence: int
    at: datetime
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The timers that the rules of one mechanic have for what has happened."""

    kinds: Collection[str]
    timed: Callable[[Rules], object]
    """What of the rules they follow from."""
    load: Callable[[Session, TurnRows, Rules, Mapping[int, Player]], None]
    """Loads what has happened to some players of one campaign, who are locked."""
    due: Callable[[TurnRows, Player], Iterable[Sequence[Due]]]
    """Those of a player, which are set or not: a list for each thing that they are about."""


@dataclass(slots=True)
class Planting:
    """What is known of some players whose timers a newer version of the rules has."""

    ids: Sequence[int] = ()
    known: set[Key] = field(default_factory=set)
    """All of their timers."""
    waiting: Mapping[Key, Timer] = field(default_factory=dict)
    """Those that are due or will be, locked, but for those that fire at this moment."""


def replant(session: Session, publishing: "Publishing", schedules: Sequence[Schedule]) -> None:
    """Let the timers be planted that the rules have which are published, and those before them had not."""
    campaign, before, now = publishing.campaign, publishing.before, publishing.now
    if before is None or all(each.timed(before) == each.timed(publishing.rules) for each in schedules):
        return
    first = session.scalar(select(func.min(Player.id)).where(Player.campaign_id == campaign.id))
    if first is None:
        return
    rows = [
        {
            "owner_id": first,
            "kind": PLANT,
            "subject": f"{campaign.id}:{campaign.version}:0",
            "occurrence": round_number,
            "since": now,
            "due_at": due_at,
            "state": "due",
            "settled_at": None,
            "error": None,
        }
        for round_number, due_at in enumerate((now, now + _LONGEST_TURN), start=1)
    ]
    bulk.append(session, table_of(Timer), rows, notices.OF[Timer])


def plant_kind(schedules: Sequence[Schedule]) -> TimerKind:
    """The kind of timer that plants those of ``schedules`` for a chunk of players."""

    def load(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
        _load(session, rows, timers, schedules)

    def fire(rows: TurnRows, timer: Timer, at: datetime) -> bool:
        return _plant(rows, timer, at, schedules)

    return TimerKind(PLANT, load, fire, alone=True)


def _load(session: Session, rows: TurnRows, timers: Sequence[Timer], schedules: Sequence[Schedule]) -> None:
    """Lock the next players, and load what their timers count from."""
    (timer,) = timers
    campaign_id, version, after = map(int, timer.subject.split(":"))
    published = rows.campaigns[campaign_id].published
    if published.version != version:
        return
    ids = list(session.scalars(_PLAYERS.limit(CHUNK), {"campaign": campaign_id, "after": after}))
    people = lock_people(session, rows, ids)
    for each in schedules:
        each.load(session, rows, published.rules, people)
    named = {"ids": ids, "kinds": sorted(kind for each in schedules for kind in each.kinds)}
    found = rows.of(Planting)
    found.ids = ids
    found.known = {(row[0], row[1], row[2], row[3]) for row in session.execute(_SET, named)}
    waiting = session.scalars(_WAITING, named)
    found.waiting = {(each.owner_id, each.kind, each.subject, each.occurrence): each for each in waiting}


def _plant(rows: TurnRows, timer: Timer, at: datetime, schedules: Sequence[Schedule]) -> bool:
    """Set what the newest rules have and nobody set, and move what waits for another instant than they say."""
    campaign_id, version, _ = map(int, timer.subject.split(":"))
    campaign, found, published_at = rows.campaigns[campaign_id], rows.of(Planting), timer.since
    if campaign.published.version != version or published_at is None or campaign.why_closed(at) == "campaign.over":
        return False
    for player_id in found.ids:
        player = rows.people[rows.root(player_id)]
        for schedule in schedules:
            for one in schedule.due(rows, player):
                _drop_twins(found, one, published_at, at)
                _set(rows, found, one, published_at)
    if len(found.ids) == CHUNK:
        subject, again = f"{campaign_id}:{version}:{found.ids[-1]}", timer.occurrence
        set_timer(rows, timer.owner_id, PLANT, subject=subject, occurrence=again, due_at=at, since=published_at)
    return True


def _set(rows: TurnRows, found: Planting, wanted: Iterable[Due], published_at: datetime) -> None:
    for due in wanted:
        key: Key = (due.owner_id, due.kind, due.subject, due.occurrence)
        if due.at <= published_at:
            continue
        if key in found.waiting:
            found.waiting[key].due_at = due.at
        elif key not in found.known:
            set_timer(
                rows,
                due.owner_id,
                due.kind,
                subject=due.subject,
                occurrence=due.occurrence,
                due_at=due.at,
                since=due.since,
            )


def _drop_twins(found: Planting, reminders: Sequence[Due], published_at: datetime, at: datetime) -> None:
    """Of the reminders of one thing, whose instants have changed: one that is late beside one to come would be two."""
    if not any(due.at > published_at for due in reminders):
        return
    for due in reminders:
        late = found.waiting.get((due.owner_id, due.kind, due.subject, due.occurrence))
        if late is not None and due.at <= published_at:
            late.state, late.settled_at = "dropped", at
