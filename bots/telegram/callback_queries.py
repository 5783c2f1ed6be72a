"""Buttons: what a tap carries back, and the courtesies that Telegram expects after one.

A tap brings back at most 64 bytes (core.telegram.org/bots/api#inlinekeyboardbutton): the number of the question that
the button stood under, if it answers one, a mark, and the words that it stands for. Whoever taps could send any other
words as well, so they are worth what typed words are. An app that was closed too soon sends its tap again, with new
ids (telegram-bot-api#699): by then the question has its answer.
"""

import re
from contextlib import suppress
from dataclasses import dataclass

import telegram
from telegram.error import BadRequest

from core.messages import Button

_LIMIT_BYTES = 64
_DATA = re.compile(r"([0-9]{0,8})=(.+)", re.DOTALL)


def data_of(button: Button) -> str | None:
    """What ``button`` carries, or None when that is too long for one."""
    data = f"{'' if button.question is None else button.question}={button.says}"
    return data if button.says and len(data.encode("utf-8", "replace")) <= _LIMIT_BYTES else None


def said_by(data: str) -> tuple[str, int | None] | None:
    """What a button says that carries ``data``, and its question; None when it is none of ours."""
    found = _DATA.fullmatch(data)
    return (found[2], int(found[1]) if found[1] else None) if found else None


@dataclass(frozen=True, slots=True)
class Tap:
    """A button that was tapped: ``query`` waits for an answer, the message still has its buttons."""

    query: str
    chat: int | None = None
    message: int | None = None

    async def acknowledge(self, bot: telegram.Bot) -> None:
        """Let the button stop turning, and take all of them away so that nobody taps twice."""
        with suppress(BadRequest):  # it was too long ago
            await bot.answer_callback_query(self.query)
        if self.chat is not None and self.message is not None:
            with suppress(BadRequest):  # they are away already
                await bot.edit_message_reply_markup(chat_id=self.chat, message_id=self.message)
