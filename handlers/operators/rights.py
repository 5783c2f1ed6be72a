"""What is kept about a person who is an operator, too; and what of operators is sealed."""

from sqlalchemy import select, update

from core.models.base import table_of
from core.personal import Cell, Forgetting, Kept, Label, WhoseData, at, column
from core.sealed import Sealed, by_key
from handlers.operators.jobs import row_of_job
from handlers.operators.log import changes_of, entry_row, words_of
from handlers.operators.plans import plan_row
from handlers.operators.tables import (
    ANSWER_COLUMN,
    CHANGES_COLUMN,
    GIVEN_COLUMN,
    JOB_COLUMN,
    KEPT_COLUMN,
    REST_COLUMN,
    WORDS_COLUMN,
    Invitation,
    Job,
    LogEntry,
    Operator,
    Plan,
    Report,
    ReportDay,
)

_CHUNK = 1000
_SETTLED = {Job: Job.settled_at.is_not(None), Plan: Plan.state != "waiting"}
_AT = Label("at", "时间")


def _words(whose: WhoseData, row: LogEntry) -> Cell:
    return words_of(whose.keys, row)


KEPT = (
    Kept(
        table=Operator,
        title=Label("You as an operator", "您的操作员身份"),
        of=at(Operator.address_key),
        gives=(
            (Label("name", "名字"), column("name")),
            (Label("role", "角色"), column("role")),
            (Label("added", "添加时间"), column("added_at")),
            (Label("used", "最近使用"), column("used_at")),
            (Label("removed", "移除时间"), column("removed_at")),
        ),
    ),
    Kept(
        table=Invitation,
        title=Label("Invitations as an operator", "操作员邀请"),
        of=at(Invitation.taken_key),
        gives=((Label("role", "角色"), column("role")), (Label("taken", "接受时间"), column("taken_at"))),
    ),
    Kept(
        table=LogEntry,
        title=Label("What you did as an operator", "您的操作记录"),
        of=at(LogEntry.address_key),
        gives=(
            (_AT, column("at")),
            (Label("verb", "指令"), column("verb")),
            (Label("words", "原话"), _words),
            (Label("ending", "结果"), column("ending")),
        ),
    ),
    Kept(
        table=Plan,
        title=Label("What you planned", "您的计划"),
        of=at(Plan.address_key),
        gives=(
            (_AT, column("made_at")),
            (Label("verb", "指令"), column("verb")),
            (Label("state", "状态"), column("state")),
        ),
    ),
    Kept(
        table=Job,
        title=Label("Your jobs", "您的任务"),
        of=at(Job.address_key),
        gives=(
            (_AT, column("made_at")),
            (Label("verb", "指令"), column("verb")),
            (Label("state", "状态"), column("state")),
        ),
    ),
    Kept(
        table=Report,
        title=Label("Reports that you asked for", "您订阅的日报"),
        of=at(Report.address_key),
        gives=((_AT, column("asked_at")), (Label("minute of the day", "时刻（分钟）"), column("minute"))),
    ),
    Kept(
        table=ReportDay,
        title=Label("Reports that you had", "已发送的日报"),
        of=at(ReportDay.address_key),
        gives=((_AT, column("told_at")), (Label("day", "日期"), column("day"))),
    ),
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


def forget(forgetting: Forgetting) -> None:
    """End the person's role, and take away what operators said and were told of the person.

    A row of the log keeps who did what, and its digest: words that are gone are known to be so.
    """
    session, keys, at = forgetting.session, forgetting.whose.keys, forgetting.at
    mine = Operator.address_key.in_(forgetting.whose.address_keys)
    session.execute(update(table_of(Operator)).where(mine, Operator.removed_at.is_(None)).values(removed_at=at))
    session.execute(update(table_of(Operator)).values(rest_sealed=None))  # a page of any answer may name the person
    for entry in session.scalars(select(LogEntry).execution_options(yield_per=_CHUNK)):
        changes = (str(part) for each in changes_of(keys, entry) for part in each)
        if forgetting.names(words_of(keys, entry) or "", *changes):
            entry.words_sealed = entry.changes_sealed = None
    session.flush()
    _forget_given(forgetting)
    forgetting.near.update(session.scalars(select(Operator.address_key).where(~mine)))


def _forget_given(forgetting: Forgetting) -> None:
    """Take away what jobs and plans that are over were given, and answered."""
    keys, session = forgetting.whose.keys, forgetting.session
    for one in (each for each in SEALED if each.table in _SETTLED):
        table = table_of(one.table)
        settled = select(table.c.id, one.column).where(one.column.is_not(None), _SETTLED[one.table])
        for number, sealed in session.execute(settled).all():
            if forgetting.names(one.open(keys, [number], sealed)):
                empty = {one.column.key: keys.seal(one.where, one.row(number), "{}")}
                session.execute(update(table).where(table.c.id == number).values(empty))
