"""A unit of work: what is decided in it is stored together, or not at all."""

import pytest
from sqlalchemy import func, select

from core import ledger
from core.engine.unit_of_work import unit_of_work
from core.models import Player, Transfer
from tests.stage import Stage


class _PowerCut(Exception):
    """Something that nobody foresaw."""


def _points(stage: Stage) -> tuple[int, int]:
    """(the player's points, transfers) as they are stored."""
    with stage.sessions() as session:
        count = session.scalar(select(func.count()).select_from(Transfer)) or 0
        return session.scalars(select(Player.points)).one(), count


@pytest.mark.parametrize("fails", [False, True])
def test_all_is_stored_at_the_end_or_nothing(stage: Stage, *, fails: bool) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    stage.say(code, by="a")
    points, transfers = _points(stage)
    try:
        with unit_of_work(stage.runtime, stage.now) as work:
            work.lock_address(stage.key("a"))
            (player,) = work.rows.people.values()
            ledger.correct(work.rows, player, 7, ref="correction:x", note="why", at=stage.now)
            if fails:
                raise _PowerCut
    except _PowerCut:
        assert _points(stage) == (points, transfers)
    else:
        assert _points(stage) == (points + 7, transfers + 1)
        assert not fails
