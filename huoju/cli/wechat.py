"""`huoju wechat`: the menu below an account's chat, QR codes that bring a word along, and whom they brought."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click

from bots.wechat.account import CHANNEL, WeChatAccount
from bots.wechat.api import Api
from bots.wechat.calling import Failed
from bots.wechat.offering import LONGEST, make_qr, put_menu
from core.places import Place
from core.scenes import scene_name
from core.times import system_clock
from huoju.channels.ours import read_ours
from huoju.cli.common import Refused, installation, out
from huoju.cli.scenes import scenes_of
from huoju.menus import buttons, words_of
from huoju.settings import Settings, read_settings

_ACCOUNT = click.argument("account")


@click.group()
def wechat() -> None:
    """Look after official accounts: their menus, QR codes, and whom these brought."""


@wechat.command()
@_ACCOUNT
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--none", is_flag=True, help="Take the menu away.")
def menu(account: str, language: str, *, none: bool) -> None:
    """Show the words of the campaigns now below the chat of ACCOUNT. Players see it within a day."""
    here = installation()
    with _calling(here.settings, account) as api:
        shown = [] if none else buttons(words_of(here, Place(CHANNEL, account)), language)
        put_menu(api, shown)
    for label, does in shown:
        out.print(label if isinstance(does, str) else f"{label}: {', '.join(item for item, _ in does)}")
    out.print(f"{CHANNEL}/{account} has {'this' if shown else 'no'} menu now.")


@wechat.command()
@_ACCOUNT
@click.argument("word")
@click.option("--days", type=click.IntRange(1, LONGEST.days), default=LONGEST.days, show_default=True)
@click.option("--for-good", is_flag=True, help="It lasts for good; an account has 100,000 of those.")
def qr(account: str, word: str, days: int, *, for_good: bool) -> None:
    """Make a QR code for ACCOUNT: whoever scans it follows, and is heard as if WORD had been tapped."""
    with _calling(read_settings(), account) as api:
        made = make_qr(api, word, system_clock, None if for_good else timedelta(days=days))
    out.print(f"It spells:  {made.spells}")
    out.print(f"Its picture: {made.picture}")
    if (counted := scene_name(word)) != word:
        out.print(f"Whoever comes by it is counted as {counted}: `huoju wechat scenes` tells of nobody in particular.")
    out.print(f"It lasts until {made.lasts_until:%Y-%m-%d %H:%M} UTC." if made.lasts_until else "It lasts for good.")


wechat.add_command(scenes_of(CHANNEL))


@contextmanager
def _calling(settings: Settings, name: str) -> Iterator[Api]:
    """The interface of account ``name``. Raises Refused for what it says no to."""
    ours = [one.table for one in read_ours(settings).accounts if isinstance(one.table, WeChatAccount)]
    mine = next((one for one in ours if one.name == name), None)
    if mine is None:
        known = ", ".join(one.name for one in ours) or "there is none"
        raise Refused(f"{name} is no official account of ours; these are: {known}")
    api = Api(mine)
    try:
        yield api
    except Failed as failed:
        raise Refused(f"WeChat says no: {failed}; `huoju doctor {CHANNEL}/{name}` looks further") from None
    except ValueError as error:
        raise Refused(str(error)) from None
    finally:
        api.close()
