"""Fetching the files that players sent to a bot (core.telegram.org/bots/api#getfile)."""

import asyncio
from concurrent.futures import CancelledError

import httpx
import telegram
from telegram.error import TelegramError

from bots.telegram.client import Client
from bots.telegram.errors import outcome_of
from core.attachments import EXPIRED, TOO_LARGE, Fetched, Media, NotFetched
from core.sending.outbound import Refused

LARGEST = 20 * 1024 * 1024
"""Bots are handed no larger files."""
_LIMIT_S = 18.0


class TelegramMedia:
    """Fetches the files of one bot over ``client``, which its maker closes."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def fetch(self, media: Media, limit_bytes: int) -> Fetched | NotFetched:
        """The content of ``media``, whose handle is a file_id of this bot."""
        if (media.size_bytes or 0) > min(limit_bytes, LARGEST):
            return NotFetched(TOO_LARGE, again=False)
        try:
            return self._client.call(lambda bot: _fetched(bot, media, limit_bytes), _LIMIT_S)
        except TelegramError as error:
            outcome = outcome_of(error)
            return NotFetched(outcome.error, again=not isinstance(outcome, Refused))
        except (TimeoutError, CancelledError):
            return NotFetched("timed_out", again=True)


async def _fetched(bot: telegram.Bot, media: Media, limit_bytes: int) -> Fetched | NotFetched:
    """The address of a file holds for an hour, and the token stands in it: it is asked for anew, and told to nobody."""
    file = await bot.get_file(media.handle)
    if file.file_path is None:
        return NotFetched(EXPIRED, again=False)
    body = bytearray()
    try:
        async with (
            asyncio.timeout(_LIMIT_S),
            httpx.AsyncClient() as http,
            http.stream("GET", file.file_path) as response,
        ):
            if response.status_code == httpx.codes.NOT_FOUND:
                return NotFetched(EXPIRED, again=False)
            if response.status_code != httpx.codes.OK:
                return NotFetched(f"http_{response.status_code}", again=True)
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > limit_bytes:
                    return NotFetched(TOO_LARGE, again=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return NotFetched(type(error).__name__, again=True)
    return Fetched(bytes(body), media.content_type)
