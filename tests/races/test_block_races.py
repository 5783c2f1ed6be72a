"""A block and a message of the same player at one moment: whichever comes first, the other one sees it whole."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from core.arguments import player_named
from core.models import Address
from core.verbs import Desk
from handlers.codes.tables import Redemption
from handlers.players.blocking import block
from tests.races.crowd import PATIENCE_S, Says, count, faults, play, texts
from tests.races.shop import deadlocks, wait_until
from tests.stage import Stage

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def _block(arena: Stage) -> str:
    named = player_named("test/main/anna")
    assert named is not None
    block(Desk(arena.runtime, arena.now, list, "Wang"), named, "a race")
    return "blocked"


@pytest.mark.parametrize("block_first", [True, False])
def test_a_code_that_meets_a_block_counts_before_it_or_not_at_all(arena: Stage, *, block_first: bool) -> None:
    arena.publish()
    arena.say("hello", by="anna")
    (code,) = arena.codes(1)

    def redeem() -> str:
        (said,) = texts(play(arena.runtime, [[Says("anna", code, "code")]]))
        return said

    acts = [lambda: _block(arena), redeem]
    with ThreadPoolExecutor(2) as pool:
        with arena.sessions.begin() as another:
            another.scalars(select(Address).where(Address.key == arena.key("anna")).with_for_update()).one()
            running = []
            for number, act in enumerate(acts if block_first else acts[::-1], start=1):
                running.append(pool.submit(act))
                wait_until(arena, f"SELECT ({WAITING}) = {number}")
        told = [each.result(PATIENCE_S) for each in running]
    if block_first:
        assert told == ["blocked", "blocked.told"]
        assert count(arena, Redemption) == 0
    else:
        assert told[0].startswith("redeem.points")
        assert count(arena, Redemption) == 1
        assert arena.say("points", by="anna") == "blocked.told"
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_a_link_that_meets_a_block_makes_both_sides_blocked(arena: Stage) -> None:
    arena.publish()
    for by in ("anna", "bo"):
        arena.say(arena.codes(1)[0], by=by)
    word = arena.say("link", by="anna").split("word=")[1].split()[0]

    def link() -> str:
        (said,) = texts(play(arena.runtime, [[Says("bo", word, "word")]]))
        return said

    with ThreadPoolExecutor(2) as pool:
        with arena.sessions.begin() as another:
            another.scalars(select(Address).where(Address.key == arena.key("anna")).with_for_update()).one()
            linking = pool.submit(link)
            wait_until(arena, f"SELECT ({WAITING}) = 1")
            blocking = pool.submit(_block, arena)
            wait_until(arena, f"SELECT ({WAITING}) = 2")
        assert linking.result(PATIENCE_S).startswith("link.linked")
        assert blocking.result(PATIENCE_S) == "blocked"
    assert count(arena, Address, Address.blocked_at.is_not(None)) == 2
    assert deadlocks(arena) == 0
    assert faults(arena) == []
