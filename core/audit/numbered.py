"""Transfers whose ref ends in the number of the row that they were made for."""

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from core.audit.faults import Fault
from core.models import Transfer

_LARGEST = str(2**63 - 1)


def begins(prefix: str) -> ColumnElement[bool]:
    """The transfer is of the kind ``prefix``."""
    # Not LIKE, which ignores case on SQLite.
    return func.substr(Transfer.ref, 1, len(prefix)) == prefix


def numbered(*prefixes: str) -> Subquery:
    """The transfers of these kinds, with ``kind`` and ``number``; the number is NULL when the ref ends in none."""
    parts = []
    for prefix in prefixes:
        rest = func.substr(Transfer.ref, len(prefix) + 1, type_=String())
        size = func.length(rest)
        fits = or_(size.between(1, len(_LARGEST) - 1), and_(size == len(_LARGEST), rest <= _LARGEST))
        digits = and_(fits, func.ltrim(rest, "0123456789") == "", func.substr(rest, 1, 1) != "0")
        part = select(
            Transfer.owner_id,
            Transfer.ref,
            Transfer.campaign_id,
            Transfer.asset,
            Transfer.amount,
            literal(prefix).label("kind"),
            case((digits, cast(rest, BigInteger))).label("number"),
        )
        parts.append(part.where(begins(prefix)))
    return union_all(*parts).subquery()


def counted(kinds: dict[str, str]) -> Subquery:
    """For each number: how many transfers of each kind there are, over all owners; ``kinds`` is name: prefix."""
    moves = numbered(*kinds.values())
    counts = [func.sum(case((moves.c.kind == prefix, 1), else_=0)).label(name) for name, prefix in kinds.items()]
    return select(moves.c.number, *counts).where(moves.c.number.is_not(None)).group_by(moves.c.number).subquery()


def count_of(counts: Subquery, name: str) -> ColumnElement[int]:
    """How many transfers of the kind ``name`` there are, in an outer join with ``counts``."""
    return func.coalesce(counts.c[name], 0)


def transfer_fault(owner_id: int, ref: str, wrong: str) -> Fault:
    """A transfer is wrong."""
    return Fault(f"transfer {owner_id} {ref}", wrong)
