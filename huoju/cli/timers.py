"""`huoju timers`: what is due, what failed, and trying that again."""

from datetime import timedelta

import click
from sqlalchemy import func, select

from core.models import Timer
from core.timers.firing import try_again
from core.words import Mark, row_number
from huoju.cli.common import installation, out, table

_LATE = timedelta(minutes=1)
_SHOWN = 100
_ABOUT_CLAIMS = "claim."


@click.group(invoke_without_command=True)
@click.pass_context
def timers(ctx: click.Context) -> None:
    """Look after what is due at an instant: how many wait, are late (is a clock running?) or have failed."""
    if ctx.invoked_subcommand is None:
        _show()


def _show() -> None:
    here = installation()
    due, now = Timer.state == "due", here.clock()
    rows = table("owner", "kind", "subject", "due (UTC)", "error")
    with here.world().sessions() as session:
        session.connection(execution_options={"read_only": True})
        later = session.scalar(select(func.count()).where(due, Timer.due_at > now))
        ripe = session.scalar(select(func.count()).where(due, Timer.due_at <= now))
        late = session.scalar(select(func.count()).where(due, Timer.due_at < now - _LATE))
        failed = session.scalar(select(func.count()).where(Timer.state == "failed"))
        shown = select(Timer).where(Timer.state == "failed").order_by(Timer.due_at).limit(_SHOWN)
        for one in session.scalars(shown):
            at = f"{one.due_at:%Y-%m-%d %H:%M:%S}"
            rows.add_row(row_number(Mark.FRIEND, one.owner_id), one.kind, _subject(one), at, one.error or "-")
    out.print(
        f"Timers: {later} set for later, {ripe} due, {late} of these late by more than a minute, {failed} failed."
    )
    if failed:
        out.print(rows)
        out.print("When what was wrong is mended: huoju timers retry")


def _subject(timer: Timer) -> str:
    """What ``timer`` is about; a claim by the number that the other commands take."""
    is_claim = timer.kind.startswith(_ABOUT_CLAIMS) and timer.subject.isdecimal()
    return row_number(Mark.CLAIM, int(timer.subject)) if is_claim else timer.subject


@timers.command()
def retry() -> None:
    """Let all failed timers be due again; a running clock fires them."""
    with installation().world().sessions.begin() as session:
        count = try_again(session)
    out.print(f"{count} timers are due again.")
