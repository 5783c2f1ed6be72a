"""What operators have sealed: what they said, planned, changed and were answered."""

from core.sealed import Sealed, by_key
from handlers.operators.jobs import row_of_job
from handlers.operators.log import entry_row
from handlers.operators.plans import plan_row
from handlers.operators.tables import (
    ANSWER_COLUMN,
    CHANGES_COLUMN,
    GIVEN_COLUMN,
    JOB_COLUMN,
    KEPT_COLUMN,
    REST_COLUMN,
    WORDS_COLUMN,
    Job,
    LogEntry,
    Operator,
    Plan,
)

SEALED = (
    Sealed(column=Operator.rest_sealed, where=REST_COLUMN, named_by=(Operator.address_key,), row=by_key),
    Sealed(column=Plan.given_sealed, where=GIVEN_COLUMN, named_by=(Plan.id,), row=plan_row),
    Sealed(column=Job.given_sealed, where=JOB_COLUMN, named_by=(Job.id,), row=row_of_job),
    Sealed(column=Job.kept_sealed, where=KEPT_COLUMN, named_by=(Job.id,), row=row_of_job),
    Sealed(column=Job.answer_sealed, where=ANSWER_COLUMN, named_by=(Job.id,), row=row_of_job),
    Sealed(column=LogEntry.words_sealed, where=WORDS_COLUMN, named_by=(LogEntry.number,), row=entry_row),
    Sealed(column=LogEntry.changes_sealed, where=CHANGES_COLUMN, named_by=(LogEntry.number,), row=entry_row),
)
