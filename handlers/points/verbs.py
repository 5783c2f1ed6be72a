"""Points outside a turn: an operator's correction, and the expiry of those who do not write."""

from datetime import datetime

from sqlalchemy import select

from core import database, ledger
from core.engine.loading import movements
from core.engine.runtime import Runtime
from core.engine.saying import State, say
from core.engine.unit_of_work import unit_of_work
from core.messages import Reply
from core.models import Player, Transfer

EXPIRY_CHUNK = 500
MOST_POINTS = 10**12
"""Of one correction, and of a balance that it leaves."""
_LONGEST_REF, _LONGEST_NOTE = 100, 200


class PointsRefused(Exception):
    """What was asked cannot be done with these points; the message says why."""


def correct(
    runtime: Runtime, address_key: bytes, campaign_name: str, points: int, *, ref: str, note: str, at: datetime
) -> int | None:
    """Correct a player's points by ``points`` (negative takes away), tell the player, and return the new balance.

    Returns None when the correction ``ref`` was made before. Raises PointsRefused for 0 points or too many, a ref or
    note that cannot be kept, a player who is not known, or who has fewer points than are taken.
    """
    _refuse_unusable(points, ref, note)
    with unit_of_work(runtime, at) as work:
        rows = work.rows
        work.lock_address(address_key)
        campaign = next((c for c in rows.campaigns.values() if c.rules.name == campaign_name), None)
        player = rows.players.get((address_key, campaign.id)) if campaign else None
        if campaign is None or player is None:
            raise PointsRefused(f"this address has not joined {campaign_name}")
        if work.session.get(Transfer, (player.id, f"correction:{ref}")) is not None:
            return None
        if player.points + points < 0:
            raise PointsRefused(f"the player has {player.points} points; {-points} cannot be taken")
        if player.points + points > MOST_POINTS:
            raise PointsRefused(f"the player has {player.points} points; with {points} more there would be too many")
        ledger.correct(rows, player, points, ref=f"correction:{ref}", note=note, at=at)
        notice = Reply(
            "points.corrected",
            {
                "title": campaign.rules.title.model_dump(),
                "change": f"{points:+}",
                "reason": note,
                "balance": player.points,
            },
        )
        address = rows.addresses[address_key]
        say(rows, address, campaign, [notice], ref=f"notice:correction:{ref}", state=State.QUEUED, at=at)
        return player.points


def _refuse_unusable(points: int, ref: str, note: str) -> None:
    if points == 0 or abs(points) > MOST_POINTS:
        raise PointsRefused(f"give 1 to {MOST_POINTS} points, or as many to take away")
    for name, words, most in (("reference", ref, _LONGEST_REF), ("reason", note, _LONGEST_NOTE)):
        if not 1 <= len(words) <= most or not words.isprintable():
            raise PointsRefused(f"give a {name} of 1 to {most} letters, digits and other signs, on one line")


def expire_due(runtime: Runtime, at: datetime) -> int:
    """Take expired points of players whose time has come, some hundred a transaction; returns how many players.

    Any number of processes may do this at once: each locks the players that no other has.
    """
    total = 0
    while done := _expire_some(runtime, at):
        total += done
    return total


def _expire_some(runtime: Runtime, at: datetime) -> int:
    is_due = Player.points_expire_at <= at
    if not database.finds(runtime.sessions, select(Player.id).where(is_due)):
        return 0
    with unit_of_work(runtime, at) as work:
        due = select(Player).where(is_due).limit(EXPIRY_CHUNK)
        players = work.session.scalars(database.taken(due, Player.id, Player)).all()
        if players:
            work.rows.movements.update(movements(work.session, players))
            for player in players:
                work.rows.campaigns.meet(player.campaign_id)
                ledger.expire(work.rows, player, at)
        return len(players)
