"""Sealing anew: after a rotation nothing old is left, whoever plays, writes or is killed meanwhile."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select, update

from core.keys import remove_sealing_key
from core.models import Address, Player, Resealing
from core.operators import Role
from core.pace import Pace
from core.resealing import OldSeals, begin, go_on, reseal
from core.sealed import Sealed
from handlers import MECHANICS
from handlers.relay.names import give_name, name_of
from huoju.metrics import database_metrics
from tests.sealing import keep_keys_in_a_file, rotate, seal_everywhere, values_of
from tests.stage import START, Stage
from tests.talking import faults

BY_NAME = {one.name: one for one in MECHANICS.sealed}
INBOX, NAMES = BY_NAME["inbox.text_sealed"], BY_NAME["players.name_sealed"]


@pytest.fixture
def filled(stage: Stage) -> Stage:
    """Every sealed column holds something, and a newer key was made since."""
    keep_keys_in_a_file(stage)
    seal_everywhere(stage)
    for number in range(10):
        stage.say("hello", by=f"p{number}")
    assert rotate(stage) == 2
    return stage


def numbers(stage: Stage, one: Sealed | None = None) -> Counter[int]:
    """How many values are sealed by which key."""
    with stage.sessions() as session:
        columns = MECHANICS.sealed if one is None else (one,)
        values = [row[-1] for each in columns for row in values_of(session, each)]
    return Counter(value[0] for value in values if isinstance(value, bytes))


def passed(stage: Stage, one: Sealed) -> Resealing:
    with stage.sessions() as session:
        return session.get_one(Resealing, one.name)


def slow(stage: Stage, rows: int) -> Pace:
    pace = Pace(stage.database.dialect.name, wanted=True)
    pace.rows = rows
    return pace


def test_after_a_rotation_everything_is_sealed_anew_and_the_old_key_may_go(filled: Stage) -> None:
    before = numbers(filled)
    assert list(before) == [1]
    assert reseal(filled.runtime, filled.now) == before[1]
    assert numbers(filled) == {2: before[1]}
    assert {passed(filled, one).pass_number for one in MECHANICS.sealed if numbers(filled, one)} == {2}, (
        "one that seals, and one that looks"
    )
    assert reseal(filled.runtime, filled.now) == 0
    remove_sealing_key(filled.directory / "keys", 1)
    assert faults(filled) == []
    assert filled.say("points", by="u2")
    assert "everything is sealed with key 2" in filled.command("/health", by="boss")
    assert rotate(filled) == 3
    assert reseal(filled.runtime, filled.now) == sum(numbers(filled).values()) > before[1]


def test_a_killed_clock_and_others_go_on_where_it_was(filled: Stage) -> None:
    count, everything = numbers(filled, INBOX)[1], numbers(filled)[1]
    assert begin(filled.runtime, INBOX, filled.now)
    assert go_on(filled.runtime, INBOX, filled.now, slow(filled, 3)).sealed == 3
    reached = passed(filled, INBOX).reached
    assert reached is not None

    def fail(*_args: object) -> None:
        raise RuntimeError("killed")

    event.listen(filled.database, "commit", fail)
    with pytest.raises(RuntimeError):
        go_on(filled.runtime, INBOX, filled.now, slow(filled, 3))
    event.remove(filled.database, "commit", fail)
    assert (passed(filled, INBOX).reached, passed(filled, INBOX).anew) == (reached, 3)
    with ThreadPoolExecutor(3) as hands:
        done = list(hands.map(lambda _: reseal(filled.runtime, filled.now), range(3)))
    assert 3 + sum(done) + reseal(filled.runtime, filled.now) == everything
    assert passed(filled, INBOX).anew == count
    assert list(numbers(filled)) == [2]
    assert faults(filled) == []


def test_what_a_turn_writes_meanwhile_stands(filled: Stage) -> None:
    came = list[int]()

    def while_it_looks(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if "FROM players" in statement and "name_sealed" in statement and not came:
            came.append(1)
            with filled.sessions.begin() as session:
                give_name(filled.keys, session.scalars(select(Player)).one(), "Bea")

    assert begin(filled.runtime, NAMES, filled.now)
    event.listen(filled.database, "after_cursor_execute", while_it_looks)
    outcome = go_on(filled.runtime, NAMES, filled.now, slow(filled, 9))
    event.remove(filled.database, "after_cursor_execute", while_it_looks)
    assert came
    assert (outcome.sealed, outcome.ended) == (0, False), "another pass looks at it"
    with filled.sessions() as session:
        player = session.scalars(select(Player)).one()
    assert name_of(filled.keys, player.id, player.name_sealed) == "Bea"
    reseal(filled.runtime, filled.now)
    assert list(numbers(filled)) == [2]
    assert faults(filled) == []


@pytest.mark.reading
def test_what_a_process_sealed_that_did_not_know_better_is_found_by_the_next_pass(filled: Stage) -> None:
    assert begin(filled.runtime, INBOX, filled.now)
    with filled.sessions() as session:
        last = max(values_of(session, INBOX))
    assert go_on(filled.runtime, INBOX, filled.now, slow(filled, 99)).ended is False
    with filled.sessions.begin() as session:
        mine = (INBOX.named_by[0] == last[0]) & (INBOX.named_by[1] == last[1])
        session.execute(update(INBOX.table).where(mine).values(text_sealed=last[-1]))
    assert go_on(filled.runtime, INBOX, filled.now, slow(filled, 99)).ended is False
    assert go_on(filled.runtime, INBOX, filled.now, slow(filled, 99)).ended is True
    assert list(numbers(filled, INBOX)) == [2]
    assert passed(filled, INBOX).pass_number == 3


@pytest.mark.reading
def test_what_does_not_open_is_counted_and_keeps_nothing_else_back(filled: Stage) -> None:
    with filled.sessions.begin() as session:
        mine = Address.key == filled.key("u1")
        session.execute(update(Address).where(mine).values(user_sealed=b"\x01nonsense"))
    reseal(filled.runtime, filled.now)
    assert numbers(filled)[1] == 1
    done = passed(filled, BY_NAME["addresses.user_sealed"])
    assert (done.unreadable, done.old) == (1, 0)
    assert done.ended_at is not None
    told = filled.command("/health", by="boss")
    assert "1 values of addresses.user_sealed do not open by the key file" in told
    assert "/audit" in told


@pytest.mark.reading
def test_it_works_a_twentieth_of_the_time_and_rests_when_nothing_is_old(filled: Stage) -> None:
    now_s = 0.0

    def running_s() -> float:
        nonlocal now_s
        now_s += 0.015
        return now_s

    seals, count, acts = OldSeals(filled.runtime, running_s), numbers(filled)[1], 0
    while count and acts < 100:
        began_s, acts = now_s, acts + 1
        count -= seals.act(filled.now)
        assert now_s - began_s < 0.2
    assert acts > 3
    while now_s < 60:
        assert seals.act(filled.now) == 0
    assert {passed(filled, one).ended_at for one in MECHANICS.sealed} == {filled.now}


@pytest.mark.reading
def test_health_tells_how_far_it_is_and_that_it_stands_still(filled: Stage) -> None:
    filled.appoint(Role.OWNER, by="chief", name="Chief")
    filled.say("english", by="boss")
    assert "Keys: 0% is sealed with key 2; 0 values" in filled.command("/health", by="boss")
    filled.wait(minutes=11)
    assert "stands still since 2026-12-01 04:00 UTC" in filled.command("/health", by="boss"), "no clock runs"
    assert begin(filled.runtime, INBOX, filled.now)
    go_on(filled.runtime, INBOX, filled.now, slow(filled, 1))
    told = filled.command("/health", by="boss")
    assert "values were sealed anew so far" in told
    assert "stands still" not in told
    filled.wait(minutes=11)
    assert "stands still since 2026-12-01 04:11 UTC" in filled.command("/health", by="boss")
    found = {
        sample.name: sample for one in database_metrics(filled.database, lambda: filled.now) for sample in one.samples
    }
    assert found["huoju_resealing_timestamp_seconds"].value == START.timestamp() + 660
    assert found["huoju_resealing_rows_left"].labels == {"column": "inbox.text_sealed"}
    assert found["huoju_resealing_rows_left"].value > 0
