"""`huoju wechat`, `huoju telegram`, `huoju sms`: what a channel brings to the command line, and the links it holds."""

from collections.abc import Sequence
from functools import cached_property

import click
from pydantic import BaseModel

from bots import CHANNELS, Listed, load
from core.database import read_only
from core.menu import MenuWord, words_in
from core.places import Place
from huoju.account_registry import read_registry
from huoju.bootstrap import Installation
from huoju.cli.console import err, installation, out
from huoju.cli.run import hold_links
from huoju.cli.scenes import scenes_of
from huoju.settings import read_settings


def command_of(name: str) -> click.Command:
    """`huoju <name>`: the channel's commands; without one its links are held, where it has any."""
    listed = next(each for each in CHANNELS if each.name == name)
    channel = load(name)
    commands = [*channel.commands, *([scenes_of(name)] if channel.scenes else [])]
    if not commands:
        return click.Command(name, callback=lambda: hold_links(name), help=_help(listed, runs=True))
    runs = channel.holds_links

    @click.pass_context
    def group(ctx: click.Context) -> None:
        ctx.obj = _Console(name)
        if ctx.invoked_subcommand is None:
            hold_links(name)

    return click.Group(
        name,
        {each.name or "": each for each in commands},
        invoke_without_command=runs,
        callback=group,
        help=_help(listed, runs=runs),
    )


def _help(listed: Listed, *, runs: bool) -> str:
    return f"{listed.command} SIGINT or SIGTERM stops it when all in hand is done." if runs else f"{listed.command}"


class _Console:
    """What the commands of a channel are handed (bots.base.ChannelConsole)."""

    def __init__(self, channel: str) -> None:
        self._channel = channel

    def accounts(self) -> Sequence[BaseModel]:
        return [one.table for one in read_registry(read_settings()).accounts if one.channel == self._channel]

    def words(self, account: str) -> Sequence[MenuWord]:
        """The words of all campaigns at this account that are not over."""
        runtime, place = self._here.runtime(), Place(self._channel, account)
        with read_only(runtime.sessions) as session:
            campaigns = [campaign.rules for campaign in runtime.shelf.look(session).values()]
        return words_in(runtime.mechanics.menu, [rules for rules in campaigns if rules.plays_at(place)], place)

    def public_url(self) -> str | None:
        return read_settings().links_begin_with

    def say(self, line: str) -> None:
        out.print(line)

    def complain(self, line: str) -> None:
        err.print(line)

    @cached_property
    def _here(self) -> Installation:
        return installation()
