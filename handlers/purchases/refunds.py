"""Refunds: what was paid is given back, in full or in part, each time by a row of its own."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import database
from core.operators import VerbRefused
from handlers.purchases.tables import Purchase, Refund


class NotLeft(VerbRefused):
    """So much of the purchase is not left to give back."""


def refund(session: Session, found: Purchase, cents: int | None, operator: str, at: datetime) -> int:
    """Give back ``cents`` of a purchase, or all that is left of it; returns how much.

    The purchase is locked, and a CHECK holds that never more is given back than was paid. Raises NotLeft.
    """
    mine = database.locked(select(Purchase).where(Purchase.id == found.id), Purchase.id, Purchase)
    purchase = session.scalars(mine.execution_options(populate_existing=True)).one()
    left = purchase.amount - purchase.refunded
    if not left:
        raise NotLeft("{ref} was given back whole already", ref=purchase.ref)
    back = left if cents is None else cents
    if back > left:
        rest = f"{left // 100}.{left % 100:02}"
        raise NotLeft("of {ref} only {left} are left to give back", ref=purchase.ref, left=rest)
    count = select(func.count()).select_from(Refund).where(Refund.purchase_id == purchase.id)
    number = (session.scalar(count) or 0) + 1
    purchase.refunded += back
    session.add(Refund(purchase_id=purchase.id, number=number, amount=back, at=at, operator=operator))
    session.flush()
    return back
