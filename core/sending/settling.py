"""Settle: write down what became of texts that were sent, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.orm import Session, sessionmaker

from core import bulk, database
from core.models import Dispatch, Outbox
from core.sending.claiming import LONGEST_CLOSED, Taken, lock_account
from core.sending.outbound import Delivered, Outcome, TryAgain, dispatch_id
from core.sending.retrying import Retrying

log = structlog.get_logger()

KEY = tuple_(Dispatch.address_key, Dispatch.sequence)
Sent = tuple[Taken, Outcome]


def settle(sessions: sessionmaker[Session], retrying: Retrying, sent: Sequence[Sent], at: datetime) -> None:
    """Write down what became of ``sent``; doing it again changes nothing.

    What was delivered is delivered, whoever has the text now. Any other outcome counts only while the try is the
    one that has the text.
    """
    outcomes = {(taken.address_key, taken.sequence): (taken, outcome) for taken, outcome in sent}
    delivered: list[Dispatch] = []
    with sessions.begin() as session:
        _close(session, retrying, sent, at)
        for dispatch in lock_dispatches(session, sorted(outcomes)):
            taken, outcome = outcomes[dispatch.address_key, dispatch.sequence]
            if isinstance(outcome, Delivered):
                delivered.append(dispatch)
            elif dispatch.state == "sending" and dispatch.taken_at == taken.taken_at:
                retrying.put_down(dispatch, outcome, at)
                which, state = dispatch_id(dispatch.address_key, dispatch.sequence), dispatch.state
                log.info("dispatch.not_delivered", dispatch=which, state=state, error=outcome.error)
        bulk.write_changes(session)
        if delivered:
            said = [(one.address_key, one.ref, one.part) for one in delivered]
            outbox_key = tuple_(Outbox.address_key, Outbox.ref, Outbox.part)
            session.execute(update(Outbox).where(outbox_key.in_(said)).values(state="sent"))
            gone = [(one.address_key, one.sequence) for one in delivered]
            session.execute(delete(Dispatch).where(KEY.in_(gone)))


def lock_dispatches(session: Session, keys: Sequence[tuple[bytes, int]]) -> Sequence[Dispatch]:
    """Those of ``keys`` that are still to be delivered, locked."""
    statement = select(Dispatch).where(KEY.in_(keys)).order_by(Dispatch.address_key)
    return session.scalars(database.locked(statement, Dispatch.sequence, Dispatch)).all()


def _close(session: Session, retrying: Retrying, sent: Sequence[Sent], at: datetime) -> None:
    """Close the account for as long as the platform wants nothing more from it."""
    asked = [outcome.after for _, outcome in sent if isinstance(outcome, TryAgain) and outcome.after]
    if asked:
        account = lock_account(session, retrying.outlet.channel, retrying.outlet.account, at)
        until = at + min(max(asked), LONGEST_CLOSED)
        account.closed_until = max(account.closed_until or until, until)
