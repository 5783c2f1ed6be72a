"""What a fault of the world leaves unfinished, clocks, senders and receipts finish once it is over: nothing twice."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from structlog.testing import capture_logs

from core.blame import Suspects, Unavailable
from core.context import TurnRows
from core.models import CalendarRun, Player, Timer
from core.models import Receipt as Kept
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, take_reports_safely
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, TryAgain, Unknown
from core.timers.execution import fire_due
from core.timers.kinds import Later, TimerKind
from handlers import MECHANICS
from handlers.claims.tables import Claim
from handlers.claims.vouchers import serve_waiting, take_in
from handlers.points.verbs import expire_due
from handlers.relay.rollup import roll_up
from scheduler.clock import Tick, _Guarded
from tests.engine.test_timers import _buyers
from tests.faulty import failing, fault, share_of, wrapped
from tests.relay.torchbearers import RELAY
from tests.sending.rig import NOTICE, Desk, Platform, queue, queue_all, sent, states
from tests.snack import SNACK
from tests.stage import CAMPAIGN, START, Stage
from tests.talking import buy_all, faults

_WORLD = (SQLAlchemyError, MemoryError, OSError, Unavailable)


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


def _disturb(stage: Stage, share: int, act: Callable[[], Any], begin: Callable[[int], None]) -> int:
    """Do ``act`` again and again, over a link that fails at each of its points, by each state somewhere.

    Before each it is begun anew; after each fault it is done once more. Returns how often.
    """
    begin(0)
    act()
    begin(1)
    with failing(stage.database) as link:
        act()
    pairs = share_of(stage.database, link.points, share)
    for number, (state, at) in enumerate(pairs, start=2):
        begin(number)
        with failing(stage.database, state, at) as link, suppress(*_WORLD):
            act()
        assert link.failed, (state, at)
        act()
    return len(pairs) + 2


def test_timers_stay_due_while_the_world_keeps_them_from_firing(stage: Stage, share: int, logged: list[Any]) -> None:
    stage.publish(SNACK.replace("price: 20 points, stock: 2", "price: 10 points, stock: 200"))
    for number, code in enumerate(stage.codes(75)):
        stage.take(*(stage.delivery(text, by=f"p{number}") for text in (code, "gifts", "mug", "yes")))
        stage.wait(minutes=1)

    def begin(number: int) -> None:
        stage.now = START + timedelta(days=8, minutes=number)

    count = _disturb(stage, share, stage.tick, begin)
    assert count < 75
    with stage.sessions() as session:
        fired = select(Timer.state).where(Timer.kind == "claim.remind", Timer.due_at <= stage.now)
        assert session.scalars(fired).all() == ["fired"] * count
    reminded = [sum("claim.reminder" in text for text in stage.told(f"p{number}")) for number in range(75)]
    assert reminded == [1] * count + [0] * (75 - count)
    assert faults(stage) == []
    assert not any(line["log_level"] == "error" for line in logged)


def _hurting(victim: str, error: Callable[[], Exception]) -> Mapping[str, TimerKind]:
    """All kinds, where the reminder of one claim runs into ``error``."""

    def fire(rows: TurnRows, timer: Timer, at: datetime) -> bool | Later:
        if timer.subject == victim:
            raise error()
        return MECHANICS.timers["claim.remind"].fire(rows, timer, at)

    return {**MECHANICS.timers, "claim.remind": TimerKind("claim.remind", MECHANICS.timers["claim.remind"].load, fire)}


def _reminders(stage: Stage) -> list[str]:
    with stage.sessions() as session:
        return sorted(session.scalars(select(Timer.state).where(Timer.kind == "claim.remind")))


def test_one_timer_that_the_world_fails_alone_lets_the_others_go_first(stage: Stage) -> None:
    _buyers(stage, 6)
    with stage.sessions() as session:
        victim = str(min(session.scalars(select(Claim.id))))
    suspects, stage.timers = Suspects(), _hurting(victim, lambda: wrapped(fault("57014")))
    stage.wait(days=8)
    with pytest.raises(SQLAlchemyError):
        fire_due(stage.runtime, stage.now, 2, suspects)
    with pytest.raises(SQLAlchemyError):
        fire_due(stage.runtime, stage.now, 2, suspects)
    assert _reminders(stage) == ["due", *["fired"] * 5]
    for _ in range(20):
        with pytest.raises(SQLAlchemyError):
            fire_due(stage.runtime, stage.now, 2, suspects)
    assert _reminders(stage) == ["due", *["fired"] * 5], "nobody else goes well, so it may be the world"
    stage.timers = MECHANICS.timers
    assert fire_due(stage.runtime, stage.now, 2, suspects) == 1
    assert _reminders(stage) == ["fired"] * 6
    assert faults(stage) == []


@pytest.mark.parametrize(("error", "passes"), [("53100", True), ("57014", True), ("22001", False)])
def test_only_what_a_timer_itself_breaks_is_its_failure(stage: Stage, error: str, passes: bool) -> None:
    _buyers(stage, 1)
    with stage.sessions() as session:
        victim = str(min(session.scalars(select(Claim.id))))
    stage.timers = _hurting(victim, lambda: wrapped(fault(error)))
    stage.wait(days=8)
    if passes:
        with pytest.raises(SQLAlchemyError):
            fire_due(stage.runtime, stage.now)
    else:
        fire_due(stage.runtime, stage.now)
    assert _reminders(stage) == ["due" if passes else "failed"]


def test_a_tick_that_fails_rests_longer_and_longer_and_leaves_no_trace_of_the_world(logged: list[Any]) -> None:
    now_s, acted, errors = [0.0], [], [wrapped(fault("53100"))]

    def act() -> None:
        acted.append(now_s[0])
        for error in errors:
            raise error

    guarded = _Guarded(Tick("try", timedelta(seconds=0.25), act), lambda: now_s[0])
    for step in range(4 * 100):
        now_s[0] = step / 4
        guarded()
    assert acted == [0.0, 0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 31.75, 61.75, 91.75]
    assert {(line["event"], "exc_info" in line) for line in logged} == {("tick.put_off", False)}
    errors.clear()
    for step in range(4 * 100, 4 * 130):
        now_s[0] = step / 4
        guarded()
    assert acted[10:12] == [121.75, 122.0], "well again, it acts each time"


def test_what_was_sent_is_settled_once_the_world_lets_it(stage: Stage, share: int) -> None:
    desk = Desk(stage, Platform())
    outcomes: list[Outcome] = [
        Delivered(("id",)),
        TryAgain("connect"),
        Refused("blocked", unreachable=True),
        Unknown("timeout"),
    ]

    def says(message: OutboundMessage) -> Outcome:
        """By the player's number; what may be tried again arrives the second time."""
        number = int(message.user[1:])
        first = sum(user == message.user for user, _ in desk.platform.sent) == 1
        outcome = outcomes[number % 4] if first else outcomes[0]
        return Delivered((f"id-{message.id}",)) if isinstance(outcome, Delivered) else outcome

    desk.platform.says = says

    def begin(number: int) -> None:
        queue(stage, f"u{number}", NOTICE)

    def act() -> None:
        desk.wait(seconds=61)  # what a claim lost with its link is found when its lease is over
        desk.account._look_at_s = desk.running_s
        desk.rounds()

    count = _disturb(stage, share, act, begin)
    for _ in range(3):
        act()
    refused = len(range(2, count, 4))
    assert (sent(stage), states(stage)) == (count - refused, ["dead"] * refused)
    heard = Counter(user for user, _ in desk.platform.heard())
    assert heard == {f"u{number}": 1 + number % 2 for number in range(count)}
    assert faults(stage) == []


