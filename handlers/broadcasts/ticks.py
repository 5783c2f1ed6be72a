"""Broadcasts go on: freeze their members, write the texts of those whose turn comes, and what became of them.

Any number of clocks may do it at once. A member's text is written in the transaction that says so in the member's row,
so whoever is killed leaves nobody out and says nothing twice. Only so many texts are written ahead as an account sends
in a short while: what is stopped or paused is hardly written at all.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from core import database
from core.consent import welcome
from core.context import TurnRows
from core.database import read_only
from core.engine.replies import State, say
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.messages import Reply
from core.models import Address, Broadcast, BroadcastMember, BroadcastTest, OutboundJob
from core.places import Place
from core.sending.jobs import DUE
from core.sending.outbound import Category
from handlers.broadcasts import fates
from handlers.broadcasts.freezing import CHUNK, freeze_next
from handlers.broadcasts.looks import look_after
from handlers.broadcasts.routes import BLOCKED, GONE, OPTED_OUT
from handlers.broadcasts.versions import words_for

REF = "notice:broadcast:"
AHEAD = 1000
"""So many marketing texts of one account wait at most before more of a broadcast are written."""
_AT_ONCE = 100
"""So many texts are written in one transaction: on SQLite senders wait for it."""
_LOOKED_AFTER = timedelta(days=7)
"""So long after its end platforms, and operators who send again, may change what became of its texts."""
_WAITING = text("broadcast_members.state = 'waiting'")


class _Going(NamedTuple):
    """A broadcast that is not done, as it stood when it was looked at."""

    id: int
    campaign_id: int
    state: str
    paused: bool
    starts_at: datetime | None
    expires_at: datetime | None


class Broadcasting:
    """Looks after all broadcasts; keeps in mind how far it looked at the members of each, which nothing depends on."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._looked: dict[int, int] = {}

    def act(self, at: datetime, chunk: int = CHUNK, ahead: int = AHEAD) -> int:
        """Do what can be done at ``at``; returns how many members came further. Reads only while there is nothing."""
        done = 0
        while (frozen := freeze_next(self._runtime, at, chunk)) is not None:
            done += frozen
        with read_only(self._runtime.sessions) as session:
            going = [_Going(*row) for row in session.execute(_GOING, {"since": at - _LOOKED_AFTER})]
        for broadcast in going:
            done += self._go_on(broadcast, at, ahead)
        return done

    def _go_on(self, broadcast: _Going, at: datetime, ahead: int) -> int:
        looked = fates.write_down(self._runtime.sessions, broadcast.id, self._looked.get(broadcast.id, 0))
        self._looked[broadcast.id] = looked.after_id
        done = looked.written + self._leave_out(broadcast, at) + look_after(self._runtime, broadcast.id, at)
        if broadcast.state == "running" and not broadcast.paused and (broadcast.starts_at or at) <= at:
            done += self._feed(broadcast, at, ahead)
        if not done and not looked.after_id:
            self._end(broadcast, at)
        return done

    def _leave_out(self, broadcast: _Going, at: datetime) -> int:
        """Leave out whoever waits in vain: it was stopped, the campaign is over, or it is news no more."""
        why = self._why_over(broadcast, at)
        if why is None:
            return 0
        with self._runtime.sessions.begin() as session:
            left = fates.leave_out(session, broadcast.id, why)
            dropped = fates.drop_texts(session, broadcast.id, why)
        return left + dropped

    def _why_over(self, broadcast: _Going, at: datetime) -> str | None:
        if broadcast.state == "stopped":
            return "stopped"
        with read_only(self._runtime.sessions) as session:
            campaigns = self._runtime.shelf.look(session)
            campaigns.meet(broadcast.campaign_id)
            if campaigns[broadcast.campaign_id].why_closed(at) == "campaign.over":
                return "campaign_over"
        return "expired" if broadcast.expires_at is not None and broadcast.expires_at <= at else None

    def _feed(self, broadcast: _Going, at: datetime, ahead: int) -> int:
        """Write the texts of the next members at each account, as far as it has few to send."""
        written = 0
        with read_only(self._runtime.sessions) as session:
            places = list(_places(session, broadcast.id))
        for place in places:
            while (room := self._room(place, at, ahead)) > 0:
                fed = self._feed_at(broadcast, place, at, min(room, _AT_ONCE))
                written += fed
                if not fed:
                    break
        return written

    def _room(self, place: Place, at: datetime, ahead: int) -> int:
        waits = (
            select(OutboundJob.sequence)
            .where(OutboundJob.channel == place.channel, OutboundJob.account == place.account)
            .where(OutboundJob.state == DUE, OutboundJob.category == int(Category.MARKETING), OutboundJob.due_at <= at)
            .limit(ahead)
        )
        with read_only(self._runtime.sessions) as session:
            return ahead - (session.scalar(select(func.count()).select_from(waits.subquery())) or 0)

    def _feed_at(self, broadcast: _Going, place: Place, at: datetime, most: int) -> int:
        with unit_of_work(self._runtime, at) as work:
            session, rows = work.session, work.rows
            mine = select(Broadcast).where(Broadcast.id == broadcast.id)
            found = session.scalars(database.locked(mine, Broadcast.id, Broadcast)).one()
            if found.state != "running" or found.paused:
                return 0
            campaign = rows.campaigns[found.campaign_id]
            if campaign.why_closed(at) is not None:
                return 0
            members, addresses = _next_members(session, found.id, place, most)
            rows.addresses.update(addresses)
            test, fed = session.get(BroadcastTest, found.id), 0
            for member in members:
                if (address := addresses.get(member.address_key or b"")) is not None:
                    said = words_for(found, test, member.version)
                    _say_to(rows, found, member, address, at, said=said)
                    fed += 1
            return fed

    def _end(self, broadcast: _Going, at: datetime) -> None:
        """It is done when nothing of it waits."""
        if broadcast.state not in {"running", "stopped"} or fates.waits(self._runtime.sessions, broadcast.id):
            return
        with self._runtime.sessions.begin() as session:
            mine = select(Broadcast).where(Broadcast.id == broadcast.id)
            found = session.scalars(database.locked(mine, Broadcast.id, Broadcast)).one()
            if found.state == "running":
                found.state, found.ended_at = "done", at
                session.flush()
        self._looked.pop(broadcast.id, None)


