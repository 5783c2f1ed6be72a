"""Replant: whoever plays already gets the timers of what a newer version of the rules reminds of, or says later.

A timer is set with the event that it counts from, by the rules of that day. A newer version that has one more
reminder, a follow-up, or that lets torches be lit anew, sets those of what had happened before: in chunks of players,
a timer for each chunk. What would have been due before that version is not made up for. What it has no more drops
out when it fires.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from core import bulk, database, lists, notices
from core.campaign.follow_ups import Event
from core.campaign.rules import Rules
from core.context import TurnRows
from core.engine.locking import lock_people
from core.mechanics import Publishing
from core.models import Player, Timer, Transfer
from core.models.base import table_of
from core.models.players import ROOT
from core.timers.kinds import Key, TimerKind
from core.timers.setting import set_timer
from handlers.claims import play as claims
from handlers.claims.load import ClaimRows, load_claims
from handlers.follow_ups.known import Known, Planting
from handlers.follow_ups.react import FOLLOW_UP, subject_of
from handlers.relay import torches as relay
from handlers.relay.load import RelayRows, load_torches_of
from handlers.relay.relight import next_relight

PLANT = "plant"
CHUNK = 500
_LONGEST_TURN = timedelta(minutes=1)
"""By then every turn that began under the older version has ended: the second round finds what those left."""

_KINDS = (FOLLOW_UP, relay.REMIND, relay.MAY_RELIGHT, claims.REMIND)
_MINE = lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids")
_PLAYERS = (
    select(Player.id)
    .where(Player.campaign_id == bindparam("campaign"), Player.id > bindparam("after"), Player.merged_into.is_(None))
    .order_by(Player.id)
)
_SET = (
    select(Timer.owner_id, Timer.kind, Timer.subject, Timer.occurrence)
    .join(Player, Player.id == Timer.owner_id)
    .where(_MINE, Timer.kind.in_(_KINDS))
)
_WAITING = database.taken(
    select(Timer).join(Player, Player.id == Timer.owner_id).where(_MINE, Timer.kind.in_(_KINDS), Timer.state == "due"),
    Timer.due_at,
    Timer,
)
"""But for those that fire at this moment."""
_CODES = (
    select(ROOT, Transfer.reason, Transfer.at)
    .join(Player, Player.id == Transfer.owner_id)
    .where(_MINE, Transfer.reason.in_(["code", "won"]))
    .order_by(Transfer.at)
)
"""What codes brought: redemptions are not found by player, transfers are."""


class _Due(NamedTuple):
    owner_id: int
    kind: str
    subject: str
    occurrence: int
    at: datetime
    since: datetime | None = None


def replant(session: Session, publishing: Publishing) -> None:
    """Let the timers be planted that the rules have which are published, and those before them had not."""
    campaign, before, now = publishing.campaign, publishing.before, publishing.now
    if before is None or _timed(before) == _timed(publishing.rules):
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


def _timed(rules: Rules) -> tuple[object, ...]:
    relay_rules = rules.relay
    again = (relay_rules.remind, relay_rules.relight) if relay_rules else ()
    return rules.follow_ups, again, rules.claim_rules().reminders()


def _load(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
    """Lock the next players, and load what their timers count from."""
    (timer,) = timers
    campaign_id, version, after = map(int, timer.subject.split(":"))
    published = rows.campaigns[campaign_id].published
    if published.version != version:
        return
    ids = list(session.scalars(_PLAYERS.limit(CHUNK), {"campaign": campaign_id, "after": after}))
    people = lock_people(session, rows, ids)
    if published.rules.relay is not None:
        load_torches_of(session, rows, people)
    if published.rules.has_claims():
        load_claims(session, rows, people.values())
    named = {"ids": ids}
    codes: dict[int, list[tuple[str, datetime]]] = {}
    if {each.when.event for each in published.rules.follow_ups or ()} & {"first code", "win"}:
        for root, reason, at in session.execute(_CODES, named):
            codes.setdefault(root, []).append((reason, at))
    known = {(row[0], row[1], row[2], row[3]) for row in session.execute(_SET, named)}
    found = session.scalars(_WAITING, named)
    waiting = {(each.owner_id, each.kind, each.subject, each.occurrence): each for each in found}
    rows.of(Known).planting = Planting(ids, known, waiting, codes)


def _plant(rows: TurnRows, timer: Timer, at: datetime) -> bool:
    """Set what the newest rules have and nobody set, and move what waits for another instant than they say."""
    campaign_id, version, _ = map(int, timer.subject.split(":"))
    campaign, found = rows.campaigns[campaign_id], rows.of(Known).planting
    published_at = timer.since
    if found is None or published_at is None or campaign.why_closed(at) == "campaign.over":
        return False
    for player_id in found.ids:
        player = rows.people[rows.root(player_id)]
        _set(rows, found, _follow_ups(rows, found, player), published_at)
        for one in (*_torches(rows, player), *_claims(rows, player)):
            _drop_twins(found, one, published_at, at)
            _set(rows, found, one, published_at)
    if len(found.ids) == CHUNK:
        subject, again = f"{campaign_id}:{version}:{found.ids[-1]}", timer.occurrence
        set_timer(rows, timer.owner_id, PLANT, subject=subject, occurrence=again, due_at=at, since=published_at)
    return True


def _set(rows: TurnRows, found: Planting, wanted: Iterable[_Due], published_at: datetime) -> None:
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


def _drop_twins(found: Planting, reminders: Sequence[_Due], published_at: datetime, at: datetime) -> None:
    """Of the reminders of one thing, whose instants have changed: one that is late beside one to come would be two."""
    if not any(due.at > published_at for due in reminders):
        return
    for due in reminders:
        late = found.waiting.get((due.owner_id, due.kind, due.subject, due.occurrence))
        if late is not None and due.at <= published_at:
            late.state, late.settled_at = "dropped", at


def _follow_ups(rows: TurnRows, found: Planting, player: Player) -> Iterator[_Due]:
    for rule in rows.campaigns[player.campaign_id].rules.follow_ups or ():
        subject = subject_of(rule.name, rule.when.event)
        for owner_id, number, happened_at in _happened(rows, found, player, rule.when.event):
            since = player.joined_at if rule.when.event == "last word" else happened_at
            yield _Due(owner_id, FOLLOW_UP, subject, number, happened_at + rule.when.after, since)


def _happened(rows: TurnRows, found: Planting, player: Player, event: Event) -> Iterator[tuple[int, int, datetime]]:
    """(whose timer, its number, when it happened) of all that a follow-up would have been planted with."""
    codes, torches = found.codes.get(player.id, ()), rows.of(RelayRows).torches.get(player.id, ())
    match event:
        case "first contact":
            yield player.id, 1, player.joined_at
        case "last word":
            yield player.id, 1, rows.preferred_addresses[player.id].heard_at
        case "first code":
            yield from ((player.id, 1, at) for _, at in codes[:1])
        case "win":
            wins = (at for reason, at in codes if reason == "won")
            yield from ((player.id, number, at) for number, at in enumerate(wins, start=1))
        case "torch lit":
            yield from ((each.player_id, each.number, each.lit_at) for each in torches if each.lit_at is not None)
        case "torch out":
            yield from ((each.player_id, each.number, each.ends_at) for each in torches if each.state == "out")


def _torches(rows: TurnRows, player: Player) -> Iterator[list[_Due]]:
    rules, mine = rows.campaigns[player.campaign_id].rules.relay, rows.of(RelayRows).torches.get(player.id, ())
    if rules is None:
        return
    for torch in mine:
        if torch.state == "unlit":
            reminders = enumerate(sorted(rules.remind), start=1)
            yield [
                _Due(torch.player_id, relay.REMIND, str(torch.number), number, torch.granted_at + after)
                for number, after in reminders
            ]
    last, again_at = relay.latest(rows, player), next_relight(rows, player)
    if last is not None and last.state == "out" and again_at is not None:
        yield [_Due(last.player_id, relay.MAY_RELIGHT, str(last.number), 1, again_at)]


def _claims(rows: TurnRows, player: Player) -> Iterator[list[_Due]]:
    rules = rows.campaigns[player.campaign_id].rules.claim_rules()
    for claim in rows.of(ClaimRows).claims.get(player.id, ()):
        if claim.state == "open" and claim.deadline_at is not None:
            reminders = enumerate(rules.reminders(), start=1)
            yield [
                _Due(claim.player_id, claims.REMIND, str(claim.id), number, claim.deadline_at - before)
                for number, before in reminders
            ]


KINDS = {PLANT: TimerKind(PLANT, _load, _plant, alone=True)}
