"""`huoju outbox`: its verbs, and what is to be delivered, was given up or ignored, with what this machine counted."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from core.database import read_only
from core.sending.operations import (
    Backlog,
    Reason,
    backlog,
    dead_letters,
    reasons,
)
from core.sending.outbound import SendingAccount
from core.sending.spend_limits import breaker_open
from huoju.account_registry import read_registry
from huoju.cli.console import installation, out, table
from huoju.cli.verbs import group_of
from huoju.metrics import counter_sums, metrics_files
from huoju.sending_status import account_statuses, ignored, text_status

_SHOWN = 100


def _look() -> None:
    if click.get_current_context().invoked_subcommand is None:
        _show()


_verbs = group_of("outbox")
outbox = click.Group("outbox", _verbs.commands, help=_verbs.help, invoke_without_command=True, callback=_look)


def _show() -> None:
    here = installation()
    now = here.clock()
    with read_only(here.runtime().sessions) as session:
        found = backlog(session, now)
        if found:
            _show_backlog(found, {(one.channel, one.account) for one in read_registry(here.settings).outlets()})
        else:
            out.print("Everything was delivered.")
        _show_accounts(session, now)
        _show_spent(session, read_registry(here.settings).outlets(), now)
        _show_reasons(reasons(session, _SHOWN))
        if count := sum(one.dead + one.unknown for one in found):
            _show_stuck(session, count)
    _show_ignored(here.settings.metrics_folder)


def _show_ignored(folder: Path) -> None:
    """What platforms delivered and nothing follows from, as the living processes of this machine counted it."""
    found = counter_sums(metrics_files(folder), "huoju_unread", "channel", "account", "what")
    if not found:
        return
    rows = table("account", "ignored", "kind", "what")
    for (channel, account, what), count in found.items():
        rows.add_row(f"{channel}/{account}", str(count), what, ignored(channel, what))
    out.print(rows)
    out.print("Ignored is counted since the processes here began; their logs name each (delivery.unread).")


def _show_backlog(found: Sequence[Backlog], ours: Collection[tuple[str, str]]) -> None:
    rows = table("account", "class", "later", "due", "late", "held", "sending", "unknown", "dead", "dropped")
    for one in found:
        late = str(one.late) if (one.channel, one.account) in ours else "-"
        numbers = (one.later, one.due, late, one.held, one.sending, one.unknown, one.dead, one.dropped)
        rows.add_row(f"{one.channel}/{one.account}", one.category.name.lower(), *map(str, numbers))
    out.print(rows)
    if any((one.channel, one.account) not in ours for one in found):
        out.print("Where nothing can be late (-), players come and fetch.")


def _show_reasons(found: Sequence[Reason]) -> None:
    if not found:
        return
    rows = table("account", "campaign", "class", "state", "right", "texts", "expire (UTC)", "why")
    for one in found:
        until = f"{one.expires_at:%Y-%m-%d %H:%M}" if one.expires_at else "-"
        where = (f"{one.channel}/{one.account}", one.campaign or "-", one.category.name.lower(), one.state)
        rows.add_row(*where, one.right or "-", str(one.texts), until, text_status(one.state, one.error))
    out.print(rows)


def _show_accounts(session: Session, now: datetime) -> None:
    for _, why_not in account_statuses(session, now):
        if why_not is not None:
            out.print(why_not)


def _show_spent(session: Session, outlets: Sequence[SendingAccount], now: datetime) -> None:
    for outlet in outlets:
        if (wait := breaker_open(session, outlet, now)) is not None:
            name, until = f"{outlet.channel}/{outlet.account}", now + wait
            out.print(f"{name} has spent what it may in an hour, and goes on at {until:%Y-%m-%d %H:%M:%S} UTC.")


def _show_stuck(session: Session, count: int) -> None:
    rows = table("id", "account", "class", "state", "tries", "since (UTC)", "error")
    for one in dead_letters(session, _SHOWN):
        since = f"{one.due_at:%Y-%m-%d %H:%M:%S}"
        where = f"{one.channel}/{one.account}"
        rows.add_row(one.id, where, one.category.name.lower(), one.state, str(one.tries), since, one.error or "-")
    out.print(rows)
    if count > _SHOWN:
        out.print(f"These are the oldest {_SHOWN} of {count}.")
    out.print("Send again what is dead: huoju outbox retry. What is unknown may have arrived; see its --help.")
