"""Telegram's sending half: texts, photos and buttons by the Bot API (core.telegram.org/bots/api#sendmessage).

A send is not idempotent: one whose answer did not come may have arrived. In groups about 20 texts a minute are let
through (core.telegram.org/bots/faq); a 429 says when it was too much.

What Telegram refuses for what it looks like, or for where it should stand, is conceded: said in a plainer way. Buttons
that it does not take become numbered lines, a text that is too long several, a topic that is closed or gone the general
one, and a group that became a supergroup is followed there. Each of these is tried once for one text, so whatever
Telegram answers comes to an end.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, replace

import httpx
import structlog
import telegram
from telegram.error import BadRequest, ChatMigrated, TelegramError

from bots.telegram.account import CHANNEL
from bots.telegram.callback_queries import said_by
from bots.telegram.client import Client
from bots.telegram.errors import MARKUP, NO_RIGHTS, NO_TOPIC, TOO_LONG, outcome_of
from bots.telegram.rendering import CAPTION_UNITS, TEXT_UNITS, Part, rendered, texts
from core.sending.outbound import (
    Category,
    Delivered,
    OutboundMessage,
    Outcome,
    Refused,
    SendingAccount,
    TryAgain,
    Unknown,
)
from core.texts.pieces import UTF16, split

log = structlog.get_logger()

AT_ONCE = 12
LIMIT_S = 17.0
"""So long one text is tried, whatever it consists of."""

PICTURE_LIMIT = 5 * 1024 * 1024
_PICTURE_S = 5.0
_BEGUN_LIMIT = 1000
_SHOWN_LIMIT = 1000
MOVED, PLAIN = "chat_migrated", "plain"
_NO_PREVIEW = telegram.LinkPreviewOptions(is_disabled=True)
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


@dataclass(frozen=True, slots=True)
class Unsent:
    """What of a text is still to be said and where, what was said of it, and what was conceded for that."""

    chat: int
    topic: int | None
    parts: tuple[Part, ...]
    said: tuple[str, ...] = ()
    conceded: tuple[str, ...] = ()

    def without_first(self) -> "Unsent":
        """The same when the next part has been said."""
        return replace(self, parts=self.parts[1:], said=(*self.said, self.parts[0].text))


class TelegramSends:
    """Sends the texts of one bot over ``client``, which its maker closes."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._begun: OrderedDict[str, Unsent] = OrderedDict()  # touched in the client's loop only
        self._shown: OrderedDict[tuple[int, str], int] = OrderedDict()  # as well: which message has a button
        self.outlet = SendingAccount(CHANNEL, client.account.name, client.account.speed, AT_ONCE)

    def send(self, message: OutboundMessage) -> Outcome:
        """Try once to deliver ``message``; a try of this process that came to its second part goes on from there."""
        try:
            first = Unsent(int(message.user), _number(message.thread), tuple(rendered(message)))
        except ValueError:
            return Refused("not_a_chat")
        try:
            outcome = self._client.call(lambda bot: self._deliver(bot, first, message), LIMIT_S)
        except TimeoutError:
            return Unknown("timed_out")
        except CancelledError:
            return Unknown("hung_up")
        if isinstance(outcome, Delivered) and message.rich is not None and message.rich.ends:
            self._client.courtesy(lambda bot: self._end(bot, message))
        return outcome

    async def _deliver(self, bot: telegram.Bot, first: Unsent, message: OutboundMessage) -> Outcome:
        left = self._begun.pop(message.id, first)
        while left.parts:
            self._remember(message.id, left)
            try:
                shown = await self._hand_over(bot, left)
            except TelegramError as error:
                if (plainer := _concede(left, message, error)) is not None:
                    left = plainer
                    continue
                outcome = outcome_of(error)
                if left.said and message.category == Category.MARKETING and isinstance(outcome, TryAgain):
                    return Unknown(outcome.error)  # another process would send the first part twice
                return outcome
            left = replace(left.without_first(), conceded=left.conceded if shown else (*left.conceded, "picture"))
        self._begun.pop(message.id, None)
        if left.conceded:
            log.info("telegram.conceded", dispatch=message.id, what=left.conceded)
        return Delivered(conceded=left.conceded)

    async def _hand_over(self, bot: telegram.Bot, left: Unsent) -> bool:
        shown, message = await _hand_over(bot, left)
        for says in _buttons(left.parts[0]):
            self._shown[left.chat, says] = message
            if len(self._shown) > _SHOWN_LIMIT:
                self._shown.popitem(last=False)
        return shown

    async def _end(self, bot: telegram.Bot, message: OutboundMessage) -> None:
        """Take buttons away that lead to nothing any more, as far as this process has shown them."""
        for says in message.rich.ends if message.rich is not None else ():
            if found := self._shown.pop((int(message.user), says), None):
                with suppress(BadRequest):  # they are away already
                    await bot.edit_message_reply_markup(chat_id=int(message.user), message_id=found)

    def _remember(self, message_id: str, left: Unsent) -> None:
        if left.said or left.conceded:
            self._begun[message_id] = left
            if len(self._begun) > _BEGUN_LIMIT:
                self._begun.popitem(last=False)


