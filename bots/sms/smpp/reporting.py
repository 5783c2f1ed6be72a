"""Receipts on their way to the core: handed over many at a time, acknowledged when they are written down."""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

from bots.base import Report
from bots.sms.smpp.statuses import OK, QUEUE_FULL, TRY_LATER
from core.engine.failing import Unavailable
from core.sending.receipts import Receipt

log = structlog.get_logger()

AT_ONCE = 256
WAITING = 10_000

Waiting = tuple[Receipt, Callable[[int], None]]


class Reports:
    """Hands over the receipts of one account, from a thread of its own between :meth:`start` and :meth:`stop`."""

    def __init__(self, report: Report, account: str) -> None:
        self._report, self._account = report, account
        self._waiting: queue.Queue[Waiting | None] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None
        self.taken = 0

    def start(self) -> None:
        """Begin, unless it has."""
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._run, name=f"smpp receipts {self._account}", daemon=True)
        self._thread.start()

    def stop(self, limit_s: float = 10.0) -> None:
        """Hand over what waits, and end; what is not handed over by then comes again."""
        if self._thread is None:
            return
        with suppress(queue.Full):
            self._waiting.put(None, timeout=limit_s)
            self._thread.join(limit_s)

    def put(self, receipt: Receipt, answer: Callable[[int], None]) -> None:
        """Queue ``receipt``; ``answer`` is told the status of its acknowledgement."""
        try:
            self._waiting.put_nowait((receipt, answer))
        except queue.Full:
            answer(QUEUE_FULL)

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, last = [first], False
            while len(batch) < AT_ONCE and not self._waiting.empty():
                if (another := self._waiting.get()) is None:
                    last = True
                    break
                batch.append(another)
            self._hand_over(batch)
            if last:
                return

    def _hand_over(self, batch: Sequence[Waiting]) -> None:
        status = OK
        try:
            self._report([receipt for receipt, _ in batch])
        except Unavailable:
            status = TRY_LATER
        except Exception:  # the SMSC keeps them until the fault is mended
            log.exception("smpp.report_failed", account=self._account)
            status = TRY_LATER
        else:
            self.taken += len(batch)
        for _, answer in batch:
            answer(status)
