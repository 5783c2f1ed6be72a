"""`huoju wechat …`: the menu below an account's chat, and QR codes that bring a word along."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import click

from bots.base import ChannelConsole, CommandRefused, MenuWord
from bots.wechat.account import CHANNEL, WeChatAccount
from bots.wechat.calling import Failed
from bots.wechat.client import Api
from bots.wechat.offering import LONGEST, SUBMENU_ITEMS, Item, make_qr, put_menu
from core.scenes import scene_name
from core.times import system_clock

_ACCOUNT = click.argument("account")
_GROUPS = {True: {"zh": "我的", "en": "Mine"}, False: {"zh": "更多", "en": "More"}}
"""What the lists are called, of words about the player and of others."""


@click.command()
@_ACCOUNT
@click.option("--language", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--none", is_flag=True, help="Take the menu away.")
@click.pass_obj
def menu(console: ChannelConsole, account: str, language: str, *, none: bool) -> None:
    """Show the words of the campaigns now below the chat of ACCOUNT. Players see it within a day."""
    words = console.words(account)
    with _calling(console, account) as api:
        shown = [] if none else buttons(words, language)
        put_menu(api, shown)
    for label, does in shown:
        console.say(label if isinstance(does, str) else f"{label}: {', '.join(item for item, _ in does)}")
    console.say(f"{CHANNEL}/{account} has {'this' if shown else 'no'} menu now.")


@click.command()
@_ACCOUNT
@click.argument("word")
@click.option("--days", type=click.IntRange(1, LONGEST.days), default=LONGEST.days, show_default=True)
@click.option("--for-good", is_flag=True, help="It lasts for good; an account has 100,000 of those.")
@click.pass_obj
def qr(console: ChannelConsole, account: str, word: str, days: int, *, for_good: bool) -> None:
    """Make a QR code for ACCOUNT: whoever scans it follows, and is heard as if WORD had been tapped."""
    with _calling(console, account) as api:
        made = make_qr(api, word, system_clock, None if for_good else timedelta(days=days))
    console.say(f"It spells:  {made.spells}")
    console.say(f"Its picture: {made.picture}")
    if (counted := scene_name(word)) != word:
        console.say(
            f"Whoever comes by it is counted as {counted}: `huoju wechat scenes` tells of nobody in particular."
        )
    console.say(f"It lasts until {made.lasts_until:%Y-%m-%d %H:%M} UTC." if made.lasts_until else "It lasts for good.")


def buttons(words: Sequence[MenuWord], language: str) -> list[Item | tuple[str, Sequence[Item]]]:
    """At most three things to stand side by side: the first of ``words``, and two lists of the others."""
    first, others = words[0], words[1:]
    made: list[Item | tuple[str, Sequence[Item]]] = [(first.label[language], first.says)]
    for mine, label in _GROUPS.items():
        group = [(word.label[language], word.says) for word in others if word.mine is mine][:SUBMENU_ITEMS]
        if len(group) == 1:
            made += group
        elif group:
            made.append((label[language], group))
    return made


@contextmanager
def _calling(console: ChannelConsole, name: str) -> Iterator[Api]:
    """The interface of account ``name``. Raises CommandRefused for what it says no to."""
    ours = [account for account in console.accounts() if isinstance(account, WeChatAccount)]
    mine = next((one for one in ours if one.name == name), None)
    if mine is None:
        known = ", ".join(one.name for one in ours) or "there is none"
        raise CommandRefused(f"{name} is no official account of ours; these are: {known}")
    api = Api(mine)
    try:
        yield api
    except Failed as failed:
        raise CommandRefused(f"WeChat says no: {failed}; `huoju doctor {CHANNEL}/{name}` looks further") from None
    except ValueError as error:
        raise CommandRefused(str(error)) from None
    finally:
        api.close()
