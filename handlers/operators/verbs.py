"""What operators can do with operators, with what they planned, and with the log."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.answers import (
    NOTHING,
    Answer,
    Change,
    Column,
    ColumnFormat,
    Line,
    Table,
    VerbName,
    line,
    listing,
    more_than,
    said,
)
from core.arguments import AddressArgument, Arguments, Given, InstantArgument, NoArguments
from core.database import read_only
from core.engine.checkup import AUDIT
from core.models import Address
from core.models.players import USER_COLUMN
from core.new_file import write_lines
from core.operators import Role, VerbRefused, check_operator
from core.verbs import Desk, Group, LeftFile, Verb, by_name
from handlers.operators.access import SLEEPS_AFTER, Appointment, appoint, invite
from handlers.operators.log import changes_of, exported, verify, words_of
from handlers.operators.plans import given_of
from handlers.operators.spelling import arguments, only_plan, tongue_of, without_slash
from handlers.operators.tables import LogEntry, Operator, Plan

_SHOWN = 20
_LOOKED_AT = 1000
_VERIFY_FILE = VerbName("audit verify FILE")
_OF_NOTHING = "{what}: {before} → {after}"
_PLAYED_BY_THE_TURN = "this is said in a chat"


class _Help(Arguments):
    verb: Annotated[str, Given.IN_PLACE] = Field("", description="A verb, or a group of them.")


class _Word(Arguments):
    word: str = Field(description="The word that the plan showed.", examples=["7KQ2"])


class _Invitation(Arguments):
    word: str = Field(description="The word that an owner gave you.", examples=["7KQ29XMP"])


class _Invite(Arguments):
    role: Role = Field(description="owner, operator, support, auditor or dealer.")
    name: str = Field(description="What the operator is called.", examples=["Li Na"])


class _Address(Arguments):
    address: AddressArgument = Field(description="The operator, as channel/account/user.")


class _Add(_Invite):
    address: AddressArgument = Field(description="Where the operator writes from, as channel/account/user.")


class _Log(Arguments):
    name: str | None = Field(None, description="What one operator said.")
    since: InstantArgument | None = Field(None, description="What was said from then on.")
    limit: Annotated[int, Field(ge=1, le=1000)] = Field(_SHOWN, description="How many, the newest first.")
    verify: bool = Field(default=False, description="Look instead whether a row of it was touched or is gone.")


def _in_chat(_desk: Desk, _given: Arguments) -> Answer:
    raise VerbRefused(_PLAYED_BY_THE_TURN)


_OPERATOR = (
    Column("name"),
    Column("role"),
    Column("address", ColumnFormat.COPIED),
    Column("last used", ColumnFormat.MINUTE),
)


def _operators(desk: Desk, _given: NoArguments) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        found = session.execute(
            select(Operator, Address)
            .join(Address, Address.key == Operator.address_key)
            .where(Operator.removed_at.is_(None))
            .order_by(Operator.name, Operator.added_at)
        ).all()
        rows = [
            (
                one.name,
                one.role if desk.at - one.used_at <= SLEEPS_AFTER else line("{role} (sleeps)", role=one.role),
                f"{address.place}/{desk.runtime.keys.unseal(USER_COLUMN, address.key, address.user_sealed)}",
                one.used_at,
            )
            for one, address in found
        ]
    return Answer([Table("operators", _OPERATOR, rows, empty="There is no operator yet.")])


def _invite(desk: Desk, given: _Invite) -> Answer:
    check_operator(given.name)
    with desk.runtime.sessions.begin() as session:
        runtime = desk.runtime
        word = invite(session, runtime, Appointment(given.name, given.role, desk.operator), desk.at)
    return Answer(
        [
            line("{name} says this within 24 hours, in a chat of their own:", name=given.name),
            line("/operator join {word}", word=word),
        ],
        changes=[Change("invitation", None, given.role.value, given.name)],
    )


def _add(desk: Desk, given: _Add) -> Answer:
    check_operator(given.name)
    key = desk.runtime.keys.address_key(*given.address)
    with desk.runtime.sessions.begin() as session:
        if session.get(Address, key) is None:
            told = "nobody wrote from this address yet; let them say hello first, or use {verb}"
            raise VerbRefused(told, verb=VerbName("operator invite"))
        before = session.get(Operator, key)
        was = before.role if before is not None and before.removed_at is None else None
        appoint(session, key, Appointment(given.name, given.role, desk.operator or "shell"), desk.at)
    return Answer(
        [line("{name} is {role} now.", name=given.name, role=given.role.value)],
        changes=[Change("role", was, given.role.value, given.name)],
    )


def _remove(desk: Desk, given: _Address) -> Answer:
    key = desk.runtime.keys.address_key(*given.address)
    with desk.runtime.sessions.begin() as session:
        found = session.get(Operator, key)
        if found is None or found.removed_at is not None:
            raise VerbRefused(
                "nobody with a role writes from this address; {verb} shows who does", verb=VerbName("operator list")
            )
        if key == desk.address_key:
            raise VerbRefused("nobody takes away the own role; let another owner do it")
        found.removed_at = desk.at
        return Answer(
            [line("{name} is no {role} any more.", name=found.name, role=found.role)],
            changes=[Change("role", found.role, None, found.name)],
        )


def _add_back(given: _Add, changes: Sequence[Change]) -> tuple[str, Mapping[str, object]]:
    """The role that the address had before, or none."""
    before = changes[0].before
    if before is None:
        return "operator remove", {"address": str(given.address)}
    return "operator add", {"role": before, "name": given.name, "address": str(given.address)}


def _remove_back(given: _Address, changes: Sequence[Change]) -> tuple[str, Mapping[str, object]]:
    """The role that was taken away."""
    return "operator add", {"role": changes[0].before, "name": changes[0].of, "address": str(given.address)}


def _me(desk: Desk, _given: NoArguments) -> Answer:
    return said("You are {name}, {role}.", name=desk.operator or "shell", role=desk.role.value)


_ENTRY = (
    Column("number"),
    Column("at", ColumnFormat.SECOND),
    Column("operator"),
    Column("where"),
    Column("words", ColumnFormat.QUOTED),
    Column("ending"),
    Column("changed"),
)


def _log(desk: Desk, given: _Log) -> Answer:
    if given.verify:
        return _verified(desk)
    keys = desk.runtime.keys
    with read_only(desk.runtime.sessions) as session:
        statement = select(LogEntry).order_by(LogEntry.number.desc()).limit(given.limit + 1)
        if given.name is not None:
            statement = statement.where(LogEntry.operator == given.name)
        if given.since is not None:
            statement = statement.where(LogEntry.at >= given.since)
        found = session.scalars(statement).all()
        rows = [
            (
                one.number,
                one.at,
                one.operator,
                one.place,
                words_of(keys, one),
                one.ending,
                _changed(changes_of(keys, one)),
            )
            for one in found[: given.limit]
        ]
    return Answer([Table("log", _ENTRY, rows, empty="Nothing was said yet."), *more_than(given.limit, found)])


def _or_none(value: str | int | None) -> str | int:
    return NOTHING if value is None else value


def _changed(changes: Sequence[Change]) -> Line | None:
    """What was changed, from what to what."""
    told = "{what} {of}: {before} → {after}"
    each = [
        line(
            told if one.of else _OF_NOTHING,
            of=one.of,
            what=one.what,
            before=_or_none(one.before),
            after=_or_none(one.after),
        )
        for one in changes
    ]
    return listing(each, "; ") if each else None


def _verified(desk: Desk) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        faults = list(verify(session, desk.runtime.keys))
        count = session.query(LogEntry).count()
    if faults:
        return Answer(wrong=[line("row {number} {wrong}", number=one.number, wrong=one.wrong) for one in faults])
    return said("All {count} rows of the log are as they were written.", count=count)


def _foresee_log(desk: Desk, _given: NoArguments) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        return said("{count} rows of the log would be in the file.", count=_rows(session))


def _rows(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(LogEntry)) or 0


def _export_log(desk: Desk, _given: NoArguments) -> Answer:
    path = desk.path_for("operator-log.jsonl")
    with read_only(desk.runtime.sessions) as session:
        count = _rows(session)
        lines = exported(session, desk.runtime.keys)
        sha256 = write_lines(path, lines, lambda done: desk.work.told(min(done, count), count))
    return Answer(
        [
            line("{count} rows of the log are in the file, each with its digest.", count=count),
            line("{verb} looks at it with the key file alone: no database is asked.", verb=_VERIFY_FILE),
            line("SHA-256 of the file: {sha256}", sha256=sha256),
        ],
        file=path,
    )


def _undo(desk: Desk, _given: NoArguments) -> Answer:
    """Take back what this operator changed last."""
    runtime, named = desk.runtime, by_name(desk.runtime.mechanics.verbs)
    with read_only(runtime.sessions) as session:
        mine = (LogEntry.operator == desk.operator) & (LogEntry.ending == "done")
        done = session.scalars(select(LogEntry).where(mine).order_by(LogEntry.number.desc()).limit(_SHOWN)).all()
        last = next((one for one in done if _changes(named.get(one.verb), one)), None)
        if last is None:
            raise VerbRefused("you have changed nothing that could be taken back")
        if last.verb == "undo":
            raise VerbRefused("your last change was taken back already; nothing was done again")
        if last.plan_id is not None:
            plan = session.get_one(Plan, last.plan_id)
            verb, given = named[plan.verb], given_of(runtime, plan)
        else:
            words, _ = only_plan(without_slash(words_of(runtime.keys, last) or ""))
            begun = tongue_of(runtime.mechanics.verbs).begins(words)
            assert begun is not None
            verb, given = begun[0], arguments(*begun, runtime.mechanics.phrases(), last.at)
            if verb.name != last.verb:  # the end of a job, which is not said
                verb, given = named[last.verb], {}
        changes = changes_of(runtime.keys, last)
        _refuse_overtaken(session, desk, last, changes)
    if verb.undo is None:
        raise VerbRefused("{verb} cannot be taken back: {why}", verb=VerbName(verb.name), why=verb.final)
    if not changes:
        raise VerbRefused("{verb} changed nothing; there is nothing to take back", verb=VerbName(verb.name))
    name, told = verb.undo(verb.takes.read(given), changes)
    answer = named[name].carry_out(desk, told)
    parts = [line("Taken back: {verb}.", verb=VerbName(verb.name)), *answer.parts]
    return Answer(parts, changes=answer.changes, reach=answer.reach)


def _changes(verb: Verb[Any] | None, entry: LogEntry) -> bool:
    """Of a verb that there is no more it is not known; those that were taken away only read."""
    if verb is None or not verb.changes:
        return False
    return verb.looks is None or entry.changes_sealed is not None


def _refuse_overtaken(session: Session, desk: Desk, last: LogEntry, changes: Sequence[Change]) -> None:
    """Raise VerbRefused where somebody has set the same since. Points may come and go in between: a sum stays right."""
    mine = {(one.what, one.of) for one in changes if isinstance(one.after, str)}
    since = (LogEntry.number > last.number) & (LogEntry.ending == "done") & LogEntry.changes_sealed.is_not(None)
    for entry in session.scalars(select(LogEntry).where(since).order_by(LogEntry.number.desc()).limit(_LOOKED_AT)):
        if any((one.what, one.of) in mine for one in changes_of(desk.runtime.keys, entry)):
            told = "{name} has changed the same since; look at {verb} first"
            raise VerbRefused(told, name=entry.operator or line("somebody"), verb=VerbName("audit log"))


_OPERATORS = Group("operator", "Who may say verbs, and what they are trusted with.")
_SELF = {
    "help": Group("help", "What you can say."),
    "confirm": Group("confirm", "Carry out what you planned."),
    "undo": Group("undo", "Take back what you changed last."),
    "more": Group("more", "Go on with a long answer."),
}

VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=_SELF["help"],
        chinese="帮助",
        aliases=("verbs", "命令"),
        role=Role.DEALER,
        says="What you can say, or how one verb is said.",
        takes=_Help,
        act=_in_chat,
        chat_only=True,
    ),
    Verb(
        group=_SELF["confirm"],
        chinese="确认",
        aliases=("yes",),
        role=Role.DEALER,
        says="Carry out what was planned.",
        takes=_Word,
        act=_in_chat,
        changes=True,
        final="what was planned is what is taken back",
        chat_only=True,
    ),
    Verb(
        group=_SELF["undo"],
        chinese="撤回",
        role=Role.AUDITOR,
        says="Take back what you changed last, where that can be done.",
        takes=NoArguments,
        act=_undo,
        changes=True,
        final="say it again, if it was right after all",
        chat_only=True,
    ),
    Verb(
        group=_SELF["more"],
        chinese="更多",
        role=Role.DEALER,
        says="The next page of a long answer.",
        takes=NoArguments,
        act=_in_chat,
        chat_only=True,
    ),
    Verb(
        group=_OPERATORS,
        word="list",
        chinese="查操作员",
        role=Role.AUDITOR,
        says="Who may say verbs, from where, and since when nobody did.",
        takes=NoArguments,
        act=_operators,
    ),
    Verb(
        group=_OPERATORS,
        word="me",
        chinese="我是谁",
        aliases=("whoami",),
        role=Role.DEALER,
        says="Who you are here.",
        takes=NoArguments,
        act=_me,
        chat_only=True,
    ),
    Verb(
        group=_OPERATORS,
        word="invite",
        chinese="邀请操作员",
        role=Role.OWNER,
        says="A word that makes whoever says it first an operator.",
        takes=_Invite,
        act=_invite,
        changes=True,
        final="the word is good for 24 hours; whoever said it can be removed",
    ),
    Verb(
        group=_OPERATORS,
        word="add",
        chinese="加操作员",
        role=Role.OWNER,
        says="Give an address a role.",
        takes=_Add,
        act=_add,
        changes=True,
        undo=_add_back,
    ),
    Verb(
        group=_OPERATORS,
        word="remove",
        chinese="减操作员",
        role=Role.OWNER,
        says="Take the role of an address away.",
        takes=_Address,
        act=_remove,
        changes=True,
        undo=_remove_back,
    ),
    Verb(
        group=_OPERATORS,
        word="join",
        chinese="成为操作员",
        role=Role.DEALER,
        says="Become an operator, with the word that an owner gave you.",
        takes=_Invitation,
        act=_in_chat,
        chat_only=True,
    ),
    Verb(
        group=AUDIT,
        word="log",
        chinese="日志",
        aliases=("log",),
        role=Role.AUDITOR,
        says="What operators said and changed, the newest first, or whether a row of that was touched or is gone.",
        takes=_Log,
        act=_log,
    ),
    Verb(
        group=AUDIT,
        word="export",
        chinese="导出日志",
        aliases=("log export",),
        role=Role.AUDITOR,
        says="The whole log as a file, with the digest of every row.",
        more="A newer file begins as an older one did: whoever keeps one sees whether a row was changed since.",
        takes=NoArguments,
        act=_export_log,
        long=True,
        foresees=_foresee_log,
        leaves=LeftFile("A new file, JSON by line.", "log.jsonl"),
    ),
)
