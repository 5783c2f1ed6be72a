"""A broadcast to a million: how fast its members are written down, what players feel of it, how steadily it goes.

Members are written down by a clock in a process of its own while people redeem codes, in windows that alternate with
quiet ones, and then by one that does nothing else. Then a sender of a limited rate sends some of it, beside a clock.
"""

import itertools
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from benchmarks.ground import Ground, opened, phone
from benchmarks.report import Result, say
from benchmarks.servers import Places
from benchmarks.side_by_side import alternate
from core import bulk
from core.engine.runtime import Runtime
from core.models import Address, Broadcast, Join
from core.models.base import table_of
from core.models.players import USER_COLUMN
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Rate, SendingAccount
from core.verbs import Desk, by_name
from handlers import MECHANICS
from handlers.broadcasts.ticks import Broadcasting
from scheduler.sender import AccountSender, SenderDependencies

PEOPLE, PORTION = 1_000_000, 100_000
RATE, SENT_S = 200, 20
_TICK_S = 0.5
_ADDRESSES = """
INSERT INTO addresses (key, channel, account, user_sealed, said_count, heard_at, wrong_tries, question_again,
  question_number, typed_left, tapped_left, answers, helpless_answers)
SELECT {key}, 'playground', 'demo', {sealed}, 0, {at}, 0, {no}, 0, 0, 0, 0, 0 FROM ({series}) AS s
"""
_PLAYERS = """
INSERT INTO players (id, campaign_id, channel, points, redeemed_today, drawn_today, wins, joined_at, rewarded_today)
SELECT i, 1, 'playground', 0, 0, 0, 0, {at}, 0 FROM ({series}) AS s
"""
_JOINS = """
INSERT INTO joins (address_key, campaign_id, player_id, joined_at)
SELECT {key}, 1, i, {at} FROM ({series}) AS s
"""
_WORDS = {
    "postgresql": {
        "key": "decode(md5(CAST(i AS text)), 'hex')",
        "sealed": "decode(repeat('ab', 40), 'hex')",
        "no": "false",
        "at": "now() - interval '1 day'",
        "series": "SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS i",
    },
    "sqlite": {
        "key": "CAST(printf('%016d', i * 7919 % 1000003) AS BLOB)",
        "sealed": "zeroblob(40)",
        "no": "0",
        "at": "strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '-1 day')",
        "series": "WITH RECURSIVE s(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM s WHERE i < :last)"
        " SELECT i FROM s",
    },
}


class _Wire:
    """A platform that takes everything at once."""

    outlet = SendingAccount("playground", "demo", Rate(RATE, timedelta(seconds=1), burst=20), at_once=32)

    def __init__(self) -> None:
        self.sent = itertools.count()

    def send(self, _message: OutboundMessage) -> Outcome:
        next(self.sent)
        return Delivered()


def run(places: Places) -> Iterator[Result]:
    """Four rows for each database."""
    for name, place in (("SQLite", places.sqlite), ("PostgreSQL", places.postgres)):
        with ExitStack() as stack:
            ground = stack.enter_context(opened(stack.enter_context(place()), places.directory))
            ground.join()
            say(f"{name}: {PEOPLE:,} players")
            _fill(ground)
            yield from _measured(name, ground)
        (places.directory / "huoju.keys").unlink()


def _fill(ground: Ground) -> None:
    database = ground.installation.database
    words = _WORDS[database.dialect.name]
    for first in range(1, PEOPLE + 1, PORTION):
        with database.begin() as connection:
            for statement in (_ADDRESSES, _PLAYERS, _JOINS):
                portion = {"first": first, "last": min(first + PORTION - 1, PEOPLE)}
                connection.execute(text(statement.format(**words)), portion)
    _seal_first(ground)
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _seal_first(ground: Ground) -> None:
    """Give those to whom something is sent users that can be opened."""
    keys, first = ground.installation.keys, select(Join.address_key).order_by(Join.player_id).limit(2 * RATE * SENT_S)
    with ground.sessions.begin() as session:
        rows = [
            {"key": key, "user_sealed": keys.seal(USER_COLUMN, key, phone(number))}
            for number, key in enumerate(session.scalars(first))
        ]
        bulk.change(session, table_of(Address), rows)


