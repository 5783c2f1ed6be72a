"""What a text looks like on Telegram: photo, parts and buttons (core.telegram.org/bots/api#sendmessage)."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bots.telegram.callback_queries import data_of
from core.messages import Button
from core.sending.outbound import OutboundMessage
from core.texts.pieces import UTF16, split
from core.texts.previews import Preview

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
"""Limits of Telegram, counted in UTF-16 so that no way of counting exceeds them."""

_ROW_WIDTH = 30
_ROW_BUTTONS = 3
_GAP = 4  # of each button beside its label, in the same columns


@dataclass(frozen=True, slots=True)
class Part:
    """One call: a photo when there is a ``picture``, then ``text`` is its caption."""

    text: str
    picture: str | None = None
    keyboard: InlineKeyboardMarkup | None = None


def rendered(message: OutboundMessage) -> list[Part]:
    """What is sent for ``message``, in order; the buttons are below the last part.

    A button whose words are too long to come back makes it the plain text, where choices are numbered.
    """
    rich = message.rich
    if rich is None or any(data_of(button) is None for button in rich.buttons):
        return texts(message.text, None)
    keyboard = keyboard_of(rich.buttons)
    if not rich.picture or not rich.picture.startswith(("https://", "http://")):
        return texts(rich.text, keyboard)
    if UTF16.count(rich.text) <= CAPTION_UNITS:
        return [Part(rich.text, rich.picture, keyboard)]
    return [Part("", rich.picture), *texts(rich.text, keyboard)]


def keyboard_of(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """The buttons in their order, short ones side by side; None without any."""
    rows: list[list[Button]] = []
    for button in buttons:
        if rows and len(rows[-1]) < _ROW_BUTTONS and sum(map(_width, [*rows[-1], button])) <= _ROW_WIDTH:
            rows[-1].append(button)
        else:
            rows.append([button])
    shown = [[InlineKeyboardButton(one.label, callback_data=data_of(one)) for one in row] for row in rows]
    return InlineKeyboardMarkup(shown) if shown else None


def texts(text: str, keyboard: InlineKeyboardMarkup | None, limit: int = TEXT_UNITS) -> list[Part]:
    """``text`` in parts, with ``keyboard`` below the last one."""
    *before, last = split(text, limit, UTF16)
    return [*(Part(each) for each in before), Part(last, keyboard=keyboard)]


def preview(text: str) -> Preview:
    """How ``text`` arrives in a chat with a bot."""
    return Preview(tuple(split(text, TEXT_UNITS, UTF16)), UTF16.count(text), TEXT_UNITS, "UTF-16")


def _width(button: Button) -> int:
    return _GAP + sum(2 if unicodedata.east_asian_width(symbol) in "WF" else 1 for symbol in button.label)
