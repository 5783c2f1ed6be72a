"""The sender: one loop an account, which claims what is due, hands it to the adapter and settles what became of it.

Any number of processes may run it: what is due, the buckets and what is on its way are rows.
"""

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session, sessionmaker

from bots.base import Sends
from core.blame import is_worlds, may_pass_when_retried, where
from core.database import read_only
from core.keys import Keyring, KeysUnusable
from core.notices import place
from core.randomness import Randomness
from core.sending.backoff import Backoff, RetryPolicy
from core.sending.claim import claim, is_due
from core.sending.jobs import ClaimedJob, Sent
from core.sending.leases import LEASE, LeaseWatch, recover
from core.sending.outbound import Outcome, SendingAccount, TryAgain, Unknown
from core.sending.settle import settle
from core.times import Clock
from scheduler.listener import REST_S

log = structlog.get_logger()

POLL = timedelta(milliseconds=250)
"""How often an idle account looks whether something is due, while nobody tells."""
RESTS = timedelta(seconds=REST_S)
_SHORTEST = timedelta(milliseconds=5)
_GATHER_S = 0.03  # what is done meanwhile is settled in the same transaction
_HEED_S = 0.01  # a crowd that goes on speaking is claimed together
_AFTER_TROUBLE_S = 1.0
_FINISH_PATIENCE_S = 30.0
STOP_PATIENCE_S = 35.0
"""So long a sender is waited for when it stops: to finish what is in hand, and what it asked the database before."""
_RACES = 3


@dataclass(frozen=True, slots=True)
class SenderDependencies:
    """What sending needs from outside. ``running_s`` is a clock that only runs; leases are measured by it."""

    sessions: sessionmaker[Session]
    keys: Keyring
    randomness: Randomness
    clock: Clock
    running_s: Callable[[], float] = time.monotonic
    backoff: Backoff = field(default_factory=Backoff)
    lease: timedelta = LEASE
    observe: Callable[[SendingAccount, Outcome], None] | None = None
    """Is told what became of each try, once that is written down."""
    hears: Callable[[], bool] = lambda: False
    """Whether this process is told, now, what others make due (scheduler/listener.py)."""


