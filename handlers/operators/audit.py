"""Checks of operators: their log is whole, and what was planned was carried out by its word."""

from collections.abc import Iterator

from sqlalchemy import select

from core.audit.faults import Books, Check, Fault
from core.models import Outbox
from handlers.operators.log import verify
from handlers.operators.reports import REPORT, report_ref
from handlers.operators.tables import LogEntry, Operator, Plan, ReportDay


def _log(books: Books) -> Iterator[Fault]:
    for fault in verify(books.session, books.keys):
        yield Fault(f"operator log {fault.number}", fault.wrong)


_DONE = select(Plan.id).where(Plan.state == "done")
_CONFIRMED = select(LogEntry.plan_id).where(LogEntry.plan_id.is_not(None), LogEntry.ending == "done")


def _plans(books: Books) -> Iterator[Fault]:
    done = set(books.session.scalars(_DONE))
    confirmed = [each for each in books.session.scalars(_CONFIRMED) if each is not None]
    for plan_id in sorted(done - set(confirmed)):
        yield Fault(f"plan {plan_id}", "was carried out, and the log does not say so")
    for plan_id in sorted(set(confirmed) - done):
        yield Fault(f"plan {plan_id}", "was carried out by the log, and still waits or was dropped")
    for plan_id in sorted({each for each in confirmed if confirmed.count(each) > 1}):
        yield Fault(f"plan {plan_id}", "was carried out twice")


_REPORTED = select(ReportDay.address_key, ReportDay.campaign_id, ReportDay.day)
_REPORTS = (
    select(Outbox.address_key, Outbox.ref)
    .join(Operator, Operator.address_key == Outbox.address_key)
    .where(Outbox.ref.startswith(REPORT), Outbox.part == 0)
)


def _reports(books: Books) -> Iterator[Fault]:
    told = {(key, report_ref(campaign_id, day)) for key, campaign_id, day in books.session.execute(_REPORTED)}
    said = {(key, ref) for key, ref in books.session.execute(_REPORTS)}
    for key, ref in sorted(told - said):
        yield Fault(f"report {ref.removeprefix(REPORT)} to {key.hex()}", "was told, and is not in the outbox")
    for key, ref in sorted(said - told):
        yield Fault(f"report {ref.removeprefix(REPORT)} to {key.hex()}", "is in the outbox, and would be told again")


CHECKS = (
    Check("the log of operators is as it was written", _log),
    Check("what was planned was carried out once, by its word", _plans),
    Check("what is told every morning is in the outbox, once a day", _reports),
)
