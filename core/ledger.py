"""The ledger: every change of points or stock is a transfer between two accounts, under a ref that works once.

Cached balances (a player's points, a prize's stock) change in the same transaction as the transfer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.campaign.rules import Rules
from core.context import Movement, TurnRows
from core.models import Player, Prize, Transfer
from core.times import local_day, start_of_day

POINTS = "points"
HOUSE = 0
"""The owner of transfers that concern no player."""


def player_account(player_id: int) -> str:
    """The ledger account of one player."""
    return f"player:{player_id}"


def house_account(campaign_id: int, purpose: str) -> str:
    """An account of the organiser: where points come from and go to, where stock is loaded from."""
    return f"campaign:{campaign_id}:{purpose}"


def stock_account(campaign_id: int, prize: str) -> str:
    """The account that holds the stock of a prize."""
    return f"campaign:{campaign_id}:stock:{prize}"


def stock_asset(prize: str) -> str:
    """The asset that is one piece of a prize."""
    return f"prize:{prize}"


def award(rows: TurnRows, player: Player, points: int, *, ref: str, reason: str, at: datetime) -> None:
    """Give ``points`` (1 or more) to ``player``; the campaign's expiry rule starts to count."""
    rows.append(
        Transfer,
        owner_id=player.id,
        ref=ref,
        campaign_id=player.campaign_id,
        asset=POINTS,
        debit=house_account(player.campaign_id, "points"),
        credit=player_account(player.id),
        amount=points,
        reason=reason,
        note=None,
        at=at,
    )
    player.points += points
    if (seen := rows.movements.get(player.id)) is not None:
        seen.append(Movement(at, points, reason))
    _start_expiry(rows, player, at)


def correct(rows: TurnRows, player: Player, points: int, *, ref: str, note: str, at: datetime) -> None:
    """Change ``player``'s points by ``points``, which is not 0 and leaves none owing; ``note`` says why."""
    house, mine = house_account(player.campaign_id, "corrections"), player_account(player.id)
    rows.append(
        Transfer,
        owner_id=player.id,
        ref=ref,
        campaign_id=player.campaign_id,
        asset=POINTS,
        debit=house if points > 0 else mine,
        credit=mine if points > 0 else house,
        amount=abs(points),
        reason="correction",
        note=note,
        at=at,
    )
    player.points += points
    _start_expiry(rows, player, at)


def _start_expiry(rows: TurnRows, player: Player, at: datetime) -> None:
    rules = rows.campaigns[player.campaign_id].rules
    if rules.points.expire:
        expiry = expires_at(rules, at)
        player.points_expire_at = min(player.points_expire_at or expiry, expiry)


def hand_out(rows: TurnRows, prize: Prize, player: Player, *, ref: str, at: datetime) -> None:
    """Move one piece of ``prize`` from its stock to ``player``; the CHECK on the stock refuses an overdraft."""
    rows.append(
        Transfer,
        owner_id=player.id,
        ref=ref,
        campaign_id=player.campaign_id,
        asset=stock_asset(prize.name),
        debit=stock_account(prize.campaign_id, prize.name),
        credit=player_account(player.id),
        amount=1,
        reason="won",
        note=None,
        at=at,
    )
    prize.stock_left -= 1


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
    movements = rows.movements[player.id]
    points, player.points_expire_at = expired_points(rules, movements, at)
    if points:
        rows.append(
            Transfer,
            owner_id=player.id,
            ref=f"expire:{at.isoformat()}",
            campaign_id=player.campaign_id,
            asset=POINTS,
            debit=player_account(player.id),
            credit=house_account(player.campaign_id, "expired"),
            amount=points,
            reason="expired",
            note=None,
            at=at,
        )
        player.points -= points
        movements.append(Movement(at, -points, "expired"))
    return points
