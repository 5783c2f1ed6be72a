"""`huoju telegram setup`: webhook and menus of all bots."""

import sys
from collections.abc import Sequence

import click

from bots.base import ChannelConsole, CommandRefused, MenuWord
from bots.telegram.account import CHANNEL, TelegramAccount
from bots.telegram.line import Line
from bots.telegram.setup import Commands, set_up

_LANGUAGES = {"zh": "zh", "en": "en", "": "en"}
"""English for languages that we do not speak."""


@click.command()
@click.argument("account", required=False)
@click.pass_obj
def setup(console: ChannelConsole, account: str | None) -> None:
    """Tell Telegram where to reach all bots (or ACCOUNT), and which words to offer: those of the campaigns now."""
    ours = [one for one in console.accounts() if isinstance(one, TelegramAccount)]
    chosen = [one for one in ours if account in {None, one.name}]
    if not chosen:
        known = ", ".join(one.name for one in ours) or "there is none"
        raise CommandRefused(f"{account or 'Telegram'} is no bot of ours; these are: {known}")
    wrong = 0
    for one in chosen:
        line, offered = Line(one), commands(console.words(one.name))
        try:
            for found in set_up(line, console.public_url(), offered, offered):
                if found.well:
                    console.say(f"{CHANNEL}/{one.name}: {found.what} is set.")
                else:
                    console.complain(f"{CHANNEL}/{one.name}: {found.what}: {found.remedy}")
                wrong += not found.well
        finally:
            line.close()
    sys.exit(1 if wrong else 0)


def commands(words: Sequence[MenuWord]) -> Commands:
    """``words`` as the commands of a bot."""
    return {code: [(word.says, word.does[language]) for word in words] for code, language in _LANGUAGES.items()}
