"""Every wait ends: for an SMSC that talks of something else, for a database that takes no receipts, for a test."""

import threading

import pytest

from bots.sms.smpp import delivery_reports
from bots.sms.smpp.delivery_reports import DeliveryReportQueue
from bots.sms.smpp.doctor import _Asks
from bots.sms.smpp.pdu import Command
from bots.sms.smpp.timeouts import Backoff, Timeouts
from core.randomness import SeededRandomness
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus
from tests.fakes.smsc import ENQUIRE, pdu
from tests.overdue import Overdue

RECEIPT = DeliveryReport("sms", "main", DeliveryStatus.DELIVERED, ("1",))


class Chatty:
    """An SMSC that asks for a sign of life, again and again, and never answers."""

    def __init__(self) -> None:
        self.read = 0

    def sendall(self, octets: bytes) -> None:
        self.asked = octets

    def recv(self, _count: int) -> bytes:
        self.read += 1
        assert self.read < 200_000, "it would go on for ever"
        return pdu(ENQUIRE, self.read)


def test_the_doctor_waits_no_longer_than_it_says():
    assert _Asks(Chatty(), 0.01).ask(Command.BIND_TRANSCEIVER) is None  # type: ignore[arg-type]


def test_receipts_that_nobody_takes_hold_up_no_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(delivery_reports, "WAITING", 2)
    begun, over = threading.Event(), threading.Event()
    reports = DeliveryReportQueue(lambda _receipts: (begun.set(), over.wait(60))[0], "main")  # type: ignore[func-returns-value]
    statuses: list[int] = []
    reports.start()
    reports.put(RECEIPT, statuses.append)
    assert begun.wait(60)
    for _ in range(3):
        reports.put(RECEIPT, statuses.append)
    assert statuses == [0x14]  # the queue is full: it comes again
    stopping = threading.Thread(target=lambda: reports.stop(0.01), daemon=True)
    stopping.start()
    stopping.join(1)
    stuck = stopping.is_alive()
    over.set()
    assert not stuck


def test_a_test_that_is_never_over_ends_its_process():
    ended: list[float] = []
    now = [0.0]
    overdue = Overdue(lambda: ended.append(now[0]), lambda: now[0])
    overdue.look()
    overdue.begin(10)
    for at, done in ((9.0, False), (11.0, False), (12.0, True)):
        now[0] = at
        if done:
            overdue.done()
        overdue.look()
    assert ended == [11.0]


def test_a_backoff_grows_to_its_limit_and_begins_again():
    backoff = Backoff(Timeouts(), SeededRandomness("backoff"))
    taken = [backoff.next_s() for _ in range(8)]
    for pause_s, whole_s in zip(taken, [1, 2, 4, 8, 16, 32, 45, 45], strict=True):
        assert whole_s * 0.75 <= pause_s <= min(45, whole_s * 1.25)
    backoff.reset()
    assert backoff.next_s() <= 1.25
