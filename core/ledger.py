"""The ledger: every change of points or stock is a transfer between two accounts, under a ref that works once.

Cached balances (a player's points, a prize's stock) change in the same transaction as the transfer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.campaign.rules import Rules
from core.context import TurnRows
from core.models import Player, Transfer
from core.models.stock import Stocked
from core.movements import Movement
from core.times import local_day, start_of_day

POINTS = "points"


def player_account(player_id: int) -> str:
    """The ledger account of one player."""
    return f"player:{player_id}"


def house_account(campaign_id: int, purpose: str) -> str:
    """An account of the organiser: where points come from and go to, where stock is loaded from."""
    return f"campaign:{campaign_id}:{purpose}"


def stock_account(campaign_id: int, kind: type[Stocked], name: str) -> str:
    """The account that holds the stock of what is called ``name``."""
    return f"campaign:{campaign_id}:{kind.shelf}:{name}"


def account_of(item: Stocked) -> str:
    """The account that holds the stock of ``item``."""
    return stock_account(item.campaign_id, type(item), item.name)


def asset_of(item: Stocked) -> str:
    """The asset that is one piece of ``item``."""
    return f"{item.asset}:{item.name}"


def award(
    rows: TurnRows, player: Player, points: int, *, ref: str, reason: str, at: datetime, source: str = "points"
) -> None:
    """Give ``points`` (1 or more) to ``player``; the campaign's expiry rule starts to count."""
    debit, credit = house_account(player.campaign_id, source), player_account(player.id)
    _move(rows, (player.id, player.campaign_id), (debit, credit), points, ref=ref, reason=reason, at=at)
    player.points += points
    _note(rows, player, Movement(at, points, reason))
    _start_expiry(rows, player, at)


def take(rows: TurnRows, player: Player, points: int, *, to: str, ref: str, reason: str, at: datetime) -> None:
    """Take ``points`` (1 or more) of ``player`` to the house account ``to``; the CHECK refuses a debt."""
    accounts = (player_account(player.id), house_account(player.campaign_id, to))
    _move(rows, (player.id, player.campaign_id), accounts, points, ref=ref, reason=reason, at=at)
    player.points -= points
    _note(rows, player, Movement(at, -points, reason))


def set_aside(
    rows: TurnRows, player: Player, points: int, *, accounts: tuple[str, str], ref: str, reason: str, at: datetime
) -> None:
    """Move ``points`` that are meant for ``player`` between two house accounts (debit, credit)."""
    debit, credit = (house_account(player.campaign_id, purpose) for purpose in accounts)
    _move(rows, (player.id, player.campaign_id), (debit, credit), points, ref=ref, reason=reason, at=at)


def correct(rows: TurnRows, player: Player, points: int, *, ref: str, note: str, at: datetime) -> None:
    """Change ``player``'s points by ``points``, which is not 0 and leaves none owing; ``note`` says why."""
    house, mine = house_account(player.campaign_id, "corrections"), player_account(player.id)
    accounts = (house, mine) if points > 0 else (mine, house)
    _move(rows, (player.id, player.campaign_id), accounts, abs(points), ref=ref, reason="correction", at=at, note=note)
    player.points += points
    _start_expiry(rows, player, at)


def hand_out(rows: TurnRows, item: Stocked, player: Player, *, ref: str, reason: str, at: datetime) -> None:
    """Move one piece of ``item`` from its stock to ``player``; the CHECK on the stock refuses an overdraft."""
    accounts = (account_of(item), player_account(player.id))
    _move(rows, (player.id, player.campaign_id), accounts, 1, ref=ref, reason=reason, at=at, asset=asset_of(item))
    item.stock_left -= 1


def take_back(rows: TurnRows, item: Stocked, owner_id: int, *, ref: str, reason: str, at: datetime) -> None:
    """Move one piece of ``item`` from the player ``owner_id``, to whom it was handed out, back to its stock."""
    accounts = (player_account(owner_id), account_of(item))
    _move(rows, (owner_id, item.campaign_id), accounts, 1, ref=ref, reason=reason, at=at, asset=asset_of(item))
    item.stock_left += 1


def _move(
    rows: TurnRows,
    owner: tuple[int, int],
    accounts: tuple[str, str],
    amount: int,
    *,
    ref: str,
    reason: str,
    at: datetime,
    asset: str = POINTS,
    note: str | None = None,
) -> None:
    rows.append(
        Transfer,
        owner_id=owner[0],
        ref=ref,
        campaign_id=owner[1],
        asset=asset,
        debit=accounts[0],
        credit=accounts[1],
        amount=amount,
        reason=reason,
        note=note,
        at=at,
    )


def _note(rows: TurnRows, player: Player, movement: Movement) -> None:
    if (seen := rows.movements.get(player.id)) is not None:
        seen.append(movement)


def _start_expiry(rows: TurnRows, player: Player, at: datetime) -> None:
    rules = rows.campaigns[player.campaign_id].rules
    if rules.points.expire:
        expiry = expires_at(rules, at)
        player.points_expire_at = min(player.points_expire_at or expiry, expiry)


def expires_at(rules: Rules, earned_at: datetime) -> datetime:
    """When points earned at ``earned_at`` expire: at the end of the campaign day, ``points.expire`` days later."""
    assert rules.points.expire is not None
    return start_of_day(local_day(earned_at, rules.zone) + timedelta(days=rules.points.expire + 1), rules.zone)


def expired_points(rules: Rules, movements: Sequence[Movement], at: datetime) -> tuple[int, datetime | None]:
    """(points that have expired by ``at`` and are still held, when the next ones may).

    Oldest points are spent first, so what has expired is what was earned before the limit less all that ever left.
    """
    left = sum(-movement.points for movement in movements if movement.points < 0)
    earned = [movement for movement in movements if movement.points > 0]
    old = sum(movement.points for movement in earned if expires_at(rules, movement.at) <= at)
    later = [expires_at(rules, movement.at) for movement in earned if expires_at(rules, movement.at) > at]
    return max(old - left, 0), min(later, default=None)


def expire(rows: TurnRows, player: Player, at: datetime) -> int:
    """Take the points of ``player``, whose movements are loaded, that have expired by ``at``; returns how many."""
    rules = rows.campaigns[player.campaign_id].rules
    if rules.points.expire is None:
        player.points_expire_at = None
        return 0
    points, player.points_expire_at = expired_points(rules, rows.movements[player.id], at)
    if points:
        take(rows, player, points, to="expired", ref=f"expire:{at.isoformat()}", reason="expired", at=at)
    return points
