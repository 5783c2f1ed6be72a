"""Reporting: write down receipts whatever happens, and let one that cannot be written delay none of the others."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session, sessionmaker

from core.blame import is_worlds, may_pass_when_retried
from core.database import Moved
from core.engine.failing import Unavailable
from core.sending.noting import take_receipts
from core.sending.receipts import Receipt

log = structlog.get_logger()

_TRIES = 3


def report(sessions: sessionmaker[Session], receipts: Sequence[Receipt], at: datetime) -> None:
    """Write down ``receipts``; the same again changes nothing.

    One that can never be written is logged and let go, or the platform would send it for ever. Raises Unavailable
    when all should be sent again.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            take_receipts(sessions, receipts, at)
        except Exception as error:
            if may_pass_when_retried(error) and tries_left:
                continue
            if is_worlds(error) or isinstance(error, Moved):
                raise Unavailable(f"the database does not answer: {type(error).__name__}") from error
            if len(receipts) == 1:
                log.exception("receipt.failed", channel=receipts[0].channel, account=receipts[0].account)
                return
            break
        else:
            return
    middle = len(receipts) // 2
    report(sessions, receipts[:middle], at)
    report(sessions, receipts[middle:], at)
