"""The overview: what waits and what is stuck, which accounts send, and whether all runs; what operators ask first."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core import resealing
from core.answers import Answer, AnswerPart, Column, ColumnFormat, Line, Table, Value, VerbName, line
from core.arguments import NoArguments
from core.database import read_only
from core.engine.sending_status import account_statuses, text_status
from core.engine.verbs import OUTBOX, SHOWN
from core.models import Inbox, Installation
from core.operators import Role
from core.retention.verbs import told as retention_told
from core.sending.operations import Backlog, backlog, dead_letters, reasons
from core.sending.spend_limits import breaker_open
from core.timers.counts import timer_counts
from core.verbs import Desk, Group, Platforms, Verb

_MEGABYTE = 1_000_000
_BACKLOG = tuple(
    map(Column, ("account", "class", "later", "due", "late", "held", "sending", "unknown", "dead", "dropped"))
)
_REASONS = (
    *map(Column, ("account", "campaign", "class", "state", "right", "texts")),
    Column("expire", ColumnFormat.MINUTE),
    Column("why"),
)
_STUCK = (
    Column("id", ColumnFormat.COPIED),
    *map(Column, ("account", "class", "state", "tries")),
    Column("since", ColumnFormat.SECOND),
    Column("error"),
)


def _reason(desk: Desk, error: str | None) -> str:
    platforms = desk.runtime.setting(Platforms)
    return platforms.explain(error) if platforms is not None else error or "no reason was given"


def _ours(desk: Desk) -> set[tuple[str, str]]:
    return {(one.channel, one.account) for one in desk.outlets()}


def _outbox(desk: Desk, _given: NoArguments) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        found = backlog(session, desk.at)
        parts = [*_backlog_told(desk, found), *_not_sending(session, desk), *_reasons_told(session, desk)]
        if count := sum(one.dead + one.unknown for one in found):
            parts += _stuck_told(session, count)
    return Answer(parts)


def _backlog_told(desk: Desk, found: Sequence[Backlog]) -> Iterator[AnswerPart]:
    if not found:
        yield line("Everything was delivered.")
        return
    ours = _ours(desk)
    rows: list[tuple[Value, ...]] = [
        (
            f"{one.channel}/{one.account}",
            one.category.name.lower(),
            one.later,
            one.due,
            one.late if (one.channel, one.account) in ours else None,
            one.held,
            one.sending,
            one.unknown,
            one.dead,
            one.dropped,
        )
        for one in found
    ]
    yield Table("texts", _BACKLOG, rows)
    if any((one.channel, one.account) not in ours for one in found):
        yield line("Where nothing can be late (-), players come and fetch.")


def _not_sending(session: Session, desk: Desk) -> Iterator[Line]:
    """Why accounts may not send now: by our word or a platform's, or since they have spent what they may."""
    for _, why_not in account_statuses(session, desk.at, lambda error: _reason(desk, error)):
        yield from why_not
    for outlet in desk.outlets():
        if (wait := breaker_open(session, outlet, desk.at)) is not None:
            told = "{account} has spent what it may in an hour, and goes on at {until:%Y-%m-%d %H:%M:%S} UTC."
            yield line(told, account=f"{outlet.channel}/{outlet.account}", until=desk.at + wait)


def _reasons_told(session: Session, desk: Desk) -> Iterator[Table]:
    rows: list[tuple[Value, ...]] = [
        (
            f"{one.channel}/{one.account}",
            one.campaign,
            one.category.name.lower(),
            one.state,
            one.right,
            one.texts,
            one.expires_at,
            text_status(one.state, one.error, lambda error: _reason(desk, error)),
        )
        for one in reasons(session, SHOWN)
    ]
    yield Table("reasons", _REASONS, rows, empty="")


def _stuck_told(session: Session, count: int) -> Iterator[AnswerPart]:
    rows: list[tuple[Value, ...]] = [
        (
            one.id,
            f"{one.channel}/{one.account}",
            one.category.name.lower(),
            one.state,
            one.tries,
            one.due_at,
            one.error,
        )
        for one in dead_letters(session, SHOWN)
    ]
    yield Table("stuck", _STUCK, rows)
    if count > SHOWN:
        yield line("These are the oldest {shown} of {count}.", shown=SHOWN, count=count)
    told = "Send again what is dead: {verb}. What is unknown may have arrived; see its help."
    yield line(told, verb=VerbName("outbox retry"))


_ACCOUNTS = tuple(map(Column, ("account", "state", "wait", "late", "held", "unknown", "dead")))


