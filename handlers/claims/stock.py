"""Stock that claims come from: locked where a piece of it is handed over, or goes back."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from core.context import TurnRows
from handlers.draws import lock_prizes
from handlers.gifts import lock_gifts


def lock_stock(session: Session, rows: TurnRows, campaign_ids: Collection[int]) -> None:
    """Lock the prizes of these campaigns, then the gifts: whoever locks in this order never deadlocks with a turn."""
    lock_prizes(session, rows, campaign_ids)
    lock_gifts(session, rows, campaign_ids)
