"""Telling Telegram how to reach us and which commands to offer (core.telegram.org/bots/api#setmycommands).

The bot's name, description and picture are BotFather's, and left alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import telegram
from telegram.error import TelegramError

from bots.base import Finding
from bots.telegram.account import CHANNEL, TelegramAccount
from bots.telegram.client import KINDS
from bots.telegram.errors import outcome_of
from bots.telegram.line import Line

Commands = Mapping[str, Sequence[tuple[str, str]]]
"""By language ("zh", "en", and "" for all others): (command of a-z, 0-9 and _, what it does), in the menu's order."""

MAX_CONNECTIONS = 40
"""Updates that Telegram delivers at the same time."""
_LIMIT_S = 15.0


def webhook_address(account: TelegramAccount, public_url: str) -> str:
    """Where Telegram delivers the updates of ``account``."""
    return f"{public_url.rstrip('/')}/{CHANNEL}/{account.name}"


def set_up(line: Line, public_url: str | None, commands: Commands, for_operators: Commands) -> Iterator[Finding]:
    """Set the webhook, or take it away for polling, and the menus; what became of each.

    ``for_operators`` is the whole menu of an operator, who must have started the bot.
    """
    yield set_webhook(line, public_url) if line.account.receive == "webhook" else delete_webhook(line)
    yield from set_commands(line, commands)
    for operator in line.account.operators:
        yield from set_commands(line, for_operators, operator)


def set_webhook(line: Line, public_url: str | None, max_connections: int = MAX_CONNECTIONS) -> Finding:
    """Let Telegram deliver the kinds of updates that we read, with our secret."""
    account, what = line.account, "webhook"
    if public_url is None or not public_url.startswith("https://"):
        return Finding(what, False, "Telegram delivers to https only: set HUOJU_PUBLIC_URL, or receive by polling")
    assert account.webhook_secret is not None
    secret = account.webhook_secret.get_secret_value()
    return _done(
        line,
        what,
        lambda bot: bot.set_webhook(
            webhook_address(account, public_url),
            secret_token=secret,
            allowed_updates=KINDS,
            max_connections=max_connections,
        ),
    )


def delete_webhook(line: Line) -> Finding:
    """Let Telegram keep updates until they are fetched."""
    return _done(line, "no webhook", lambda bot: bot.delete_webhook())


def set_commands(line: Line, commands: Commands, operator: int | None = None) -> Iterator[Finding]:
    """Set the menu of everybody, or of one operator, in each language."""
    scope = telegram.BotCommandScopeChat(operator) if operator is not None else telegram.BotCommandScopeDefault()
    for language, entries in commands.items():
        menu = [telegram.BotCommand(command, does) for command, does in entries]
        whose = "commands" if operator is None else "commands of an operator"
        yield _done(
            line,
            f"{whose} ({language or 'other languages'})",
            lambda bot, menu=menu, language=language: bot.set_my_commands(
                menu, scope=scope, language_code=language or None
            ),
        )


def _done(line: Line, what: str, act: Any) -> Finding:
    try:
        line.call(act, _LIMIT_S)
    except (TelegramError, TimeoutError) as error:
        code = outcome_of(error).error if isinstance(error, TelegramError) else "timed_out"
        return Finding(what, False, f"Telegram says {code}; {_REMEDIES.get(code, 'try again')}")
    return Finding(what, True)


_REMEDIES = {
    "invalid_token": "copy the token from BotFather",
    "chat_not_found": "the operator has to start the bot first",
    "not_reached": "check the network and api_url",
    "bad_request": "check the address and the names of the commands",
}