def _accounts(desk: Desk, _given: NoArguments) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        counted: dict[str, list[int]] = {}
        for one in backlog(session, desk.at):
            sums = counted.setdefault(f"{one.channel}/{one.account}", [0] * 5)
            for place, number in enumerate((one.later + one.due, one.late, one.held, one.unknown, one.dead)):
                sums[place] += number
        statuses = account_statuses(session, desk.at, lambda error: _reason(desk, error))
        states = {f"{one.channel}/{one.account}": (one.paused, why_not) for one, why_not in statuses}
    names = sorted({f"{channel}/{account}" for channel, account in _ours(desk)} | states.keys() | counted.keys())
    sends = {f"{channel}/{account}" for channel, account in _ours(desk)}
    rows: list[tuple[Value, ...]] = []
    why: list[Line] = []
    for name in names:
        paused, why_not = states.get(name, (False, []))
        why += why_not
        state = "paused" if paused else "closed" if why_not else "sending" if name in sends else "does not send"
        rows.append((name, state, *counted.get(name, [0] * 5)))
    return Answer([Table("accounts", _ACCOUNTS, rows, empty="There are no accounts that send."), *why])


def _health(desk: Desk, _given: NoArguments) -> Answer:
    parts: list[AnswerPart] = []
    wrong: list[Line] = []
    with read_only(desk.runtime.sessions) as session:
        timers = timer_counts(session, desk.at)
        due, late, failed = (sum(getattr(one, what) for one in timers) for what in ("due", "late", "failed"))
        told = "Timers: {due} are due, {late} of them late by more than a minute, {failed} failed."
        parts.append(line(told, due=due, late=late, failed=failed))
        if late:
            oldest = min(one.oldest_at for one in timers if one.oldest_at is not None)
            since = "timers are late since {at:%Y-%m-%d %H:%M:%S} UTC: does a clock run?"
            wrong.append(line(since, at=oldest))
        if failed:
            wrong.append(
                line("{count} timers failed; {verb} tries them again", count=failed, verb=VerbName("timers retry"))
            )
        parts.append(_texts_told(desk, found := backlog(session, desk.at)))
        if any(one.late for one in found if (one.channel, one.account) in _ours(desk)):
            wrong.append(line("texts are late by more than a minute: does a sender run?"))
        wrong += _not_sending(session, desk)
        messages = session.scalar(select(func.count()).select_from(Inbox).where(Inbox.state == "failed")) or 0
        parts.append(line("Messages that failed: {count}.", count=messages))
        if messages:
            wrong.append(line("messages failed; {verb} lists them", verb=VerbName("inbox failed")))
        parts += [*retention_told(session), *resealing.told(session, desk.runtime.keys)]
        wrong += resealing.wrong(session, desk.runtime.keys, desk.at)
        parts += [*_database_told(session), _backup_told(session)]
    return Answer(parts, wrong=wrong)


def _backup_told(session: Session) -> Line:
    backed_up_at = session.scalar(select(Installation.backed_up_at))
    if backed_up_at is None:
        return line("Last backup: none by huoju backup.")
    return line("Last backup: {at:%Y-%m-%d %H:%M} UTC.", at=backed_up_at)


def _texts_told(desk: Desk, found: Sequence[Backlog]) -> Line:
    ours = _ours(desk)
    told = (
        "Texts: {wait} wait, {late} of them late by more than a minute; {held} are held until players speak,"
        " {unknown} unknown, {dead} given up."
    )
    return line(
        told,
        wait=sum(one.later + one.due for one in found),
        late=sum(one.late for one in found if (one.channel, one.account) in ours),
        held=sum(one.held for one in found),
        unknown=sum(one.unknown for one in found),
        dead=sum(one.dead for one in found),
    )


def _database_told(session: Session) -> Iterator[Line]:
    """How large the database is, and where it is a file of this machine, how much room is left beside it."""
    engine = session.get_bind().engine
    if engine.dialect.name == "postgresql":
        size = session.scalar(select(func.pg_database_size(func.current_database()))) or 0
        yield line("Database: {size} MB.", size=int(size) // _MEGABYTE)
        return
    pages, page = (session.scalar(text(f"PRAGMA {what}")) or 0 for what in ("page_count", "page_size"))
    if engine.url.database and (path := Path(engine.url.database)).exists():
        free = shutil.disk_usage(path.absolute().parent).free
        told = "Database: {size} MB; free on its disk: {free} MB."
        yield line(told, size=pages * page // _MEGABYTE, free=free // _MEGABYTE)


OVERVIEW = (
    Verb(
        group=OUTBOX,
        chinese="查发送",
        role=Role.SUPPORT,
        says=OUTBOX.says,
        takes=NoArguments,
        act=_outbox,
    ),
    Verb(
        group=Group("accounts", "Our accounts, and whether they send."),
        word="list",
        chinese="查账号",
        role=Role.SUPPORT,
        says="All accounts that send: whether they do, and how much waits, is late, held, unknown or given up.",
        takes=NoArguments,
        act=_accounts,
    ),
    Verb(
        group=Group("health", "Whether all runs."),
        chinese="体检",
        role=Role.AUDITOR,
        says="Whether a clock and a sender run, how much waits and is late, what failed, how large the database is.",
        takes=NoArguments,
        act=_health,
    ),
)
"""Of the engine, as those of core.engine.verbs are."""