def _number(topic: str | None) -> int | None:
    return int(topic) if topic is not None and topic.isdecimal() else None


def _buttons(part: Part) -> Iterator[str]:
    """What the buttons below ``part`` say that answer no question."""
    for button in (each for row in part.keyboard.inline_keyboard for each in row) if part.keyboard is not None else ():
        said = said_by(str(button.callback_data))
        if said is not None and said[1] is None:
            yield said[0]


async def _hand_over(bot: telegram.Bot, left: Unsent) -> tuple[bool, int]:
    """Send the next part. A picture that Telegram cannot fetch is brought to it, or its address ends the text.

    False when that became of it, and the number of the message.
    """
    part = left.parts[0]
    if part.picture is None:
        return True, await _say(bot, left, part.text)
    try:
        return True, await _show(bot, left, part.picture)
    except BadRequest as error:
        outcome = outcome_of(error)
        if isinstance(outcome, Refused) and (outcome.unreachable or outcome.error in {NO_TOPIC, TOO_LONG, MARKUP}):
            raise
        fetched = await _fetched(part.picture)
        if fetched is not None:
            with suppress(BadRequest):
                return True, await _show(bot, left, fetched)
        return False, await _say(bot, left, f"{part.text}\n{part.picture}".strip())


async def _say(bot: telegram.Bot, left: Unsent, text: str) -> int:
    sent = await bot.send_message(
        left.chat,
        text,
        link_preview_options=_NO_PREVIEW,
        reply_markup=left.parts[0].keyboard,
        message_thread_id=left.topic,
    )
    return sent.message_id


async def _show(bot: telegram.Bot, left: Unsent, picture: str | bytes) -> int:
    part = left.parts[0]
    sent = await bot.send_photo(
        left.chat, picture, caption=part.text or None, reply_markup=part.keyboard, message_thread_id=left.topic
    )
    return sent.message_id


async def _fetched(address: str) -> bytes | None:
    """The PNG or JPEG at ``address``, or None when there is none of bearable size."""
    body = b""
    try:
        async with (
            asyncio.timeout(_PICTURE_S),
            httpx.AsyncClient() as http,
            http.stream("GET", address) as response,
        ):
            async for piece in response.aiter_bytes():
                body += piece
                if response.status_code != httpx.codes.OK or len(body) > PICTURE_LIMIT:
                    return None
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        return None
    return body if body.startswith(_PICTURES) else None


def _concede(left: Unsent, message: OutboundMessage, error: TelegramError) -> Unsent | None:
    """What is said of ``message`` after the next part of ``left`` led to ``error``; None when nothing helps."""
    what = _what_helps(left, error)
    if what is None or what in left.conceded:
        return None
    given = replace(left, conceded=(*left.conceded, what))
    if what == MOVED:
        assert isinstance(error, ChatMigrated)
        return replace(given, chat=error.new_chat_id, topic=None)
    if what == NO_TOPIC:
        return replace(given, topic=None)
    if what == TOO_LONG:
        return replace(given, parts=tuple(shorter for part in left.parts for shorter in _shortened(part)))
    plain = split(message.text, CAPTION_UNITS if TOO_LONG in left.conceded else TEXT_UNITS, UTF16)
    begun = tuple(plain[: len(left.said)]) == left.said
    return replace(given, parts=tuple(map(Part, plain[len(left.said) :] if begun else plain)))


def _what_helps(left: Unsent, error: TelegramError) -> str | None:
    if isinstance(error, ChatMigrated):
        return MOVED if isinstance(error.new_chat_id, int) else None
    outcome = outcome_of(error)
    if not isinstance(error, BadRequest) or not isinstance(outcome, Refused) or outcome.unreachable:
        return None
    if outcome.error in {NO_TOPIC, TOO_LONG}:
        return outcome.error if outcome.error == TOO_LONG or left.topic is not None else None
    return PLAIN if outcome.error != NO_RIGHTS and left.parts[0].keyboard is not None else None


def _shortened(part: Part) -> list[Part]:
    above = [] if part.picture is None else [Part("", part.picture)]
    return [*above, *texts(part.text, part.keyboard, CAPTION_UNITS)]
