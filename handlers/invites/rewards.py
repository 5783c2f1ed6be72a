"""Reward a friend and whoever brought that friend in, once, when the friend does what counts."""

from dataclasses import dataclass
from datetime import datetime

from core import ledger
from core.context import Context, TurnRows
from core.engine.replies import State
from core.engine.replies import say as notify
from core.messages import Reply
from core.models import Player
from core.times import local_day
from handlers.codes import Redeemed
from handlers.invites.load import InviteRows
from handlers.invites.rules import InviteRules
from handlers.invites.scores import judge
from handlers.invites.tables import Invite

HELD, POINTS_FROM = "held", "points"
BLOCKED = "blocked"
"""The sign of an invite whose inviter was blocked when it qualified: it waits, however it looks."""


@dataclass(frozen=True, slots=True)
class Qualified:
    """The invite counts now: ``points`` for the friend, who has a ``balance`` after it, or held for review."""

    points: int
    held: bool
    balance: int


def qualify(rows: TurnRows, redeemed: Redeemed) -> Qualified | None:
    """Reward a player and the inviter, if this code is the act that an invite waits for; the inviter is told.

    The inviter's reward is capped per campaign day. An invite that looks made up is held: its points leave the house
    and wait for a review; so is one of an inviter who is blocked. Both players are locked; nothing is given for an
    inviter who has no address left.
    """
    player, at = redeemed.player, redeemed.at
    invite = rows.of(InviteRows).invites.get(player.id)
    if invite is None or invite.state != "joined":
        return None
    rules = rows.campaigns[player.campaign_id].rules.section(InviteRules)
    inviter = rows.people.get(rows.root(invite.inviter_id))
    if inviter is None or rules is None:
        return None
    invite.qualified_at = at
    verdict = judge(invite, rows.of(InviteRows).recent.get(inviter.id, ()), rows.of(InviteRows).invites.get(inviter.id))
    is_blocked = rows.preferred_addresses[inviter.id].blocked_at is not None
    signs = (*verdict.signs, *((BLOCKED,) if is_blocked else ()))
    invite.score, invite.signs = verdict.score, ",".join(signs) or None
    invite.invitee_points = rules.invitee
    invite.inviter_points = _within_cap(rows, inviter, rules, at)
    invite.rewarded_on = inviter.rewarded_on if invite.inviter_points else None
    held = verdict.score >= rules.hold_at or is_blocked
    invite.state = "held" if held else "rewarded"
    for receiver, points, ref in _shares(invite, inviter, player):
        if points and held:
            accounts = (POINTS_FROM, HELD)
            ledger.set_aside(rows, receiver, points, accounts=accounts, ref=f"held:{ref}", reason=HELD, at=at)
        elif points:
            reason = "invited" if receiver is player else "invite"
            ledger.award(rows, receiver, points, ref=ref, reason=reason, at=at)
    if not is_blocked:
        _tell_inviter(rows, invite, inviter, at)
    return Qualified(invite.invitee_points, held, player.points)


def say(ctx: Context) -> list[Reply]:
    """What a first code brought to a player who was invited."""
    qualified = ctx.outcome(Qualified)
    if qualified is None or not qualified.points:
        return []
    if qualified.held:
        return [Reply("invite.friend_held", {"points": qualified.points})]
    return [Reply("invite.friend_rewarded", {"points": qualified.points, "balance": qualified.balance})]


def _shares(invite: Invite, inviter: Player, friend: Player) -> list[tuple[Player, int, str]]:
    return [
        (inviter, invite.inviter_points, f"invite:{invite.player_id}"),
        (friend, invite.invitee_points, f"invited:{invite.player_id}"),
    ]


def _within_cap(rows: TurnRows, inviter: Player, rules: InviteRules, at: datetime) -> int:
    today = local_day(at, rows.campaigns[inviter.campaign_id].rules.zone)
    if inviter.rewarded_on is None or inviter.rewarded_on < today:
        inviter.rewarded_on, inviter.rewarded_today = today, 0
    if inviter.rewarded_today >= rules.per_player_per_day:
        return 0
    inviter.rewarded_today += 1
    return rules.inviter


def _tell_inviter(rows: TurnRows, invite: Invite, inviter: Player, at: datetime) -> None:
    campaign = rows.campaigns[inviter.campaign_id]
    if invite.state == HELD:
        reply = Reply("invite.held", {"title": campaign.rules.title.model_dump()})
    elif invite.inviter_points:
        shown = {"points": invite.inviter_points, "balance": inviter.points}
        reply = Reply("invite.rewarded", {"title": campaign.rules.title.model_dump(), **shown})
    else:
        return  # beyond the day's cap, or nothing is given: "my invites" tells, and a message would cost
    ref = f"notice:invite:{invite.player_id}"
    notify(rows, rows.preferred_addresses[inviter.id], campaign, [reply], ref=ref, state=State.QUEUED, at=at)
