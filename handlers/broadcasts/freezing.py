"""Freezing: write down to whom a broadcast speaks, in chunks, with the last player in the row of the broadcast."""

from datetime import datetime

from sqlalchemy import ColumnElement, case, insert, literal, null, select
from sqlalchemy.orm import Session

from core import database, lists
from core.campaign.live import LiveCampaign
from core.context import TurnRows
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.models import Broadcast, BroadcastMember, Player
from core.models.base import table_of
from core.operators import VerbRefused
from core.segments.segment import read
from core.segments.words import Asked
from handlers.broadcasts.routes import RankedRoute, chosen

CHUNK = 2000


def members(
    rows: TurnRows, campaign: LiveCampaign, broadcast: Broadcast, at: datetime, *, new: bool = True
) -> tuple[ColumnElement[bool], ...]:
    """The conditions on players who are members of ``broadcast`` when it is frozen at ``at``.

    Raises VerbRefused for what is no segment, and for a ``new`` one that can match nobody.
    """
    return (
        Player.campaign_id == campaign.id,
        Player.joined_at <= at,
        Player.merged_into.is_(None),
        read(broadcast.segment, rows.segments, campaign.rules, at if new else None).where(Asked(campaign.rules, at)),
    )


def freeze(session: Session, rows: TurnRows, broadcast: Broadcast, chunk: int = CHUNK) -> int:
    """Write down the next members of ``broadcast``, which is locked; when there are no more it runs. Returns how many.

    Whoever is written down stays so, whatever segments they enter or leave.
    """
    campaign, at = rows.campaigns[broadcast.campaign_id], broadcast.frozen_at
    assert at is not None
    try:
        wanted = members(rows, campaign, broadcast, at, new=False)
    except VerbRefused:  # the word has gone from the file, or from the program
        broadcast.state = "running"
        return 0
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
        broadcast.after_id, broadcast.members = ids[-1], broadcast.members + len(ids)
    if len(ids) < chunk:
        broadcast.state = "running"
    return len(ids)


def freeze_next(runtime: Runtime, at: datetime, chunk: int = CHUNK) -> int | None:
    """Freeze a chunk of a broadcast that nobody else freezes at this moment; None when there is no such one."""
    freezing = Broadcast.state == "freezing"
    if not database.finds(runtime.sessions, select(Broadcast.id).where(freezing)):
        return None
    with unit_of_work(runtime, at) as work:
        waiting = database.taken(select(Broadcast).where(freezing).limit(1), Broadcast.id, Broadcast)
        broadcast = work.session.scalars(waiting).first()
        if broadcast is None:
            return None
        work.rows.campaigns.meet(broadcast.campaign_id)
        return freeze(work.session, work.rows, broadcast, chunk)
