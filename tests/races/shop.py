"""What races for goods begin with: players with points, questions that wait, words; and how operators act in them."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import text

from core.blame import may_pass_when_retried
from core.engine.runtime import Runtime
from core.timers.execution import fire_due
from handlers.claims import fulfilment
from handlers.claims.fulfilment import ClaimRefused
from handlers.claims.vouchers import serve_waiting, take_in
from tests.races.crowd import PATIENCE_S, Says
from tests.stage import Stage

REFUSED = "refused"
_TRIES = 50
_POLL_S = 0.01


def url_of(stage: Stage) -> str:
    return stage.database.url.render_as_string(hide_password=False)


def deadlocks(stage: Stage) -> int:
    with stage.database.connect() as connection:
        asked = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return int(connection.scalar(text(asked)) or 0)


def wait_until(stage: Stage, asked: str) -> None:
    """Ask the database again and again until it says yes."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / _POLL_S)):
        with stage.database.connect() as connection:
            if connection.scalar(text(asked)):
                return
        pause.wait(_POLL_S)
    raise AssertionError(f"never came true: {asked}")


def rich(stage: Stage, players: Sequence[str], codes: int = 2) -> None:
    """Let each player redeem so many codes of 10 points."""
    printed = iter(stage.codes(codes * len(players)))
    for _ in range(codes):
        stage.take(*[stage.delivery(next(printed), by=by) for by in players])


def asked(stage: Stage, players: Sequence[str], number: int) -> None:
    """Let each player choose a gift, so that only the yes is missing."""
    for answer in stage.take(*[stage.delivery(said, by=by) for by in players for said in ("gifts", str(number))]):
        assert answer.texts[0].startswith(("gifts.choose", "gifts.confirm")), answer.texts


def word_of(stage: Stage, by: str, what: str = "invite") -> str:
    return stage.say(what, by=by).split("word=")[1].split()[0]


def details(by: str, marks: str = "") -> list[Says]:
    """All that one player says to have a delivery sent."""
    said = ("Anna Li", "138 0013 8000", "1 Nanjing Road, Shanghai", "yes")
    return [Says(by, text, f"{by}{marks}-{number}") for number, text in enumerate(said)]


def vouchers(stage: Stage, item: str, codes: Sequence[str]) -> None:
    with stage.sessions.begin() as session:
        take_in(session, stage.keys, "snack", item, [*enumerate(codes, start=1)])


def _patiently(do: Callable[[], Any]) -> Any:
    """As an operator would, or the next tick: what may pass is tried again."""
    for _ in range(_TRIES):
        try:
            return do()
        except Exception as error:
            if not may_pass_when_retried(error):
                raise
    raise AssertionError("it never passed")


def operate(runtime: Runtime, deeds: Sequence[tuple[Any, ...]], at: datetime) -> list[Any]:
    """Do what operators do, one after another: (name of the deed, what it is told …); what came of each."""
    done = []
    for name, *told in deeds:
        try:
            done.append(_patiently(partial(getattr(fulfilment, name), runtime, *told, at)))
        except ClaimRefused:
            done.append(REFUSED)
    return done


def serve(runtime: Runtime, at: datetime) -> int:
    served: int = _patiently(partial(serve_waiting, runtime, at))
    return served


def tick(runtime: Runtime, at: datetime, chunk: int = 3) -> int:
    """Fire what is due, until this clock sees nothing more that is due."""
    fired: int = _patiently(partial(fire_due, runtime, at, chunk))
    return fired
