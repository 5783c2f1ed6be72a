"""`huoju wechat …`: the menu below an account's chat, and QR codes that bring a word along.

Specification: https://developers.weixin.qq.com/doc/service/en/api/custommenu/api_createcustommenu.html and
https://developers.weixin.qq.com/doc/service/en/api/qrcode/qrcodes/api_createqrcode.html
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import click

from bots.base import ChannelConsole, CommandRefused
from bots.wechat.account import CHANNEL, WeChatAccount
from bots.wechat.client import Client, Failed
from core.answers import Verbatim
from core.menu import MenuItem
from core.scenes import scene_name
from core.times import Clock, system_clock

MENU_ITEMS = 3
SUBMENU_ITEMS = 5
LONGEST = timedelta(days=30)
"""So long a QR code lasts that does not count among the 100,000 permanent ones."""

_LABEL_BYTES = 16
_SUBMENU_LABEL_BYTES = 60
_KEY_BYTES = 128
_ADDRESS_BYTES = 1024
_SCENE_CHARACTERS = 64
_PICTURE = "https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket="

Item = tuple[str, str]
"""(label, says) or (label, address of a page). A tap says ``says``, or opens the page."""
_ACCOUNT = click.argument("account")


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code: ``spells`` is what it holds, ``picture`` the address of it as a picture; None lasts for good."""

    spells: str
    picture: str
    lasts_until: datetime | None


@click.command()
@_ACCOUNT
@click.option("--language", default="zh", show_default=True, help="zh, en, or another one of the campaigns now.")
@click.option("--none", is_flag=True, help="Take the menu away.")
@click.pass_obj
def menu(console: ChannelConsole, account: str, language: str, *, none: bool) -> None:
    """Show the words of the campaigns now below the chat of ACCOUNT. Players see it within a day."""
    words = console.words(account)
    if language not in words[0].label:
        known = ", ".join(each for each in words[0].label if each)
        raise CommandRefused(f"no campaign there speaks {language}; these are spoken: {known}")
    with _calling(console, account) as api:
        shown = [] if none else buttons(words, language)
        put_menu(api, shown)
    for label, does in shown:
        if isinstance(does, str):
            console.say("{name}", name=label)
        else:
            console.say("{name}: {words}", name=label, words=Verbatim(", ".join(item for item, _ in does)))
    told = "{account} has this menu now." if shown else "{account} has no menu now."
    console.say(told, account=f"{CHANNEL}/{account}")


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
    console.say("It spells: {text}", text=made.spells)
    console.say("Its picture: {link}", link=Verbatim(made.picture))
    if (counted := scene_name(word)) != word:
        console.say(
            "Whoever comes by it is counted as {name}: `huoju wechat scenes` tells of nobody in particular.",
            name=counted,
        )
    if made.lasts_until:
        console.say("It lasts until {at:%Y-%m-%d %H:%M} UTC.", at=made.lasts_until)
    else:
        console.say("It lasts for good.")


def buttons(words: Sequence[MenuItem], language: str) -> list[Item | tuple[str, Sequence[Item]]]:
    """At most three things to stand side by side: the first of ``words``, and two lists of the others."""
    first, others = words[0], words[1:]
    made: list[Item | tuple[str, Sequence[Item]]] = [(first.label[language], first.says)]
    for mine in (True, False):
        several = [word for word in others if word.mine is mine][:SUBMENU_ITEMS]
        group = [(word.label[language], word.says) for word in several]
        if len(group) == 1:
            made += group
        elif group:
            made.append((several[0].group[language], group))
    return made


def put_menu(api: Client, items: Sequence[Item | tuple[str, Sequence[Item]]]) -> None:
    """Show ``items`` below the chat, or no menu when there are none.

    An item may be (label, items): a submenu. Raises ValueError for what the platform would not show, and
    bots.wechat.client.Failed. It takes up to a day until every player sees it.
    """
    if len(items) > MENU_ITEMS:
        raise ValueError(f"menu: at most {MENU_ITEMS} items stand side by side; put more of them into submenus")
    api.put_menu([_top(*item) for item in items], api.soon_s())


def make_qr(api: Client, word: str, clock: Clock, lasts: timedelta | None = LONGEST) -> QrCode:
    """A QR code by which a player arrives as if ``word`` had been tapped. Raises bots.wechat.client.Failed.

    Without ``lasts`` it is permanent: there are 100,000 of those. Raises ValueError for a word that none can hold.
    """
    if not 1 <= len(word) <= _SCENE_CHARACTERS:
        raise ValueError(f"word: a QR code of the platform holds 1 to {_SCENE_CHARACTERS} characters")
    if lasts is not None and not timedelta(seconds=60) <= lasts <= LONGEST:
        raise ValueError("lasts: from a minute to 30 days; a permanent QR code has none")
    ticket = api.make_ticket(word, lasts, api.soon_s())
    until = None if lasts is None else clock() + lasts
    return QrCode(ticket.spells, _PICTURE + quote(ticket.picture, safe=""), until)


@contextmanager
def _calling(console: ChannelConsole, name: str) -> Iterator[Client]:
    """The interface of account ``name``. Raises CommandRefused for what it says no to."""
    ours = [account for account in console.accounts() if isinstance(account, WeChatAccount)]
    mine = next((one for one in ours if one.name == name), None)
    if mine is None:
        known = ", ".join(one.name for one in ours) or "there is none"
        raise CommandRefused(f"{name} is no official account of ours; these are: {known}")
    api = Client(mine)
    try:
        yield api
    except Failed as failed:
        raise CommandRefused(f"WeChat says no: {failed}; `huoju doctor {CHANNEL}/{name}` looks further") from None
    except ValueError as error:
        raise CommandRefused(str(error)) from None
    finally:
        api.close()


def _top(label: str, does: str | Sequence[Item]) -> dict[str, Any]:
    if isinstance(does, str):
        return _button(label, does, _LABEL_BYTES)
    if not 1 <= len(does) <= SUBMENU_ITEMS:
        raise ValueError(f"menu: {label}: a submenu has 1 to {SUBMENU_ITEMS} items")
    _check("label", label, _LABEL_BYTES)
    return {"name": label, "sub_button": [_button(*item, _SUBMENU_LABEL_BYTES) for item in does]}


def _button(label: str, does: str, label_bytes: int) -> dict[str, Any]:
    _check("label", label, label_bytes)
    if does.startswith(("https://", "http://")):
        _check("address", does, _ADDRESS_BYTES)
        return {"type": "view", "name": label, "url": does}
    _check("words", does, _KEY_BYTES)
    return {"type": "click", "name": label, "key": does}


def _check(what: str, value: str, most: int) -> None:
    if not 1 <= len(value.encode()) <= most:
        raise ValueError(f"menu: {what} {value!r}: give 1 to {most} bytes of UTF-8, where a Chinese character has 3")