_GOING = (
    select(
        Broadcast.id,
        Broadcast.campaign_id,
        Broadcast.state,
        Broadcast.paused,
        Broadcast.starts_at,
        Broadcast.expires_at,
    )
    .where(Broadcast.state != "draft", or_(Broadcast.ended_at.is_(None), Broadcast.ended_at > bindparam("since")))
    .order_by(Broadcast.starts_at, Broadcast.id)
)


def _places(session: Session, broadcast_id: int) -> Iterator[Place]:
    """The accounts at which members wait; each is looked up behind the one before it."""
    last = Place("", "")
    by = tuple_(BroadcastMember.channel, BroadcastMember.account)
    mine = select(BroadcastMember.channel, BroadcastMember.account).where(
        BroadcastMember.broadcast_id == broadcast_id, _WAITING
    )
    in_order = mine.order_by(BroadcastMember.channel, BroadcastMember.account).limit(1)
    while (row := session.execute(in_order.where(by > tuple_(*last))).first()) is not None:
        last = Place(row[0] or "", row[1] or "")
        yield last


def _next_members(
    session: Session, broadcast_id: int, place: Place, most: int
) -> tuple[list[BroadcastMember], dict[bytes, Address]]:
    """Members who wait at ``place``, locked, with their addresses; who speaks at this moment is left for later."""
    waiting = (
        select(BroadcastMember)
        .where(BroadcastMember.broadcast_id == broadcast_id, _WAITING)
        .where(BroadcastMember.channel == place.channel, BroadcastMember.account == place.account)
        .limit(most)
    )
    members = list(session.scalars(database.taken(waiting, BroadcastMember.player_id, BroadcastMember)))
    keys = sorted(one.address_key for one in members if one.address_key is not None)
    wanted = select(Address).where(Address.key.in_(keys))
    return members, {one.key: one for one in session.scalars(database.taken(wanted, Address.key, Address))}


def _say_to(
    rows: TurnRows,
    broadcast: Broadcast,
    member: BroadcastMember,
    address: Address,
    at: datetime,
    *,
    said: Mapping[str, str],
) -> None:
    """Write the text of a member, or say why there is none."""
    if not welcome(address):
        out, blocked = address.opted_out_at is not None, address.blocked_at is not None
        member.state, member.reason = "left_out", OPTED_OUT if out else BLOCKED if blocked else GONE
        return
    written = say(
        rows,
        address,
        rows.campaigns[broadcast.campaign_id],
        [Reply("broadcast.said", {"text": said})],
        ref=f"{REF}{broadcast.id}:{member.player_id}",
        state=State.QUEUED,
        at=at,
        category=Category.MARKETING,
        expires_at=broadcast.expires_at,
        broadcast_id=broadcast.id,
    )
    member.state, member.sequence = "queued", written.sequence[0]
