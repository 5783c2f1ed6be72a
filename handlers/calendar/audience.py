"""To whom a calendar job speaks, in SQL."""

from typing import assert_never

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from core.campaign.follow_ups import Audience
from core.models import Player
from handlers.relay.tables import Torch

_member = aliased(Player)


def hears(audience: Audience) -> tuple[ColumnElement[bool], ...]:
    """What is true of each row of the players' table to whom ``audience`` refers."""
    match audience:
        case "everybody":
            return ()
        case "never redeemed":
            return (Player.active_on.is_(None),)
        case "ambassadors":
            return (_holds(),)
        case "lit" | "unlit":
            return (_holds(Torch.state == audience),)
        case _:
            assert_never(audience)


def _holds(*of: ColumnElement[bool]) -> ColumnElement[bool]:
    """A torch of the player, or of one who was linked to this one."""
    own = select(Torch.number).where(Torch.player_id == Player.id, *of)
    linked = (
        select(Torch.number).join(_member, _member.id == Torch.player_id).where(_member.merged_into == Player.id, *of)
    )
    return own.correlate(Player).exists() | linked.correlate(Player).exists()
