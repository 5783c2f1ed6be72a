"""kill -9, cut links and lost backends: whatever was answered stays answered, and everything happens once."""

import os
import random
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from core.engine.engine import Engine
from core.engine.runtime import Runtime
from core.messages import Answer, Answered
from core.models import Inbox, Player
from handlers.claims.tables import Claim
from handlers.codes.tables import Redemption
from tests.forks import forks
from tests.races.crowd import PATIENCE_S, Crowd, Part, Says, count, dealt, faults, own_world, play, texts, told
from tests.races.shop import rich, url_of
from tests.races.wire import Cutter
from tests.snack import SNACK
from tests.stage import CAMPAIGN, Stage

ROUNDS = 3
_PROGRESS = 8  # messages from one blow to the next: enough that nobody is hit six times in one turn
MESSAGES = 90
GENEROUS = CAMPAIGN.replace("1/1000000000", "1/4").replace("per_player_per_day: 10", "per_player_per_day: 1000")


def _play_until_killed(url: str, name: str, messages: list[Says], told: Connection) -> None:
    with own_world(url, name) as runtime:
        engine = Engine(runtime, turn_limit=4)
        futures = [engine.submit(says.received()) for says in messages]
        for says, future in zip(messages, futures, strict=True):
            told.send((says, future.result(PATIENCE_S)))
        os.kill(os.getpid(), signal.SIGKILL)  # nobody waited for: the last answer is out


def _answers_before_kill(url: str, name: str, messages: list[Says], enough: int) -> list[tuple[Says, Answer]]:
    """Start a process that plays ``messages``, kill it when ``enough`` answers have come; all that came."""
    processes = forks()
    ours, theirs = processes.Pipe(duplex=False)
    child = processes.Process(target=_play_until_killed, args=(url, name, messages, theirs), daemon=True)
    child.start()
    theirs.close()
    heard: list[tuple[Says, Answer]] = []
    with ours:
        while ours.poll(PATIENCE_S):
            try:
                heard.append(ours.recv())
            except EOFError:
                break
            if len(heard) == enough:
                child.kill()
    child.join(PATIENCE_S)
    assert child.exitcode == -signal.SIGKILL
    return heard


def test_a_killed_process_forgets_no_answer_and_repeats_no_effect(stage: Stage) -> None:
    stage.publish(GENEROUS)
    url = stage.database.url.render_as_string(hide_password=False)
    dice, unplayed = random.Random("kill"), 0
    for attempt in range(ROUNDS):
        messages = [Says(f"p{n % 7}", code, f"m{attempt}-{n}") for n, code in enumerate(stage.codes(MESSAGES))]
        heard = _answers_before_kill(url, f"killed {attempt}", messages, dice.randrange(1, MESSAGES // 2))
        assert heard
        unplayed += MESSAGES * (attempt + 1) - count(stage, Inbox)
        assert {answer.how for _, answer in heard} == {Answered.NEW}
        with own_world(url, f"next {attempt}") as runtime:
            engine = Engine(runtime)
            futures = [engine.submit(says.received()) for says in messages]
            again = [(says, future.result(PATIENCE_S)) for says, future in zip(messages, futures, strict=True)]
            engine.close()
        assert {len(different) for different in told([*heard, *again]).values()} == {1}
        assert all(each.startswith(("redeem.points", "redeem.won")) for each in texts(again))
        assert count(stage, Redemption) == count(stage, Inbox) == MESSAGES * (attempt + 1)
    assert unplayed > 0, "always killed too late to prove anything"
    assert faults(stage) == []


@pytest.mark.parametrize("arrives", [True, False], ids=["after COMMIT arrived", "before COMMIT arrived"])
def test_a_link_cut_around_commit_pays_once(arena: Stage, arrives: bool) -> None:
    arena.publish(GENEROUS)
    messages = [Says(f"p{number % 5}", code, f"m{number}") for number, code in enumerate(arena.codes(24))]
    turns = [messages[start : start + 6] for start in range(0, 24, 6)]
    with Cutter(_socket_of(arena), cuts=5, arrives=arrives) as cutter:
        host, port = cutter.address
        url = arena.database.url.set(query={}, host=host, port=port).render_as_string(hide_password=False)
        with own_world(url, "cut") as runtime:
            said = play(runtime, turns)
        assert cutter.cuts_left == 0
    assert {answer.how for _, answer in said} == {Answered.NEW, Answered.REPEATED} if arrives else {Answered.NEW}
    assert all(each.startswith(("redeem.points", "redeem.won")) for each in texts(said))
    assert {len(different) for different in told([*said, *play(arena.runtime, turns)]).values()} == {1}
    assert count(arena, Redemption) == count(arena, Inbox) == 24
    assert faults(arena) == []


def _socket_of(arena: Stage) -> Path:
    with psycopg.connect(arena.database.url.set(drivername="postgresql").render_as_string(hide_password=False)) as link:
        return Path(link.info.host) / f".s.PGSQL.{link.info.port}"


def _end_busy_backends(runtime: Runtime, messages: int) -> int:
    """End one backend at work on this database, again and again, each time that some more was committed."""
    ended, seen, pause = 0, 0, threading.Event()
    busy = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' ORDER BY random() LIMIT 1"
    )
    for _ in range(PATIENCE_S * 500):
        with runtime.sessions.begin() as session:
            done = session.scalar(text("SELECT count(*) FROM inbox"))
            if done >= seen + _PROGRESS and session.scalar(text(busy)):
                ended, seen = ended + 1, done
        if done == messages:
            return ended
        pause.wait(0.002)
    raise AssertionError("the turns never ended")


def test_backends_that_are_ended_while_turns_run_cost_nobody_anything(arena: Stage, crowd: Crowd) -> None:
    arena.publish(GENEROUS)
    url = arena.database.url.render_as_string(hide_password=False)
    messages = [Says(f"p{number % 9}", code, f"m{number}") for number, code in enumerate(arena.codes(120))]
    hands = dealt([says for says in messages for _ in range(2)], 3, 1, "ended")
    parts = [Part(play, (hand,)) for hand in hands] + [Part(_end_busy_backends, (len(messages),))]
    *played, ended = crowd.race(url, parts)
    said = [each for answers in played for each in answers]
    assert ended > 3
    assert {len(different) for different in told(said).values()} == {1}
    assert count(arena, Redemption) == count(arena, Inbox) == len(messages)
    assert faults(arena) == []


def test_a_killed_process_sells_no_gift_twice(arena: Stage) -> None:
    arena.publish(
        SNACK.replace("stock: 2,", "stock: 50,").replace("stock: 5,", "stock: 50,").replace(", per_player: 1}", "}")
    )
    url, players = url_of(arena), [f"p{number}" for number in range(6)]
    rich(arena, players, 8)
    said = [("gifts", "1", "yes"), ("cancel", "gifts", "3", "yes"), ("gifts", "1", "yes"), ("cancel",)]
    messages = [
        Says(by, text, f"{by}-{round_}-{step}")
        for round_, texts_ in enumerate(said)
        for step, text in enumerate(texts_)
        for by in players
    ]
    heard = _answers_before_kill(url, "killed shop", messages, 23)
    assert heard
    assert count(arena, Inbox) - 48 < len(messages), "killed too late to prove anything"
    with own_world(url, "next shop") as runtime:
        again = play(runtime, [[says] for says in messages])
    assert {len(different) for different in told([*heard, *again]).values()} == {1}
    assert sum(each.startswith("gifts.bought") for each in texts(again)) == count(arena, Claim) == 18
    assert count(arena, Player, Player.points == 80 - 20 - 10 - 20) == 6
    assert faults(arena) == []
