"""Calling the Bot API: the library's Bot, with the faults of the network told apart (core.telegram.org/bots/api)."""

import json
import logging
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import telegram
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bots.telegram.account import TelegramAccount

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates that we ask for."""

CONNECT_S, READ_S, WRITE_S, POOL_S = 4.0, 8.0, 6.0, 2.0
_FLOOD_UNTOLD = timedelta(seconds=5)
_SENDING = ("/sendMessage", "/sendPhoto")
_TAKEN = b'{"ok": true, "result": {"message_id": 0, "date": 0, "chat": {"id": 0, "type": "private"}}}'
"""What the library reads instead of a message that was sent: what it cannot read was sent all the same."""
_UNDERSTOOD = frozenset({200, 400, 401, 403, 404, 409})


class Flooded(TelegramError):
    """Telegram wants nothing from this bot for ``after``.

    The library's RetryAfter warns that its only public value will change its type (python-telegram-bot 22.2).
    """

    def __init__(self, after: timedelta) -> None:
        super().__init__("flooded")
        self.after = after


class Unclear(TelegramError):
    """The answer has HTTP ``status`` or a ``body`` by which nobody knows what Telegram did."""

    def __init__(self, status: int, body: bytes = b"") -> None:
        super().__init__("unclear")
        self.status, self.body = status, body


class Api(HTTPXRequest):
    """HTTP to the Bot API. Beside the library's own errors it raises Flooded and Unclear."""

    def __init__(self, connections: int, read_s: float = READ_S) -> None:
        super().__init__(
            connection_pool_size=connections,
            connect_timeout=CONNECT_S,
            read_timeout=read_s,
            write_timeout=WRITE_S,
            pool_timeout=POOL_S,
            media_write_timeout=WRITE_S,
        )

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The status and body of one request, unless they are of the kinds that we tell apart."""
        status, body = await super().do_request(*args, **kwargs)
        told = _told(body)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Flooded(_retry_after(told))
        if told.get("ok") is not (status == HTTPStatus.OK) or status not in _UNDERSTOOD:
            raise Unclear(status, body)  # a proxy on the way says such things too, and its 403 means nobody's block
        if status == HTTPStatus.OK and str(kwargs.get("url")).endswith(_SENDING):
            return status, _TAKEN
        return status, _whole_me(told) if str(kwargs.get("url")).endswith("/getMe") else body


def _whole_me(told: dict[str, Any]) -> bytes:
    """An answer to getMe that the library can read: stand-ins for Telegram leave out what is plain."""
    result = told.get("result")
    me = {"is_bot": True, "first_name": "", **(result if isinstance(result, dict) else {})}
    return json.dumps({**told, "result": me}).encode()


class Fetching(Api):
    """HTTP for getUpdates; ``updates`` are those of the last answer, as they came, whatever they are.

    The library's own reader gives up all updates of an answer when it cannot read one, again and again.
    """

    def __init__(self) -> None:
        super().__init__(1)
        self.updates: list[object] = []

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The status and body of one request, without the updates that it brought."""
        status, body = await super().do_request(*args, **kwargs)
        if status == HTTPStatus.OK:
            result = _told(body).get("result")
            if not isinstance(result, list):
                raise Unclear(status, body)
            self.updates, body = result, b'{"ok": true, "result": []}'
        return status, body


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _retry_after(told: dict[str, Any]) -> timedelta:
    """How long Telegram wants to be left alone, however long that is: 10,072 seconds have been seen (tdlib/td#1331)."""
    parameters = told.get("parameters")
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < timedelta.max.days:
        return _FLOOD_UNTOLD
    return timedelta(seconds=seconds)


def new_bot(account: TelegramAccount, connections: int) -> telegram.Bot:
    """A Bot of ``account``; it belongs to the event loop that first uses it.

    It is not initialized, as that would call getMe before anything is sent; shut its ``request`` down in the end.
    """
    keep_silent()
    api = Api(connections)
    return telegram.Bot(
        account.token.get_secret_value(),
        base_url=account.base_url,
        base_file_url=account.file_url,
        request=api,
        get_updates_request=api,
    )


def keep_silent() -> None:
    """Keep tokens and texts out of the log: httpx logs addresses, the library logs bodies that it cannot read."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
