"""Ageing: what is old and done goes, a little at a time, and every guarantee still holds; nothing else goes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, func, select, text, update

from core.inbound_kinds import InboundKind
from core.measures.rollup import rebuild, roll_up
from core.models import Ageing, Guesses, Inbox, OutboundJob, Outbox, Timer
from core.models.base import Base
from core.operators import Role
from core.pace import Pace
from core.retention.ageing import OldRows, age, begin, go_on, would_go
from core.retention.keep import ALL, KEEPABLE, Keep
from handlers import MECHANICS
from handlers.operators.tables import Job, LogEntry, Plan
from tests.audit.test_audit import TAMPERING
from tests.follow_ups.tampering import UNASKED_TAMPERING, play_unasked
from tests.goods_tampering import GOODS_TAMPERING, play_goods
from tests.measures.test_counting import EVERYTHING
from tests.measures.test_rollup import value
from tests.relay.tampering import play_relay
from tests.scenes import Play, broken
from tests.sending.rig import NOTICE, Desk, Platform, queue
from tests.sending.tampering import play_sending
from tests.stage import Stage
from tests.talking import faults, play

LONG = EVERYTHING.replace("closes: 90 days", "closes: 900 days")
SHORTEST = Keep({one.word: one.least for one in KEEPABLE})
OUTBOX, INBOX = MECHANICS.ages[:2]


@pytest.fixture
def aging(stage: Stage) -> Stage:
    """A stage where everything goes as soon as it may."""
    stage.settings = (SHORTEST,)
    return stage


def count(stage: Stage, table: type[Base], *where: Any) -> int:
    with stage.sessions() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def pass_days(stage: Stage, days: int) -> None:
    """So many days, at whose end all that is due is done, and every day is counted for the last time."""
    for length in (days - 3, 3):
        stage.wait(days=length)
        stage.turn_page()
        while stage.tick():
            pass
        roll_up(stage.runtime, stage.now)


def test_what_is_old_and_done_goes_and_nothing_else(aging: Stage) -> None:
    aging.publish(LONG)
    (code,) = aging.codes(1)
    aging.say(code, by="anna", id="first")
    aging.say(aging.issue(1, active=False)[1][0], by="anna")
    aging.say("stop", by="carl", id="wish")
    aging.say("", by="carl", id="silent", kind=InboundKind.LEFT)
    aging.say("hello", by="dora", id="broken")
    with aging.sessions.begin() as session:
        session.execute(update(Inbox).where(Inbox.external_id == "broken").values(state="failed", error="here"))
    pass_days(aging, 15)
    play(aging, "ben")
    pass_days(aging, 18)
    told = {name: value(aging, name) for name in ("texts sent", "messages heard", "wrong codes")}
    assert all(told.values())
    with aging.sessions() as session:
        would = {kind.name: would_go(session, aging.runtime, kind, aging.now) for kind in MECHANICS.ages}
    assert age(aging.runtime, aging.now) == sum(would.values()) > 5
    assert faults(aging) == []
    assert count(aging, Inbox, Inbox.address_key == aging.key("anna")) == 0
    assert count(aging, Outbox, Outbox.address_key == aging.key("anna")) == 0
    assert count(aging, Inbox, Inbox.external_id.in_(["wish", "silent", "broken"])) == 3
    assert count(aging, Outbox, Outbox.ref == "re:silent") == 0, "a wish that nothing answered"
    assert count(aging, Outbox, Outbox.ref == "re:wish") == 1
    assert count(aging, Inbox, Inbox.address_key == aging.key("ben")) == 1
    assert count(aging, Guesses) == 0
    assert age(aging.runtime, aging.now) == 0, "the next sweep is tomorrow's"
    assert aging.say(code, by="anna", id="first") == "redeem.used_by_you", "as a new message it brings nothing either"
    pass_days(aging, 4)
    rebuild(aging.runtime, 1, aging.now)
    now = {name: value(aging, name) for name in told}
    assert now == told | {name: told[name] + 1 for name in ("texts sent", "messages heard")}, "what went stays counted"
    with aging.sessions.begin() as session:
        session.execute(update(Inbox).where(Inbox.external_id == "broken").values(state="done", error=None))
    assert age(aging.runtime, aging.now) == 1, "and a message that failed goes when it was dealt with"
    assert faults(aging) == []


def test_what_was_taken_away_is_told_from_what_went(aging: Stage) -> None:
    for by in ("anna", "ben"):
        aging.say("hello", by=by)
    aging.wait(days=20)
    for by in ("anna", "ben"):
        aging.say("hello", by=by)
        aging.say("help", by=by)
    aging.wait(days=11)

    def take_away(by: str, sequence: int) -> None:
        with aging.sessions.begin() as session:
            mine = (Outbox.address_key == aging.key(by)) & (Outbox.sequence == sequence)
            session.execute(delete(Outbox).where(mine))

    take_away("ben", 1)
    age(aging.runtime, aging.now)
    (fault,) = (fault for fault in faults(aging) if "numbered" in fault)
    assert "6 texts were said, 1 went as they were old, 4 are there" in fault
    take_away("anna", 3)
    assert len([fault for fault in faults(aging) if "numbered" in fault]) == 2


def test_days_that_are_not_counted_for_the_last_time_keep_their_rows(aging: Stage) -> None:
    aging.publish(LONG)
    play(aging)
    aging.wait(days=40)
    assert age(aging.runtime, aging.now) == 0, "no clock has counted them"
    aging.wait(days=2)
    roll_up(aging.runtime, aging.now)
    assert age(aging.runtime, aging.now) == 2


def test_what_is_on_its_way_stays_with_its_message_and_what_was_dropped_goes(aging: Stage) -> None:
    desk = Desk(aging, Platform())
    queue(aging, "u1", NOTICE)
    queue(aging, "u2", NOTICE)
    aging.say("hello", by="u2", id="late")
    aging.say("hello", by="u3", id="answered")
    with aging.sessions.begin() as session:
        mine = OutboundJob.address_key == aging.key("u2")
        session.execute(update(OutboundJob).where(mine).values(state="dropped"))
        late = (Outbox.address_key == aging.key("u2")) & (Outbox.ref == "re:late")
        session.execute(update(Outbox).where(late).values(carried_by=None))
        session.execute(update(Outbox).where(Outbox.ref == "re:answered").values(state="queued"))
    aging.wait(days=31)
    age(aging.runtime, aging.now)
    assert count(aging, Outbox, Outbox.address_key == aging.key("u2")) == 0
    assert count(aging, Inbox, Inbox.external_id == "answered") == 1, "its answer is on its way"
    with aging.sessions.begin() as session:
        session.execute(update(Outbox).where(Outbox.ref == "re:answered").values(state="answered"))
    aging.wait(days=1)
    age(aging.runtime, aging.now)
    assert count(aging, Inbox, Inbox.external_id == "answered") == 0
    assert count(aging, OutboundJob) == count(aging, Outbox) == 1
    assert desk.rounds() == 1
    assert faults(aging) == []


def test_a_killed_clock_and_a_second_one_go_on_where_the_first_was(aging: Stage) -> None:
    for number in range(30):
        aging.say("hello", by=f"p{number % 7}")
        aging.wait(seconds=number % 3)
    aging.wait(days=31)
    slow = Pace(aging.database.dialect.name)
    slow.rows = 4
    assert begin(aging.runtime, OUTBOX, aging.now)
    assert go_on(aging.runtime, OUTBOX, aging.now, slow).gone > 0

    def fail(*_args: object) -> None:
        raise RuntimeError("killed")

    event.listen(aging.database, "commit", fail)
    with pytest.raises(RuntimeError):
        go_on(aging.runtime, OUTBOX, aging.now, slow)
    event.remove(aging.database, "commit", fail)
    with ThreadPoolExecutor(3) as hands:
        done = list(hands.map(lambda _: age(aging.runtime, aging.now), range(3)))
    age(aging.runtime, aging.now)
    with aging.sessions() as session:
        swept = {one.what: one.gone for one in session.scalars(select(Ageing))}
    assert sum(done) > 0
    assert (swept["outbox"], swept["inbox"]) == (30, 30)
    assert count(aging, Outbox) == count(aging, Inbox) == 0
    assert faults(aging) == []


@pytest.mark.reading
def test_a_clock_that_was_overtaken_takes_no_step_back(aging: Stage) -> None:
    for number in range(30):
        aging.say("hello", by=f"p{number % 7}")
        aging.wait(seconds=1)
    aging.wait(days=31)
    slow = Pace(aging.database.dialect.name)
    slow.rows = 4
    assert begin(aging.runtime, OUTBOX, aging.now)
    came = list[int]()

    def while_it_looks(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if "FROM outbox" in statement and not came:
            came.append(0)
            came[0] = go_on(aging.runtime, OUTBOX, aging.now, slow).gone

    event.listen(aging.database, "after_cursor_execute", while_it_looks)
    mine = go_on(aging.runtime, OUTBOX, aging.now, slow)
    event.remove(aging.database, "after_cursor_execute", while_it_looks)
    assert (mine.gone, mine.elsewhere) == (0, True)
    assert came[0] > 0


@pytest.mark.reading
def test_a_clock_works_a_twentieth_of_the_time_and_rests_when_nothing_is_due(aging: Stage) -> None:
    now_s = 0.0

    def running_s() -> float:
        nonlocal now_s
        now_s += 0.015
        return now_s

    aging.take(*(aging.delivery("hello", by=f"p{number}") for number in range(200)))
    aging.wait(days=31)
    rows = OldRows(aging.runtime, running_s)
    began_s, first = now_s, rows.act(aging.now)
    assert 0 < first < 400
    assert now_s - began_s < 0.2
    acts = 1
    while first < 400:
        first, acts = first + rows.act(aging.now), acts + 1
    assert acts > 1
    for _ in MECHANICS.ages:
        assert rows.act(aging.now) == 0
    aging.say("hello", by="late")
    aging.wait(days=31)
    assert rows.act(aging.now) == 0, "it rests"
    now_s += 60
    assert rows.act(aging.now) == 2


@pytest.mark.reading
def test_what_is_kept_for_ever_stays_and_a_longer_length_waits(aging: Stage) -> None:
    aging.say("hello")
    aging.wait(days=31)
    aging.settings = (ALL,)
    assert age(aging.runtime, aging.now) == 0
    aging.settings = (SHORTEST,)
    assert age(aging.runtime, aging.now) == 2
    aging.say("hello")
    aging.wait(days=40)
    with aging.sessions() as session:
        marks = session.execute(select(Ageing.what, Ageing.until).order_by(Ageing.what)).all()
    aging.settings = (Keep({"inbox": timedelta(days=80), "outbox": timedelta(days=80)}),)
    assert age(aging.runtime, aging.now) == 0
    with aging.sessions() as session:
        now = session.execute(select(Ageing.what, Ageing.until).where(Ageing.what.in_(["inbox", "outbox"]))).all()
    assert {tuple(one) for one in now} <= {tuple(one) for one in marks}, "what may be gone by then is gone"
    aging.wait(days=60)
    assert age(aging.runtime, aging.now) == 2


@pytest.mark.reading
def test_timers_of_a_campaign_that_goes_on_stay_as_they_fire_once_only(aging: Stage) -> None:
    play_unasked(aging)
    pass_days(aging, 35)
    fired = count(aging, Timer, Timer.state == "fired")
    assert fired
    age(aging.runtime, aging.now)
    assert count(aging, Timer, Timer.state == "fired") == fired
    aging.wait(days=90)
    roll_up(aging.runtime, aging.now)
    age(aging.runtime, aging.now)
    assert count(aging, Timer, Timer.state == "fired") == 0
    assert faults(aging) == []


@pytest.mark.reading
def test_rows_of_operators_go_and_their_log_and_last_numbers_stay(aging: Stage) -> None:
    aging.publish()
    aging.public_url = "https://play.example"
    aging.appoint(Role.OWNER)
    link = aging.command("/console snack", by="boss")
    assert "https://play.example" in link
    assert aging.command("/audit", by="boss")
    aging.work()
    planned = aging.command("/campaign end snack", by="boss")
    aging.command(f"/confirm {planned.split('/confirm ')[1].split()[0]}", by="boss")
    aging.command("/audit", by="boss")
    aging.work()
    assert (count(aging, Job), count(aging, Plan)) == (2, 1)
    log = count(aging, LogEntry)
    pass_days(aging, 50)
    age(aging.runtime, aging.now)
    assert (count(aging, Job), count(aging, Plan), count(aging, LogEntry)) == (1, 0, log)
    assert faults(aging) == []
    aging.command("/audit", by="boss")
    assert count(aging, Job, Job.id == 3) == 1
    told = aging.command("/retention", by="boss")
    assert "outbox" in told
    assert "30 days" in told
    assert "Old rows:" in aging.command("/health", by="boss")


def _talk(stage: Stage) -> None:
    stage.publish()
    play(stage)
    play(stage)


CHATS = [row for row in TAMPERING if row[2].startswith(("every message has", "every conversation"))]
DEADLINES = [row for row in GOODS_TAMPERING if row[2].startswith("every deadline")]
SCENES = [
    ("chats", _talk, CHATS),
    ("goods", play_goods, DEADLINES),
    ("unasked", play_unasked, UNASKED_TAMPERING),
    ("relay", play_relay, []),
    ("sending", play_sending, []),
]


@pytest.mark.parametrize(("scene", "tampering"), [row[1:] for row in SCENES], ids=[row[0] for row in SCENES])
@pytest.mark.reading
def test_an_audit_sees_as_much_as_before(aging: Stage, scene: Play, tampering: list[tuple[str, str, str]]) -> None:
    stage = aging
    stage.say("hello", by="early")
    stage.wait(days=31)
    assert age(stage.runtime, stage.now) == 2
    scene(stage)
    for what, statement, check in tampering:
        with stage.database.connect() as connection:
            assert connection.execute(text(statement)).rowcount > 0
            assert any(said.startswith(check) for said in broken(connection)), what
            connection.rollback()
    pass_days(stage, 35)
    before = faults(stage)
    assert age(stage.runtime, stage.now) > 3
    assert set(faults(stage)) <= set(before)
