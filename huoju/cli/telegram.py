"""`huoju telegram`: fetch updates where there is no webhook. `huoju telegram setup`: webhook and menus of all bots.

`huoju telegram scenes`: by which links people came.
"""

import sys

import click

from bots.telegram.account import CHANNEL, TelegramAccount
from bots.telegram.line import Line
from bots.telegram.setup import set_up
from core.places import Place
from huoju.channels.ours import read_ours
from huoju.cli.common import Refused, err, installation, out
from huoju.cli.run import hold_links
from huoju.cli.scenes import scenes_of
from huoju.menus import commands, words_of


@click.group(invoke_without_command=True)
@click.pass_context
def telegram(ctx: click.Context) -> None:
    """Run the polling of bots without a webhook only. SIGINT or SIGTERM stops it when all in hand is done."""
    if ctx.invoked_subcommand is None:
        hold_links(CHANNEL)


@telegram.command()
@click.argument("account", required=False)
def setup(account: str | None) -> None:
    """Tell Telegram where to reach all bots (or ACCOUNT), and which words to offer: those of the campaigns now."""
    here = installation()
    ours = [one.table for one in read_ours(here.settings).accounts if isinstance(one.table, TelegramAccount)]
    chosen = [table for table in ours if account in {None, table.name}]
    if not chosen:
        known = ", ".join(table.name for table in ours) or "there is none"
        raise Refused(f"{account or 'Telegram'} is no bot of ours; these are: {known}")
    wrong = 0
    for table in chosen:
        line, offered = Line(table), commands(words_of(here, Place(CHANNEL, table.name)))
        try:
            for found in set_up(line, here.settings.links_begin_with, offered, offered):
                if found.well:
                    out.print(f"{CHANNEL}/{table.name}: {found.what} is set.")
                else:
                    err.print(f"{CHANNEL}/{table.name}: {found.what}: {found.remedy}")
                wrong += not found.well
        finally:
            line.close()
    sys.exit(1 if wrong else 0)


telegram.add_command(scenes_of(CHANNEL))
