"""Load: lock everything that the intents of a turn name, in a fixed number of queries and one fixed order.

Addresses by key, players by id, codes by hash, prizes by campaign and name: whoever locks in this order never
deadlocks with another turn.
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import bulk, database
from core.context import EVERYBODY, FoundCode, Movement, TurnRows
from core.engine.claiming import Delivery
from core.engine.routes import Recognised
from core.keys import Keyring
from core.ledger import POINTS, player_account
from core.models import Address, Batch, Code, Guesses, Join, Player, Prize, Redemption, Transfer
from core.models.base import table_of
from core.times import hour_number

USER_COLUMN = "addresses.user"
HISTORY_LINES = 5

_ADDRESSES = database.locked(select(Address).where(bulk.among(Address.key, "keys")), Address.key, Address)
_PLAYERS = database.locked(
    select(Player, Join.address_key)
    .join(Join, Join.player_id == Player.id)
    .where(bulk.among(Join.address_key, "address_keys")),
    Player.id,
    Player,
)
_CODES = database.locked(
    select(Code.hash, Batch.state, Batch.campaign_id)
    .join(Batch, Batch.id == Code.batch_id)
    .where(bulk.among(Code.hash, "hashes")),
    Code.hash,
    Code,
)
_USED = select(Redemption.code_hash, Redemption.player_id).where(bulk.among(Redemption.code_hash, "hashes"))
_WRONG = (
    select(Guesses.scope, func.sum(Guesses.wrong))
    .where(bulk.among(Guesses.scope, "scopes"), bulk.among(Guesses.hour, "hours"))
    .group_by(Guesses.scope)
)
_PRIZES = database.locked(
    select(Prize).where(bulk.among(Prize.campaign_id, "campaign_ids")).order_by(Prize.campaign_id), Prize.name, Prize
)


def load(session: Session, rows: TurnRows, taken: Sequence[tuple[Delivery, Recognised]]) -> None:
    """Fill ``rows`` with all that the deliveries ``taken`` name."""
    _load_addresses(session, rows, [delivery for delivery, _ in taken])
    lock_players(session, rows)
    codes = [(delivery, code) for delivery, found in taken if (code := found.intent.needs.code) is not None]
    if codes:
        _load_codes(session, rows, {rows.code_hash(code) for _, code in codes})
        _load_wrong_guesses(session, rows, {hour_number(delivery.message.received_at) for delivery, _ in codes})
        _load_prizes(session, rows)
    now = max(delivery.message.received_at for delivery, _ in taken)
    due = [p for p in rows.players.values() if p.points_expire_at is not None and p.points_expire_at <= now]
    asked = {delivery.key[0] for delivery, found in taken if found.intent.needs.history}
    curious = [player for (address_key, _), player in rows.players.items() if address_key in asked]
    _load_movements(session, rows, due, curious)


def _load_addresses(session: Session, rows: TurnRows, deliveries: Iterable[Delivery]) -> None:
    wanted = {delivery.key[0]: delivery for delivery in deliveries}
    lock_addresses(session, rows, wanted)
    missing = sorted(key for key in wanted if key not in rows.addresses)
    if missing:
        table = table_of(Address)
        bulk.claim(session, table, [new_address(wanted[key], rows.keys) for key in missing], table.c.key)
        lock_addresses(session, rows, missing)


def lock_addresses(session: Session, rows: TurnRows, keys: Iterable[bytes]) -> None:
    """Lock those of the addresses ``keys`` that exist."""
    found = session.scalars(_ADDRESSES, {"keys": sorted(keys)})
    rows.addresses.update((address.key, address) for address in found)


def new_address(delivery: Delivery, keys: Keyring) -> dict[str, object]:
    """The row of an address that speaks for the first time."""
    message = delivery.message
    return {
        "key": delivery.key[0],
        "channel": message.channel,
        "account": message.account,
        "user_sealed": keys.seal(USER_COLUMN, delivery.key[0], message.user),
        "language": None,
        "campaign_id": None,
        "said_count": 0,
        "heard_at": message.received_at,
        "wrong_on": None,
        "wrong_tries": 0,
    }


def lock_players(session: Session, rows: TurnRows) -> None:
    """Lock all players for whom the addresses in ``rows`` speak."""
    for player, address_key in session.execute(_PLAYERS, {"address_keys": sorted(rows.addresses)}):
        rows.players[address_key, player.campaign_id] = player


def _load_codes(session: Session, rows: TurnRows, hashes: set[bytes]) -> None:
    named = {"hashes": sorted(hashes)}
    for code_hash, state, campaign_id in session.execute(_CODES, named):
        if campaign_id in rows.campaigns:  # else it was published while this turn waited for its locks
            rows.codes[code_hash] = FoundCode(code_hash, state, campaign_id)
    # After the lock, so that a redemption which another process has just committed is seen.
    for code_hash, player_id in session.execute(_USED, named):
        rows.used_by[code_hash] = player_id


def _load_wrong_guesses(session: Session, rows: TurnRows, hours: set[int]) -> None:
    named = {"scopes": [EVERYBODY, *rows.campaigns], "hours": sorted(hours)}
    rows.wrong.update((scope, int(wrong)) for scope, wrong in session.execute(_WRONG, named))


def _load_prizes(session: Session, rows: TurnRows) -> None:
    """Lock the stock of those campaigns in which a code of this turn could win; most turns lock none."""
    lucky = sorted({found.campaign_id for found in rows.codes.values() if _could_win(rows, found)})
    if not lucky:
        return
    for prize in session.scalars(_PRIZES, {"campaign_ids": lucky}):
        rows.prizes[prize.campaign_id, prize.name] = prize


def _could_win(rows: TurnRows, found: FoundCode) -> bool:
    published = rows.campaigns[found.campaign_id].published
    if published.chances is None or found.hash in rows.used_by or found.batch_state != "active":
        return False
    value = rows.roll(found.hash, published).value
    return published.chances.highest.won_by(value)


def _load_movements(session: Session, rows: TurnRows, due: Sequence[Player], curious: Sequence[Player]) -> None:
    """The points history of players whose points may have expired (whole) or who ask for it (latest lines)."""
    if due:
        rows.movements.update(movements(session, due))
    rest = [player for player in curious if player.id not in rows.movements]
    if rest:
        rows.movements.update(movements(session, rest, latest=HISTORY_LINES))


def movements(session: Session, players: Sequence[Player], latest: int | None = None) -> Mapping[int, list[Movement]]:
    """Each player's movements of points, oldest first; with ``latest`` only so many of the newest. One query."""
    place = func.row_number().over(partition_by=Transfer.owner_id, order_by=(Transfer.at.desc(), Transfer.ref.desc()))
    statement = select(
        Transfer.owner_id, Transfer.at, Transfer.amount, Transfer.credit, Transfer.reason, place.label("place")
    ).where(Transfer.owner_id.in_(sorted(player.id for player in players)), Transfer.asset == POINTS)
    numbered = statement.subquery()
    chosen = select(numbered).order_by(numbered.c.owner_id, numbered.c.place.desc())
    if latest is not None:
        chosen = chosen.where(numbered.c.place <= latest)
    found: dict[int, list[Movement]] = {player.id: [] for player in players}
    for owner_id, at, amount, credit, reason, _ in session.execute(chosen):
        sign = 1 if credit == player_account(owner_id) else -1
        found[owner_id].append(Movement(at, sign * amount, reason))
    return found
