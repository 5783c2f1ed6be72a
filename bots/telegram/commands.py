"""`huoju telegram setup`: tell Telegram how to reach us and which commands to offer.

The bot's name, description and picture are BotFather's, and left alone (core.telegram.org/bots/api#setmycommands).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click
import telegram
from telegram.error import TelegramError

from bots.base import ChannelConsole, CommandRefused, Finding, finding
from bots.telegram.account import CHANNEL, TelegramAccount
from bots.telegram.client import KINDS, Client
from bots.telegram.errors import outcome_of
from core.answers import Value, line
from core.menu import OTHERS, MenuItem

Commands = Mapping[str, Sequence[tuple[str, str]]]
"""By language ("zh", "en", and "" for all others): (command of a-z, 0-9 and _, what it does), in the menu's order."""

MAX_CONNECTIONS = 40
"""Updates that Telegram delivers at the same time."""
MOST_COMMANDS = 100
_LONGEST = 256
_NAME = re.compile(r"[a-z0-9_]{1,32}", re.ASCII)
"""Limits of a menu (core.telegram.org/bots/api#botcommand)."""
_LIMIT_S = 15.0
_LANGUAGES = ("zh", "en", OTHERS)
"""Of the menus of operators."""
_TAG = 2
"""Letters of a language here; those of three letters have no menu of their own (ISO 639-1)."""


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
    for one in chosen:
        words = console.words(one.name)
        client, offered = Client(one), _menu(words, _languages(words))
        try:
            for found in configure(client, console.public_url(), offered):
                account_name = f"{CHANNEL}/{one.name}"
                if found.well:
                    console.say("{account}: {what} is set.", account=account_name, what=found.named)
                else:
                    told = "{account}: {what}: {remedy}"
                    console.complain(told, account=account_name, what=found.named, remedy=found.advised)
        finally:
            client.close()


def _menu(words: Sequence[MenuItem], languages: Iterable[str]) -> Commands:
    """``words`` as the commands of a bot; English where one is not told of in a language."""
    return {
        language: [(word.says, word.does.get(language, word.does["en"])[:_LONGEST]) for word in words]
        for language in languages
    }


def _languages(words: Sequence[MenuItem]) -> Sequence[str]:
    """Those in which ``words`` are told of, all others last."""
    told = dict.fromkeys(each for word in words for each in word.does if len(each) == _TAG)
    return (*told, OTHERS)


def configure(client: Client, public_url: str | None, commands: Commands) -> Iterator[Finding]:
    """Set the webhook, or take it away for polling, and the menu of everybody; what became of each.

    The menus of operators are left alone: a process that runs keeps them as their roles are.
    """
    yield set_webhook(client, public_url) if client.account.receive == "webhook" else delete_webhook(client)
    yield from set_commands(client, commands)


def set_webhook(client: Client, public_url: str | None, max_connections: int = MAX_CONNECTIONS) -> Finding:
    """Let Telegram deliver the kinds of updates that we read, with our secret."""
    account, what = client.account, "webhook"
    if public_url is None or not public_url.startswith("https://"):
        return finding(what, False, "Telegram delivers to https only: set HUOJU_PUBLIC_URL, or receive by polling")
    assert account.webhook_secret is not None
    secret = account.webhook_secret.get_secret_value()
    return _done(
        client,
        what,
        lambda bot: bot.set_webhook(
            account.webhook_url(public_url),
            secret_token=secret,
            allowed_updates=KINDS,
            max_connections=max_connections,
        ),
    )


def delete_webhook(client: Client) -> Finding:
    """Let Telegram keep updates until they are fetched."""
    return _done(client, "no webhook", lambda bot: bot.delete_webhook())


def set_commands(client: Client, commands: Commands, operator: int | None = None) -> Iterator[Finding]:
    """Set the menu of everybody, or of one operator, in each language."""
    scope = telegram.BotCommandScopeChat(operator) if operator is not None else telegram.BotCommandScopeDefault()
    for language, entries in commands.items():
        menu = [telegram.BotCommand(command, does) for command, does in entries]
        whose = "commands ({language})" if operator is None else "commands of an operator ({language})"
        yield _done(
            client,
            whose,
            lambda bot, menu=menu, language=language: bot.set_my_commands(
                menu, scope=scope, language_code=language or None
            ),
            language=language or "other languages",
        )


class TelegramMenus:
    """Menus of single people in their chats with one bot, who must have started it."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def show(self, user: str, words: Sequence[MenuItem]) -> str | None:
        """Offer ``words`` to ``user`` in each language; without any, what everybody is offered. Why not, if not."""
        offered: dict[str, MenuItem] = {}
        for word in filter(lambda word: _NAME.fullmatch(word.says), words):
            offered.setdefault(word.says, word)
        menu = _menu(list(offered.values())[:MOST_COMMANDS], _LANGUAGES)
        told = set_commands(self._client, menu, int(user)) if offered else delete_commands(self._client, int(user))
        return next((found.remedy for found in told if not found.well), None)


def delete_commands(client: Client, operator: int) -> Iterator[Finding]:
    """Take the menu of one operator away in each language, so that everybody's is shown."""
    scope = telegram.BotCommandScopeChat(operator)
    for language in _LANGUAGES:
        yield _done(
            client,
            "no commands of an operator ({language})",
            lambda bot, language=language: bot.delete_my_commands(scope=scope, language_code=language or None),
            language=language or "other languages",
        )


def _done(client: Client, what: str, act: Any, **values: Value) -> Finding:
    try:
        client.call(act, _LIMIT_S)
    except (TelegramError, TimeoutError) as error:
        code = outcome_of(error).error if isinstance(error, TelegramError) else "timed_out"
        then = line(_REMEDIES.get(code, "try again"))
        return Finding(what, False, "Telegram says {code}; {then}", {**values, "code": code, "then": then})
    return Finding(what, True, values=values)


_REMEDIES = {
    "invalid_token": "copy the token from BotFather",
    "chat_not_found": "the operator has to start the bot first",
    "not_reached": "check the network and api_url",
    "bad_request": "check the address and the names of the commands",
}
