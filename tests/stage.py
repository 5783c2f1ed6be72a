"""A stage for conversations: a real installation with a clock and a randomness that the test holds in its hand.

Answers read "key name=value …": the campaign overrides every text with its key and its placeholders, which is the
feature that a brand would use for its own words.
"""

import io
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy import event
from sqlalchemy.util import LRUCache

from core.brake import Brake
from core.campaign.live import CampaignShelf
from core.campaign.publication import Publication, publish
from core.campaign.reader import CampaignFile, read_campaign
from core.database import sessions
from core.engine.delivery import Delivery, delivery
from core.engine.failures import take_turn_safely
from core.engine.routes import Route
from core.engine.runtime import Runtime
from core.keys import Keyring
from core.messages import Answer, InboundKind, InboundMessage
from core.operators import Role
from core.outbox import collect
from core.randomness import SeededRandomness
from core.sending.outbound import Limits, SendingAccount
from core.texts.languages import LANGUAGES
from core.texts.plurals import placeholders
from core.timers.execution import fire_due
from core.timers.kinds import TimerKind
from core.verbs import Outlets
from handlers import MECHANICS
from handlers.calendar.ticks import run_calendar
from handlers.codes.batches import Issue, Issued, activate
from handlers.codes.issuance import CardList, issue
from handlers.operators.access import Appointment, appoint
from handlers.operators.jobs import JobWatch, carry_out, take
from handlers.points.verbs import correct
from handlers.relay.moderation import BlockedWords
from tests.watching import plant

START = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""

CAMPAIGN = """
name: snack
title: {zh: 开袋赢大奖, en: Open a bag}
organiser: {zh: 火炬食品, en: Huoju Foods}
zone: Asia/Shanghai
opens: at publication
closes: 90 days after opening
channels: [test, second]
language: en
budget: 100000 CNY
codes: {length: 12, per_player_per_day: 10, wrong_tries_per_day: 5}
draw:
  odds: 1/1000000000
  otherwise: 10 points
  prizes:
    - {name: phone, title: {zh: 手机, en: A phone}, value: 2999 CNY, stock: 10}
"""


_READ: dict[str, CampaignFile] = {}
"""Campaigns by their text: reading one takes longer than most conversations about it."""


@cache
def spelled_texts() -> dict[str, dict[str, str]]:
    """The ``texts:`` section that makes every answer its key and parameters; nobody has to read it from YAML."""
    return {
        language: {
            key: " ".join([key, *(f"{name}={{{name}}}" for name in sorted(placeholders(text)))])
            for key, text in MECHANICS.texts()[language].items()
        }
        for language in LANGUAGES
    }


def keyring() -> Keyring:
    return Keyring(b"p" * 32, b"i" * 32, {1: b"s" * 32}, SeededRandomness("nonces"))


_first: dict[str, DatabaseEngine] = {}
_STATEMENTS = 5_000
"""More than all tests say together: 500, as by default, were compiled anew again and again."""


def shared_compilation(engine: DatabaseEngine) -> DatabaseEngine:
    """``engine`` with the dialect and the compiled statements of the first one of its kind in this worker.

    Compiling a turn's statements anew for each of a thousand databases took most of the suite's time. What an audit
    reads in portions comes at once: a cursor of the server takes four messages, and a stage has few rows.
    """
    first = _first.setdefault(engine.dialect.name, engine)
    if first is engine:
        with engine.connect():
            pass  # learns the server's version
        engine.dialect.supports_server_side_cursors = False
        if isinstance(engine._compiled_cache, LRUCache):
            engine._compiled_cache.capacity = _STATEMENTS
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
    return engine


