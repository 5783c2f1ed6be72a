"""Buttons: what a tap carries back, and the courtesies that Telegram expects after one.

A tap brings back at most 64 bytes (core.telegram.org/bots/api#inlinekeyboardbutton): the words that the button stands
for, behind a mark. Whoever taps could send any other words as well, so they are worth what typed words are.
"""

from contextlib import suppress
from dataclasses import dataclass

import telegram
from telegram.error import BadRequest

_MARK = "="
_LIMIT_BYTES = 64


def data_of(says: str) -> str | None:
    """What a button that ``says`` something carries, or None when it is too long for one."""
    data = _MARK + says
    return data if says and len(data.encode("utf-8", "replace")) <= _LIMIT_BYTES else None


def said_by(data: str) -> str | None:
    """What a button says that carries ``data``, or None when it is none of ours."""
    return data[len(_MARK) :] or None if data.startswith(_MARK) else None


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
