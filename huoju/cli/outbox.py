"""`huoju outbox`: its verbs, with what platforms delivered and nothing follows from, as this machine counted it."""

from pathlib import Path
from typing import Any

import click

from huoju.cli.console import out, spoken, table
from huoju.cli.verbs import group_of
from huoju.metrics import counter_sums, metrics_files
from huoju.sending_status import ignored
from huoju.settings import read_settings

outbox = group_of("outbox")
_say = outbox.callback


def _look(**typed: Any) -> None:
    is_alone = click.get_current_context().invoked_subcommand is None
    as_json = bool(typed.get("as_json"))
    assert _say is not None
    _say(**typed)
    if is_alone and not as_json:
        _show_ignored(read_settings().metrics_folder)


outbox.callback = _look


def _show_ignored(folder: Path) -> None:
    """What platforms delivered and nothing follows from, as the living processes of this machine counted it."""
    found = counter_sums(metrics_files(folder), "huoju_unread", "channel", "account", "what")
    if not found:
        return
    says = spoken()
    rows = table(*map(says.word, ("account", "ignored", "kind", "what")))
    for (channel, account, what), count in found.items():
        rows.add_row(f"{channel}/{account}", str(count), what, says.word(ignored(channel, what)))
    out.print(rows)
    since = "Ignored is counted since the processes here began; their logs name each (delivery.unread)."
    out.print(says.word(since))
