"""Checks of links: two players became one of their campaign, and nothing was lost in it."""

from collections.abc import Iterator

from sqlalchemy import String, case, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import numbered, transfer_fault
from core.audit.transfer_checks import PLAYER, house, moves
from core.models import Player, Transfer

_into = aliased(Player)
_BADLY_LINKED = (
    select(Player.id)
    .outerjoin(_into, _into.id == Player.merged_into)
    .where(
        Player.merged_into.is_not(None),
        or_(
            _into.id.is_(None),
            _into.merged_into.is_not(None),
            _into.campaign_id != Player.campaign_id,
            Player.points != 0,
        ),
    )
)


def _linked(books: Books) -> Iterator[Fault]:
    for player_id in books.session.scalars(_BADLY_LINKED):
        yield Fault(f"player {player_id}", "was linked to no living player of the campaign, or left points behind")
    yield from _moved(books)


_OUT, _IN = "link-out:", "link-in:"
_moves, _owner, _other = numbered(_OUT, _IN), aliased(Player), aliased(Player)
_leaves = _moves.c.kind == _OUT
_counterpart = exists().where(
    Transfer.owner_id == _moves.c.number,
    Transfer.ref == case((_leaves, _IN), else_=_OUT).concat(cast(_moves.c.owner_id, String)),
    Transfer.amount == _moves.c.amount,
)
_HALVES = (
    select(_moves.c.owner_id, _moves.c.ref)
    .outerjoin(_owner, _owner.id == _moves.c.owner_id)
    .outerjoin(_other, _other.id == _moves.c.number)
    .where(
        or_(
            _owner.id.is_(None),
            _other.id.is_(None),
            case((_leaves, _owner.merged_into), else_=_other.merged_into).is_(None),
            func.coalesce(_owner.merged_into, _owner.id) != func.coalesce(_other.merged_into, _other.id),
            ~_counterpart,
        )
    )
)


def _moved(books: Books) -> Iterator[Fault]:
    """What left the younger player came to the older one: two transfers, each naming the other's owner."""
    for owner_id, ref in books.session.execute(_HALVES):
        yield transfer_fault(owner_id, ref, "is not one half of a link of two players")


CHECKS = (Check("every linked player became one of the campaign, points and all", _linked),)
TRANSFERS = (moves(_OUT, PLAYER, house("links")), moves(_IN, house("links"), PLAYER))
