"""Races of operators: a verb that comes four times, a plan confirmed twice, and a process that is killed in between."""

import os
import re
import signal
from multiprocessing.connection import Connection

import pytest

from core.engine.delivery import delivery
from core.engine.engine import Engine
from core.engine.failures import take_turn_safely
from core.engine.runtime import Runtime
from core.messages import Answer, Answered
from core.models import Transfer
from core.operators import Role
from handlers import MECHANICS
from handlers.operators.tables import LogEntry, Plan
from tests.forks import forks
from tests.races.crowd import PATIENCE_S, PROCESSES, Crowd, Part, Says, count, faults, own_world
from tests.races.crowd import play as play_turns
from tests.races.shop import deadlocks, rich, url_of
from tests.snack import SNACK
from tests.stage import Stage

ENDS = "/campaign end snack"


def say_verbs(runtime: Runtime, messages: list[Says]) -> list[Answer]:
    """Deal with each as an engine does."""
    aside = MECHANICS.aside
    assert aside is not None
    answers = []
    for says in messages:
        taken = delivery(says.received(), runtime.keys)
        assert aside.concerns(taken.message)
        assert aside.claims(runtime, taken)
        (answer,) = take_turn_safely(
            runtime, [taken], take=lambda world, deliveries: [aside.take(world, each) for each in deliveries]
        )
        assert isinstance(answer, Answer), answer
        answers.append(answer)
    return answers


def word_in(text: str) -> str:
    found = re.search(r"/confirm (\w{4})", text)
    assert found, text
    return found[1]


def test_a_verb_that_four_processes_hear_is_done_once(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK)
    rich(arena, ["anna"], 1)
    arena.appoint(Role.OWNER)
    said = [Says("boss", f"/points correct test/main/anna snack 5 reason=r{n}", f"v{n}") for n in range(10)]
    heard = crowd.race(url_of(arena), [Part(say_verbs, (said,))] * PROCESSES)
    for number in range(len(said)):
        answers = [each[number] for each in heard]
        assert len({answer.texts for answer in answers}) == 1
        assert sorted(answer.how for answer in answers) == [Answered.NEW] + [Answered.REPEATED] * (PROCESSES - 1)
    assert count(arena, Transfer, Transfer.ref.like("correction:%")) == count(arena, LogEntry) == len(said)
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_a_plan_that_four_processes_confirm_is_done_once(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK)
    arena.appoint(Role.OWNER)
    word = word_in(arena.command(ENDS, by="boss"))
    parts = [Part(say_verbs, ([Says("boss", f"/confirm {word}", f"c{n}")],)) for n in range(PROCESSES)]
    told = sorted("\n".join(answer.texts) for (answer,) in crowd.race(url_of(arena), parts))
    assert [each for each in told if "is ended now" in each] == told[-1:]
    assert [each for each in told if "nothing was done again" in each] == told[:-1]
    assert count(arena, LogEntry, LogEntry.ending == "done") == 1
    assert faults(arena) == []


def test_verbs_and_redemptions_at_once_lose_nothing(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK.replace("per_player_per_day: 10", "per_player_per_day: 1000"))
    people = ["anna", "bo", "boss"]
    rich(arena, people, 1)
    arena.appoint(Role.OWNER)
    codes = arena.codes(60)
    turns = [
        [Says(people[n % 3], code, f"m{n}") for n, code in enumerate(codes[at : at + 6])] for at in range(0, 60, 6)
    ]
    turns = [[says._replace(id=f"{number}-{says.id}") for says in turn] for number, turn in enumerate(turns)]
    said = [
        [Says("boss", f"/points correct test/main/{people[n % 3]} snack 5 reason=r{n}", f"v{p}-{n}") for n in range(20)]
        for p in range(2)
    ]
    parts = [Part(play_turns, (turns[:5],)), Part(play_turns, (turns[5:],)), *(Part(say_verbs, (s,)) for s in said)]
    heard = crowd.race(url_of(arena), parts)
    assert {answer.how for _, answer in [*heard[0], *heard[1]]} == {Answered.NEW}
    assert {answer.how for answer in [*heard[2], *heard[3]]} == {Answered.NEW}
    assert count(arena, Transfer, Transfer.ref.like("correction:%")) == 40
    assert count(arena, LogEntry, LogEntry.ending == "done") == 40
    assert faults(arena) == []


def _plan_and_die(url: str, told: Connection) -> None:
    with own_world(url, "planner") as runtime:
        engine = Engine(runtime)
        answer = engine.submit(Says("boss", ENDS, "planned").received()).result(PATIENCE_S)
        told.send("\n".join(answer.texts))
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("again", [False, True], ids=["confirmed", "planned once more and confirmed"])
def test_a_plan_outlives_the_process_that_made_it(stage: Stage, again: bool) -> None:
    stage.publish(SNACK)
    stage.appoint(Role.OWNER)
    url = stage.database.url.render_as_string(hide_password=False)
    processes = forks()
    ours, theirs = processes.Pipe(duplex=False)
    child = processes.Process(target=_plan_and_die, args=(url, theirs), daemon=True)
    child.start()
    theirs.close()
    with ours:
        planned = ours.recv()
    child.join(PATIENCE_S)
    assert child.exitcode == -signal.SIGKILL
    if again:  # the platform heard nothing, and delivers it once more
        assert stage.command(ENDS, by="boss", id="planned") == planned
    stage.wait(seconds=30)
    assert "is ended now" in stage.command(f"/confirm {word_in(planned)}", by="boss")
    assert count(stage, Plan) == 1
    assert faults(stage) == []
