"""A check-up: whether every guarantee holds, and whether whatever this installation stands on is as it should be."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, Column, Table, Value, VerbName, line
from core.arguments import Arguments, Given, NoArguments
from core.audit.audit import CHECKS, SHOWN, look, seen_at_once
from core.database import read_only
from core.engine.runtime import Runtime
from core.models import Inbox
from core.operators import Role, VerbRefused
from core.timers.counts import timer_counts
from core.verbs import Desk, Doctor, Group, Verb

AUDIT = Group("audit", "Whether every guarantee holds, and what operators said and changed.")
_FAULTS = (Column("guarantee"), Column("row"), Column("wrong"))
_UNWELL = (Column("looked at"), Column("found"), Column("remedy"))


class _Place(Arguments):
    account: Annotated[str | None, Given.IN_PLACE] = Field(
        None,
        title="CHANNEL/ACCOUNT",
        description="One of our accounts; all of them and the installation itself where it is left out.",
        examples=["playground/demo"],
    )


def audited(runtime: Runtime, told: Callable[[int, int], None] = lambda _done, _of: None) -> Answer:
    """Whether every guarantee holds, with the rows at fault; how many are looked at is ``told`` meanwhile."""
    count, broken, rows = len(CHECKS) + len(runtime.mechanics.checks), 0, list[Sequence[Value]]()
    with seen_at_once(runtime.sessions, runtime.keys) as books:
        for done, (check, faults) in enumerate(look(books, runtime.mechanics.checks), 1):
            broken += bool(faults)
            rows += [(check.says, fault.row, fault.told) for fault in faults]
            if len(faults) == SHOWN:
                rows.append((check.says, "…", "and perhaps more"))
            told(done, count)
    if not broken:
        return Answer([line("Every guarantee holds.")])
    wrong = line("{broken} of {count} guarantees are broken.", broken=broken, count=count)
    return Answer([Table("faults", _FAULTS, rows)], wrong=[wrong])


def _audit(desk: Desk, _given: NoArguments) -> Answer:
    answer = audited(desk.runtime, desk.work.told)
    with read_only(desk.runtime.sessions) as session:
        return replace(answer, parts=[*answer.parts, *_beside(session, desk)])


def _beside(session: Session, desk: Desk) -> Sequence[AnswerPart]:
    """What is no broken guarantee, but wants somebody to look."""
    late = sum(one.late for one in timer_counts(session, desk.at))
    failed = session.scalar(select(func.count()).where(Inbox.state == "failed")) or 0
    told: list[AnswerPart] = []
    if late:
        late_ones = "Timers that are late by more than a minute: {count}. Is a clock running? See {verb}."
        told.append(line(late_ones, count=late, verb=VerbName("timers")))
    if failed:
        told.append(line("Messages that failed: {count}; see {verb}.", count=failed, verb=VerbName("inbox failed")))
    return told


def _examine(desk: Desk, given: _Place) -> Answer:
    doctor = desk.runtime.setting(Doctor)
    if doctor is None:
        raise VerbRefused("nobody here can look at the installation; a clock does it")
    looked_at, rows = 0, list[Sequence[Value]]()
    for looked_at, one in enumerate(doctor.look(given.account), 1):  # told below
        if not one.well:
            rows.append((one.about, one.what, one.remedy))
        desk.work.told(looked_at)
    if not rows:
        return Answer([line("All is well; {count} things were looked at.", count=looked_at)])
    wrong = line("{count} of {all} things that were looked at need you.", count=len(rows), all=looked_at)
    return Answer([Table("unwell", _UNWELL, rows)], wrong=[wrong])


VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=AUDIT,
        chinese="对账",
        aliases=("审计",),
        role=Role.AUDITOR,
        says="Whether every guarantee holds: each row at fault is shown.",
        more="It looks at everything, as it is at one instant; players do not wait for it.",
        takes=NoArguments,
        act=_audit,
        long=True,
    ),
    Verb(
        group=Group("doctor", "Whether the installation and its accounts are as they should be."),
        chinese="诊断",
        role=Role.OPERATOR,
        says="What is not well with the installation and its accounts, and what to do.",
        more="Platforms and the public address are asked, which takes some seconds each; nothing is changed.",
        takes=_Place,
        act=_examine,
        long=True,
        chat_only=True,
    ),
)
