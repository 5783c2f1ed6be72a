"""A line to Telegram: one Bot in an event loop of its own, called from any thread.

One for each account and process serves everything: what is sent, the courtesies after a tap, and who the bot is.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

import structlog
import telegram
from telegram.error import TelegramError

from bots.telegram.account import TelegramAccount
from bots.telegram.addressing import Me
from bots.telegram.client import new_bot
from core.blame import Unavailable

log = structlog.get_logger()

Got = TypeVar("Got")

CONNECTIONS = 20
COURTESIES = 64
"""So many courtesies are on their way at once; further ones are left out."""

_ME_S = 3.0
_COURTESY_S = 10.0
_LAST_S = 2.0
_CLOSING_S = _LAST_S + 5.0


class Line:
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
