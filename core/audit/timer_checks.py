"""Checks of timers: each fired in its time, and belongs to a player."""

from collections.abc import Iterator

from sqlalchemy import select

from core.audit.faults import Books, Check, Fault
from core.models import Player, Timer

_OF_NOBODY = (
    select(Timer.owner_id, Timer.kind).outerjoin(Player, Player.id == Timer.owner_id).where(Player.id.is_(None))
)


def _owned(books: Books) -> Iterator[Fault]:
    for owner_id, kind in books.session.execute(_OF_NOBODY):
        yield Fault(f"timer of {owner_id}", "a {kind} of nobody", {"kind": kind})


_timer = (Timer.owner_id, Timer.kind, Timer.subject)
_EARLY = select(*_timer).where(Timer.state == "fired", Timer.settled_at < Timer.due_at)


def _early(books: Books) -> Iterator[Fault]:
    for owner_id, kind, subject in books.session.execute(_EARLY):
        yield Fault(
            f"timer of {owner_id}", "{kind} {subject} fired before it was due", {"kind": kind, "subject": subject}
        )


_FAILED = select(*_timer, Timer.error).where(Timer.state == "failed").order_by(Timer.due_at)


def _failed(books: Books) -> Iterator[Fault]:
    for owner_id, kind, subject, error in books.session.execute(_FAILED):
        yield Fault(
            f"timer of {owner_id}",
            "{kind} {subject} failed ({error}); mended, huoju timers retry fires it",
            {"kind": kind, "subject": subject, "error": error},
        )


CHECKS = (
    Check("no timer fired before it was due", _early),
    Check("no timer has failed", _failed),
    Check("every timer belongs to a player", _owned),
)
