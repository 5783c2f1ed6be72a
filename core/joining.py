"""Join: an address enters a campaign; its first join makes a player, and sets who invited that player, for ever."""

from collections.abc import Iterable

from core import bulk
from core.campaign.live import LiveCampaign
from core.campaign.platforms import friends_on
from core.claims.load import ClaimRows
from core.context import Context
from core.follow_ups.planting import joined
from core.invites.load import InviteRows
from core.models import Invite, Join, JoinedPhone, Player
from core.phones import phone_of
from core.relay.passing import hand_on
from core.scenes import count_join

_RANGE_DIGITS = 3


def enter(ctx: Context, campaign: LiveCampaign, inviter: Player | None = None) -> Player:
    """Turn to ``campaign``, joining it when this address has not: returns its player.

    At a first join ``inviter`` has invited the new player, or else whoever recommended the address's phone first.
    """
    ctx.campaign = campaign
    if ctx.address.campaign_id != campaign.id:
        ctx.address.campaign_id = campaign.id
    if (player := ctx.player) is not None:
        return player
    player = _new_player(ctx, campaign)
    rows = ctx.rows
    rows.people[player.id], rows.spokesmen[player.id] = player, ctx.address
    mine = sorted({ctx.address.key, *rows.persons.get(ctx.address.person or b"", ())})
    for key in mine:
        rows.players[key, campaign.id] = player
        rows.append(Join, address_key=key, campaign_id=campaign.id, player_id=player.id, joined_at=ctx.now)
    joined(rows, campaign, player.id, ctx.now)
    count_join(ctx)
    inviter = _attribute(ctx, player, inviter or _scanned(ctx, campaign))
    remember_phones(ctx, mine, player)
    ctx.handed = hand_on(ctx, player, inviter)
    ctx.address.scanned = None
    return player


def remember_phones(ctx: Context, keys: Iterable[bytes], player: Player) -> None:
    """A phone among the addresses ``keys``, which speak for ``player`` now, can be recommended no more."""
    joined_phones, phones = ctx.rows.of(InviteRows).joined_phones, ctx.rows.phones
    for key in sorted({phones[each] for each in keys if each in phones}):
        if (key, player.campaign_id) not in joined_phones:
            joined_phones[key, player.campaign_id] = player.id
            ctx.rows.append(JoinedPhone, phone_key=key, campaign_id=player.campaign_id, player_id=player.id, at=ctx.now)


def phone_key(ctx: Context) -> bytes | None:
    """The blind index of the phone number that the sender's address is, on channels where it is one."""
    phone = phone_of(ctx.message.user)
    return ctx.rows.keys.index("phone", phone) if phone else None


def _new_player(ctx: Context, campaign: LiveCampaign) -> Player:
    player = bulk.fresh(
        Player,
        id=ctx.rows.new_id(ctx.now),
        campaign_id=campaign.id,
        points=0,
        points_expire_at=None,
        active_on=None,
        redeemed_today=0,
        drawn_today=0,
        wins=0,
        joined_at=ctx.now,
        question=None,
        question_until=None,
        question_again=False,
        question_count=0,
        invite_word=None,
        rewarded_on=None,
        rewarded_today=0,
        merged_into=None,
        name_sealed=None,
        name_waiting_sealed=None,
        name_waiting_at=None,
        name_decided_by=None,
        name_decided_at=None,
    )
    ctx.rows.add(player)
    ctx.rows.of(ClaimRows).claims[player.id] = []
    return player


def _scanned(ctx: Context, campaign: LiveCampaign) -> Player | None:
    """Whose invite word the sender scanned, before the typed word that makes it count."""
    owner = ctx.rows.of(InviteRows).words.get(ctx.rows.of(InviteRows).scanned.get(ctx.address.key, ""))
    inviter = ctx.rows.people.get(ctx.rows.root(owner)) if owner is not None else None
    return inviter if inviter is not None and inviter.campaign_id == campaign.id else None


def _attribute(ctx: Context, player: Player, inviter: Player | None) -> Player | None:
    """Set for ever who brought ``player`` in: ``inviter``, or whoever recommended the phone first; returns that one."""
    rows, campaign_id, key = ctx.rows, player.campaign_id, phone_key(ctx)
    how = "word"
    if key is not None and (key, campaign_id) not in rows.of(InviteRows).joined_phones:
        rows.of(InviteRows).joined_phones[key, campaign_id] = player.id
        rows.append(JoinedPhone, phone_key=key, campaign_id=campaign_id, player_id=player.id, at=ctx.now)
        if inviter is None and friends_on(rows.campaigns[campaign_id].rules, ctx.message.place):
            waiting = [rows.root(each) for each in rows.of(InviteRows).recommended.get((key, campaign_id), ())]
            inviter, how = next((rows.people[each] for each in waiting if each in rows.people), None), "phone"
    if inviter is None:
        return None
    phone = phone_of(ctx.message.user)
    invite = bulk.fresh(
        Invite,
        player_id=player.id,
        campaign_id=campaign_id,
        inviter_id=inviter.id,
        how=how,
        state="joined",
        joined_at=ctx.now,
        qualified_at=None,
        inviter_points=0,
        invitee_points=0,
        rewarded_on=None,
        score=0,
        signs=None,
        ring=False,
        range_key=rows.keys.index("phone-range", phone[:-_RANGE_DIGITS]) if phone else None,
        text_key=rows.keys.index("words", ctx.message.text),
        decided_by=None,
        decided_at=None,
    )
    rows.add(invite)
    rows.of(InviteRows).invites[player.id] = invite
    rows.of(InviteRows).recent.setdefault(inviter.id, []).append(invite)
    return inviter
