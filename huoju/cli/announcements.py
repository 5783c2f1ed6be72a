"""`huoju announcements`: how far each announcement of the calendar came, and stopping one by itself."""

from datetime import UTC, datetime

import click
from sqlalchemy import select

from core.database import read_only
from core.models import Campaign
from core.operators import Refused
from handlers.calendar.announcements import Progress, last_runs, progress, stop
from huoju.cli.console import installation, out, table

_SHOWN = 20
_STATES = ("due", "held", "sending", "sent", "unknown", "dead", "dropped")
_WHEN = "%Y-%m-%d %H:%M"


@click.group(invoke_without_command=True)
@click.pass_context
def announcements(ctx: click.Context) -> None:
    """Show how far each announcement came: what was planted, and what became of it, adds up."""
    if ctx.invoked_subcommand is None:
        with read_only(installation().runtime().sessions) as session:
            found = [progress(session, run) for run in last_runs(session, _SHOWN)]
            names = {row[0]: row[1] for row in session.execute(select(Campaign.id, Campaign.name))}
        if found:
            _show(found, names)
        else:
            out.print("Nothing was announced yet.")


def _show(found: list[Progress], names: dict[int, str]) -> None:
    rows = table("campaign", "job", "occurrence (UTC)", "state", "planted", "waiting", "needless", "failed", *_STATES)
    for one in found:
        run, numbers = one.run, (one.run.planted, one.waiting, one.needless, one.failed)
        texts = (one.texts.get(state, 0) for state in _STATES)
        where = (names[run.campaign_id], run.job, f"{run.scheduled_at:{_WHEN}}", run.state)
        rows.add_row(*where, *map(str, (*numbers, *texts)))
    out.print(rows)
    for one in found:
        if one.why:
            said = ", ".join(f"{count} {why}" for why, count in sorted(one.why.items()))
            out.print(f"{names[one.run.campaign_id]} {one.run.job} {one.run.scheduled_at:{_WHEN}}: {said}")


@announcements.command("stop")
@click.argument("campaign")
@click.argument("job")
@click.argument("occurrence", required=False, type=click.DateTime([_WHEN, "%Y-%m-%dT%H:%M"]))
def stop_one(campaign: str, job: str, occurrence: datetime | None) -> None:
    """Stop the last announcement of JOB, or the one of OCCURRENCE ("2026-12-02 01:00", UTC): no more of it is sent.

    What is on its way at this moment still arrives. Stopped again, it drops what was left over.
    """
    here = installation()
    which = occurrence.replace(tzinfo=UTC) if occurrence else None
    run = stop(here.runtime(), campaign, job, which, here.clock())
    if run is None:
        raise Refused(f"{campaign} has announced no such {job}; `huoju announcements` lists what there is")
    with read_only(here.runtime().sessions) as session:
        _show([progress(session, run)], {run.campaign_id: campaign})
