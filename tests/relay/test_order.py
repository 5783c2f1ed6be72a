"""Whatever the order in which messages are dealt with, and however often: the torches are the same in the end."""

import shutil
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.database import open_database
from handlers.invites.tables import Invite
from handlers.relay.tables import Torch
from tests.conftest import shared_compilation
from tests.relay.torchbearers import begin, count, open_relay
from tests.stage import Stage
from tests.talking import faults

WINDOW_MS = 600_000
TIMES = (0, 1, 300_000, WINDOW_MS - 1, WINDOW_MS, WINDOW_MS + 1, WINDOW_MS + 60_000)

friends = st.lists(st.sampled_from(TIMES), min_size=1, max_size=5)
steps = st.permutations(range(5))


@settings(max_examples=15)
@given(joins=friends, order=steps, ticks=st.sets(st.integers(0, 4)), twice=st.booleans())
def test_the_same_torches_in_any_order(
    sqlite_template: Path, joins: list[int], order: list[int], ticks: set[int], twice: bool
) -> None:
    with TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, Path(folder) / "order.db")
        database = shared_compilation(open_database(f"sqlite:///{folder}/order.db"))
        _play(Stage(database, Path(folder)), joins, order, ticks, twice=twice)
        database.dispose()


def _play(stage: Stage, joins: list[int], order: list[int], ticks: set[int], *, twice: bool) -> None:
    open_relay(stage)
    began = stage.now
    word = begin(stage, "a")
    messages = []
    for number, after_ms in enumerate(joins):
        stage.now = began + timedelta(milliseconds=after_ms)
        messages.append(stage.delivery(word, by=f"b{number}", id=f"m{number}"))
    arriving = [messages[each] for each in order if each < len(messages)]
    for place, message in enumerate(arriving):
        stage.take(message, *([message] * twice))
        stage.take(message)
        if place in ticks:
            stage.now = began + timedelta(minutes=10, seconds=1)
            stage.tick()
            count(stage)
    in_time = [each for each in joins if each < WINDOW_MS]
    with stage.sessions() as session:
        torch = session.scalars(select(Torch).where(Torch.leg == 1)).one()
        assert (torch.lit_at is not None) == bool(in_time)
        if in_time:
            assert torch.lit_at == began + timedelta(milliseconds=min(in_time))
        assert len(session.scalars(select(Invite)).all()) == len(joins)
        assert len(session.scalars(select(Torch).where(Torch.leg == 2)).all()) == len(joins)
    count(stage)
    assert faults(stage) == []