class AccountSender:
    """Sends the texts of one account."""

    def __init__(self, needs: SenderDependencies, adapter: Sends) -> None:
        self._needs, self._adapter, self._outlet = needs, adapter, adapter.outlet
        self._retries = RetryPolicy(self._outlet, needs.backoff, needs.randomness)
        self._watch, self._look_at_s = LeaseWatch(needs.lease), needs.running_s()
        self._name = f"{self._outlet.channel}/{self._outlet.account}"
        self._hands = ThreadPoolExecutor(self._outlet.at_once, f"send {self._name}")
        self._in_hand: dict[Future[Outcome], ClaimedJob] = {}
        self._finished: queue.SimpleQueue[Future[Outcome] | None] = queue.SimpleQueue()
        self._done: list[Sent] = []
        self._woken, self._rung = threading.Event(), False

    @property
    def place(self) -> tuple[str, str]:
        """Channel and account."""
        return self._outlet.channel, self._outlet.account

    @property
    def busy(self) -> bool:
        """True while something is on its way, or not settled."""
        return bool(self._in_hand or self._done)

    def take(self) -> timedelta:
        """Claim what may go now, as much as there are hands free; returns how long there will be nothing more."""
        needs = self._needs
        if (now_s := needs.running_s()) >= self._look_at_s:
            self._look_at_s = now_s + needs.lease.total_seconds() / 4
            recover(needs.sessions, self._retries, self._watch, needs.clock(), now_s)
        free = self._outlet.at_once - len(self._in_hand) - len(self._done)
        if free <= 0:
            return POLL
        if not self._is_due():
            return RESTS if needs.hears() and not self.busy else POLL
        claimed = claim(needs.sessions, needs.keys, self._outlet, needs.clock(), free)
        for taken in claimed.taken:
            future = self._hands.submit(self._send, taken)
            self._in_hand[future] = taken
            future.add_done_callback(self._finished.put)
        return timedelta() if claimed.taken or claimed.more else min(claimed.wait or POLL, POLL)

    def settle(self, patience_s: float) -> bool:
        """Wait up to ``patience_s`` for something to be done, and settle what is; False when nothing was."""
        if self._in_hand and not self._done:
            self._gather(patience_s)
        if not self._done:
            return False
        self._write_down(self._done)
        done, self._done = self._done, []
        if self._needs.observe:
            for _, outcome in done:
                self._needs.observe(self._outlet, outcome)
        return True

    def _write_down(self, done: Sequence[Sent]) -> None:
        """Settle ``done``; what can never be settled is left to its lease. Raises the world's faults."""
        for tries_left in reversed(range(_RACES)):
            try:
                settle(self._needs.sessions, self._needs.keys, self._retries, done, self._needs.clock())
            except Exception as error:
                if is_worlds(error):
                    raise
                if may_pass_when_retried(error) and tries_left:
                    continue
                if len(done) == 1:
                    log.exception("dispatch.unsettled", dispatch=done[0][0].id, outcome=type(done[0][1]).__name__)
                    return
            else:
                return
            break
        middle = len(done) // 2
        self._write_down(done[:middle])
        self._write_down(done[middle:])

    def _gather(self, patience_s: float) -> None:
        """Take over what is done within ``patience_s``, and some moments after the first; if woken, within a moment.

        When most hands are full, half of them is enough: texts are on their way while others are settled and claimed.
        """
        in_hand = len(self._in_hand)
        enough = in_hand if 2 * in_hand <= self._outlet.at_once else (in_hand + 1) // 2
        end_s = until_s = time.monotonic() + patience_s
        with contextlib.suppress(queue.Empty):
            while True:
                left_s = until_s - time.monotonic() if len(self._done) < enough else 0.0
                future = self._finished.get(timeout=left_s) if left_s > 0 else self._finished.get_nowait()
                if future is None:
                    self._rung = False
                    until_s = until_s if self._done else min(end_s, time.monotonic() + _HEED_S)
                elif (taken := self._in_hand.pop(future, None)) is not None:
                    if not self._done:
                        until_s = min(end_s, time.monotonic() + _GATHER_S)
                    self._done.append((taken, future.result()))

    def run(self, stopping: threading.Event) -> None:
        """Send until ``stopping``, then finish what is in hand. No fault ends it."""
        while not stopping.is_set():
            pause_s = self._guarded(self._round)
            if pause_s and self._woken.wait(pause_s):
                self._woken.clear()
        end_s = self._needs.running_s() + _FINISH_PATIENCE_S
        while self.busy and self._needs.running_s() < end_s:  # what is left over is found when its lease is over
            time.sleep(self._guarded(self._finish))
        self.close()

    def wake(self) -> None:
        """Rest no longer, nor wait for what is on its way: something may be due now, or it is time to stop."""
        self._woken.set()
        if self._in_hand and not self._rung:
            self._rung = True
            self._finished.put(None)

    def close(self) -> None:
        """Let go of the threads."""
        self._hands.shutdown(wait=False, cancel_futures=True)

    def _round(self) -> float:
        """Claim, and settle what is done; returns how long to rest."""
        pause_s = max(self.take(), _SHORTEST).total_seconds()
        return 0.0 if self.settle(pause_s) or self._in_hand else pause_s

    def _finish(self) -> float:
        self.settle(POLL.total_seconds())
        return 0.0

    def _guarded(self, act: Callable[[], float]) -> float:
        try:
            return act()
        except Exception as error:  # what was done is kept, and settled when the database is back
            if is_worlds(error):
                log.warning("sender.put_off", account=self._name, error=type(error).__name__, at=where(error))
            else:
                log.exception("sender.failed", account=self._name, error=type(error).__name__)
            return _AFTER_TROUBLE_S

    def _is_due(self) -> bool:
        with read_only(self._needs.sessions) as session:
            return is_due(session, self._outlet, self._needs.clock())

    def _send(self, taken: ClaimedJob) -> Outcome:
        try:
            message = taken.open(self._outlet, self._needs.keys)
        except KeysUnusable as error:
            return TryAgain(where(error))
        try:
            return self._adapter.send(message)
        except Exception as error:  # how far it came, nobody knows
            log.exception("send.failed", dispatch=taken.id)
            return Unknown(where(error))


class Sender:
    """The senders of all accounts, each in a thread of its own, from the start to :meth:`stop`."""

    def __init__(self, needs: SenderDependencies, adapters: Iterable[Sends]) -> None:
        self._stopping = threading.Event()
        self._accounts = [AccountSender(needs, adapter) for adapter in adapters]
        self._threads = [
            threading.Thread(target=account.run, args=(self._stopping,), name=f"sender {number}", daemon=True)
            for number, account in enumerate(self._accounts)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self, places: Collection[tuple[str, str]]) -> None:
        """Something was said by these accounts, in this process: send it now, and not when each looks again."""
        for account in self._accounts:
            if account.place in places:
                account.wake()

    def hear(self, what: str | None) -> None:
        """Another process made ``what`` due; None when it may be anything."""
        for account in self._accounts:
            if what is None or what == place(*account.place):
                account.wake()

    def stop(self, patience_s: float = STOP_PATIENCE_S) -> None:
        """Take nothing more, finish what is in hand, and return, within ``patience_s`` whatever becomes of that.

        Whoever hangs is left behind, as if killed: what was in hand goes on elsewhere when its lease is over.
        """
        self._stopping.set()
        for account in self._accounts:
            account.wake()
        end_s = time.monotonic() + patience_s
        for account, thread in zip(self._accounts, self._threads, strict=True):
            thread.join(max(end_s - time.monotonic(), 0.0))
            if thread.is_alive():
                log.warning("sender.left", channel=account.place[0], account=account.place[1])