def careless(engine: DatabaseEngine) -> None:
    """Let SQLite not wait for the disk, as the tests' PostgreSQL does not: nothing on a stage outlives its test."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=OFF"))


@dataclass
class Stage:
    """One installation on one database, played by hand."""

    database: DatabaseEngine
    directory: Path
    now: datetime = START
    routes: tuple[Route, ...] = MECHANICS.routes
    timers: Mapping[str, TimerKind] = field(default_factory=lambda: MECHANICS.timers)
    randomness: SeededRandomness = field(default_factory=lambda: SeededRandomness("stage"))
    wrong_per_hour: int = 1000
    public_url: str | None = None
    limits: dict[tuple[str, str], Limits] = field(default_factory=dict)
    brake: Brake = field(default_factory=lambda: Brake(10**6, 10**6))
    """Nobody talks so much on a stage, but for the tests of this."""
    blocked_words: BlockedWords | None = None
    outlets: tuple[SendingAccount, ...] = ()
    settings: tuple[object, ...] = ()

    def __post_init__(self) -> None:
        shared_compilation(self.database)
        careless(self.database)
        self.keys = keyring()
        self.sessions = sessions(self.database)
        self.shelf = CampaignShelf(self.keys, MECHANICS.texts, MECHANICS.sections)
        self._ids = itertools.count(1)

    @property
    def runtime(self) -> Runtime:
        return Runtime(
            self.sessions,
            self.keys,
            self.randomness,
            replace(MECHANICS, routes=self.routes, timers=self.timers),
            self.shelf,
            self.wrong_per_hour,
            lambda: self.now,
            self.public_url,
            self.limits,
            self.brake,
            (
                Outlets(lambda: self.outlets),
                *self.settings,
                *(() if self.blocked_words is None else (self.blocked_words,)),
            ),
        )

    def publish(self, text: str = CAMPAIGN, *, spelled: bool = True) -> Publication:
        if text not in _READ:
            path = self.directory / "campaign.yaml"
            path.write_text(text, encoding="utf-8")
            _READ[text] = read_campaign(path, MECHANICS.sections)
        file = _READ[text]
        if spelled:
            file = replace(file, rules=file.rules.model_copy(update={"texts": spelled_texts()}))
        with self.sessions.begin() as session:
            return publish(session, file, self.now, self.keys, self.randomness, mechanics=MECHANICS)

    def issue(self, count: int, campaign: str = "snack", *, active: bool = True) -> tuple[Issued, list[str]]:
        out = io.BytesIO()
        with self.sessions.begin() as session:
            batch = issue(
                session, campaign, count, CardList(out), Issue(self.keys, self.randomness, self.now, MECHANICS.sections)
            )
            if active:
                activate(session, batch.batch_id, self.now)
        printed = [line.split(",")[1] for line in out.getvalue().decode().split()[1:]]
        plant(*printed, *(code.replace("-", "") for code in printed))
        return batch, printed

    def codes(self, count: int, campaign: str = "snack") -> list[str]:
        """Issue and activate ``count`` codes, as they are printed."""
        return self.issue(count, campaign)[1]

    def message(
        self,
        text: str,
        *,
        by: str = "u1",
        id: str | None = None,
        channel: str = "test",
        account: str = "main",
        typed: bool = True,
        kind: InboundKind | None = None,
        question: int | None = None,
    ) -> InboundMessage:
        plant(by, text)
        address, external_id = (channel, account, by), id or f"auto-{next(self._ids)}"
        how = kind or (InboundKind.TYPED if typed and question is None else InboundKind.TAPPED)
        return InboundMessage.received(address, external_id, text, self.now, waits=True, kind=how, question=question)

    def delivery(self, text: str, **where: Any) -> Delivery:
        return delivery(self.message(text, **where), self.keys)

    def take(self, *deliveries: Delivery) -> list[Answer]:
        """All ``deliveries`` in one turn."""
        return take_turn_safely(self.runtime, deliveries, pause=lambda _seconds: None)

    def say(self, text: str, **where: Any) -> str:
        """One message in a turn of its own; the texts of its answer, or how it was answered when there are none."""
        (answer,) = self.take(self.delivery(text, **where))
        return "\n".join(answer.texts) or str(answer.how)

    def command(self, text: str, **where: Any) -> str:
        """One message as an engine deals with it: a verb of an operator aside, anything else in a turn."""
        return self.dealt(self.delivery(text, **where))

    def dealt(self, delivery: Delivery) -> str:
        """One delivery, in the same way."""
        aside = MECHANICS.aside
        assert aside is not None
        may_be = aside.concerns(delivery.message) or aside.follows(delivery.message)
        if not (may_be and aside.claims(self.runtime, delivery)):
            (answer,) = self.take(delivery)
        else:
            (answer,) = take_turn_safely(
                self.runtime,
                [delivery],
                pause=lambda _seconds: None,
                take=lambda runtime, taken: [aside.take(runtime, each) for each in taken],
            )
        return "\n".join(answer.texts) or str(answer.how)

    def appoint(self, role: Role, by: str = "boss", name: str = "Li Na", **where: str) -> None:
        """Make whoever writes as ``by`` an operator; they say hello first."""
        self.say("hello", by=by, **where)
        key = self.key(by, **where)
        with self.sessions.begin() as session:
            appoint(session, key, Appointment(name, role, "terminal"), self.now)

    def work(self, watch: JobWatch | None = None) -> int:
        """Carry out all jobs that nobody is at work on; how many."""
        done, watch = 0, watch or JobWatch()
        while (taken := take(self.runtime, watch, self.now)) is not None:
            carry_out(self.runtime, taken, lambda: self.now)
            done += 1
        return done

    def tick(self) -> int:
        """Fire all timers that are due now; how many."""
        return fire_due(self.runtime, self.now)

    def turn_page(self) -> int:
        """Claim what the calendar comes to, and plant its timers; how many."""
        return run_calendar(self.runtime, self.now)

    def told(self, by: str = "u1", *, channel: str = "test", account: str = "main") -> list[str]:
        """All that was ever said to an address, oldest first."""
        key = self.key(by, channel=channel, account=account)
        return [said.text for said in collect(self.sessions, self.keys, key, 0)]

    def key(self, by: str = "u1", *, channel: str = "test", account: str = "main") -> bytes:
        """The key of an address."""
        return self.keys.address_key(channel, account, by)

    def give(self, points: int, by: str = "u1", *, channel: str = "test", campaign: str = "snack") -> None:
        """Correct the points of a player who has joined."""
        ref = f"given-{next(self._ids)}"
        correct(
            self.runtime, self.key(by, channel=channel), campaign, points, ref=ref, note="for the test", at=self.now
        )

    def wait(self, **length: float) -> None:
        self.now += timedelta(**length)
