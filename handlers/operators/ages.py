"""What of operators' rows goes when it is old. Their log stays: each row of it vouches for all before."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from core.retention.keep import JOBS, LINKS, PLANS
from core.retention.kinds import Aged
from handlers.operators.tables import ConsoleLink, Invitation, Job, Plan


def _is_no_last_job(_until: datetime) -> ColumnElement[bool]:
    """The last job stays, or its number would be given again where numbers are not kept otherwise."""
    return and_(Job.file.is_(None), Job.id < _last_job)


_last_job = select(func.max(Job.__table__.alias("others").c.id)).scalar_subquery()
_last_link = select(func.max(ConsoleLink.__table__.alias("others").c.id)).scalar_subquery()

AGES = (
    Aged(table=Plan, keep=PLANS, at=Plan.expires_at),
    Aged(table=Job, keep=JOBS, at=Job.settled_at, done=_is_no_last_job),
    Aged(table=ConsoleLink, keep=LINKS, at=ConsoleLink.expires_at, done=lambda _until: ConsoleLink.id < _last_link),
    Aged(table=Invitation, keep=LINKS, at=Invitation.expires_at),
)
