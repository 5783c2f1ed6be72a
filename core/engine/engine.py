"""The engine: messages wait here until the turn in progress ends, then all of them are the next turn.

At low load a turn holds one message and begins at once; under load turns grow by themselves. What operators say is
dealt with in a second thread: no player waits for a report.
"""

import math
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import structlog

from core.blame import Suspects, Unavailable
from core.engine.aside import Aside
from core.engine.delivery import Delivery, delivery
from core.engine.failures import Outcome, take_turn_safely
from core.engine.runtime import Runtime
from core.messages import Answer, InboundMessage

log = structlog.get_logger()

TURN_LIMIT = 128
WAITING_LIMIT = 4096
WAITING_PER_SENDER = 64

_SPEAKERS_KEPT_S = 10.0
_MOMENT_S = 0.0003
_MOMENTS = 15


class Busy(Exception):
    """Too many messages wait (of this sender, or of all): nothing happened, deliver it again in a moment."""


Observe = Callable[[Sequence[InboundMessage], Sequence[Outcome], float], None]
"""Is told of each turn when everybody was answered: its messages, what became of each, and how many seconds it took."""


class Engine:
    """Takes turns in a thread of its own. ``submit`` may be called from any thread."""

    def __init__(
        self,
        runtime: Runtime,
        *,
        turn_limit: int = TURN_LIMIT,
        waiting_limit: int = WAITING_LIMIT,
        waiting_per_sender: int = WAITING_PER_SENDER,
        observe: Observe | None = None,
    ) -> None:
        self._world = runtime
        self._observe = observe
        self._turn_limit = turn_limit
        self._waiting_limit = waiting_limit
        self._waiting_per_sender = waiting_per_sender
        self._waiting: deque[tuple[Delivery, Future[Answer]]] = deque()
        self._senders: Counter[bytes] = Counter()
        lock = threading.Lock()
        self._wake, self._wake_aside = threading.Condition(lock), threading.Condition(lock)
        self._closing = False
        self._crowded = False
        self._suspects = Suspects()
        self._aside = runtime.mechanics.aside
        self._asides: deque[tuple[Delivery, Future[Answer]]] = deque()
        self._speakers, self._speakers_until_s = frozenset[bytes](), -math.inf
        self._threads = [threading.Thread(target=self._run, name="turns", daemon=True)]
        if self._aside is not None:
            self._threads.append(
                threading.Thread(target=self._run_aside, args=(self._aside,), name="aside", daemon=True)
            )
        for thread in self._threads:
            thread.start()

    def submit(self, message: InboundMessage) -> "Future[Answer]":
        """Queue ``message`` for the next turn. The future gives its Answer, or raises Unavailable.

        A future that is cancelled before its turn begins withdraws the message; after that it cannot be cancelled.
        Raises Busy when the queue is full, or the sender's share of it.
        """
        taken = delivery(message, self._world.keys)
        future: Future[Answer] = Future()
        goes_aside = self._goes_aside(taken)
        with self._wake:
            if self._closing or len(self._waiting) + len(self._asides) >= self._waiting_limit:
                raise Busy("too many messages wait")
            if self._senders[taken.key[0]] >= self._waiting_per_sender:
                raise Busy("too many messages of one sender wait")
            self._senders[taken.key[0]] += 1
            if goes_aside:
                self._asides.append((taken, future))
                self._wake_aside.notify()
            else:
                self._waiting.append((taken, future))
                self._wake.notify()
        return future

    def _goes_aside(self, taken: Delivery) -> bool:
        """Whether it may be said aside; what only follows something said there is asked of those who speak there."""
        if self._aside is None or self._aside.concerns(taken.message):
            return self._aside is not None
        if not self._aside.follows(taken.message):
            return False
        if time.monotonic() >= self._speakers_until_s:
            self._speakers_until_s = time.monotonic() + _SPEAKERS_KEPT_S
            try:
                self._speakers = self._aside.speakers(self._world)
            except Exception:  # a message of anybody else is none the worse for it
                log.exception("aside.speakers")
        return taken.key[0] in self._speakers

    def close(self, timeout_s: float = 30.0) -> None:
        """Refuse new messages, finish those that wait, and stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
            self._wake_aside.notify()
        for thread in reversed(self._threads):  # what is no operator's goes on to the turns
            thread.join(timeout_s)

    def _run(self) -> None:
        while batch := self._next_turn():
            begun = [(taken, future) for taken, future in batch if future.set_running_or_notify_cancel()]
            futures = [future for _, future in begun]
            started_s = time.perf_counter()
            try:
                turn = [taken for taken, _ in begun]
                outcomes = take_turn_safely(self._world, turn, suspects=self._suspects) if begun else []
            except BaseException as error:  # noqa: BLE001  # the thread must outlive any fault; waiters are told
                outcomes = self._tell_failure(error, futures)
            else:
                for future, outcome in zip(futures, outcomes, strict=True):
                    if isinstance(outcome, Unavailable):
                        future.set_exception(outcome)
                    else:
                        future.set_result(outcome)
            if self._observe and begun:
                self._tell([taken for taken, _ in begun], outcomes, time.perf_counter() - started_s)

    def _tell(self, turn: Sequence[Delivery], outcomes: Sequence[Outcome], lasted_s: float) -> None:
        assert self._observe is not None
        try:
            self._observe([taken.message for taken in turn], outcomes, lasted_s)
        except Exception:  # whoever looks on may not stop the turns
            log.exception("turn.unobserved")

    def _next_turn(self) -> list[tuple[Delivery, "Future[Answer]"]]:
        if self._crowded:
            self._let_speak()
        with self._wake:
            while not self._waiting and not (self._closing and not self._asides):
                self._wake.wait()
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._turn_limit))]
            for taken, _ in batch:
                self._forget(taken)
            self._crowded = len(batch) > 1
            return batch

    def _forget(self, taken: Delivery) -> None:
        """It waits no more; call it under the lock."""
        self._senders[taken.key[0]] -= 1
        if not self._senders[taken.key[0]]:
            del self._senders[taken.key[0]]

    def _run_aside(self, aside: Aside) -> None:
        while True:
            with self._wake:
                while not self._asides and not self._closing:
                    self._wake_aside.wait()
                if not self._asides:
                    return
                taken, future = self._asides[0]
            is_one = self._is_claimed(aside, taken, future)
            with self._wake:  # it was counted as waiting until here, so that closing lets it through
                self._asides.popleft()
                if is_one is False:
                    self._waiting.append((taken, future))
                else:
                    self._forget(taken)
                self._wake.notify()
            if is_one and future.set_running_or_notify_cancel():
                self._take_aside(aside, taken, future)

    def _is_claimed(self, aside: Aside, taken: Delivery, future: "Future[Answer]") -> bool | None:
        """Whether it is one of these; None where nobody knows, which its sender is told."""
        try:
            return aside.claims(self._world, taken)
        except Exception:  # the thread must outlive any fault
            log.exception("aside.unclaimed", address=taken.key[0].hex())
            if future.set_running_or_notify_cancel():
                future.set_exception(Unavailable("nobody knows whose message it is"))
            return None

    def _take_aside(self, aside: Aside, taken: Delivery, future: "Future[Answer]") -> None:
        self._speakers |= {taken.key[0]}  # may have become one just now
        started_s = time.perf_counter()
        try:
            (outcome,) = take_turn_safely(
                self._world,
                [taken],
                suspects=self._suspects,
                take=lambda runtime, deliveries: [aside.take(runtime, each) for each in deliveries],
            )
        except BaseException as error:  # noqa: BLE001  # the thread must outlive any fault; whoever waits is told
            self._tell_failure(error, [future])
            return
        if isinstance(outcome, Unavailable):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
        if self._observe:
            self._tell([taken], [outcome], time.perf_counter() - started_s)

    def _let_speak(self) -> None:
        """After a turn of many, let those who were answered speak again; go on when a moment brings nobody new.

        Their threads wake up all at once: a turn that began now would fight them for the interpreter, and half of
        them would miss it.
        """
        for _ in range(_MOMENTS):
            waiting = len(self._waiting)
            time.sleep(_MOMENT_S)
            if waiting == len(self._waiting) or waiting >= self._turn_limit:
                return

    @staticmethod
    def _tell_failure(error: BaseException, futures: list["Future[Answer]"]) -> list[Outcome]:
        log.error("turn.lost", exc_info=error)
        told = Unavailable("the turn failed")
        for future in futures:
            future.set_exception(told)
        return [told] * len(futures)
