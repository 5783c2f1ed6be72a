"""What stands ready for players: the menu below the chat, and QR codes that bring a word along.

Specification: https://developers.weixin.qq.com/doc/service/en/api/custommenu/api_createcustommenu.html and
https://developers.weixin.qq.com/doc/service/en/api/qrcode/qrcodes/api_createqrcode.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from bots.wechat.client import Api
from core.times import Clock

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


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code: ``spells`` is what it holds, ``picture`` the address of it as a picture; None lasts for good."""

    spells: str
    picture: str
    lasts_until: datetime | None


def put_menu(api: Api, items: Sequence[Item | tuple[str, Sequence[Item]]]) -> None:
    """Show ``items`` below the chat, or no menu when there are none.

    An item may be (label, items): a submenu. Raises ValueError for what the platform would not show, and
    bots.wechat.calling.Failed. It takes up to a day until every player sees it.
    """
    if len(items) > MENU_ITEMS:
        raise ValueError(f"menu: at most {MENU_ITEMS} items stand side by side; put more of them into submenus")
    api.put_menu([_top(*item) for item in items], api.soon_s())


def make_qr(api: Api, word: str, clock: Clock, lasts: timedelta | None = LONGEST) -> QrCode:
    """A QR code by which a player arrives as if ``word`` had been tapped. Raises bots.wechat.calling.Failed.

    Without ``lasts`` it is permanent: there are 100,000 of those. Raises ValueError for a word that none can hold.
    """
    if not 1 <= len(word) <= _SCENE_CHARACTERS:
        raise ValueError(f"word: a QR code of the platform holds 1 to {_SCENE_CHARACTERS} characters")
    if lasts is not None and not timedelta(seconds=60) <= lasts <= LONGEST:
        raise ValueError("lasts: from a minute to 30 days; a permanent QR code has none")
    ticket = api.make_ticket(word, lasts, api.soon_s())
    until = None if lasts is None else clock() + lasts
    return QrCode(ticket.spells, _PICTURE + quote(ticket.picture, safe=""), until)


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
