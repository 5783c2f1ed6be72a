"""What texts cost: paid once, summed up by hour and block of numbers, stopped by a breaker, pumped numbers put off."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.models import Address, Spending, Transfer
from core.sending.outbound import Cost, Delivered, Limits, OutboundMessage, Outcome, TryAgain, Unknown
from tests.engine.test_turn import EXPLOSIVE
from tests.races.crowd import faults
from tests.sending.rig import ANSWER, MARKETING, NOTICE, OUTLET, Desk, Platform, queue, queue_all, states
from tests.stage import START, Stage

FEN = 10_000


@dataclass(frozen=True)
class FiveFen:
    """Five fen for every ten characters; the first character of the user is the block."""

    def cost(self, user: str, text: str) -> Cost:
        parts = -(-len(text) // 10)
        return Cost(parts, parts * 5 * FEN, "CNY")

    def prefix(self, user: str) -> str:
        return user[0]


def _desk(stage: Stage, **limits: int) -> Desk:
    stage.publish()
    desk = Desk(stage, Platform(replace(OUTLET, at_once=2, limits=Limits(FiveFen(), **limits))))
    desk.platform.says = _charge
    return desk


def _charge(_message: OutboundMessage) -> Outcome:
    return Delivered(cost=Cost(2, 10 * FEN, "CNY"))


def _sums(stage: Stage) -> list[tuple[str, int, int, int]]:
    with stage.sessions() as session:
        found = session.scalars(select(Spending).order_by(Spending.hour, Spending.prefix))
        return [(one.prefix, one.texts, one.parts, one.micros) for one in found]


def _paid(stage: Stage) -> int:
    with stage.sessions() as session:
        return sum(session.scalars(select(Transfer.amount).where(Transfer.asset == "money:CNY")))


def test_a_text_is_paid_when_it_was_taken_and_once(stage: Stage) -> None:
    desk = _desk(stage)
    queue(stage, "a1", NOTICE, MARKETING)
    queue(stage, "b1", ANSWER)
    desk.platform.says = lambda message: TryAgain("busy") if message.user == "b1" else _charge(message)
    desk.rounds()
    assert _sums(stage) == [("a", 2, 4, 20 * FEN)]
    desk.platform.says = _charge
    desk.wait(seconds=3)
    desk.rounds()
    assert _sums(stage) == [("a", 2, 4, 20 * FEN), ("b", 1, 2, 10 * FEN)]
    assert _paid(stage) == 30 * FEN
    assert faults(stage) == []


def test_settling_twice_pays_once(stage: Stage) -> None:
    desk = _desk(stage)
    queue(stage, "a1", NOTICE)
    desk.account.take()
    taken = next(iter(desk.account._in_hand.values()))
    outcome: Outcome = _charge(taken)  # type: ignore[arg-type]
    for _ in range(2):
        desk.account._done.append((taken, outcome))
        desk.account.settle(0)
    assert _paid(stage) == 10 * FEN
    assert faults(stage) == []


def test_a_text_that_goes_back_in_its_connection_is_paid_in_its_turn(stage: Stage) -> None:
    stage.publish()
    stage.limits["test", "main"] = Limits(FiveFen())
    said = stage.say("help", by="a1")
    cost = FiveFen().cost("a1", said)
    assert _sums(stage) == [("a", 1, cost.parts, cost.micros)]
    stage.say("help", by="a1", id="again")
    stage.say("help", by="a1", id="again")
    assert _paid(stage) == 2 * cost.micros
    assert faults(stage) == []


def test_a_polite_answer_to_what_failed_is_paid_like_any_other(stage: Stage) -> None:
    stage.publish()
    stage.routes, stage.limits["test", "main"] = EXPLOSIVE, Limits(FiveFen())
    said = stage.say("boom", by="a1")
    cost = FiveFen().cost("a1", said)
    assert (_sums(stage), _paid(stage)) == ([("a", 1, cost.parts, cost.micros)], cost.micros)
    assert faults(stage) == []


def test_the_breaker_stops_the_account_until_the_next_hour(stage: Stage) -> None:
    desk = _desk(stage, micros_per_hour=30 * FEN)
    stage.now = START + timedelta(minutes=40)
    queue_all(stage, [f"a{number}" for number in range(8)], NOTICE)
    desk.rounds()
    passed = len(desk.platform.heard())
    assert 3 <= passed <= 3 + desk.platform.outlet.at_once
    desk.wait(minutes=19, seconds=59)
    desk.rounds()
    assert desk.platform.heard() == []
    desk.wait(seconds=1)
    desk.rounds()
    assert len(desk.platform.heard()) >= 3
    assert faults(stage) == []


def test_pumped_numbers_are_put_off_and_nobody_else_is(stage: Stage) -> None:
    desk = _desk(stage, texts_per_prefix_per_hour=3)
    queue_all(stage, [f"a{number}" for number in range(6)], ANSWER)
    queue(stage, "b1", MARKETING)
    desk.rounds()
    sent = [user for user, _ in desk.platform.heard()]
    assert max(sent) == "b1"
    assert 3 <= len(sent) - 1 <= 3 + desk.platform.outlet.at_once
    assert set(states(stage)) == {"due"}
    desk.wait(hours=1)
    desk.rounds()
    assert len(desk.platform.heard()) == 3
    assert faults(stage) == []


def test_a_number_that_cannot_be_opened_here_stops_nobody_else(stage: Stage) -> None:
    desk = _desk(stage, texts_per_prefix_per_hour=3)
    for user in ("a1", "b1"):
        queue(stage, user, NOTICE)
    with stage.sessions.begin() as session:
        address = session.get_one(Address, stage.key("a1"))
        address.user_sealed = b"\x00\x00\x00\x63" + address.user_sealed[4:]  # a key of another process
        session.flush()
    desk.rounds()
    assert [user for user, _ in desk.platform.heard()] == ["b1"]
    assert states(stage) == ["due"]


def test_a_text_of_which_nobody_knows_is_paid_as_it_may_be_charged_for(stage: Stage) -> None:
    desk = _desk(stage)
    queue(stage, "a1", MARKETING)
    desk.platform.says = lambda _message: Unknown("timeout")
    desk.rounds()
    (message,) = desk.platform.messages
    cost = FiveFen().cost("a1", message.text)
    assert _sums(stage) == [("a", 1, cost.parts, cost.micros)]
    assert faults(stage) == []


@pytest.mark.parametrize(
    "limits", [{"micros_per_hour": 1}, {"texts_per_prefix_per_hour": 1}], ids=["breaker", "pumped"]
)
def test_an_answer_waits_for_the_next_hour_where_its_account_is_over_a_limit(
    stage: Stage, limits: dict[str, int]
) -> None:
    stage.publish()
    stage.limits["test", "main"] = Limits(FiveFen(), **limits)
    (first,) = stage.take(stage.delivery("help", by="a1"))
    (second,) = stage.take(stage.delivery("help", by="a2"))
    (elsewhere,) = stage.take(stage.delivery("help", by="a2", channel="second"))
    assert (first.here, second.here, elsewhere.here) == (1, 0, 1)
    assert states(stage) == ["due"]
    stage.wait(hours=1)
    (third,) = stage.take(stage.delivery("help", by="a3"))
    assert third.here == 1
    assert faults(stage) == []
