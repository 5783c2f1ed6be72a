"""What operators see of what falls due, by timers and by the calendar, and stopping an announcement."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from core.answers import (
    Answer,
    AnswerPart,
    Change,
    Column,
    ColumnFormat,
    Line,
    Reach,
    Table,
    Value,
    VerbName,
    line,
    listing,
)
from core.arguments import Arguments, Given, InstantArgument, NoArguments
from core.database import read_only
from core.engine.verbs import SHOWN, TIMERS, timers_told
from core.models import CalendarRun, Campaign, Timer
from core.operators import Role, VerbRefused
from core.timers.counts import TimerCounts, timer_counts
from core.verbs import Desk, Group, Verb
from handlers.calendar.announcements import Progress, last_runs, progress, stop
from handlers.calendar.queries import last_of, planned

_RUNS_SHOWN = 20
_STATES = ("due", "held", "sending", "sent", "unknown", "dead", "dropped")
_ANNOUNCEMENT = (
    Column("campaign"),
    Column("job"),
    Column("occurrence", ColumnFormat.MINUTE),
    Column("state"),
    Column("planted"),
    Column("waiting"),
    Column("needless"),
    Column("failed"),
    *(Column(state) for state in _STATES),
)
_KIND = (
    Column("kind"),
    Column("later"),
    Column("due"),
    Column("late"),
    Column("failed"),
    Column("the latest is late by"),
)
_RUN = (Column("campaign"), Column("job"), Column("scheduled", ColumnFormat.SECOND), Column("state"), Column("players"))


class _Stop(Arguments):
    campaign: str = Field(description="The name of a campaign.", examples=["snack"])
    job: str = Field(description="What its calendar calls the announcement.", examples=["double-day"])
    occurrence: Annotated[InstantArgument | None, Given.IN_PLACE] = Field(
        None, description="Which one, by its time; without it, the last."
    )


def _announcements(desk: Desk, _given: NoArguments) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        found = [progress(session, run) for run in last_runs(session, _RUNS_SHOWN)]
        names = {row[0]: row[1] for row in session.execute(select(Campaign.id, Campaign.name))}
    return Answer(_progress_told(found, names))


def _progress_told(found: Sequence[Progress], names: dict[int, str]) -> list[AnswerPart]:
    rows: list[tuple[Value, ...]] = [
        (
            names[one.run.campaign_id],
            one.run.job,
            one.run.scheduled_at,
            one.run.state,
            one.run.planted,
            one.waiting,
            one.needless,
            one.failed,
            *(one.texts.get(state, 0) for state in _STATES),
        )
        for one in found
    ]
    reasons = [_reasons(one, names) for one in found if one.why]
    return [Table("announcements", _ANNOUNCEMENT, rows, empty="Nothing was announced yet."), *reasons]


def _reasons(one: Progress, names: dict[int, str]) -> Line:
    return line(
        "{campaign} {job} {occurrence:%Y-%m-%d %H:%M}: {why}",
        campaign=names[one.run.campaign_id],
        job=one.run.job,
        occurrence=one.run.scheduled_at,
        why=listing([line("{count} {why}", count=count, why=why) for why, count in sorted(one.why.items())]),
    )


def _stop(desk: Desk, given: _Stop) -> Answer:
    run = stop(desk.runtime, given.campaign, given.job, given.occurrence, desk.at)
    if run is None:
        raise VerbRefused(
            "{campaign} has announced no such {job}; {verb} lists what there is",
            campaign=given.campaign,
            job=given.job,
            verb=VerbName("announcements"),
        )
    with read_only(desk.runtime.sessions) as session:
        # How many it reaches is not said: it shrinks while it is sent, and a plan that has moved could never stop it.
        reach, changes = (
            Reach(campaign=given.campaign),
            [Change("state", None, run.state, f"{given.campaign} {run.job}")],
        )
        told = _progress_told([progress(session, run)], {run.campaign_id: given.campaign})
        return Answer(told, changes=changes, reach=reach)


def _timers(desk: Desk, _given: NoArguments) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        kinds = timer_counts(session, desk.at)
        failed = select(Timer).where(Timer.state == "failed").order_by(Timer.due_at).limit(SHOWN)
        faults = timers_told(session.scalars(failed))
        plans = planned(list(desk.runtime.shelf.look(session).values()), desk.at)
        names = {campaign.id: campaign.name for campaign in session.scalars(select(Campaign))}
        last, missed = last_of(session, missed=False), last_of(session, missed=True)
    next_ones = [(plan.campaign, plan.job, plan.next_at) for plan in plans]
    return Answer(
        [
            _summary(kinds),
            Table("kinds", _KIND, [_standing(desk, one) for one in kinds], empty=""),
            faults,
            *([line("When what was wrong is mended: {verb}", verb=VerbName("timers retry"))] if faults.rows else []),
            Table(
                "planned", (Column("campaign"), Column("job"), Column("next", ColumnFormat.SECOND)), next_ones, empty=""
            ),
            _runs("runs", "Last runs of the calendar:", last, names),
            _runs("missed", "Missed, because no clock was running in time:", missed, names),
        ]
    )


def _summary(kinds: Sequence[TimerCounts]) -> Line:
    return line(
        "Timers: {later} set for later, {due} due, {late} of these late by more than a minute, {failed} failed.",
        later=sum(one.later for one in kinds),
        due=sum(one.due for one in kinds),
        late=sum(one.late for one in kinds),
        failed=sum(one.failed for one in kinds),
    )


def _standing(desk: Desk, one: TimerCounts) -> tuple[Value, ...]:
    behind = desk.at - one.oldest_at if one.oldest_at and one.late else None
    return one.kind, one.later, one.due, one.late, one.failed, behind


def _runs(name: str, title: str, runs: Sequence[CalendarRun], names: dict[int, str]) -> Table:
    rows = [(names[run.campaign_id], run.job, run.scheduled_at, run.state, run.planted) for run in runs]
    return Table(name, _RUN, rows, title=title, empty="")


_ANNOUNCEMENTS = Group(
    "announcements", "Show how far each announcement came: what was planted, and what became of it, adds up."
)
VERBS = (
    Verb(
        group=_ANNOUNCEMENTS,
        chinese="查公告",
        role=Role.AUDITOR,
        says=_ANNOUNCEMENTS.says,
        takes=NoArguments,
        act=_announcements,
    ),
    Verb(
        group=_ANNOUNCEMENTS,
        word="stop",
        chinese="停公告",
        role=Role.OPERATOR,
        says="Stop an announcement, the last one or the one of a certain time: no more of it is sent.",
        more="What is on its way at this moment still arrives. Stopped again, it drops what was left over.",
        takes=_Stop,
        act=_stop,
        changes=True,
        confirm="What was not sent yet is dropped for good. Stop it?",
        final="what waited was dropped; whoever had it already keeps it",
    ),
    Verb(
        group=TIMERS,
        chinese="查定时",
        role=Role.AUDITOR,
        says=TIMERS.says,
        more="And after the calendar: when each job comes next, the last runs, and what was missed.",
        takes=NoArguments,
        act=_timers,
    ),
)
