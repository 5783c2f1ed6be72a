"""Checks of codes: each redeemed once by a player of its campaign, and paid once."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, exists, func, literal, not_, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.hexed import hexed
from core.audit.published import earnings
from core.lists import among, among_rows
from core.models import Batch, Code, Draw, Player, Redemption, Transfer

_ASTRAY = (
    select(Redemption.code_hash)
    .outerjoin(Code, Code.hash == Redemption.code_hash)
    .outerjoin(Batch, Batch.id == Code.batch_id)
    .outerjoin(Player, Player.id == Redemption.player_id)
    .where(
        or_(
            Batch.id.is_(None),
            Player.id.is_(None),
            Batch.activated_at.is_(None),
            Batch.campaign_id != Redemption.campaign_id,
            Player.campaign_id != Redemption.campaign_id,
        )
    )
)


def _belonging(books: Books) -> Iterator[Fault]:
    for code_hash in books.session.scalars(_ASTRAY):
        yield Fault(f"redemption {code_hash.hex()}", "its code, batch, campaign and player do not belong together")


def _moved(kind: str) -> ColumnElement[bool]:
    """There is the transfer of this kind that the redemption names."""
    ref = literal(kind).concat(hexed(Redemption.code_hash))
    return exists().where(Transfer.owner_id == Redemption.player_id, Transfer.ref == ref)


_paid, _handed = _moved("code:"), _moved("won:")
# A draw says by which version its code was worth nothing; without one any version may have said so.
_may_be_unpaid = or_(
    and_(Draw.version.is_not(None), among_rows((Redemption.campaign_id, Draw.version), "worthless")),
    and_(Draw.version.is_(None), among(Redemption.campaign_id, "sometimes_worthless")),
)
_NOT_PAID_ONCE = (
    select(Redemption.code_hash)
    .outerjoin(Draw, Draw.code_hash == Redemption.code_hash)
    .where(
        or_(
            and_(_paid, _handed),
            and_(Draw.prize.is_not(None), ~_handed),
            and_(Draw.prize.is_(None), _handed),
            and_(~_paid, ~_handed, not_(_may_be_unpaid)),
        )
    )
)


def _paid_once(books: Books) -> Iterator[Fault]:
    worthless = [(campaign_id, version) for campaign_id, version, points in earnings(books) if not points]
    named = {"worthless": worthless, "sometimes_worthless": [campaign_id for campaign_id, _ in worthless]}
    for code_hash in books.session.scalars(_NOT_PAID_ONCE, named):
        yield Fault(f"redemption {code_hash.hex()}", "is not paid by exactly one of prize and points")


_OF_NO_REDEMPTION = (
    select(Draw.code_hash)
    .outerjoin(Redemption, Redemption.code_hash == Draw.code_hash)
    .where(
        or_(
            Redemption.code_hash.is_(None),
            Redemption.player_id != Draw.player_id,
            Redemption.campaign_id != Draw.campaign_id,
        )
    )
)


def _draw_belongs(books: Books) -> Iterator[Fault]:
    for code_hash in books.session.scalars(_OF_NO_REDEMPTION):
        yield Fault(f"draw {code_hash.hex()}", "is not the draw of its redemption")


_counted = select(Code.batch_id, func.count().label("codes")).group_by(Code.batch_id).subquery()
_codes = func.coalesce(_counted.c.codes, 0)
_WRONG_COUNT = (
    select(Batch.id, Batch.codes_count, _codes)
    .outerjoin(_counted, _counted.c.batch_id == Batch.id)
    .where(Batch.codes_count != _codes)
)
_NO_BATCH = select(_counted.c.batch_id).where(~exists().where(Batch.id == _counted.c.batch_id))


def _batch_counts(books: Books) -> Iterator[Fault]:
    for batch_id, cached, count in books.session.execute(_WRONG_COUNT):
        yield Fault(f"batch {batch_id}", f"should hold {cached} codes and holds {count}")
    for batch_id in books.session.scalars(_NO_BATCH):
        yield Fault(f"batch {batch_id}", "has codes but no row of its own")


CHECKS = (
    Check("every redemption belongs to its code's batch and campaign", _belonging),
    Check("every redemption is paid by exactly one of prize and points", _paid_once),
    Check("every draw is the draw of its redemption", _draw_belongs),
    Check("every batch holds the codes that it was issued with", _batch_counts),
)
