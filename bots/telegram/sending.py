"""Telegram's sending half: texts, photos and buttons by the Bot API (core.telegram.org/bots/api#sendmessage).

A send is not idempotent: one whose answer did not come may have arrived. In groups about 20 texts a minute are let
through (core.telegram.org/bots/faq); a 429 says when it was too much.
"""

import asyncio
from collections import OrderedDict
from concurrent.futures import CancelledError

import httpx
import telegram
from telegram.error import BadRequest, TelegramError

from bots.telegram.account import CHANNEL
from bots.telegram.line import Line
from bots.telegram.outcomes import outcome_of
from bots.telegram.shaping import Part, shaped
from core.sending.outbound import Category, Delivered, OutboundMessage, Outcome, Outlet, Refused, TryAgain, Unknown

AT_ONCE = 12
LIMIT_S = 17.0
"""So long one text is tried, whatever it consists of."""

PICTURE_LIMIT = 5 * 1024 * 1024
_PICTURE_S = 5.0
_BEGUN_LIMIT = 1000
_NO_PREVIEW = telegram.LinkPreviewOptions(is_disabled=True)
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


class TelegramSends:
    """Sends the texts of one bot over ``line``, which its maker closes."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._begun: OrderedDict[str, int] = OrderedDict()  # touched in the line's loop only
        self.outlet = Outlet(CHANNEL, line.account.name, line.account.speed, AT_ONCE)

    def send(self, message: OutboundMessage) -> Outcome:
        """Try once to deliver ``message``; a try of this process that came to its second part goes on from there."""
        try:
            chat = int(message.user)
        except ValueError:
            return Refused("not_a_chat")
        try:
            return self._line.call(lambda bot: self._deliver(bot, chat, message), LIMIT_S)
        except TimeoutError:
            return Unknown("timed_out")
        except CancelledError:
            return Unknown("hung_up")

    async def _deliver(self, bot: telegram.Bot, chat: int, message: OutboundMessage) -> Outcome:
        parts = shaped(message)
        for place in range(self._begun.pop(message.id, 0), len(parts)):
            self._remember(message.id, place)
            try:
                await _hand_over(bot, chat, parts[place])
            except TelegramError as error:
                outcome = outcome_of(error)
                if place and message.category == Category.MARKETING and isinstance(outcome, TryAgain):
                    return Unknown(outcome.error)  # another process would send the first part twice
                return outcome
        self._begun.pop(message.id, None)
        return Delivered()

    def _remember(self, message_id: str, done: int) -> None:
        if done:
            self._begun[message_id] = done
            if len(self._begun) > _BEGUN_LIMIT:
                self._begun.popitem(last=False)


async def _hand_over(bot: telegram.Bot, chat: int, part: Part) -> None:
    """Send ``part``. A picture that Telegram cannot fetch is brought to it, or its address ends the text."""
    if part.picture is None:
        await _say(bot, chat, part.text, part)
        return
    try:
        await _show(bot, chat, part.picture, part)
    except BadRequest as error:
        outcome = outcome_of(error)
        if isinstance(outcome, Refused) and outcome.gone:
            raise
        fetched = await _fetched(part.picture)
        if fetched is not None:
            try:
                await _show(bot, chat, fetched, part)
            except BadRequest:
                fetched = None
        if fetched is None:
            await _say(bot, chat, f"{part.text}\n{part.picture}".strip(), part)


async def _say(bot: telegram.Bot, chat: int, text: str, part: Part) -> None:
    await bot.send_message(chat, text, link_preview_options=_NO_PREVIEW, reply_markup=part.keyboard)


async def _show(bot: telegram.Bot, chat: int, picture: str | bytes, part: Part) -> None:
    await bot.send_photo(chat, picture, caption=part.text or None, reply_markup=part.keyboard)


async def _fetched(address: str) -> bytes | None:
    """The PNG or JPEG at ``address``, or None when there is none of bearable size."""
    body = b""
    try:
        async with (
            asyncio.timeout(_PICTURE_S),
            httpx.AsyncClient() as client,
            client.stream("GET", address) as response,
        ):
            async for piece in response.aiter_bytes():
                body += piece
                if response.status_code != httpx.codes.OK or len(body) > PICTURE_LIMIT:
                    return None
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return None
    return body if body.startswith(_PICTURES) else None
