"""What a turn loads of the relay: torches of senders and inviters, the day's quota, and where players stand."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from core import bulk, database, lists
from core.context import TurnRows
from core.engine.delivery import Delivery
from core.engine.routes import AllWanted, Requirement
from core.models import Address, Join, Player
from core.models.base import table_of
from core.models.players import ROOT
from core.places import Place
from core.times import local_day
from handlers.codes import CodeRequires
from handlers.invites import Invite
from handlers.relay.boards import HEAD, Board, boards
from handlers.relay.rank_index import Spot, places
from handlers.relay.rollup import CHAIN_LEGS, PASSED, passed_on
from handlers.relay.rules import RelayRules, relay_on
from handlers.relay.tables import Chain, QuotaDay, Runner, RunnerDay, Torch

_FRIEND = aliased(Player)
_PASSED = select(Runner.player_id, Runner.passed).where(lists.among(Runner.player_id, "ids"))
_PASSED_TODAY = select(RunnerDay.player_id, RunnerDay.day, RunnerDay.passed).where(
    lists.among(RunnerDay.player_id, "ids"), lists.among(RunnerDay.day, "days")
)
_CHAINS = select(Chain.id, Chain.legs, Chain.torches, Chain.lit).where(lists.among(Chain.id, "ids"))
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


class Standing(NamedTuple):
    """Where a player and the player's chain stand on the boards; places count from 1, equal ones share theirs."""

    passed: int
    """Friends who took a torch from this player."""
    passed_today: int
    place: int
    place_today: int
    chain_legs: int
    chain_torches: int
    chain_lit: int
    chain_place: int


@dataclass(slots=True)
class RelayRows:
    """The torches of a turn."""

    torches: dict[int, list[Torch]] = field(default_factory=dict)
    """By player, those of the players that were linked to this one included."""
    quotas: dict[tuple[int, date], QuotaDay] = field(default_factory=dict)
    """How many torches of a campaign day were given out, by campaign and day; locked."""
    standings: dict[int, Standing] = field(default_factory=dict)
    boards: dict[int, Mapping[str, Board]] = field(default_factory=dict)
    """By campaign: "longest" (chains by legs), "lit" (chains by lit torches), "today" (players by friends)."""
    came: dict[int, list[tuple[datetime, int]]] = field(default_factory=dict)
    """Friends by inviter, who may light a torch that is granted after they were dealt with: (joined at, friend)."""


@dataclass(frozen=True, slots=True)
class RelayRequires(Requirement):
    """The player's torches."""

    torch: bool = False
    """All of them, and where they stand."""
    quota: bool = False
    """How many torches the day's quota has left."""
    board: bool = False
    """The heads of the boards."""


def load(session: Session, rows: TurnRows, wanted: AllWanted) -> None:
    """Load what the messages may light, grant or show; all players are locked. Nothing where there is no relay."""
    relays = {each for each, campaign in rows.campaigns.items() if campaign.rules.section(RelayRules)}
    if not relays:
        return
    relayed = wanted.of(RelayRequires)
    # A torch is asked for, or a code earns one.
    earning = [delivery for delivery, needs in relayed if needs.torch]
    earning += [delivery for delivery, needs in wanted.of(CodeRequires) if needs.codes]
    asking = {delivery.key[0] for delivery in earning}
    holders = {rows.root(player_id) for player_id in rows.roots}
    holders |= {player.id for (key, _), player in rows.players.items() if key in asking}
    if rows.sides:
        holders |= rows.people.keys()
    load_torches_of(session, rows, (each for each in holders if rows.people[each].campaign_id in relays))
    _load_came(session, rows, earning)
    _lock_quotas(session, rows, relays, [delivery for delivery, needs in relayed if needs.quota])
    curious = {delivery.key[0] for delivery, needs in relayed if needs.torch or needs.board}
    if curious:
        players = [p for (key, _), p in rows.players.items() if key in curious and p.campaign_id in relays]
        today = {
            each: local_day(wanted[-1].delivery.message.received_at, rows.campaigns[each].rules.zone) for each in relays
        }
        _load_standings(session, rows, players, today)
        if any(needs.board for _, needs in relayed):
            _load_boards(session, rows, today)


def load_torches_of(session: Session, rows: TurnRows, player_ids: Iterable[int]) -> None:
    """All torches of these players, which are locked. One query."""
    ids = sorted(set(player_ids))
    if not ids:
        return
    rows.of(RelayRows).torches.update((player_id, []) for player_id in ids)
    for root, torch in session.execute(_TORCHES, {"ids": ids}):
        rows.of(RelayRows).torches[root].append(torch)


