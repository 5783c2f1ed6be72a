"""A crowd that does not exist plays through the real engine: the same seed gives the same play on every database."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.audit.audit import audit
from core.campaign.reader import read_campaign
from core.database import open_database
from core.models import Inbox, Outbox
from handlers import MECHANICS
from handlers.invites.tables import InviteWord
from handlers.relay.boards import relay_numbers
from handlers.relay.tables import QuotaDay, Torch
from huoju.simulation.crowd import Dice
from huoju.simulation.play import Plan, Played, play
from huoju.simulation.results import curve, totals
from tests import postgres

RELAY = Path(__file__).parent.parent.parent / "examples" / "torch-relay.yaml"
LENGTH = timedelta(hours=2)


def _plan(seed: int = 1, players: int = 140) -> Plan:
    return Plan(read_campaign(RELAY, MECHANICS.sections), players, seed, LENGTH)


def _play(url: str, plan: Plan) -> dict[str, Any]:
    """What a play has come to, with everything that could differ."""
    database = open_database(url)
    try:
        played = play(database, plan)
        found = _found(played)
        found["faults"] = [
            (check.says, faults) for check, faults in audit(database, played.keys, MECHANICS.checks) if faults
        ]
        return found
    finally:
        database.dispose()


def _found(played: Played) -> dict[str, Any]:
    with played.runtime.sessions() as session:
        return {
            "numbers": relay_numbers(session, played.campaign_id),
            "curve": curve(session, played.campaign_id, played.start, played.end, 9),
            "totals": totals(session),
            "words": session.scalars(select(InviteWord.word).order_by(InviteWord.word)).all(),
            "taken": (played.taken, played.repeated),
            "inbox": session.scalar(select(func.count()).select_from(Inbox)),
            "relit": session.scalar(select(func.count()).select_from(Torch).where(Torch.how == "relit")),
            "quota": session.scalar(select(func.sum(QuotaDay.taken))),
            "notices": session.scalar(select(func.count()).select_from(Outbox).where(Outbox.ref.like("%:out"))),
        }


@pytest.fixture(scope="module")
def in_memory() -> dict[str, Any]:
    return _play("sqlite:///file::memory:?cache=shared&uri=true", _plan())


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'play.db'}"
    else:
        with postgres.new_database() as url:
            yield url


def test_a_crowd_does_all_that_people_do(in_memory: dict[str, Any]) -> None:
    numbers = in_memory["numbers"]
    assert numbers.ambassadors > 40
    assert numbers.lit > 20
    assert numbers.out > 20
    assert 0 < numbers.k_factor < 1
    assert max(numbers.legs) > 4
    assert 0 < numbers.median_seconds < 600
    assert in_memory["relit"] > 0
    assert in_memory["quota"] > 0
    assert in_memory["notices"] > 0
    assert in_memory["faults"] == []


def test_what_was_delivered_again_is_taken_once(in_memory: dict[str, Any]) -> None:
    taken, repeated = in_memory["taken"]
    assert repeated > 0
    assert in_memory["inbox"] == taken - repeated


def test_the_curve_ends_where_the_boards_are(in_memory: dict[str, Any]) -> None:
    first, last = in_memory["curve"][0], in_memory["curve"][-1]
    assert first.ambassadors == first.lit == first.out == 0
    assert last.ambassadors == in_memory["numbers"].ambassadors
    assert last.out == in_memory["numbers"].out


def test_the_same_seed_gives_the_same_play_on_both_databases(empty_url: str, in_memory: dict[str, Any]) -> None:
    assert _play(empty_url, _plan()) == in_memory


def test_another_seed_gives_another_play(in_memory: dict[str, Any]) -> None:
    other = _play("sqlite:///file::memory:?cache=shared&uri=true", _plan(seed=8, players=60))
    assert other["faults"] == []
    assert other["words"] != in_memory["words"]


def test_dice_fall_by_what_they_are_thrown_for() -> None:
    dice, again = Dice(1), Dice(1)
    thrown = [dice.fraction("x", each) for each in range(2000)]
    assert [again.fraction("x", each) for each in reversed(range(2000))] == thrown[::-1]
    assert min(thrown) >= 0
    assert max(thrown) < 1
    assert abs(sum(thrown) / 2000 - 0.5) < 0.03
    assert len(set(thrown)) == 2000
    assert Dice(2).fraction("x", 0) != thrown[0]
    assert {dice.one_of("abc", each) for each in range(50)} == set("abc")
    assert abs(sum(dice.waited_ms(10, "w", each) for each in range(2000)) / 2000 - 10_000) < 1_000
