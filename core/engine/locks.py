"""Lock addresses, then the players for whom they speak: everybody does it in this order, so turns never deadlock."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import bulk, database, lists
from core.context import TurnRows
from core.database import Moved
from core.engine.delivery import Delivery
from core.keys import Keyring
from core.models import Address, Join, Player
from core.models.base import table_of
from core.models.players import ROOT, USER_COLUMN
from core.places import Place

_ADDRESSES = database.locked(select(Address).where(lists.among(Address.key, "keys")), Address.key, Address)
_PLAYERS = database.locked(
    select(Player, Join.address_key)
    .join(Join, Join.player_id == Player.id)
    .where(lists.among(Join.address_key, "address_keys")),
    Player.id,
    Player,
)
_SPOKESMEN = (
    select(
        Player.id,
        ROOT,
        Player.campaign_id,
        Address.channel,
        Address.account,
        Address.gone_at.is_(None),
        Address.heard_at,
        Address.key,
    )
    .join(Join, Join.player_id == ROOT)
    .join(Address, Address.key == Join.address_key)
    .where(lists.among(Player.id, "ids"))
)


def lock_deliverers(session: Session, rows: TurnRows, taken: Iterable[Delivery], others: Iterable[bytes]) -> None:
    """Lock the addresses of all deliveries, making those that speak for the first time, and those of ``others``."""
    wanted = {delivery.key[0]: delivery for delivery in taken}
    lock_addresses(session, rows, wanted.keys() | set(others))
    missing = sorted(key for key in wanted if key not in rows.addresses)
    if missing:
        table = table_of(Address)
        made = bulk.claim(session, table, [new_address(wanted[key], rows.keys) for key in missing], table.c.key)
        if len(made) < len(missing):
            raise Moved("an address spoke for the first time meanwhile")  # locked now, it would come out of order
        lock_addresses(session, rows, missing)


def lock_addresses(session: Session, rows: TurnRows, keys: Iterable[bytes]) -> None:
    """Lock those of the addresses ``keys`` that exist."""
    found = session.scalars(_ADDRESSES, {"keys": sorted(keys)})
    for address in found:
        rows.addresses[address.key] = address
        rows.campaigns.meet(address.campaign_id)


def new_address(delivery: Delivery, keys: Keyring) -> dict[str, object]:
    """The row of an address that speaks for the first time."""
    message = delivery.message
    return {
        "key": delivery.key[0],
        "channel": message.channel,
        "account": message.account,
        "user_sealed": keys.seal(USER_COLUMN, delivery.key[0], message.user),
        "language": None,
        "app_language": message.language,
        "campaign_id": None,
        "said_count": 0,
        "heard_at": message.received_at,
        "wrong_on": None,
        "wrong_tries": 0,
        "person": None,
        "scanned": None,
        "came_by": None,
        "offered": None,
        "question": None,
        "question_campaign_id": None,
        "question_until": None,
        "question_again": False,
        "question_number": 0,
        "typed_left": 0,
        "typed_until": None,
        "tapped_left": 0,
        "tapped_until": None,
        "opted_out_at": None,
        "wished_at": None,
        "gone_at": None,
        "blocked_at": None,
        "blocked_by": None,
        "blocked_why_sealed": None,
        "block_told": False,
        "erased_at": None,
        "begun_again_at": None,
        "answers_until": None,
        "answers": 0,
        "helpless_answers": 0,
    }


def user_of(rows: TurnRows, address: Address) -> str:
    """The user behind ``address``, as its platform calls them."""
    return rows.keys.unseal(USER_COLUMN, address.key, address.user_sealed)


def lock_players(session: Session, rows: TurnRows) -> None:
    """Lock all players for whom the addresses in ``rows`` speak.

    Raises Moved when one of them was linked to another while we waited for its lock.
    """
    for player, address_key in session.execute(_PLAYERS, {"address_keys": sorted(rows.addresses)}):
        if player.merged_into is not None:
            raise Moved("a player was linked meanwhile")
        rows.campaigns.meet(player.campaign_id)
        rows.players[address_key, player.campaign_id] = player
        rows.people[player.id] = player
        address, known = rows.addresses[address_key], rows.preferred_addresses.get(player.id)
        if known is None or _reachable(rows, player, known) < _reachable(rows, player, address):
            rows.preferred_addresses[player.id] = address


class Reachable(NamedTuple):
    """How well a notice goes to an address: of several the greatest one gets it."""

    plays: bool
    """The campaign is played there: no other account of ours speaks of it while one does."""
    there: bool
    heard_at: datetime
    key: bytes


def _reachable(rows: TurnRows, player: Player, address: Address) -> Reachable:
    plays = _plays_at(rows, player.campaign_id, address.place)
    return Reachable(plays, address.gone_at is None, address.heard_at, address.key)


def _plays_at(rows: TurnRows, campaign_id: int, place: Place) -> bool:
    """Whether the campaign is played at ``place``; False for one that was published after this turn began."""
    return campaign_id in rows.campaigns and rows.campaigns[campaign_id].rules.plays_at(place)


def find_preferred_addresses(session: Session, rows: TurnRows, player_ids: Iterable[int]) -> set[bytes]:
    """The address of each of these players that was heard last: where the campaign is played, and not gone, if any is.

    Whom each of them has become stands in ``rows``. Nothing is locked: lock the addresses, then the players, then
    :func:`refuse_moved`.
    """
    wanted = sorted(set(player_ids))
    latest: dict[int, Reachable] = {}
    if wanted:
        for player_id, root, campaign_id, channel, account, there, heard_at, key in session.execute(
            _SPOKESMEN, {"ids": wanted}
        ):
            rows.roots[player_id] = root
            rows.campaigns.meet(campaign_id)
            one = Reachable(_plays_at(rows, campaign_id, Place(channel, account)), bool(there), heard_at, key)
            latest[root] = max(latest.get(root, one), one)
    return {one.key for one in latest.values()}


def refuse_moved(rows: TurnRows) -> None:
    """Raise Moved when somebody who was looked up before the locks is not what was found there any more."""
    if any(root not in rows.people for root in rows.roots.values()):
        raise Moved("a player was linked meanwhile")


def lock_people(session: Session, rows: TurnRows, player_ids: Iterable[int]) -> Mapping[int, Player]:
    """Lock these players (or whom they have become) with an address of each; returns them by the id that was asked."""
    asked = list(player_ids)
    lock_addresses(session, rows, find_preferred_addresses(session, rows, asked))
    lock_players(session, rows)
    refuse_moved(rows)
    return {each: rows.people[rows.root(each)] for each in asked if each in rows.roots}