def _load_came(session: Session, rows: TurnRows, earning: Sequence[Delivery]) -> None:
    """Who joined through those that a torch may be granted to, since the first of these messages was received.

    Nearly always nobody: only messages that are not dealt with in their order bring a friend before the torch.
    """
    asking = {each.key[0] for each in earning}
    players = {p.id: p for (key, _), p in rows.players.items() if key in asking and p.id in rows.of(RelayRows).torches}
    unlit = sorted(
        each for each in players if not any(torch.state == "lit" for torch in rows.of(RelayRows).torches[each])
    )
    if not unlit:
        return
    since = min(each.message.received_at for each in earning)
    for root, joined_at, friend_id, campaign_id, *place in session.execute(_CAME, {"ids": unlit, "since": since}):
        if relay_on(rows.campaigns[campaign_id].rules, Place(*place)):
            rows.of(RelayRows).came.setdefault(root, []).append((joined_at, friend_id))


def _lock_quotas(session: Session, rows: TurnRows, relays: set[int], asking: Sequence[Delivery]) -> None:
    """Lock the day's quota of each campaign that has one, where somebody without a torch asks for one."""
    days: set[tuple[int, date]] = set()
    for each in asking:
        key, at = each.key[0], each.message.received_at
        for campaign_id in relays:
            rules = rows.campaigns[campaign_id].rules
            relay = rules.section(RelayRules)
            player = rows.players.get((key, campaign_id))
            if relay and relay.quota_per_day and (player is None or not rows.of(RelayRows).torches.get(player.id)):
                days.add((campaign_id, local_day(at, rules.zone)))
    if not days:
        return
    table = table_of(QuotaDay)
    empty = [{"campaign_id": campaign_id, "day": day, "taken": 0} for campaign_id, day in sorted(days)]
    bulk.claim(session, table, empty, table.c.day)
    mine = or_(*(and_(QuotaDay.campaign_id == campaign_id, QuotaDay.day == day) for campaign_id, day in sorted(days)))
    statement = database.locked(select(QuotaDay).where(mine).order_by(QuotaDay.campaign_id), QuotaDay.day, QuotaDay)
    for quota in session.scalars(statement):
        rows.of(RelayRows).quotas[quota.campaign_id, quota.day] = quota


def _load_standings(session: Session, rows: TurnRows, players: Iterable[Player], today: Mapping[int, date]) -> None:
    """Where these players, whose torches are loaded, and their chains stand. Four queries."""
    holders = {player.id: player for player in players if rows.of(RelayRows).torches.get(player.id)}
    if not holders:
        return
    chain_of = {player_id: rows.of(RelayRows).torches[player_id][0].chain_id for player_id in holders}
    whose = {each.player_id: root for root in holders for each in rows.of(RelayRows).torches[root]}
    ids = {"ids": sorted(whose)}
    passed: Counter[int] = Counter()
    for player_id, count in session.execute(_PASSED, ids):
        passed[whose[player_id]] += count
    days: Counter[tuple[int, date]] = Counter()
    for player_id, day, count in session.execute(_PASSED_TODAY, {**ids, "days": sorted(set(today.values()))}):
        days[whose[player_id], day] += count
    chains = {row[0]: row[1:] for row in session.execute(_CHAINS, {"ids": sorted(set(chain_of.values()))})}
    spots: dict[int, tuple[Spot, Spot, Spot]] = {}
    for player_id, player in holders.items():
        campaign_id, day = player.campaign_id, today[player.campaign_id]
        legs = chains.get(chain_of[player_id], (1, 1, 0))[0]
        spots[player_id] = (
            Spot(campaign_id, PASSED, passed[player_id]),
            Spot(campaign_id, passed_on(day), days[player_id, day]),
            Spot(campaign_id, CHAIN_LEGS, legs),
        )
    found = places(session, [spot for mine in spots.values() for spot in mine])
    for player_id, mine in spots.items():
        of_chain = chains.get(chain_of[player_id], (1, 1, 0))
        own, own_today, of_legs = mine
        rows.of(RelayRows).standings[player_id] = Standing(
            own.value, own_today.value, found[own], found[own_today], *of_chain, found[of_legs]
        )


def _load_boards(session: Session, rows: TurnRows, today: Mapping[int, date]) -> None:
    """The heads of the boards of every campaign in ``today``. Ten queries a campaign."""
    for campaign_id, day in today.items():
        rows.of(RelayRows).boards[campaign_id] = boards(session, campaign_id, day, HEAD)
