"""What operators do with points: look at them, correct them by transfer, and take those that have expired."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database, ledger
from core.answers import Answer, Change, Column, ColumnFormat, Reach, Table, Value, line, said
from core.arguments import Arguments, Given, NoArguments, PlayerArgument
from core.engine.loader import movements
from core.engine.lookup import find_player
from core.engine.replies import State, say
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.messages import Reply
from core.models import Campaign, Join, Player, Transfer
from core.operators import Role, VerbRefused
from core.verbs import Desk, Group, Verb

EXPIRY_CHUNK = 500
MOST_POINTS = 10**12
"""Of one correction, and of a balance that it leaves."""
_LONGEST_REF, _LONGEST_NOTE = 100, 200
_NO_REF = "give a reference of 1 to {most} letters, digits and other signs, on one line"
_NO_NOTE = "give a reason of 1 to {most} letters, digits and other signs, on one line"


class PointsRefused(VerbRefused):
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
            raise PointsRefused("this address has not joined {campaign}", campaign=campaign_name)
        if work.session.get(Transfer, (player.id, f"correction:{ref}")) is not None:
            return None
        if player.points + points < 0:
            told = "the player has {points} points; {change} cannot be taken"
            raise PointsRefused(told, points=player.points, change=-points)
        if player.points + points > MOST_POINTS:
            told = "the player has {points} points; with {change} more there would be too many"
            raise PointsRefused(told, points=player.points, change=points)
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
        raise PointsRefused("give 1 to {most} points, or as many to take away", most=MOST_POINTS)
    for sentence, words, most in ((_NO_REF, ref, _LONGEST_REF), (_NO_NOTE, note, _LONGEST_NOTE)):
        if not 1 <= len(words) <= most or not words.isprintable():
            raise PointsRefused(sentence, most=most)


def expire_due(runtime: Runtime, at: datetime, told: Callable[[int], object] = lambda _done: None) -> int:
    """Take expired points of players whose time has come, some hundred a transaction; returns how many players.

    Any number of processes may do this at once: each locks the players that no other has. ``told`` hears how many.
    """
    total = 0
    while done := _expire_some(runtime, at):
        total += done
        told(total)
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


def _not_zero(change: int) -> int:
    if change == 0:
        raise PydanticCustomError("zero", "0 changes nothing")
    return change


class _Show(Arguments):
    player: PlayerArgument = Field(description="The player: number, phone, invite code or channel/account/user.")


class _Correct(_Show):
    campaign: str = Field(description="The name of a campaign.", examples=["snack"])
    change: Annotated[int, Field(ge=-MOST_POINTS, le=MOST_POINTS), AfterValidator(_not_zero)] = Field(
        description="How many points more, or fewer when negative.", examples=["50"]
    )
    reason: Annotated[str, Given.BY_NAME] = Field(description="Told to the player, and kept.", examples=["late parcel"])
    ref: str | None = Field(None, description="Your own reference: the same one is carried out once only.")


_MOVEMENTS = (
    Column("campaign"),
    Column("at", ColumnFormat.MINUTE),
    Column("change", ColumnFormat.SIGNED),
    Column("reason"),
)


def _show(desk: Desk, given: _Show) -> Answer:
    with database.read_only(desk.runtime.sessions) as session:
        key = find_player(session, desk, given.player).address_key
        players = session.execute(
            select(Player, Campaign.name)
            .join(Join, Join.player_id == Player.id)
            .join(Campaign, Campaign.id == Player.campaign_id)
            .where(Join.address_key == key)
        ).all()
        moved = [row for player, name in players for row in _movements(session, player, name)]
    if not players:
        return said("{address} has not joined a campaign.", address=given.player.said)
    balances = [(name, player.points) for player, name in players]
    return Answer(
        [
            Table("movements", (*_MOVEMENTS, Column("note")), moved, empty=""),
            Table("balances", (Column("campaign"), Column("balance")), balances),
        ]
    )


def _movements(session: Session, player: Player, campaign: str) -> list[tuple[Value, ...]]:
    mine = (Transfer.owner_id == player.id) & (Transfer.asset == "points")
    return [
        (campaign, one.at, one.amount if one.credit == f"player:{player.id}" else -one.amount, one.reason, one.note)
        for one in session.scalars(select(Transfer).where(mine).order_by(Transfer.at))
    ]


def _correct(desk: Desk, given: _Correct) -> Answer:
    runtime = desk.runtime
    with database.read_only(runtime.sessions) as session:
        key = find_player(session, desk, given.player).address_key
    ref = given.ref or f"{desk.at:%Y%m%dT%H%M%S}-{runtime.randomness.take(4).hex()}"
    balance = correct(runtime, key, given.campaign, given.change, ref=ref, note=given.reason, at=desk.at)
    if balance is None:
        return said("{ref} was carried out before; nothing changed.", ref=ref)
    done = "Corrected by {change:+} under {ref}; the player has {balance} points now and is told."
    return Answer(
        [line(done, change=given.change, ref=ref, balance=balance)],
        changes=[Change("points", balance - given.change, balance, f"{given.player.said} {given.campaign}")],
        reach=Reach(1, abs(given.change), given.campaign),
    )


def _correct_back(given: _Correct, _changes: Sequence[Change]) -> tuple[str, Mapping[str, object]]:
    """As many points the other way, under a new reference."""
    told = {"player": given.player.said, "campaign": given.campaign, "change": -given.change}
    return "points correct", told | {"reason": f"↩ {given.reason}"[:_LONGEST_NOTE]}


def _expire(desk: Desk, _given: NoArguments) -> Answer:
    players = expire_due(desk.runtime, desk.at, desk.work.told)
    changes = [Change("points", None, "expired", str(players))] if players else []
    told = line("Looked after {players} players whose points were due.", players=players)
    return Answer([told], changes=changes, reach=Reach(players))


_POINTS = Group("points", "Look at points, correct them by transfer, expire them.")
VERBS = (
    Verb(
        group=_POINTS,
        word="show",
        chinese="查积分",
        role=Role.SUPPORT,
        says="The points of a player in every campaign, with all movements.",
        takes=_Show,
        act=_show,
    ),
    Verb(
        group=_POINTS,
        word="correct",
        chinese="改积分",
        role=Role.OPERATOR,
        says="Give a player points in a campaign, or take some away when negative; the player is told.",
        more="Nothing is overwritten: a correction is one more transfer.",
        takes=_Correct,
        act=_correct,
        changes=True,
        undo=_correct_back,
    ),
    Verb(
        group=_POINTS,
        word="expire",
        chinese="清过期积分",
        role=Role.OPERATOR,
        says="Take all points that have expired by now; a running clock does this every minute.",
        takes=NoArguments,
        act=_expire,
        changes=True,
        final="expired points are gone, as the campaign says; correct the points of a player who should keep some",
        long=True,
    ),
)
