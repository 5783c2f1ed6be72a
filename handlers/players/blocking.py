"""Blocking: an operator lets a person play nothing, at all linked addresses, or lets them play again."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from core.arguments import PlayerName
from core.blocks import Block, block_at, lift_block, put_block
from core.consent import lock_persons
from core.engine.lookup import find_player
from core.models import Address
from core.operators import VerbRefused
from core.verbs import Desk, patiently


def block(desk: Desk, named: PlayerName, why: str) -> tuple[int, Block | None]:
    """Block whoever is ``named``, at all their addresses; returns how many these are, and the block before.

    That one stays. Waits for a message of theirs that is dealt with at this moment. Raises VerbRefused where nobody is
    meant.
    """

    def put(addresses: list[Address]) -> Block | None:
        before = _first(desk, addresses)
        for each in addresses if before is None else ():
            put_block(desk.runtime.keys, each, Block(desk.at, desk.operator, why))
        return before

    return _changed(desk, named, put)


def unblock(desk: Desk, named: PlayerName) -> tuple[int, Block | None]:
    """Let whoever is ``named`` play again; returns at how many addresses, and the block that stood there.

    Raises VerbRefused where nobody is meant.
    """

    def lift(addresses: list[Address]) -> Block | None:
        before = _first(desk, addresses)
        for each in addresses:
            lift_block(each)
        return before

    return _changed(desk, named, lift)


def _first(desk: Desk, addresses: list[Address]) -> Block | None:
    return next((found for each in addresses if (found := block_at(desk.runtime.keys, each)) is not None), None)


def _changed(
    desk: Desk, named: PlayerName, change: Callable[[list[Address]], Block | None]
) -> tuple[int, Block | None]:
    def act() -> tuple[int, Block | None]:
        with desk.runtime.sessions.begin() as session:
            addresses = _locked(session, desk, named)
            before = change(addresses)
            session.flush()
            return len(addresses), before

    return patiently(act)


def _locked(session: Session, desk: Desk, named: PlayerName) -> list[Address]:
    """All addresses of the person, locked. Raises Moved when they were linked to another one meanwhile."""
    key = find_player(session, desk, named).address_key
    found = lock_persons(session, (), [key])
    if key not in found:
        raise VerbRefused("nobody has ever written from {player}", player=named.said)
    return list(found.values())
