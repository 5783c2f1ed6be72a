"""Play a campaign: the crowd speaks, the engine takes turns, timers fire and boards are counted, all on one clock."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine as DatabaseEngine
from sqlalchemy import func, select, text

from core import schema
from core.blame import Unavailable
from core.campaign.live import CampaignShelf
from core.campaign.publication import publish
from core.campaign.reader import CampaignFile
from core.campaign.rules import Rules
from core.database import read_only, sessions
from core.engine.delivery import delivery
from core.engine.engine import TURN_LIMIT
from core.engine.failures import take_turn_safely
from core.engine.runtime import Runtime
from core.keys import Keyring
from core.messages import Answered
from core.models import Timer
from core.randomness import SeededRandomness
from core.times import Clock
from handlers import MECHANICS
from handlers.codes.batches import Issue, activate
from handlers.codes.issuance import CardList, issue
from handlers.relay.rules import RelayRules
from huoju.simulation.crowd import Crowd, Dice, Saying
from scheduler.clock import Tick, ticks

START = datetime(2026, 12, 1, tzinfo=UTC)
"""When a campaign begins that may begin at any time: eight in the morning in Shanghai."""
_STEP_MS = 20_000
_LOOK_AROUND_MS = 900_000
"""How often, in virtual time, everything is looked after that is no timer."""
_NO_CODES: Iterator[str] = iter(())
_MS = timedelta(milliseconds=1)
_CODES_EACH = 3
_UNTIMED = {"fire_timers", "watch_clock"}


class SimulationRefused(Exception):
    """This campaign cannot be played; the message says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played: ``players`` people for ``length``; the same seed gives the same play."""

    file: CampaignFile
    players: int
    seed: int
    length: timedelta


@dataclass(frozen=True, slots=True)
class Played:
    """A play that has ended."""

    campaign_id: int
    rules: Rules
    start: datetime
    end: datetime
    taken: int
    """Messages that were delivered, those that came twice counted twice."""
    repeated: int
    turns: int
    keys: Keyring
    runtime: Runtime


def play(database: DatabaseEngine, plan: Plan, progress: Callable[[timedelta], object] = lambda _done: None) -> Played:
    """Play ``plan`` in ``database``, which is empty. ``progress`` is told the virtual time that has passed.

    Raises SimulationRefused, and what refuses a campaign or its codes.
    """
    keys = _keyring(plan.seed)
    schema.upgrade(database, keys)
    start = start_of(plan)
    randomness = SeededRandomness(f"simulation {plan.seed}")
    runtime = Runtime(
        sessions(database),
        keys,
        randomness,
        MECHANICS,
        CampaignShelf(keys, MECHANICS.texts, MECHANICS.sections),
        10**9,
        lambda: start,
    )
    with runtime.sessions.begin() as session:
        publish(session, plan.file, start, keys, randomness, mechanics=MECHANICS)
    with read_only(runtime.sessions) as session:
        campaign = next(iter(runtime.shelf.read(session).values()))
    if campaign.why_closed(start) is not None:
        raise SimulationRefused(f"{plan.file.rules.name} is not open at {start:%Y-%m-%d %H:%M} UTC")
    codes = _codes(runtime, plan, campaign.rules, start)
    crowd = Crowd(campaign.rules, plan.players, Dice(plan.seed), start, plan.length, codes=codes)
    stage = _Stage(runtime, crowd, start, plan.length)
    stage.run(progress)
    return Played(
        campaign.id, campaign.rules, start, start + plan.length, stage.taken, crowd.repeated, stage.turns, keys, runtime
    )


def _keyring(seed: int) -> Keyring:
    """Keys that follow from ``seed``, so that the play can be repeated; they protect nothing."""
    made = SeededRandomness(f"keys {seed}")
    return Keyring(made.take(32), made.take(32), {1: made.take(32)}, SeededRandomness(f"nonces {seed}"))


def start_of(plan: Plan) -> datetime:
    """The opening that the file names, else START; earlier where the campaign would be over before the play."""
    rules = plan.file.rules
    if rules.opens.at is not None:
        return rules.opens.at
    if rules.closes.at is not None and rules.closes.at < START + plan.length:
        return rules.closes.at - plan.length
    return START


def _codes(runtime: Runtime, plan: Plan, rules: Rules, start: datetime) -> Iterator[str]:
    """Codes for whoever buys something, as they are printed; none where they bring nothing."""
    if not rules.takes_codes():
        return _NO_CODES
    count = plan.players * _CODES_EACH
    if (relay := rules.section(RelayRules)) is not None:
        count = plan.players if "invited" not in relay.qualify else max(plan.players // 20, 10)
    if rules.planned_codes:
        count = min(count, rules.planned_codes)
    out = io.BytesIO()
    with runtime.sessions.begin() as session:
        batch = issue(
            session,
            rules.name,
            count,
            CardList(out),
            Issue(runtime.keys, runtime.randomness, start, MECHANICS.sections),
        )
        activate(session, batch.batch_id, start)
    return iter([line.split(",")[1] for line in out.getvalue().decode().split()[1:]])


class _Stage:
    """One play on its way: whoever is next, somebody of the crowd or a timer, decides what time it is."""

    def __init__(self, runtime: Runtime, crowd: Crowd, start: datetime, length: timedelta) -> None:
        self._world, self._crowd, self._start = runtime, crowd, start
        self._end_ms = length // _MS
        self._now = start
        self.taken = self.turns = 0
        clock: Clock = lambda: self._now  # noqa: E731  # the virtual clock of this play
        every = ticks(runtime, clock)
        self._fire = next(tick for tick in every if tick.name == "fire_timers")
        self._around: list[Tick] = [tick for tick in every if tick.name not in _UNTIMED]
        self._look_ms = self._due_ms = self._now_ms = 0

    def run(self, progress: Callable[[timedelta], object]) -> None:
        """Play until the end."""
        while (at_ms := self._next_ms()) < self._end_ms:
            self._pass(min(at_ms - at_ms % _STEP_MS + _STEP_MS, self._end_ms))
            progress(self._now_ms * _MS)
        self._look_ms = self._due_ms = self._end_ms
        self._pass(self._end_ms)
        progress(self._end_ms * _MS)

    def _pass(self, until_ms: int) -> None:
        """Let everything happen that happens before ``until_ms``."""
        while said := self._crowd.speak(until_ms, TURN_LIMIT):
            self._take(said)
        self._now, self._now_ms = self._start + until_ms * _MS, until_ms
        if until_ms >= self._due_ms:
            self._fire.act()
        if until_ms >= self._look_ms:
            self._look_ms = until_ms - until_ms % _LOOK_AROUND_MS + _LOOK_AROUND_MS
            for tick in self._around:
                tick.act()

    def _next_ms(self) -> int:
        """When something happens next: somebody speaks, a timer is due, or it is time to look around."""
        with read_only(self._world.sessions) as session:
            due_at = session.scalar(select(func.min(Timer.due_at)).where(text("timers.state = 'due'")))
        self._due_ms = (due_at - self._start) // _MS if due_at is not None else self._end_ms
        speaks_ms = self._crowd.next_ms
        soon = min(self._due_ms, self._look_ms, self._end_ms if speaks_ms is None else speaks_ms)
        return max(soon, self._now_ms)

    def _take(self, said: list[Saying]) -> None:
        deliveries = [delivery(self._crowd.message(saying), self._world.keys) for saying in said]
        self.turns += 1
        self.taken += len(said)
        for saying, answer in zip(said, take_turn_safely(self._world, deliveries), strict=True):
            if isinstance(answer, Unavailable):
                raise answer
            if answer.how is Answered.FAILED:
                raise SimulationRefused(f"a message failed ({saying.what}); this is a fault of the program")
            self._crowd.hear(saying, answer)
