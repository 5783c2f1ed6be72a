"""Fetching updates, for development or where no webhook can reach us (core.telegram.org/bots/api#getupdates).

Telegram forgets what lies before the offset that it is asked for, so the offset moves on only after the commit. The
library's Updater moves it once an update is queued, and sleeps through a stop for as long as Telegram told it to wait;
so its Application lends the bot, and the loop is ours. Where two fetch for one bot, Telegram turns one away (409): it
waits and tries again, and neither ends.

What cannot be read would be the same whenever it is fetched, and would hold up all that comes after it: it is counted
and confirmed. Where that is the JSON of a whole answer, updates are fetched one by one until it is found.
"""

import asyncio
import re
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import structlog
import telegram
from telegram.error import Conflict, TelegramError
from telegram.ext import Application, ApplicationBuilder

from bots.base import Malformed, Submit, Unread, submit_and_wait, unheeded
from bots.telegram.account import CHANNEL, TelegramAccount
from bots.telegram.client import KINDS, BotRequest, Flooded, Unclear, UpdatesRequest, keep_silent
from bots.telegram.updates import Me, Update, decode, number_of
from bots.telegram.webhook import WAIT_LIMIT_S, inbound
from core.messages import Answered, InboundMessage, NotAMessage
from core.times import Clock

log = structlog.get_logger()

