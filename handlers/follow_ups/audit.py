"""Checks of what is said unasked: every text has its timer, and every run of the calendar its timers."""

from collections.abc import Iterator

from sqlalchemy import String, and_, cast, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.kept import is_kept
from core.models import CalendarRun, Outbox, Player, Timer
from handlers.follow_ups.load import ANNOUNCE
from handlers.follow_ups.react import FOLLOW_UP

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


# Compared as sets: a join of refs that are put together row by row finds no index, and takes the square.
_fired = select(_REF.label("ref")).where(Timer.kind.in_(_KINDS), Timer.state == "fired")
_told = select(Outbox.ref).where(or_(*(Outbox.ref.like(f"notice:{kind}:%") for kind in _KINDS)))
_once = _told.group_by(Outbox.ref).having(func.count() == 1)
# A timer fires in the transaction of its text, at the same instant: of what is old, either may have gone.
_NOT_SAID_ONCE = _fired.where(is_kept(Timer.settled_at, Outbox)).except_(_once).order_by("ref")
_WITHOUT_TIMER = _told.where(is_kept(Outbox.said_at, Timer)).except_(_fired).order_by("ref")


def _said(books: Books) -> Iterator[Fault]:
    for ref in books.session.scalars(_NOT_SAID_ONCE):
        yield Fault(f"timer of {ref.split(':')[2]}", "fired, and {ref} was not said exactly once", {"ref": ref})
    for ref in books.session.scalars(_WITHOUT_TIMER):
        yield Fault(f"outbox {ref}", "was said, and no timer fired for it")


_its_run = and_(
    Timer.kind == ANNOUNCE,
    Timer.subject == CalendarRun.job,
    Timer.since == CalendarRun.scheduled_at,
    Player.campaign_id == CalendarRun.campaign_id,
)
_runs = (CalendarRun.campaign_id, CalendarRun.job, CalendarRun.scheduled_at, CalendarRun.planted)
_MISCOUNTED = (
    select(*_runs, func.count(Timer.owner_id))
    .select_from(CalendarRun)
    .outerjoin(Timer.__table__.join(Player.__table__, Player.id == Timer.owner_id), _its_run)
    .group_by(*_runs)
    .having(
        or_(
            func.count(Timer.owner_id) > CalendarRun.planted,
            # A timer is settled after its run was scheduled: of an old run some may have gone.
            and_(func.count(Timer.owner_id) < CalendarRun.planted, is_kept(CalendarRun.scheduled_at, Timer)),
        )
    )
)
_of_a_run = select(CalendarRun.job).where(_its_run).correlate(Timer, Player).exists()
_STRAY = (
    select(Timer.owner_id, Timer.subject)
    .join(Player, Player.id == Timer.owner_id)
    .where(Timer.kind == ANNOUNCE, ~_of_a_run)
)


def _planted(books: Books) -> Iterator[Fault]:
    for campaign_id, job, scheduled_at, planted, found in books.session.execute(_MISCOUNTED):
        yield Fault(
            f"calendar run {campaign_id} {job} {scheduled_at}",
            "planted {planted} timers, {found} are there",
            {"planted": planted, "found": found},
        )
    for owner_id, job in books.session.execute(_STRAY):
        yield Fault(f"timer of {owner_id}", "announces {job}, which no run of the calendar planted", {"job": job})


CHECKS = (
    Check("everything said unasked was said once, for its timer", _said),
    Check("every run of the calendar planted the timers that it counts", _planted),
)
