"""A crowd: several real processes that play against one database at the same moment."""

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Barrier
from typing import Any, NamedTuple

import structlog
from sqlalchemy import func, select

from core.brake import Brake
from core.campaign.live import CampaignShelf
from core.database import open_database, sessions
from core.engine.delivery import delivery
from core.engine.failures import take_turn_safely
from core.engine.runtime import Runtime
from core.messages import Answer, Answered, InboundMessage
from core.models import Base
from core.randomness import SeededRandomness
from core.times import system_clock
from handlers import MECHANICS
from huoju.gc_tuning import end_at_once
from tests.forks import forks
from tests.soundness import audit
from tests.stage import START, Stage, keyring, shared_compilation

PROCESSES = 4
PATIENCE_S = 60
_gates: dict[int, Barrier] = {}


class Says(NamedTuple):
    """One message of one player, with the id that its platform gave it."""

    by: str
    text: str
    id: str

    def received(self, at: datetime = START) -> InboundMessage:
        return InboundMessage.received(("test", "main", self.by), self.id, self.text, at, waits=True)


@dataclass(frozen=True, slots=True)
class Part:
    """What one process of a race does: ``act`` is a function of a module, called with a world and ``told``."""

    act: Callable[..., Any]
    told: tuple[Any, ...]


@contextmanager
def own_world(url: str, name: str) -> Iterator[Runtime]:
    """A world of this process alone, as the composition root would open one."""
    database = shared_compilation(open_database(url))
    try:
        randomness = SeededRandomness(name)
        yield Runtime(
            sessions(database),
            keyring(),
            randomness,
            MECHANICS,
            CampaignShelf(keyring(), MECHANICS.texts, MECHANICS.sections),
            10**6,
            system_clock,
            brake=Brake(10**6, 10**6),
        )
    finally:
        database.dispose()


class Crowd:
    """Processes that wait for each other, so that what they do overlaps. Begun once, used by many races."""

    def __init__(self) -> None:
        processes = forks()
        gates = {count: processes.Barrier(count) for count in range(2, PROCESSES + 1)}
        self._races = itertools.count(1)
        self._pool = ProcessPoolExecutor(PROCESSES, mp_context=processes, initializer=_enter, initargs=(gates,))

    def race(self, url: str, parts: Sequence[Part]) -> list[Any]:
        """Let every part be done by a process of its own; what each returned, in order."""
        assert 2 <= len(parts) <= PROCESSES
        race = next(self._races)  # equal seeds in two races would make equal ids
        running = [
            self._pool.submit(_take_part, url, f"race {race}, process {number}", len(parts), part)
            for number, part in enumerate(parts)
        ]
        return [each.result(PATIENCE_S) for each in running]

    def play(self, url: str, turns: Sequence[Sequence[Sequence[Says]]]) -> list[tuple[Says, Answer]]:
        """Let process n take the turns ``turns[n]``; every delivery with its answer."""
        return [each for answers in self.race(url, [Part(play, (mine,)) for mine in turns]) for each in answers]

    def close(self) -> None:
        self._pool.shutdown()


def _enter(gates: Mapping[int, Barrier]) -> None:
    structlog.configure(processors=[structlog.processors.KeyValueRenderer(key_order=["event"])])
    _gates.update(gates)
    end_at_once()


def wait_for_the_others(parties: int) -> None:
    """Inside a part of a race: go on when all ``parties`` processes have come here."""
    _gates[parties].wait(PATIENCE_S)


def _take_part(url: str, name: str, parties: int, part: Part) -> Any:
    with own_world(url, name) as runtime:
        runtime.sessions.kw["bind"].connect().close()  # so that nobody is late because of its first connection
        wait_for_the_others(parties)
        return part.act(runtime, *part.told)


def play(runtime: Runtime, turns: Sequence[Sequence[Says]], at: datetime = START) -> list[tuple[Says, Answer]]:
    """Take ``turns`` one after another."""
    said = []
    for turn in turns:
        answers = take_turn_safely(runtime, [delivery(each.received(at), runtime.keys) for each in turn])
        said += zip(turn, answers, strict=True)
    return said


def dealt(messages: Sequence[Says], processes: int, a_turn: int, seed: str) -> list[list[list[Says]]]:
    """``messages`` shuffled and dealt to processes, in turns of ``a_turn``."""
    shuffled = random.Random(seed).sample(messages, len(messages))
    hands = [shuffled[process::processes] for process in range(processes)]
    return [[hand[start : start + a_turn] for start in range(0, len(hand), a_turn)] for hand in hands]


def told(said: Sequence[tuple[Says, Answer]]) -> Mapping[str, set[tuple[tuple[str, ...], tuple[int, ...]]]]:
    """The different answers that each message id got; every delivery must have been answered."""
    answers: dict[str, set[tuple[tuple[str, ...], tuple[int, ...]]]] = {}
    for says, answer in said:
        assert answer.how in {Answered.NEW, Answered.REPEATED}
        assert answer.texts
        answers.setdefault(says.id, set()).add((answer.texts, answer.sequence))
    return answers


def texts(said: Sequence[tuple[Says, Answer]]) -> list[str]:
    """What was answered, delivery by delivery."""
    return ["\n".join(answer.texts) for _, answer in said]


def count(stage: Stage, model: type[Base], *conditions: Any) -> int:
    """How many rows there are."""
    with stage.sessions() as session:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def faults(stage: Stage) -> list[str]:
    """What the audit finds."""
    found = [(check.says, faults) for check, faults in audit(stage.database, stage.keys, MECHANICS.checks)]
    assert found
    return [f"{says}: {fault.row} {fault.wrong}" for says, faults in found for fault in faults]
