"""`huoju wechat`, `huoju telegram`, `huoju sms`: what a channel brings to the command line, and the links it holds."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import click
from pydantic import BaseModel

from bots import CHANNELS, Listed, load
from core.answers import Line, Value
from core.database import read_only
from core.menu import MenuItem, menu_at
from core.places import Place
from huoju.account_registry import read_registry
from huoju.bootstrap import Installation
from huoju.cli.console import AS_JSON, Telling, installation, json_switch
from huoju.cli.help import Group
from huoju.cli.language import IN_LANGUAGE, language_option
from huoju.cli.run import STOPS, hold_links
from huoju.cli.scenes import scenes_of
from huoju.settings import read_settings


def command_of(name: str) -> click.Command:
    """`huoju <name>`: the channel's commands; without one its links are held, where it has any."""
    listed = next(each for each in CHANNELS if each.name == name)
    channel = load(name)
    commands = [*map(_answering, channel.commands), *([scenes_of(name)] if channel.scenes else [])]
    if not commands:
        return click.Command(name, callback=lambda: hold_links(name), help=_help(listed, runs=True))
    runs = channel.holds_links

    @click.pass_context
    def group(ctx: click.Context) -> None:
        ctx.obj = _Console(name)
        if ctx.invoked_subcommand is None:
            hold_links(name)

    return Group(
        name,
        {each.name or "": each for each in commands},
        invoke_without_command=runs,
        callback=group,
        help=_help(listed, runs=runs),
    )


def _answering(command: click.Command) -> click.Command:
    """``command`` with ``--json`` and ``--language``: what it says and complains of is one answer."""
    act = command.callback
    assert act is not None

    @click.pass_context
    def answer(ctx: click.Context, /, **typed: Any) -> None:
        ctx.obj.begin(typed.pop(IN_LANGUAGE), as_json=typed.pop(AS_JSON))
        ctx.invoke(act, **typed)
        ctx.obj.end()

    options = [json_switch(), language_option(hidden=any(one.name == "language" for one in command.params))]
    return click.Command(command.name, callback=answer, params=[*command.params, *options], help=command.help)


def _help(listed: Listed, *, runs: bool) -> str:
    assert listed.command is not None
    return f"{listed.command.says}\n\n{STOPS}" if runs else listed.command.says


class _Console:
    """What the commands of a channel are handed (bots.base.ChannelConsole)."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    def accounts(self) -> Sequence[BaseModel]:
        return [one.table for one in read_registry(read_settings()).accounts if one.channel == self._channel]

    def words(self, account: str) -> Sequence[MenuItem]:
        """The words of all campaigns at this account that are not over."""
        runtime, place = self._here.runtime(), Place(self._channel, account)
        with read_only(runtime.sessions) as session:
            campaigns = runtime.shelf.look(session).values()
        return menu_at(runtime.mechanics.menu, campaigns, place, runtime.mechanics.texts())

    def public_url(self) -> str | None:
        return read_settings().links_begin_with

    def begin(self, language: str, *, as_json: bool) -> None:
        """Whoever called is answered so."""
        self._told, self._wrong = Telling(language, as_json=as_json), list[Line]()

    def say(self, sentence: str, **values: Value) -> None:
        self._told(sentence, **values)

    def complain(self, sentence: str, **values: Value) -> None:
        self._wrong.append(Line(sentence, values))

    def end(self) -> None:
        """That was all."""
        self._told.end(self._wrong)

    @cached_property
    def _here(self) -> Installation:
        return installation()
