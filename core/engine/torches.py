"""Load torches: those of senders and inviters, the day's quota, and where players stand on the boards."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from core import bulk, database, lists
from core.campaign.platforms import relay_on
from core.context import TurnRows
from core.engine.circles import Wanted
from core.models import Address, Invite, Join, Player, QuotaDay, Torch
from core.models.base import table_of
from core.models.players import ROOT
from core.places import Place
from core.relay.boards import load_boards, load_standings
from core.times import local_day

_FRIEND = aliased(Player)
_TORCHES = (
    select(ROOT, Torch)
    .join(Player, Player.id == Torch.player_id)
    .where(lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids"))
    .order_by(Torch.granted_at, Torch.player_id, Torch.number)
)

_CAME = (
    select(ROOT, Invite.joined_at, Invite.player_id, Invite.campaign_id, Address.channel, Address.account)
    .select_from(Player)
    .join(Invite, Invite.inviter_id == Player.id)
    .join(_FRIEND, _FRIEND.id == Invite.player_id)
    .join(Join, Join.player_id == func.coalesce(_FRIEND.merged_into, _FRIEND.id))
    .join(Address, Address.key == Join.address_key)
    .where(lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids"))
    .where(Invite.joined_at >= bindparam("since"), Join.joined_at == Invite.joined_at)
)


def load_torches(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> None:
    """Load what the messages may light, grant or show; all players are locked. Nothing where there is no relay."""
    relays = {each for each, campaign in rows.campaigns.items() if campaign.rules.relay}
    if not relays:
        return
    asking = {e.delivery.key[0] for e in wanted if e.needs.torch or e.needs.codes or e.needs.link_word}
    holders = {rows.root(player_id) for player_id in rows.circles.roots}
    holders |= {player.id for (key, _), player in rows.players.items() if key in asking}
    if rows.circles.link_words:
        holders |= rows.people.keys()
    load_torches_of(session, rows, (each for each in holders if rows.people[each].campaign_id in relays))
    _load_came(session, rows, [each for each in wanted if each.needs.torch or each.needs.codes])
    _lock_quotas(session, rows, relays, [each for each in wanted if each.needs.quota])
    curious = {each.delivery.key[0] for each in wanted if each.needs.torch or each.needs.board}
    if curious:
        players = [p for (key, _), p in rows.players.items() if key in curious and p.campaign_id in relays]
        today = {
            each: local_day(wanted[-1].delivery.message.received_at, rows.campaigns[each].rules.zone) for each in relays
        }
        load_standings(session, rows, players, today)
        if any(each.needs.board for each in wanted):
            load_boards(session, rows, today)


def load_torches_of(session: Session, rows: TurnRows, player_ids: Iterable[int]) -> None:
    """All torches of these players, which are locked. One query."""
    ids = sorted(set(player_ids))
    if not ids:
        return
    rows.torches.update((player_id, []) for player_id in ids)
    for root, torch in session.execute(_TORCHES, {"ids": ids}):
        rows.torches[root].append(torch)


def _load_came(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> None:
    """Who joined through those that a torch may be granted to, since the first of these messages was received.

    Nearly always nobody: only messages that are not dealt with in their order bring a friend before the torch.
    """
    asking = {each.delivery.key[0] for each in wanted}
    players = {p.id: p for (key, _), p in rows.players.items() if key in asking and p.id in rows.torches}
    unlit = sorted(each for each in players if not any(torch.state == "lit" for torch in rows.torches[each]))
    if not unlit:
        return
    since = min(each.delivery.message.received_at for each in wanted)
    for root, joined_at, friend_id, campaign_id, *place in session.execute(_CAME, {"ids": unlit, "since": since}):
        if relay_on(rows.campaigns[campaign_id].rules, Place(*place)):
            rows.circles.came.setdefault(root, []).append((joined_at, friend_id))


def _lock_quotas(session: Session, rows: TurnRows, relays: set[int], wanted: Sequence[Wanted]) -> None:
    """Lock the day's quota of each campaign that has one, where somebody without a torch asks for one."""
    days: set[tuple[int, date]] = set()
    for each in wanted:
        key, at = each.delivery.key[0], each.delivery.message.received_at
        for campaign_id in relays:
            rules = rows.campaigns[campaign_id].rules
            player = rows.players.get((key, campaign_id))
            if rules.relay and rules.relay.quota_per_day and (player is None or not rows.torches.get(player.id)):
                days.add((campaign_id, local_day(at, rules.zone)))
    if not days:
        return
    table = table_of(QuotaDay)
    empty = [{"campaign_id": campaign_id, "day": day, "taken": 0} for campaign_id, day in sorted(days)]
    bulk.claim(session, table, empty, table.c.day)
    mine = or_(*(and_(QuotaDay.campaign_id == campaign_id, QuotaDay.day == day) for campaign_id, day in sorted(days)))
    statement = database.locked(select(QuotaDay).where(mine).order_by(QuotaDay.campaign_id), QuotaDay.day, QuotaDay)
    for quota in session.scalars(statement):
        rows.quotas[quota.campaign_id, quota.day] = quota
