"""Freezing: write down to whom a broadcast speaks, in chunks, with the last player in the row of the broadcast.

What its segment means is frozen, too: it is read by the version of the campaign under which it was confirmed.
"""

from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, case, insert, literal, null, select
from sqlalchemy.orm import Session

from core import database, lists
from core.answers import VerbName, line
from core.campaign.published import read_rules
from core.campaign.rules import Rules
from core.context import TurnRows
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.models import Broadcast, BroadcastMember, BroadcastTest, CampaignVersion, Player
from core.models.base import table_of
from core.operators import VerbRefused
from core.segments.reading import Lexicon
from core.segments.segment import read
from core.segments.words import Asked
from handlers.broadcasts.routes import RankedRoute, chosen
from handlers.broadcasts.versions import assign

log = structlog.get_logger()

CHUNK = 2000


def members(
    words: Lexicon, rules: Rules, broadcast: Broadcast, at: datetime, *, new: bool = True
) -> tuple[ColumnElement[bool], ...]:
    """The conditions on players who are members of ``broadcast`` when it is frozen at ``at``, by these ``rules``.

    Raises VerbRefused for what is no segment, and for a ``new`` one that can match nobody.
    """
    return (
        Player.campaign_id == broadcast.campaign_id,
        Player.joined_at <= at,
        Player.merged_into.is_(None),
        read(broadcast.segment, words, rules, at if new else None).where(Asked(rules, at)),
    )


def freeze(runtime: Runtime, session: Session, rows: TurnRows, broadcast: Broadcast, chunk: int = CHUNK) -> int:
    """Write down the next members of ``broadcast``, which is locked; when there are no more it runs. Returns how many.

    Whoever is written down stays so, whatever segments they enter or leave. Raises VerbRefused where this program has
    no more words for its segment.
    """
    campaign, at = rows.campaigns[broadcast.campaign_id], broadcast.frozen_at
    assert at is not None
    version = session.get_one(CampaignVersion, (broadcast.campaign_id, broadcast.version))
    rules = read_rules(version.rules, runtime.mechanics.sections)
    wanted = members(rows.segments, rules, broadcast, at, new=False)
    mine = select(Player.id).where(*wanted, Player.id > broadcast.after_id).order_by(Player.id).limit(chunk)
    ids = list(session.scalars(mine))
    if ids:
        found = chosen(campaign, [RankedRoute(*one) for one in broadcast.routes], at, lists.among(Player.id, "ids"))
        columns = found.c
        reached = columns.reason.is_(None)
        rows_made = select(
            literal(broadcast.id, table_of(BroadcastMember).c.broadcast_id.type),
            columns.player_id,
            columns.address_key,
            columns.channel,
            columns.account,
            case((reached, literal("waiting")), else_=literal("left_out")),
            columns.reason,
            null(),
        ).order_by(columns.player_id)
        names = ["broadcast_id", "player_id", "address_key", "channel", "account", "state", "reason", "sequence"]
        session.connection().execute(insert(table_of(BroadcastMember)).from_select(names, rows_made), {"ids": ids})
        if (test := session.get(BroadcastTest, broadcast.id)) is not None:
            assign(session, test, ids)
        broadcast.after_id, broadcast.members = ids[-1], broadcast.members + len(ids)
    if len(ids) < chunk:
        broadcast.state = "running"
    return len(ids)


def freeze_next(runtime: Runtime, at: datetime, chunk: int = CHUNK) -> int | None:
    """Freeze a chunk of a broadcast that nobody else freezes at this moment; None when there is no such one.

    Where its segment cannot be asked any more it has the members that were written down, and operators are told so.
    """
    freezing = Broadcast.state == "freezing"
    if not database.finds(runtime.sessions, select(Broadcast.id).where(freezing)):
        return None
    name = ""
    try:
        with unit_of_work(runtime, at) as work:
            waiting = database.taken(select(Broadcast).where(freezing).limit(1), Broadcast.id, Broadcast)
            broadcast = work.session.scalars(waiting).first()
            if broadcast is None:
                return None
            name = broadcast.name
            work.rows.campaigns.meet(broadcast.campaign_id)
            return freeze(runtime, work.session, work.rows, broadcast, chunk)
    except VerbRefused as refused:
        _cut_short(runtime, name, refused, at)
        return 0


def _cut_short(runtime: Runtime, name: str, why: VerbRefused, at: datetime) -> None:
    """Operators are told first: once it is written down nobody comes by here again."""
    told = line(
        "{name} has not all of its members: its segment cannot be read any more ({why}). It goes to those who were"
        " written down before; {verb} tells to how many, {stop} ends it.",
        name=name,
        why=why.line,
        verb=VerbName(f"broadcast report {name}"),
        stop=VerbName(f"broadcast stop {name}"),
    )
    runtime.mechanics.alert(runtime, f"broadcast-incomplete:{name}", told, at)
    log.error("freezing.cut_short", broadcast=name, why=str(why))
    with runtime.sessions.begin() as session:
        named = select(Broadcast).where(Broadcast.name == name, Broadcast.state == "freezing")
        for broadcast in session.scalars(database.locked(named, Broadcast.id, Broadcast)):
            broadcast.state, broadcast.incomplete = "running", True
        session.flush()
