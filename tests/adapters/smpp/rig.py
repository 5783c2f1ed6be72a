"""What the SMPP tests share: links to a fake SMSC, with an engine that a test is, or a real one over a stage."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

from bots.base import InboundSink
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.esme import Esme
from bots.sms.smpp.timeouts import Timeouts
from core.engine.engine import Engine
from core.messages import Answer, Answered, InboundMessage
from core.randomness import SeededRandomness
from core.sending.delivery_reports import DeliveryReport
from core.sending.outbound import Category, OutboundMessage, Outcome
from tests.fakes.smsc import Smsc
from tests.sending.rig import Desk
from tests.stage import CAMPAIGN, Stage

NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
ANNA, BOB = "8613800138000", "8613900139000"
QUICK = Timeouts(tick_s=0.01, first_pause_s=0.02, longest_pause_s=0.1, hold_s=0.2, send_s=5, connect_s=2)
PLAYED = CAMPAIGN.replace("[test, second]", "[sms]")


def account_of(smsc: Smsc, **settings: Any) -> SmppAccount:
    given = {"name": "main", "host": "127.0.0.1", "port": smsc.port, "system_id": "huoju", "password": "secret"}
    return SmppAccount(**{**given, "sender": "12345", "answer_limit_s": 15, "rate": 1000, **settings})


def account(**settings: Any) -> SmppAccount:
    given = {"name": "main", "host": "localhost", "system_id": "h", "password": "p", "sender": "12345"}
    return SmppAccount(**given | settings)


def text_to(user: str = "+" + ANNA, text: str = "hello", category: Category = Category.ANSWER) -> OutboundMessage:
    return OutboundMessage("0" * 32 + "-1", "sms", "main", user, text, NOON, "en", category)


@dataclass
class Ear:
    """An engine that a test is: it keeps what it is handed, and answers at once unless told otherwise."""

    messages: list[InboundMessage] = field(default_factory=list)
    futures: list["Future[Answer]"] = field(default_factory=list)
    at_once: bool = True
    refuses: Callable[[InboundMessage], Exception | None] = lambda _message: None

    def submit(self, message: InboundMessage) -> "Future[Answer]":
        if (error := self.refuses(message)) is not None:
            raise error
        future: Future[Answer] = Future()
        self.messages.append(message)
        self.futures.append(future)
        if self.at_once:
            future.set_result(Answer(Answered.NEW))
        return future

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]


class Line:
    """Links of one account to an SMSC."""

    def __init__(self, smsc: Smsc, ear: Ear | None = None, timeouts: Timeouts = QUICK, **settings: Any) -> None:
        self.smsc, self.ear = smsc, ear or Ear()
        self.receipts: list[DeliveryReport] = []
        self.unread: list[tuple[str, str | None]] = []
        self.report: Callable[[Sequence[DeliveryReport]], None] = self.receipts.extend
        self.now = NOON
        self.links = Esme(
            account_of(smsc, **settings),
            InboundSink(
                lambda message: self.ear.submit(message),  # noqa: PLW0108  # a test may change it
                lambda receipts: self.report(receipts),  # noqa: PLW0108
                lambda _channel, _account, what, where: self.unread.append((what, where)),
            ),
            clock=lambda: self.now,
            randomness=SeededRandomness("line"),
            timeouts=timeouts,
        )

    def send(self, *messages: OutboundMessage) -> list[Outcome]:
        """Send all at once, each from a thread of its own."""
        outcomes: dict[int, Outcome] = {}
        threads = [
            threading.Thread(target=lambda n=n, m=m: outcomes.update({n: self.links.outbound.send(m)}), daemon=True)
            for n, m in enumerate(messages)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return [outcomes[number] for number in range(len(messages))]


@contextmanager
def line(smsc: Smsc, ear: Ear | None = None, *, bound: int = 1, **settings: Any) -> Iterator[Line]:
    """A line that is bound, and stopped in the end."""
    opened = Line(smsc, ear, **settings)
    opened.links.start()
    try:
        if bound:
            smsc.until(lambda: sum(one.state == "bound" for one in opened.links.state()) >= bound)
        yield opened
    finally:
        opened.links.stop(1)


class Game:
    """A real engine on a stage behind the links, and what sends its answers."""

    def __init__(self, stage: Stage, smsc: Smsc, *, publishes: bool = True, **settings: Any) -> None:
        self.stage, self.smsc = stage, smsc
        if publishes:
            stage.publish(PLAYED)
        self.engine = Engine(stage.runtime)
        self.receipts: list[DeliveryReport] = []
        self.unread: list[str] = []
        self.links = Esme(
            account_of(smsc, **settings),
            InboundSink(
                lambda message: self.submit(message),  # noqa: PLW0108  # a test may change it
                self.receipts.extend,
                lambda _channel, _account, what, _id: self.unread.append(what),
            ),
            clock=lambda: stage.now,
            randomness=stage.randomness,
            timeouts=QUICK,
        )
        self.submit: Callable[[InboundMessage], Future[Answer]] = self.engine.submit
        self.desk = Desk(stage, self.links.outbound)

    def __enter__(self) -> Self:
        self.links.start()
        self.bind()
        return self

    def __exit__(self, *_error: object) -> None:
        self.links.stop(1)
        self.engine.close()
        self.desk.account.close()

    def bind(self, count: int = 1) -> None:
        self.smsc.until(lambda: sum(one.state == "bound" for one in self.links.state()) >= count)

    def answers(self) -> list[str]:
        """Send all that waits; what phones were sent since this was asked last, in GSM-7."""
        before = len(self.smsc.submits)
        self.desk.rounds()
        return [submitted.octets.decode("ascii", "replace") for submitted in self.smsc.submits[before:]]
