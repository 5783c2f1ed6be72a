"""Reward a friend and whoever brought that friend in, once, when the friend does what counts."""

from dataclasses import dataclass

from core import ledger
from core.campaign.rules import InviteRules
from core.context import Context
from core.engine.saying import State, say
from core.messages import Reply
from core.models import Player
from core.times import local_day
from handlers.invites.load import InviteRows
from handlers.invites.scores import judge
from handlers.invites.tables import Invite

HELD, POINTS_FROM = "held", "points"


@dataclass(frozen=True, slots=True)
class Qualified:
    """The invite counts now: ``points`` for the friend, or held for review."""

    points: int
    held: bool


def qualify(ctx: Context, player: Player) -> Qualified | None:
    """Reward ``player`` and the inviter, if this is the act that an invite waits for; the inviter is told.

    The inviter's reward is capped per campaign day. An invite that looks made up is held: its points leave the house
    and wait for a review. Both players are locked; nothing is given for an inviter who has no address left.
    """
    rows = ctx.rows
    invite = rows.of(InviteRows).invites.get(player.id)
    campaign = rows.campaigns[player.campaign_id]
    inviter = rows.people.get(rows.root(invite.inviter_id)) if invite else None
    if invite is None or inviter is None or invite.state != "joined" or campaign.rules.invites is None:
        return None
    invite.qualified_at = ctx.now
    verdict = judge(invite, rows.of(InviteRows).recent.get(inviter.id, ()), rows.of(InviteRows).invites.get(inviter.id))
    invite.score, invite.signs = verdict.score, ",".join(verdict.signs) or None
    invite.invitee_points = campaign.rules.invites.invitee
    invite.inviter_points = _within_cap(ctx, inviter, campaign.rules.invites)
    invite.rewarded_on = inviter.rewarded_on if invite.inviter_points else None
    held = verdict.score >= campaign.rules.invites.hold_at
    invite.state = "held" if held else "rewarded"
    for receiver, points, ref in _shares(invite, inviter, player):
        if points and held:
            accounts = (POINTS_FROM, HELD)
            ledger.set_aside(rows, receiver, points, accounts=accounts, ref=f"held:{ref}", reason=HELD, at=ctx.now)
        elif points:
            reason = "invited" if receiver is player else "invite"
            ledger.award(rows, receiver, points, ref=ref, reason=reason, at=ctx.now)
    _tell_inviter(ctx, invite, inviter)
    return Qualified(invite.invitee_points, held)


def _shares(invite: Invite, inviter: Player, friend: Player) -> list[tuple[Player, int, str]]:
    return [
        (inviter, invite.inviter_points, f"invite:{invite.player_id}"),
        (friend, invite.invitee_points, f"invited:{invite.player_id}"),
    ]


def _within_cap(ctx: Context, inviter: Player, rules: InviteRules) -> int:
    today = local_day(ctx.now, ctx.rows.campaigns[inviter.campaign_id].rules.zone)
    if inviter.rewarded_on is None or inviter.rewarded_on < today:
        inviter.rewarded_on, inviter.rewarded_today = today, 0
    if inviter.rewarded_today >= rules.per_player_per_day:
        return 0
    inviter.rewarded_today += 1
    return rules.inviter


def _tell_inviter(ctx: Context, invite: Invite, inviter: Player) -> None:
    rows = ctx.rows
    campaign = rows.campaigns[inviter.campaign_id]
    if invite.state == HELD:
        reply = Reply("invite.held", {"title": campaign.rules.title.model_dump()})
    elif invite.inviter_points:
        shown = {"points": invite.inviter_points, "balance": inviter.points}
        reply = Reply("invite.rewarded", {"title": campaign.rules.title.model_dump(), **shown})
    else:
        return  # beyond the day's cap, or nothing is given: "my invites" tells, and a message would cost
    ref = f"notice:invite:{invite.player_id}"
    say(rows, rows.preferred_addresses[inviter.id], campaign, [reply], ref=ref, state=State.QUEUED, at=ctx.now)
