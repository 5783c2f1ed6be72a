"""The client of the Bot API: the library's Bot in an event loop of its own (core.telegram.org/bots/api).

One for each account and process serves everything: what is sent, the courtesies after a tap, and who the bot is.
Beneath it the faults of the network are told apart.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar

import structlog
import telegram
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bots.telegram.account import TelegramAccount
from bots.telegram.updates import Me
from core.blame import Unavailable

log = structlog.get_logger()

Got = TypeVar("Got")

KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
"""The updates that we ask for."""

CONNECT_S, READ_S, WRITE_S, POOL_S = 4.0, 8.0, 6.0, 2.0
CONNECTIONS = 20
COURTESIES = 64
"""So many courtesies are on their way at once; further ones are left out."""

_ME_S = 3.0
_COURTESY_S = 10.0
_LAST_S = 2.0
_CLOSING_S = _LAST_S + 5.0
_FLOOD_UNTOLD = timedelta(seconds=5)
_SENDING = ("/sendMessage", "/sendPhoto")
_TAKEN = {"date": 0, "chat": {"id": 0, "type": "private"}}
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


class Client:
    """Calls the Bot API for one account. It opens at the first call, so that it may be made before a fork."""

    def __init__(self, account: TelegramAccount) -> None:
        self.account = account
        self._lock = threading.Lock()
        self._open: tuple[asyncio.AbstractEventLoop, threading.Thread, telegram.Bot] | None = None
        self._me: Me | None = None
        self._courtesies: set[Future[Any]] = set()

    def call(self, act: Callable[[telegram.Bot], Coroutine[Any, Any, Got]], limit_s: float) -> Got:
        """What ``act`` returns. Raises what it raises, and TimeoutError when it takes longer than ``limit_s``."""
        loop, _, bot = self._opened()
        future = asyncio.run_coroutine_threadsafe(asyncio.wait_for(act(bot), limit_s), loop)
        try:
            return future.result(limit_s + 1)
        finally:
            future.cancel()

    def courtesy(self, act: Callable[[telegram.Bot], Awaitable[None]]) -> None:
        """Do ``act`` some time, if that is possible, and wait for nothing."""

        async def politely() -> None:
            try:
                await asyncio.wait_for(act(bot), _COURTESY_S)
            except Exception as error:  # noqa: BLE001  # whatever it was, a courtesy costs nobody a message
                log.info("telegram.discourteous", account=self.account.name, error=type(error).__name__)

        loop, _, bot = self._opened()
        with self._lock:
            if len(self._courtesies) >= COURTESIES:
                return
            future = asyncio.run_coroutine_threadsafe(politely(), loop)
            self._courtesies.add(future)
        future.add_done_callback(self._done)

    def me(self) -> Me:
        """Who the bot is. Raises Unavailable while Telegram does not say so."""
        if self._me is None:
            try:
                user = self.call(lambda bot: bot.get_me(), _ME_S)
            except (TelegramError, TimeoutError) as error:
                raise Unavailable(f"getMe: {type(error).__name__}") from None
            self._me = Me(user.id, user.username or "")
        return self._me

    def close(self) -> None:
        """Hang up; what is on its way has two seconds more. A later call opens the line again."""
        with self._lock:
            opened, self._open = self._open, None
        if opened:
            loop, thread, bot = opened
            asyncio.run_coroutine_threadsafe(_hang_up(bot), loop).result(_CLOSING_S)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(_CLOSING_S)

    def _opened(self) -> tuple[asyncio.AbstractEventLoop, threading.Thread, telegram.Bot]:
        with self._lock:
            if self._open is None:
                loop, bot = asyncio.new_event_loop(), new_bot(self.account, CONNECTIONS)
                thread = threading.Thread(target=_run, args=(loop,), name=f"telegram {self.account.name}", daemon=True)
                thread.start()
                self._open = loop, thread, bot
            return self._open

    def _done(self, future: Future[Any]) -> None:
        with self._lock:
            self._courtesies.discard(future)


class BotRequest(HTTPXRequest):
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
            return status, _taken(told)
        return status, _whole_me(told) if str(kwargs.get("url")).endswith("/getMe") else body


def _taken(told: dict[str, Any]) -> bytes:
    """An answer to sendMessage: the number of the message is read, where it can be, else it is 0."""
    result = told.get("result")
    number = result.get("message_id") if isinstance(result, dict) else None
    return json.dumps({"ok": True, "result": {"message_id": number if type(number) is int else 0, **_TAKEN}}).encode()


def _whole_me(told: dict[str, Any]) -> bytes:
    """An answer to getMe that the library can read: stand-ins for Telegram leave out what is plain."""
    result = told.get("result")
    me = {"is_bot": True, "first_name": "", **(result if isinstance(result, dict) else {})}
    return json.dumps({**told, "result": me}).encode()


class UpdatesRequest(BotRequest):
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
    api = BotRequest(connections)
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


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


async def _hang_up(bot: telegram.Bot) -> None:
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        _, late = await asyncio.wait(others, timeout=_LAST_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    await bot.request.shutdown()
