"""Blocks: who may play nothing here. A block is of a person, and stands at each of their addresses."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.keys import Keyring
from core.models import Address, Join, Player

WHY_COLUMN = "addresses.blocked_why"
"""What the sealed reason of a block is bound to, with the key of its address."""


class Block(NamedTuple):
    """Since when somebody is blocked, by which operator, and why."""

    at: datetime
    by: str
    why: str


def block_at(keys: Keyring, address: Address) -> Block | None:
    """The block that stands at ``address``; None where whoever speaks there may play."""
    if address.blocked_at is None or address.blocked_by is None or address.blocked_why_sealed is None:
        return None
    return Block(
        address.blocked_at, address.blocked_by, keys.unseal(WHY_COLUMN, address.key, address.blocked_why_sealed)
    )


def put_block(keys: Keyring, address: Address, block: Block) -> None:
    """Let ``block`` stand at ``address``, whose player is still to be told."""
    address.blocked_at, address.blocked_by = block.at, block.by
    address.blocked_why_sealed, address.block_told = keys.seal(WHY_COLUMN, address.key, block.why), False


def lift_block(address: Address) -> None:
    """Let whoever speaks at ``address`` play again."""
    address.blocked_at = address.blocked_by = address.blocked_why_sealed = None
    address.block_told = False


def share_block(keys: Keyring, addresses: Collection[Address]) -> None:
    """Let all of ``addresses``, which are one person from now on, be blocked where one of them is, as it was first."""
    blocks = [block for each in addresses if (block := block_at(keys, each)) is not None]
    for each in addresses if blocks else ():
        if each.blocked_at is None:
            put_block(keys, each, min(blocks))


def blocked_since(player_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ScalarSelect[datetime | None]:
    """Since when the person of ``player_id``, a column of a statement about few rows, is blocked; None where not.

    Looked up a row: an aggregate is never turned into a join with all addresses that there are.
    """
    player = aliased(Player)
    mine = Join.player_id == func.coalesce(player.merged_into, player.id)
    found = select(func.max(Address.blocked_at)).select_from(player).join(Join, mine)
    return found.join(Address, Address.key == Join.address_key).where(player.id == player_id).scalar_subquery()
