"""Checks of operators: their log is whole, and what was planned was carried out by its word."""

from collections.abc import Iterator

from sqlalchemy import select

from core.audit.faults import Books, Check, Fault
from core.audit.kept import is_kept
from core.models import Outbox
from handlers.operators.log import verify
from handlers.operators.reports import REPORT, report_ref
from handlers.operators.tables import LogEntry, Operator, Plan, ReportDay


def _log(books: Books) -> Iterator[Fault]:
    for fault in verify(books.session, books.keys):
        yield Fault(f"operator log {fault.number}", fault.wrong)


_DONE = select(Plan.id).where(Plan.state == "done")
_CONFIRMED = select(LogEntry.plan_id, is_kept(LogEntry.at, Plan)).where(
    LogEntry.plan_id.is_not(None), LogEntry.ending == "done"
)


def _plans(books: Books) -> Iterator[Fault]:
    done = set(books.session.scalars(_DONE))
    said = [(plan_id, kept) for plan_id, kept in books.session.execute(_CONFIRMED) if plan_id is not None]
    confirmed = [plan_id for plan_id, _ in said]
    gone = {plan_id for plan_id, kept in said if not kept}  # at the most: a plan goes after it has expired
    for plan_id in sorted(done - set(confirmed)):
        yield Fault(f"plan {plan_id}", "was carried out, and the log does not say so")
    for plan_id in sorted(set(confirmed) - done - gone):
        yield Fault(f"plan {plan_id}", "was carried out by the log, and still waits or was dropped")
    for plan_id in sorted({each for each in confirmed if confirmed.count(each) > 1}):
        yield Fault(f"plan {plan_id}", "was carried out twice")


_REPORTED = select(ReportDay.address_key, ReportDay.campaign_id, ReportDay.day, is_kept(ReportDay.told_at, Outbox))
_REPORTS = (
    select(Outbox.address_key, Outbox.ref)
    .join(Operator, Operator.address_key == Outbox.address_key)
    .where(Outbox.ref.startswith(REPORT), Outbox.part == 0)
)


def _reports(books: Books) -> Iterator[Fault]:
    reports = [
        ((key, report_ref(campaign_id, day)), kept) for key, campaign_id, day, kept in books.session.execute(_REPORTED)
    ]
    told, must_be_there = {each for each, _ in reports}, {each for each, kept in reports if kept}
    said = {(key, ref) for key, ref in books.session.execute(_REPORTS)}
    for key, ref in sorted(must_be_there - said):
        yield Fault(f"report {ref.removeprefix(REPORT)} to {key.hex()}", "was told, and is not in the outbox")
    for key, ref in sorted(said - told):
        yield Fault(f"report {ref.removeprefix(REPORT)} to {key.hex()}", "is in the outbox, and would be told again")


CHECKS = (
    Check("the log of operators is as it was written", _log),
    Check("what was planned was carried out once, by its word", _plans),
    Check("what is told every morning is in the outbox, once a day", _reports),
)
