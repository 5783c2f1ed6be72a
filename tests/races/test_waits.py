"""What may change while somebody waits: for a lock, for a connection, past midnight, or for a process that hangs."""

import io
import threading

import pytest
from sqlalchemy import Connection, event, select, text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.alphabet import code_maker
from core.blame import may_pass_when_retried
from core.engine.routes import Requires, Route
from core.engine.runtime import Runtime
from core.messages import Answer, Answered, Reply
from core.models import Address
from core.speech.keywords import Means
from handlers import MECHANICS
from handlers.codes.batches import Issue, activate
from handlers.codes.issuance import CardList, issue
from handlers.codes.limits import BatchRefused
from handlers.codes.tables import Code, Redemption
from handlers.points import verbs as points
from handlers.points.verbs import MOST_POINTS, PointsRefused
from tests.races.crowd import PATIENCE_S, PROCESSES, Crowd, Part, count, faults
from tests.stage import CAMPAIGN, START, Stage

_POLL_S = 0.01


def _issue(runtime: Runtime, campaign: str, codes: int) -> bool:
    try:
        with runtime.sessions.begin() as session:
            issue(
                session,
                campaign,
                codes,
                CardList(io.BytesIO()),
                Issue(runtime.keys, runtime.randomness, START, MECHANICS.sections),
            )
    except BatchRefused:
        return False
    return True


def test_codes_of_several_campaigns_issued_at_once_leave_the_space_safe(arena: Stage, crowd: Crowd) -> None:
    names = [f"snack-{number}" for number in range(PROCESSES)]
    for name in names:
        arena.publish(CAMPAIGN.replace("name: snack", f"name: {name}").replace("length: 12", "length: 9"))
    most = 32**8 // 10**9
    outcomes = crowd.race(
        arena.database.url.render_as_string(hide_password=False),
        [Part(_issue, (name, most * 2 // 3)) for name in names],
    )
    assert sorted(outcomes) == [False] * (PROCESSES - 1) + [True]
    assert count(arena, Code) == most * 2 // 3


def _wait_until(arena: Stage, asked: str) -> None:
    """Ask the database again and again until it says yes."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_S / _POLL_S)):
        with arena.database.connect() as connection:
            if connection.scalar(text(asked)):
                return
        pause.wait(_POLL_S)
    raise AssertionError(f"never came true: {asked}")


_SOMEBODY_WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


class _Given:
    """Randomness that is known beforehand."""

    def __init__(self, number: int) -> None:
        self._number = number

    def take(self, count: int) -> bytes:
        return self._number.to_bytes(count, "big")


def test_a_campaign_may_be_published_while_a_turn_waits(arena: Stage) -> None:
    arena.publish()
    first, second = arena.codes(2)
    young = code_maker(12, 1)[1](2026)
    arena.take(arena.delivery(first), arena.delivery("hello", by="u2"))
    waiting = [arena.delivery(second), arena.delivery(young, by="u2")]
    answers: list[Answer] = []
    turn = threading.Thread(target=lambda: answers.extend(arena.take(*waiting)))
    with arena.sessions.begin() as another:
        mine = next(iter(another.scalars(select(Address).where(Address.campaign_id.is_not(None)).with_for_update())))
        turn.start()
        _wait_until(arena, _SOMEBODY_WAITS)
        tea = arena.publish(CAMPAIGN.replace("name: snack", "name: tea"))
        with arena.sessions.begin() as session:
            how = Issue(arena.keys, _Given(2026), arena.now, MECHANICS.sections)
            activate(session, issue(session, "tea", 1, CardList(io.BytesIO()), how).batch_id, arena.now)
        mine.campaign_id = tea.campaign_id  # what a turn of another process would do
    turn.join(PATIENCE_S)
    assert [answer.how for answer in answers] == [Answered.NEW] * 2
    assert answers[0].texts == ("redeem.points balance=20 points=10",)
    assert arena.say(young, by="u2") == "redeem.points balance=10 points=10"
    assert faults(arena) == []


class _Hang:
    requires = Requires()


def test_a_process_that_hangs_in_a_turn_loses_its_locks(arena: Stage) -> None:
    arena.publish()
    (code,) = arena.codes(1)
    tries: list[str] = []

    def hang(_ctx: object, _intent: object) -> list[Reply]:
        if not tries:
            tries.append("first")
            mine = "datname = current_database() AND state LIKE 'idle in transaction%'"
            _wait_until(arena, f"SELECT count(*) = 0 FROM pg_stat_activity WHERE {mine}")
        return [Reply("help.none")]

    @event.listens_for(arena.database, "begin")
    def lose_patience(connection: Connection) -> None:
        given = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
        assert given == "1min"
        if not tries:
            connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 20")

    arena.routes = (Route("hang", Means(_Hang(), "hang"), hang), *MECHANICS.routes)
    answers = arena.take(arena.delivery("hang"), arena.delivery(code))
    assert tries == ["first"]
    assert [answer.how for answer in answers] == [Answered.NEW] * 2
    assert count(arena, Redemption) == 1
    assert faults(arena) == []


def test_no_free_connection_says_nothing_about_the_message() -> None:
    assert may_pass_when_retried(PoolTimeout("QueuePool limit reached"))


def test_a_message_that_waited_past_midnight_counts_on_the_new_day(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("per_player_per_day: 10", "per_player_per_day: 2"))
    *used, of_tomorrow, in_vain = stage.codes(5)
    waited = stage.delivery(used.pop())
    assert all(stage.say(code).startswith("redeem.points") for code in used)
    stage.wait(hours=12)
    assert stage.say(of_tomorrow) == "redeem.points balance=30 points=10"
    assert stage.take(waited)[0].texts == ("redeem.points balance=40 points=10",)
    assert stage.say(in_vain) == "redeem.limit limit=2"
    assert faults(stage) == []


@pytest.mark.parametrize(
    ("change", "ref", "note", "why"),
    [
        (0, "r", "sorry", "points"),
        (10**12 + 1, "r", "sorry", "points"),
        (-(10**30), "r", "sorry", "points"),
        (MOST_POINTS, "r", "sorry", "too many"),
        (1, "", "sorry", "reference"),
        (1, "r" * 101, "sorry", "reference"),
        (1, "r\x00", "sorry", "reference"),
        (1, "r", "", "reason"),
        (1, "r", "x" * 201, "reason"),
        (1, "r", "\ud800", "reason"),
        (1, "r", "two\nlines", "reason"),
    ],
)
def test_a_correction_that_cannot_be_kept_is_refused(stage: Stage, change: int, ref: str, note: str, why: str) -> None:
    stage.publish()
    stage.say(stage.codes(1)[0])
    key = stage.keys.address_key("test", "main", "u1")
    with pytest.raises(PointsRefused, match=why):
        points.correct(stage.runtime, key, "snack", change, ref=ref, note=note, at=stage.now)
    assert points.correct(stage.runtime, key, "snack", 1, ref="r" * 100, note="抱歉" * 100, at=stage.now) == 11
    assert faults(stage) == []