def _confirm(ground: Ground, name: str) -> float:
    """Write a broadcast and confirm it; seconds that the last one took."""
    verbs, at = by_name(MECHANICS.verbs), ground.installation.clock()
    desk = Desk(ground.runtime, at, list, "bench")
    took_s = 0.0
    for verb, given in (
        ("broadcast new", {"name": name, "campaign": ground.name, "segment": "everybody"}),
        ("broadcast text", {"name": name, "text": "Hello"}),
        ("broadcast text", {"name": name, "text": "大家好"}),
        ("broadcast send", {"name": name}),
    ):
        began_s = time.perf_counter()
        verbs[verb].carry_out(desk, given)
        took_s = time.perf_counter() - began_s
    return took_s


def _frozen(ground: Ground) -> int:
    with ground.sessions() as session:
        return int(session.scalar(select(func.coalesce(func.sum(Broadcast.members), 0))) or 0)


class _Freezing:
    """Writes members down as a clock does, and sends nothing."""

    def __init__(self, runtime: Runtime) -> None:
        self._broadcasting = Broadcasting(runtime)

    def act(self, at: datetime) -> int:
        return self._broadcasting.act(at, ahead=0)


def _measured(name: str, ground: Ground) -> Iterator[Result]:
    took_s = _confirm(ground, "beside")
    yield Result(f"{name}, confirming a broadcast to {PEOPLE:,}", "", "", took_s, "s")
    sides = alternate(ground, _Freezing, lambda: _frozen(ground))
    what = f"{name}, a redemption while members are written down, to quiet"
    yield Result(what, *sides.shown, sides.ratio, "×", goal=2, at_least=False)
    _confirm(ground, "alone")
    before, began_s = _frozen(ground), time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    broadcasting = Broadcasting(ground.runtime)
    while _state(ground, "alone") == "freezing":
        broadcasting.act(ground.installation.clock(), ahead=0)
    took_s = time.perf_counter() - began_s
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) // 1024
    done = _frozen(ground) - before
    yield Result(
        f"{name}, members written down by nothing else",
        f"{done:,}",
        f"{more} MB more",
        done / took_s,
        "/s",
        goal=20_000,
    )
    yield _sent(name, ground)


def _state(ground: Ground, name: str) -> str | None:
    with ground.sessions() as session:
        return session.scalar(select(Broadcast.state).where(Broadcast.name == name))


def _sent(name: str, ground: Ground) -> Result:
    """How much of what its account may send it does."""
    here, wire, over = ground.installation, _Wire(), threading.Event()
    needs = SenderDependencies(ground.sessions, here.keys, here.randomness, here.clock)
    account, broadcasting = AccountSender(needs, wire), Broadcasting(ground.runtime)

    def tick() -> None:
        while not over.wait(_TICK_S):
            broadcasting.act(here.clock())

    clock = threading.Thread(target=tick, daemon=True)
    clock.start()
    while not account.busy:
        account._round()  # noqa: SLF001
    began_s, before = time.monotonic(), next(wire.sent)
    while time.monotonic() < began_s + SENT_S:
        time.sleep(account._guarded(account._round))  # noqa: SLF001
    sent, took_s = next(wire.sent) - before - 1, time.monotonic() - began_s
    over.set()
    clock.join()
    account.close()
    idle = max(0.0, 1 - sent / (RATE * took_s))
    return Result(
        f"{name}, an account of {RATE}/s idle",
        f"{sent:,} sent",
        f"{took_s:.0f} s",
        100 * idle,
        "%",
        goal=2,
        at_least=False,
    )
