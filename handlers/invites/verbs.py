"""Review invites: release what was held, or take it back; claw back by transfer what was paid already."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import ledger
from core.context import TurnRows
from core.engine.runtime import Runtime
from core.engine.saying import State, say
from core.engine.unit_of_work import unit_of_work
from core.messages import Reply, Shown
from core.models import Campaign, Player
from core.operators import Refused, check_operator
from core.words import Mark, row_number
from handlers.invites.rewards import HELD, POINTS_FROM
from handlers.invites.tables import Invite


class InviteRefused(Refused):
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
            raise InviteRefused(f"there is no invite {number}; `huoju invites list` shows them")
        people = work.lock_people([inviter_id, friend_id])
        if len(people) < 2:  # noqa: PLR2004  # the inviter and the friend
            number = row_number(Mark.FRIEND, friend_id)
            raise InviteRefused(f"a player of {number} has no address left; `huoju audit` says what is broken")
        invite = work.session.scalars(select(Invite).where(Invite.player_id == friend_id)).one()
        yield _Reviewed(work.rows, invite, people[inviter_id], people[friend_id])
        invite.decided_by, invite.decided_at = operator, at


def release(runtime: Runtime, friend_id: int, operator: str, at: datetime) -> None:
    """Pay what was held to both; both are told."""
    with _reviewed(runtime, friend_id, operator, at) as it:
        if it.invite.state != HELD:
            raise InviteRefused(f"this invite is {it.invite.state}; only a held one can be released")
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
            raise InviteRefused(f"this invite is {it.invite.state}; there is nothing to take back")
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
    shown: Shown = {"title": campaign.rules.title.model_dump(), "points": points, "balance": player.points}
    notice, what = Reply(key, shown), f"notice:{key}:{ref}"
    say(rows, rows.preferred_addresses[player.id], campaign, [notice], ref=what, state=State.QUEUED, at=at)
