"""Review names: which wait for somebody to look at them, and what an operator decided about one."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.answers import VerbName
from core.keys import Keyring
from core.models import Campaign, Player
from core.operators import VerbRefused, check_operator
from core.words import Mark, row_number
from handlers.relay.names import give_name, name_of, person_of, waiting_name


class NameRefused(VerbRefused):
    """What was asked cannot be done with this name; the message says why and what to do."""


class ListedName(NamedTuple):
    """A name for review, and whose it is."""

    player_id: int
    campaign: str
    name: str
    shown: str | None
    """The name that is shown meanwhile, or now."""
    word: str | None
    """The player's invite word."""
    at: datetime | None
    """Since when it waits; None for one that is shown."""


class Queue(NamedTuple):
    """How many names wait, and since when the first of them does."""

    names: int
    since: datetime | None


def queue(session: Session) -> Queue:
    """The names that wait, counted: it reads the index of those, and nobody else's row."""
    waits = select(func.count(), func.min(Player.name_waiting_at)).where(Player.name_waiting_at.is_not(None))
    return Queue(*session.execute(waits).one())


def listed(
    session: Session, keys: Keyring, campaign: str | None = None, *, waiting: bool = True
) -> Iterator[ListedName]:
    """The names (of one campaign) that wait, those that have waited longest first; or those that are shown."""
    statement = select(Player, Campaign.name).join(Campaign, Campaign.id == Player.campaign_id)
    if campaign is not None:
        statement = statement.where(Campaign.name == campaign)
    which = Player.name_waiting_at if waiting else Player.name_sealed
    statement = statement.where(which.is_not(None)).order_by(Player.name_waiting_at if waiting else Player.id)
    for player, of in session.execute(statement, execution_options={"yield_per": 1000}):
        shown = name_of(keys, player.id, player.name_sealed)
        name = waiting_name(keys, player) if waiting else shown
        since = player.name_waiting_at if waiting else None
        yield ListedName(player.id, of, name or "", shown, player.invite_word, since)


def approve(session: Session, keys: Keyring, player_id: int, operator: str, at: datetime) -> str:
    """Let the name that waits be shown; returns it. The caller commits.

    Raises NameRefused, OperatorRefused, and Moved.
    """
    player = _decided(session, player_id, operator, at)
    name = waiting_name(keys, player)
    if name is None:
        told = "no name of {number} waits; {verb} shows those that do"
        raise NameRefused(told, number=row_number(Mark.FRIEND, player_id), verb=VerbName("names list"))
    give_name(keys, player, name)
    return name


def refuse(session: Session, keys: Keyring, player_id: int, operator: str, at: datetime) -> str:
    """Take the name that waits, or else the one that is shown; returns it. What is chosen after that one waits.

    The caller commits. Raises NameRefused, OperatorRefused, and Moved.
    """
    player = _decided(session, player_id, operator, at)
    waiting, shown = waiting_name(keys, player), name_of(keys, player.id, player.name_sealed)
    if waiting is None:
        player.name_sealed = None
    player.name_waiting_sealed = player.name_waiting_at = None
    if (name := waiting or shown) is None:
        raise NameRefused("{number} has chosen no name", number=row_number(Mark.FRIEND, player_id))
    return name


def _decided(session: Session, player_id: int, operator: str, at: datetime) -> Player:
    check_operator(operator)
    people = person_of(session, player_id)
    if people is None:
        told = "there is no player {number}; {verb} shows them"
        raise NameRefused(told, number=row_number(Mark.FRIEND, player_id), verb=VerbName("names list"))
    player = next(each for each in people if each.merged_into is None)
    player.name_decided_by, player.name_decided_at = operator, at
    return player
