"""The verb that tells how far old rows went, and what health says of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, Column, ColumnFormat, Line, Table, Value, line
from core.arguments import Arguments
from core.database import read_only
from core.models import Ageing
from core.operators import Role
from core.retention.ageing import EACH, Standing, standings, would_go
from core.verbs import Desk, Group, Verb

_BEHIND = 3 * EACH
"""A table that was swept last so long ago wants somebody to look."""
_KEPT = (Column("rows"), Column("kept for"), Column("oldest", ColumnFormat.MINUTE))
_SWEPT = (Column("went"), Column("last sweep", ColumnFormat.MINUTE), Column("is at", ColumnFormat.MINUTE))
_WOULD = Column("would go")


class _Retention(Arguments):
    dry_run: bool = Field(default=False, description="Count what would go now, and change nothing; it reads all of it.")


def _retention(desk: Desk, given: _Retention) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        found = standings(session, desk.runtime)
        would = [would_go(session, desk.runtime, one.kind, desk.at) for one in found] if given.dry_run else []
        behind = list(_is_behind(session, desk.at))
    rows = [_row(one) for one in found]
    if not given.dry_run:
        table = Table("tables", (*_KEPT, *_SWEPT), rows)
    else:
        table = Table("tables", (*_KEPT, _WOULD), [(*row[:3], count) for row, count in zip(rows, would, strict=True)])
    parts: list[AnswerPart] = [table]
    if given.dry_run:
        parts.append(line("{count} rows would go now; nothing was changed.", count=sum(would)))
    return Answer(parts, wrong=behind)


def _row(one: Standing) -> Sequence[Value]:
    swept = one.swept
    length: Value = "for ever" if one.length is None else _length(one.length)
    if swept is None:
        return one.kind.name, length, one.oldest, 0, None, None
    return one.kind.name, length, one.oldest, swept.gone, swept.ended_at, None if swept.ended_at else swept.reached


def _length(length: timedelta) -> Line:
    return line("{days} days", days=length // timedelta(days=1))


def told(session: Session) -> Iterator[Line]:
    """What health says: how many old rows went, and how far the sweeps are that are under way. One query."""
    swept = session.scalars(select(Ageing).order_by(Ageing.what)).all()
    if not swept:
        yield line("Old rows: none were looked for yet.")
        return
    yield line(
        "Old rows: {gone} went so far; last looked for at {at:%Y-%m-%d %H:%M} UTC.",
        gone=sum(one.gone for one in swept),
        at=max(one.ended_at or one.began_at for one in swept),
    )
    for one in swept:
        if one.ended_at is None:
            under_way = "Old rows of {table} go at this moment: it is at {at:%Y-%m-%d %H:%M} UTC, of {until:%Y-%m-%d}."
            yield line(under_way, table=one.what, at=one.reached or one.began_at, until=one.until)


def _is_behind(session: Session, at: datetime) -> Iterator[Line]:
    for one in session.scalars(select(Ageing).order_by(Ageing.what)):
        if (since := one.ended_at or one.began_at) < at - _BEHIND:
            told = "old rows of {table} were looked for last at {at:%Y-%m-%d %H:%M} UTC: does a clock run?"
            yield line(told, table=one.what, at=since)


VERBS = (
    Verb(
        group=Group("retention", "How long rows are kept, and how far old ones went."),
        chinese="保留期",
        role=Role.AUDITOR,
        says="How long rows are kept, which is the oldest, how many went, and when they were looked for last.",
        more="Lengths stand under [keep] in huoju.toml. A clock lets old rows go, a few at a time, once a day. What is"
        " not finished stays, and so do the ledger, draws, winners, wishes and the log of operators.",
        takes=_Retention,
        act=_retention,
    ),
)
"""Of the engine, as those of core.engine.verbs are."""