POLL_S = 25
"""So long Telegram keeps a request open until there is something to tell."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0
_LOOK_S = 0.2
_QUICKEST_S = 0.25
"""A server that does not keep the request open while there is nothing to tell is asked again after so long."""
_CONNECTIONS = 8
_AT_ONCE = 100
_NUMBER = re.compile(rb'"update_id"\s*:\s*([0-9]{1,18})(?![0-9])')

Library = Application[Any, Any, Any, Any, Any, Any]


def run(
    account: TelegramAccount,
    submit: Submit,
    clock: Clock,
    stopping: threading.Event,
    *,
    poll_s: int = POLL_S,
    first_pause_s: float = FIRST_PAUSE_S,
    unread: Unread = unheeded,
) -> None:
    """Fetch and take updates until ``stopping``, in an event loop of this thread. No fault of the network ends it.

    A webhook of the bot is taken away, or Telegram would hand out nothing. Raises ValueError when ``account`` is not
    set to polling.
    """
    if account.receive != "polling":
        raise ValueError(f"telegram.{account.name}: receive is not polling")
    poller = _Poller(account, submit, clock, (poll_s, first_pause_s), unread)
    try:
        asyncio.run(_until(stopping, poller.poll()))
    finally:
        poller.close()


async def _until(stopping: threading.Event, work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    while not stopping.is_set() and not task.done():
        await asyncio.wait([task], timeout=_LOOK_S)
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled() and (error := task.exception()):
        raise error


class _Poller:
    """The loop of one account; ``offset`` is the first update that has not been dealt with."""

    def __init__(
        self, account: TelegramAccount, submit: Submit, clock: Clock, waits_s: tuple[int, float], unread: Unread
    ) -> None:
        keep_silent()
        self._unread = unread
        self._account, self._submit, self._clock = account, submit, clock
        self._poll_s, self._first_pause_s = waits_s
        self._pause_s = self._first_pause_s
        self._offset: int | None = None
        self._at_once, self._garbled = _AT_ONCE, b""
        self._turns = ThreadPoolExecutor(1, f"telegram {account.name}")
        self._courtesies: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        self._turns.shutdown()

    async def poll(self) -> None:
        """For ever."""
        fetching = UpdatesRequest()
        application = _application(self._account, fetching)
        try:
            me = await self._begun(application)
            while True:
                await self._fetch(application.bot, fetching, me)
        finally:
            await application.shutdown()
            await application.bot.shutdown()  # which the library forgets when it did not get as far as getMe

    async def _begun(self, application: Library) -> Me:
        while True:
            try:
                await application.initialize()
                await application.bot.delete_webhook()
            except Exception as error:  # noqa: BLE001  # the library raises anything for an answer that it cannot read
                await self._rest(error)
            else:
                return Me(application.bot.id, application.bot.username)

    async def _fetch(self, bot: telegram.Bot, fetching: UpdatesRequest, me: Me) -> None:
        began_s = asyncio.get_running_loop().time()
        try:
            await bot.get_updates(offset=self._offset, limit=self._at_once, timeout=self._poll_s, allowed_updates=KINDS)
        except TelegramError as error:
            if not (isinstance(error, Unclear) and self._passes(error)):
                await self._rest(error)
            return
        self._at_once, self._garbled = min(self._at_once * 2, _AT_ONCE), b""
        if not fetching.updates:
            left_s = _QUICKEST_S - (asyncio.get_running_loop().time() - began_s)
            await asyncio.sleep(min(max(left_s, 0.0), self._poll_s))
        for sent in fetching.updates:
            update_id = number_of(sent, "update_id") if isinstance(sent, dict) else None
            if not isinstance(sent, dict) or update_id is None:
                self._skipped("update_id", None)  # and confirmed with the next one that has a number
                continue
            if not await self._take(bot, me, sent, update_id):
                return
            self._confirm(update_id)
        if fetching.updates and update_id is None:
            await self._rest(Unclear(HTTPStatus.OK))  # as it comes again until there is a next one

    def _confirm(self, update_id: int) -> None:
        """Fetch from the next one on."""
        self._offset = update_id + 1
        self._pause_s = self._first_pause_s

    def _passes(self, error: Unclear) -> bool:
        """Whether an answer that is no JSON is passed over; else it is fetched again, each update alone.

        It is when it came twice alike, and tells the number of the only update that it can hold: so nothing is given
        up for what a proxy says, or cuts.
        """
        numbers = _NUMBER.findall(error.body)
        alone, again = self._at_once == 1, error.body == self._garbled
        self._at_once, self._garbled = 1, error.body
        if error.status != HTTPStatus.OK or not (alone and again) or len(numbers) != 1:
            return False
        self._skipped("body", int(numbers[0]))
        self._confirm(int(numbers[0]))
        return True

    def _read(self, me: Me, sent: Mapping[str, Any], update_id: int) -> tuple[Update | None, InboundMessage | None]:
        """What was ``sent``, and the message in it; nothing when it cannot be read, for whatever reason."""
        try:
            update = decode(sent, lambda: me)
            return update, inbound(self._account.name, update, self._clock())
        except (Malformed, NotAMessage) as error:
            self._skipped(str(error).partition(":")[0], update_id)
        except Exception as error:  # noqa: BLE001  # a fault of ours that would be the same the next time
            self._skipped(type(error).__name__, update_id)
        return None, None

    async def _take(self, bot: telegram.Bot, me: Me, sent: Mapping[str, Any], update_id: int) -> bool:
        """True when ``sent`` is dealt with; else it is fetched again, after a rest."""
        update, message = self._read(me, sent, update_id)
        if message is not None:
            try:
                loop = asyncio.get_running_loop()
                answer = await loop.run_in_executor(self._turns, submit_and_wait, self._submit, message, WAIT_LIMIT_S)
            except Exception as error:  # noqa: BLE001  # Busy, Unavailable, or a fault that must not end the others
                await self._rest(error)
                return False
            if answer.how is Answered.TAMPERED:
                self._skipped("tampered", update_id)
        if update is not None and update.tap is not None:
            task = asyncio.create_task(_acknowledged(update.tap.acknowledge(bot)))
            self._courtesies.add(task)
            task.add_done_callback(self._courtesies.discard)
        return True

    def _skipped(self, what: str, update_id: int | None) -> None:
        """Count what would be the same when it was fetched again, as the webhook does."""
        self._unread(CHANNEL, self._account.name, what, None if update_id is None else str(update_id))

    async def _rest(self, error: Exception) -> None:
        """Wait, twice as long each time until something goes well again, or as long as Telegram wants."""
        event = "telegram.conflict" if isinstance(error, Conflict) else "telegram.not_fetched"
        log.warning(event, account=self._account.name, error=type(error).__name__)
        after = error.after if isinstance(error, Flooded) else timedelta(seconds=self._pause_s)
        self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        await asyncio.sleep(after.total_seconds())


async def _acknowledged(courtesy: Coroutine[Any, Any, None]) -> None:
    try:
        await courtesy
    except Exception as error:  # noqa: BLE001  # whatever it was, a courtesy costs nobody a message
        log.info("telegram.discourteous", error=type(error).__name__)


def _application(account: TelegramAccount, fetching: UpdatesRequest) -> Library:
    return (
        ApplicationBuilder()
        .token(account.token.get_secret_value())
        .base_url(account.base_url)
        .base_file_url(account.file_url)
        .request(BotRequest(_CONNECTIONS))
        .get_updates_request(fetching)
        .updater(None)
        .job_queue(None)
        .build()
    )
