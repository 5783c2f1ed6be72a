"""`huoju timers`: what is due, late or failed, what the calendar holds, and trying again what failed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.database import read_only
from core.models import CalendarRun, Campaign, Timer
from core.timers.listing import Standing, standings
from core.timers.retrying import Wanted, failed_timers, try_again
from core.words import Mark, row_number
from handlers.calendar.queries import last_of, planned
from huoju.cli.console import Instant, installation, out, table

_SHOWN = 100
_ABOUT_CLAIMS = "claim."


@click.group(invoke_without_command=True)
@click.pass_context
def timers(ctx: click.Context) -> None:
    """Look after what is due at an instant: how many wait, are late (is a clock running?) or have failed.

    And after the calendar: when each job comes next, the last runs, and what was missed.
    """
    if ctx.invoked_subcommand is None:
        _show()


def _show() -> None:
    here = installation()
    now, runtime = here.clock(), here.runtime()
    with read_only(runtime.sessions) as session:
        _show_timers(session, standings(session, now), now)
        if plans := planned(list(runtime.shelf.look(session).values()), now):
            jobs = table("campaign", "job", "next (UTC)")
            for plan in plans:
                jobs.add_row(plan.campaign, plan.job, _at(plan.next_at))
            out.print(jobs)
        names = {campaign.id: campaign.name for campaign in session.scalars(select(Campaign))}
        _show_runs("Last runs of the calendar:", last_of(session, missed=False), names)
        _show_runs("Missed, because no clock was running in time:", last_of(session, missed=True), names)


def _show_timers(session: Session, all_kinds: list[Standing], now: datetime) -> None:
    later, due = sum(one.later for one in all_kinds), sum(one.due for one in all_kinds)
    late, failed = sum(one.late for one in all_kinds), sum(one.failed for one in all_kinds)
    out.print(f"Timers: {later} set for later, {due} due, {late} of these late by more than a minute, {failed} failed.")
    kinds = table("kind", "later", "due", "late", "failed", "the latest is late by")
    for one in all_kinds:
        behind = str(now - one.oldest_at).split(".", maxsplit=1)[0] if one.oldest_at and one.late else "-"
        kinds.add_row(one.kind, str(one.later), str(one.due), str(one.late), str(one.failed), behind)
    if all_kinds:
        out.print(kinds)
    if failed:
        _show_failed(session)


def _show_failed(session: Session) -> None:
    _list(session.scalars(select(Timer).where(Timer.state == "failed").order_by(Timer.due_at).limit(_SHOWN)))
    out.print("When what was wrong is mended: huoju timers retry")


def _list(timers: Iterable[Timer]) -> None:
    rows = table("owner", "kind", "subject", "due (UTC)", "error")
    for one in timers:
        owner = row_number(Mark.FRIEND, one.owner_id)
        rows.add_row(owner, one.kind, _subject(one), _at(one.due_at), one.error or "-")
    out.print(rows)


def _show_runs(title: str, runs: list[CalendarRun], names: dict[int, str]) -> None:
    if not runs:
        return
    rows = table("campaign", "job", "scheduled (UTC)", "state", "players")
    for run in runs:
        rows.add_row(names[run.campaign_id], run.job, _at(run.scheduled_at), run.state, str(run.planted))
    out.print(title)
    out.print(rows)


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S}" if instant else "-"


def _subject(timer: Timer) -> str:
    """What ``timer`` is about; a claim by the number that the other commands take."""
    is_claim = timer.kind.startswith(_ABOUT_CLAIMS) and timer.subject.isdecimal()
    return row_number(Mark.CLAIM, int(timer.subject)) if is_claim else timer.subject


@timers.command()
@click.option("--kind", help="Those of one kind, for example claim.remind.")
@click.option("--error", help="Those whose error has this in it, for example OperationalError.")
@click.option("--since", type=Instant(), help="Those that were due from then on (UTC).")
@click.option("--until", type=Instant(), help="Those that were due before then (UTC).")
@click.option("--dry-run", is_flag=True, help="Show which, and change nothing.")
def retry(*, dry_run: bool, **filters: Any) -> None:
    """Let failed timers be due again, all or those that the options name together; a running clock fires them."""
    wanted = Wanted(**filters)
    with installation().runtime().sessions.begin() as session:
        if dry_run:
            found = failed_timers(session, wanted)
            _list(found[:_SHOWN])
            out.print(f"{len(found)} timers would be due again.")
            return
        count = try_again(session, wanted)
    out.print(f"{count} timers are due again.")