def test_a_text_that_can_never_be_settled_delays_no_other(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue_all(stage, [f"u{number}" for number in range(5)], NOTICE)
    desk.platform.says = lambda message: Delivered(("\ud800" if message.user == "u3" else message.id,))
    desk.rounds()
    assert (sent(stage), states(stage)) == (4, ["sending"])


def test_receipts_are_written_once_the_world_lets_them(stage: Stage, share: int) -> None:
    desk = Desk(stage, Platform())
    desk.platform.says = lambda message: Delivered((f"id-{message.user}",))
    queue_all(stage, [f"u{number}" for number in range(60)], NOTICE)
    desk.rounds()
    told = [
        DeliveryReport("test", "main", DeliveryStatus.FAILED, (f"id-u{number}",), None, "UNDELIV", unreachable=False)
        for number in range(60)
    ]
    number = [0]

    def begin(step: int) -> None:
        number[0] = step

    count = _disturb(stage, share, lambda: take_reports_safely(stage.sessions, [told[number[0]]], stage.now), begin)
    assert states(stage) == ["dead"] * count
    assert sent(stage) == 60 - count
    assert faults(stage) == []


def test_a_receipt_that_can_never_be_written_delays_no_other(stage: Stage) -> None:
    names = ["A", "\ud800", "B", "C"]
    told = [
        DeliveryReport("test", "main", DeliveryStatus.FAILED, (name,), None, "UNDELIV", unreachable=False)
        for name in names
    ]
    take_reports_safely(stage.sessions, told, stage.now)
    with stage.sessions() as session:
        assert sorted(session.scalars(select(Kept.external_id))) == ["A", "B", "C"]


def test_vouchers_that_come_later_are_handed_out_once(stage: Stage, share: int) -> None:
    many = "price: 10 points, stock: 99, claim: voucher"
    stage.publish(SNACK.replace("price: 10 points, stock: 3, claim: voucher", many))
    buy_all(stage, "ticket", 90)

    def begin(number: int) -> None:
        with stage.sessions.begin() as session:
            take_in(session, stage.keys, "snack", "gift:ticket", [(1, f"CINE-{number}")])

    count = _disturb(stage, share, lambda: serve_waiting(stage.runtime, stage.now), begin)
    told = [
        [text for text in stage.told(f"p{number}") if text.startswith("claim.voucher code")] for number in range(90)
    ]
    assert sorted(map(len, told)) == [0] * (90 - count) + [1] * count
    assert len({text for each in told for text in each}) == count
    assert faults(stage) == []


def test_points_that_expire_and_boards_are_caught_up(stage: Stage, share: int) -> None:
    stage.publish(CAMPAIGN.replace("draw:", "points: {expire: 100 days}\ndraw:"))
    for number, code in enumerate(stage.codes(60)):
        stage.say(code, by=f"p{number}")
        stage.wait(days=1)

    def begin(number: int) -> None:
        stage.now = START + timedelta(days=101 + number)

    count = _disturb(stage, share, lambda: expire_due(stage.runtime, stage.now), begin)
    with stage.sessions() as session:
        assert sorted(session.scalars(select(Player.points))) == [0] * count + [10] * (60 - count)
    assert faults(stage) == []


def test_the_calendar_plants_each_timer_once(stage: Stage, share: int) -> None:
    daily = "calendar:\n  - {name: daily, cron: '0 * * * *', to: everybody, say: {zh: 回来吧, en: Come back}}\n"
    stage.publish(CAMPAIGN + daily)
    stage.say(stage.codes(1)[0])

    def begin(number: int) -> None:
        stage.now = START + timedelta(hours=number + 1)

    count = _disturb(stage, share, stage.turn_page, begin)
    with stage.sessions() as session:
        assert session.scalars(select(CalendarRun.planted)).all() == [1] * count
        assert len(session.scalars(select(Timer.subject)).all()) == count
    assert faults(stage) == []


def test_boards_count_each_torch_once(stage: Stage, share: int) -> None:
    stage.publish(RELAY.replace("quota_per_day: 3", "quota_per_day: 300"))

    def begin(number: int) -> None:
        stage.say("torch", by=f"p{number}")

    _disturb(stage, share, lambda: roll_up(stage.runtime), begin)
    assert faults(stage) == []
