"""Checks of what is said unasked: every text has its timer, every timer its player, every run its timers."""

from collections.abc import Iterator

from sqlalchemy import String, and_, cast, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.follow_ups.knowing import ANNOUNCE
from core.follow_ups.planting import FOLLOW_UP
from core.models import CalendarRun, Outbox, Player, Timer

_KINDS = (FOLLOW_UP, ANNOUNCE)
_SEPARATOR = literal(":")
_REF = (
    literal("notice:")
    .concat(Timer.kind)
    .concat(_SEPARATOR)
    .concat(cast(Timer.owner_id, String))
    .concat(_SEPARATOR)
    .concat(Timer.subject)
    .concat(_SEPARATOR)
    .concat(cast(Timer.occurrence, String))
)


def _said(books: Books) -> Iterator[Fault]:
    """Compared as sets: a join of refs that are put together row by row finds no index, and takes the square."""
    fired = select(_REF.label("ref")).where(Timer.kind.in_(_KINDS), Timer.state == "fired")
    unasked = or_(*(Outbox.ref.like(f"notice:{kind}:%") for kind in _KINDS))
    told = select(Outbox.ref).where(unasked)
    once = told.group_by(Outbox.ref).having(func.count() == 1)
    for (ref,) in books.session.execute(fired.except_(once).order_by("ref")):
        yield Fault(f"timer of {ref.split(':')[2]}", f"fired, and {ref} was not said exactly once")
    for (ref,) in books.session.execute(told.except_(fired).order_by("ref")):
        yield Fault(f"outbox {ref}", "was said, and no timer fired for it")


def _owned(books: Books) -> Iterator[Fault]:
    statement = select(Timer.owner_id, Timer.kind).outerjoin(Player, Player.id == Timer.owner_id)
    for owner_id, kind in books.session.execute(statement.where(Player.id.is_(None))):
        yield Fault(f"timer of {owner_id}", f"a {kind} of nobody")


def _planted(books: Books) -> Iterator[Fault]:
    mine = and_(
        Timer.kind == ANNOUNCE,
        Timer.subject == CalendarRun.job,
        Timer.since == CalendarRun.scheduled_at,
        Player.campaign_id == CalendarRun.campaign_id,
    )
    runs = (CalendarRun.campaign_id, CalendarRun.job, CalendarRun.scheduled_at, CalendarRun.planted)
    counted = (
        select(*runs, func.count(Timer.owner_id))
        .select_from(CalendarRun)
        .outerjoin(Timer.__table__.join(Player.__table__, Player.id == Timer.owner_id), mine)
        .group_by(*runs)
        .having(func.count(Timer.owner_id) != CalendarRun.planted)
    )
    for campaign_id, job, scheduled_at, planted, found in books.session.execute(counted):
        yield Fault(f"calendar run {campaign_id} {job} {scheduled_at}", f"planted {planted} timers, {found} are there")
    of_a_run = select(CalendarRun.job).where(mine).correlate(Timer, Player).exists()
    stray = select(Timer.owner_id, Timer.subject).join(Player, Player.id == Timer.owner_id)
    for owner_id, job in books.session.execute(stray.where(Timer.kind == ANNOUNCE, ~of_a_run)):
        yield Fault(f"timer of {owner_id}", f"announces {job}, which no run of the calendar planted")


def _early(books: Books) -> Iterator[Fault]:
    early = and_(Timer.state == "fired", Timer.settled_at < Timer.due_at)
    for owner_id, kind, subject in books.session.execute(
        select(Timer.owner_id, Timer.kind, Timer.subject).where(early)
    ):
        yield Fault(f"timer of {owner_id}", f"{kind} {subject} fired before it was due")


def _failed(books: Books) -> Iterator[Fault]:
    failed = select(Timer.owner_id, Timer.kind, Timer.subject, Timer.error).where(Timer.state == "failed")
    for owner_id, kind, subject, error in books.session.execute(failed.order_by(Timer.due_at)):
        yield Fault(f"timer of {owner_id}", f"{kind} {subject} failed ({error}); mended, huoju timers retry fires it")


CHECKS = (
    Check("no timer fired before it was due", _early),
    Check("no timer has failed", _failed),
    Check("every timer belongs to a player", _owned),
    Check("everything said unasked was said once, for its timer", _said),
    Check("every run of the calendar planted the timers that it counts", _planted),
)
