"""Review invites: release what was held, or take it back; claw back by transfer what was paid already."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Annotated, Literal, NamedTuple

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import ledger
from core.answers import (
    Answer,
    ArgumentName,
    Change,
    Column,
    ColumnFormat,
    Reach,
    Table,
    Value,
    VerbName,
    line,
    listing,
    more_than,
)
from core.arguments import Arguments, FriendNumber, Given
from core.campaign.publication import get_campaign
from core.context import TurnRows
from core.database import read_only
from core.engine.replies import State, say
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.messages import Reply
from core.messages import Shown as Values
from core.models import Campaign, Player
from core.operators import Role, VerbRefused, check_operator
from core.verbs import Desk, Group, Verb, patiently
from core.words import Mark, row_number
from handlers.invites.rewards import HELD, POINTS_FROM
from handlers.invites.tables import Invite


class InviteRefused(VerbRefused):
    """What was asked cannot be done with this invite; the message says why and what to do."""


class ListedInvite(NamedTuple):
    """One invite for review, and the name of its campaign."""

    invite: Invite
    campaign: str


def listed(session: Session, campaign: str | None = None, state: str | None = "held") -> Iterator[ListedInvite]:
    """Invites (of one campaign) in ``state``, the most suspicious first."""
    statement = select(Invite, Campaign.name).join(Campaign, Campaign.id == Invite.campaign_id)
    if campaign is not None:
        statement = statement.where(Campaign.name == campaign)
    if state is not None:
        statement = statement.where(Invite.state == state)
    for invite, name in session.execute(statement.order_by(Invite.score.desc(), Invite.joined_at)):
        yield ListedInvite(invite, name)


class _Reviewed(NamedTuple):
    rows: TurnRows
    invite: Invite
    inviter: Player
    friend: Player

    def shares(self) -> list[tuple[Player, int, str]]:
        """(player, points, ref) of both rewards."""
        number = self.invite.player_id
        both = [(self.inviter, self.invite.inviter_points, f"invite:{number}")]
        return [share for share in [*both, (self.friend, self.invite.invitee_points, f"invited:{number}")] if share[1]]


@contextmanager
def _reviewed(runtime: Runtime, friend_id: int, operator: str, at: datetime) -> Iterator[_Reviewed]:
    check_operator(operator)
    with unit_of_work(runtime, at) as work:
        inviter_id = work.session.scalar(select(Invite.inviter_id).where(Invite.player_id == friend_id))
        if inviter_id is None:
            number = row_number(Mark.FRIEND, friend_id)
            told = "there is no invite {number}; {verb} shows them"
            raise InviteRefused(told, number=number, verb=VerbName("invites list"))
        people = work.lock_people([inviter_id, friend_id])
        if len(people) < 2:  # noqa: PLR2004  # the inviter and the friend
            number = row_number(Mark.FRIEND, friend_id)
            told = "a player of {number} has no address left; {verb} says what is broken"
            raise InviteRefused(told, number=number, verb=VerbName("audit"))
        invite = work.session.scalars(select(Invite).where(Invite.player_id == friend_id)).one()
        yield _Reviewed(work.rows, invite, people[inviter_id], people[friend_id])
        invite.decided_by, invite.decided_at = operator, at


def release(runtime: Runtime, friend_id: int, operator: str, at: datetime) -> None:
    """Pay what was held to both; both are told."""
    with _reviewed(runtime, friend_id, operator, at) as it:
        if it.invite.state != HELD:
            told = "this invite is {state}; only a held one can be released"
            raise InviteRefused(told, state=it.invite.state)
        it.invite.state = "released"
        for player, points, ref in it.shares():
            reason = ref.partition(":")[0]
            ledger.award(it.rows, player, points, ref=f"released:{ref}", reason=reason, at=at, source=HELD)
            _tell(it.rows, player, ("invite.released", ref), points, at)


def revoke(runtime: Runtime, friend_id: int, operator: str, at: datetime) -> int:
    """Take both rewards back: held ones wholly, paid ones as far as points are left. Returns what is missing."""
    missing = 0
    with _reviewed(runtime, friend_id, operator, at) as it:
        if it.invite.state not in {HELD, "rewarded", "released"}:
            told = "this invite is {state}; there is nothing to take back"
            raise InviteRefused(told, state=it.invite.state)
        held, it.invite.state = it.invite.state == HELD, "revoked"
        for player, points, ref in it.shares():
            if held:
                accounts, mark = (HELD, POINTS_FROM), f"revoked:{ref}"
                ledger.set_aside(it.rows, player, points, accounts=accounts, ref=mark, reason="revoked", at=at)
                _tell(it.rows, player, ("invite.revoked", ref), points, at)
                continue
            there = min(points, player.points)
            missing += points - there
            if there:
                mark = f"clawed-back:{ref}"
                ledger.take(it.rows, player, there, to=POINTS_FROM, ref=mark, reason="clawed_back", at=at)
                _tell(it.rows, player, ("invite.clawed_back", ref), there, at)
    return missing


def _tell(rows: TurnRows, player: Player, about: tuple[str, str], points: int, at: datetime) -> None:
    """Say a text about ``points`` to ``player``; ``about`` is its key and the ref of the reward."""
    key, ref = about
    campaign = rows.campaigns[player.campaign_id]
    shown: Values = {"title": campaign.rules.title.model_dump(), "points": points, "balance": player.points}
    notice, what = Reply(key, shown), f"notice:{key}:{ref}"
    say(rows, rows.preferred_addresses[player.id], campaign, [notice], ref=what, state=State.QUEUED, at=at)


class _List(Arguments):
    campaign: Annotated[str | None, Given.IN_PLACE] = Field(None, description="Those of one campaign.")
    state: Literal["joined", "rewarded", "held", "released", "revoked", "closed", "all"] = Field(
        "held", description="Only these."
    )
    limit: Annotated[int, Field(ge=1, le=100_000)] = Field(100, description="At most so many.")


class _Invite(Arguments):
    number: FriendNumber = Field(description="The number of an invite, from the list.")


_COLUMNS = (
    Column("number", ColumnFormat.COPIED),
    Column("campaign"),
    Column("state"),
    Column("score"),
    Column("signs"),
    Column("how"),
    Column("joined", ColumnFormat.MINUTE),
    Column("qualified", ColumnFormat.MINUTE),
    Column("points"),
    Column("inviter", ColumnFormat.COPIED),
)


def _list(desk: Desk, given: _List) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        if given.campaign is not None:
            get_campaign(session, given.campaign)
        invites = listed(session, given.campaign, None if given.state == "all" else given.state)
        found = list(islice(invites, given.limit + 1))
    none = line("No invite is {state}; {option} shows every one.", state=given.state, option=ArgumentName("state=all"))
    if given.state == "all":
        none = line("There is no invite.")
    table = Table("invites", _COLUMNS, [_facts(one) for one in found[: given.limit]], empty=none)
    return Answer([table, *more_than(given.limit, found)])


def _facts(one: ListedInvite) -> tuple[Value, ...]:
    invite = one.invite
    signs = [*filter(None, (invite.signs or "").split(",")), *(["ring"] if invite.ring else [])]
    return (
        row_number(Mark.FRIEND, invite.player_id),
        one.campaign,
        invite.state,
        invite.score,
        listing(signs) if signs else None,
        invite.how,
        invite.joined_at,
        invite.qualified_at,
        f"{invite.inviter_points} + {invite.invitee_points}",
        row_number(Mark.FRIEND, invite.inviter_id),
    )


def _release(desk: Desk, given: _Invite) -> Answer:
    number, known = row_number(Mark.FRIEND, given.number), _known(desk, given.number)
    patiently(lambda: release(desk.runtime, given.number, desk.operator, desk.at))
    return Answer(
        [line("{number} is released; both are told.", number=number)],
        changes=[Change("state", HELD, "released", number)],
        reach=known.reach,
    )


def _revoke(desk: Desk, given: _Invite) -> Answer:
    number, known = row_number(Mark.FRIEND, given.number), _known(desk, given.number)
    missing = patiently(lambda: revoke(desk.runtime, given.number, desk.operator, desk.at))
    told = line("{number} is revoked.", number=number)
    if missing:
        sentence = "{number} is revoked; {missing} points were spent already and are missing."
        told = line(sentence, number=number, missing=missing)
    return Answer([told], changes=[Change("state", known.state, "revoked", number)], reach=known.reach)


class _Known(NamedTuple):
    state: str | None
    reach: Reach


def _known(desk: Desk, friend_id: int) -> _Known:
    """The state of an invite before it is decided on, and what a decision moves."""
    with read_only(desk.runtime.sessions) as session:
        joined = select(Invite, Campaign.name).join(Campaign, Campaign.id == Invite.campaign_id)
        found = session.execute(joined.where(Invite.player_id == friend_id)).first()
        if found is None:
            return _Known(None, Reach())
        invite, name = found
        return _Known(invite.state, Reach(2, invite.inviter_points + invite.invitee_points, name))


_INVITES = Group("invites", "Review invites that look made up: release what is held, or take it back.")
VERBS = (
    Verb(
        group=_INVITES,
        word="list",
        chinese="查邀请",
        role=Role.SUPPORT,
        says="Invites, the most suspicious first; friends and inviters by number, no names and no phones.",
        more="Only what is held is shown, unless another state is asked for.",
        takes=_List,
        act=_list,
    ),
    Verb(
        group=_INVITES,
        word="release",
        chinese="放行邀请",
        role=Role.OPERATOR,
        says="Pay what an invite holds to both; both are told.",
        takes=_Invite,
        act=_release,
        changes=True,
        final="both were paid and told; an invite that is not honest after all is revoked",
        signed="the invite",
    ),
    Verb(
        group=_INVITES,
        word="revoke",
        chinese="撤销邀请",
        role=Role.OPERATOR,
        says="Take the rewards of an invite back: held ones quietly, paid ones by transfer, and both are told.",
        takes=_Invite,
        act=_revoke,
        changes=True,
        confirm="A revoked invite is never paid again, and what was paid is taken back. Revoke it?",
        final="a revoked invite is never paid again; correct the points of both if that was wrong",
        signed="the invite",
    ),
)
