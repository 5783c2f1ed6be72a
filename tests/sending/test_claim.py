"""What goes, and in which order."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, update

from core.models import Address
from core.sending.claim import claim
from core.sending.outbound import (
    Category,
    Delivered,
    OutboundMessage,
    Outcome,
    Rate,
    Refused,
    SendingAccount,
    TryAgain,
    Unknown,
)
from core.sending.settle import settle
from handlers import MECHANICS
from tests.races.crowd import faults
from tests.sending.rig import (
    ANSWER,
    MARKETING,
    NOTICE,
    NUDGE,
    OUTLET,
    REMINDER,
    Desk,
    Platform,
    account,
    of,
    queue,
    queue_all,
    sent,
    states,
)
from tests.stage import Stage


def test_a_queued_text_is_opened_sent_and_forgotten(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    assert (states(desk.stage), sent(desk.stage), faults(desk.stage)) == (["due"], 0, [])
    assert desk.rounds() == 1
    (message,) = desk.platform.messages
    assert (message.channel, message.account, message.user) == ("test", "main", "u1")
    assert message.text == MECHANICS.texts()["en"]["inbox.failed"]
    assert (message.id, message.said_at) == (f"{desk.stage.key().hex()}-2", desk.stage.now)
    assert (states(desk.stage), sent(desk.stage), faults(desk.stage)) == ([], 1, [])
    assert desk.rounds() == 0


def test_nothing_goes_early_nor_to_another_account(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    queue(desk.stage, "u1", NOTICE, channel="second")
    desk.stage.wait(seconds=-1)
    assert desk.rounds() == 0
    desk.stage.wait(seconds=1)
    assert desk.rounds() == 1
    assert states(desk.stage) == ["due"]


def test_a_conversation_keeps_its_order_and_waits_for_its_first_text(desk: Desk) -> None:
    queue(desk.stage, "u1", *[NOTICE] * 3)
    queue(desk.stage, "u2", *[NOTICE] * 2)
    desk.platform.says = lambda message: TryAgain("later") if message.user == "u1" else Delivered()
    desk.rounds()
    assert (of(desk.platform.sent, "u1"), of(desk.platform.sent, "u2")) == ([2], [2, 3])
    desk.platform.says = lambda _message: Delivered()
    desk.platform.heard()
    desk.wait(seconds=2)
    assert desk.rounds() == 3
    assert desk.platform.sent == [("u1", 2), ("u1", 3), ("u1", 4)]


@pytest.mark.parametrize("at_once", [1, 4])
def test_answers_go_before_notices_and_notices_before_marketing(desk: Desk, at_once: int) -> None:
    desk.platform.outlet = SendingAccount("test", "main", OUTLET.rate, at_once=at_once)
    desk = Desk(desk.stage, desk.platform)
    for by, category in (("m1", MARKETING), ("m2", MARKETING), ("n", NOTICE), ("a", ANSWER), ("m1", ANSWER)):
        queue(desk.stage, by, category)
        desk.stage.wait(seconds=1)
    desk.rounds()
    assert desk.platform.sent == [("a", 2), ("m1", 3), ("n", 2), ("m1", 2), ("m2", 2)]


def test_an_answer_waits_for_nothing_that_was_said_before(desk: Desk) -> None:
    desk.platform.outlet = SendingAccount("test", "main", OUTLET.rate, at_once=1)
    desk = Desk(desk.stage, desk.platform)
    for by in ("m1", "m2", "talks"):
        queue(desk.stage, by, MARKETING)
        desk.stage.wait(seconds=1)
    queue(desk.stage, "talks", ANSWER)
    desk.rounds()
    assert desk.platform.sent == [("talks", 3), ("m1", 2), ("m2", 2), ("talks", 2)]


@pytest.mark.parametrize("category", [NOTICE, REMINDER, NUDGE, MARKETING])
@pytest.mark.parametrize("becomes", [TryAgain("busy"), Unknown("no_answer"), Refused("spent", window_exhausted=True)])
def test_an_answer_is_never_behind_another_kind_that_waits(desk: Desk, category: Category, becomes: Outcome) -> None:
    queue(desk.stage, "u1", category)
    desk.platform.says = lambda _message: becomes
    desk.rounds()
    desk.platform.says = lambda _message: Delivered()
    queue(desk.stage, "u1", ANSWER, category, ANSWER)
    desk.platform.heard()
    desk.rounds()
    waits = states(desk.stage)[0] == "due"
    assert [number for number in of(desk.platform.sent, "u1") if number != 4] == [3, 5]
    assert (4 in of(desk.platform.sent, "u1")) is not waits  # those of one kind keep their order
    desk.wait(hours=1)
    desk.rounds()
    assert of(desk.platform.sent, "u1")[-2:] == ([2, 4] if waits else of(desk.platform.sent, "u1")[-2:])
    assert faults(desk.stage) == []


@settings(max_examples=15)
@given(st.lists(st.sampled_from(Category), min_size=1, max_size=6), st.lists(st.booleans(), max_size=12))
def test_each_kind_keeps_its_order_whatever_fails(desk: Desk, kinds: list[Category], fates: list[bool]) -> None:
    delivered: list[tuple[Category, int]] = []
    left = iter(fates)

    def says(message: OutboundMessage) -> Outcome:
        if not next(left, True):
            return TryAgain("busy")
        delivered.append((message.category, int(message.id.rsplit("-", 1)[1])))
        return Delivered()

    desk.platform.says = says
    for category in kinds:
        queue(desk.stage, "u1", category)
    while states(desk.stage):
        desk.rounds()
        desk.wait(hours=1)
    assert len(delivered) == len(kinds)
    for kind in Category:
        numbers = [number for category, number in delivered if category is kind]
        assert numbers == sorted(numbers)


@pytest.mark.parametrize("state", ["dead", "unknown"])
def test_what_was_given_up_stands_in_nobody_s_way(desk: Desk, state: str) -> None:
    queue(desk.stage, "u1", NOTICE, ANSWER)
    with desk.stage.database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE dispatches SET state = '{state}' WHERE sequence = 2")
    desk.rounds()
    assert desk.platform.sent == [("u1", 3)]


def test_a_conversation_with_many_texts_holds_nobody_up(desk: Desk) -> None:
    queue(desk.stage, "u1", *[NOTICE] * 30)
    desk.stage.wait(seconds=1)
    queue(desk.stage, "u2", NOTICE)
    desk.rounds(1)
    assert sorted(desk.platform.sent) == [("u1", 2), ("u2", 2)]


def test_the_number_of_queries_does_not_depend_on_the_number_of_texts(desk: Desk) -> None:
    seen: list[int] = []
    stage = desk.stage
    for count in (1, 12):
        queue(stage, "u0", NOTICE)  # so that the account's row is there
        desk.rounds()
        queue_all(stage, [f"u{number}" for number in range(count)], NOTICE)
        statements: list[str] = []
        hear = lambda *given: statements.append(given[2])  # noqa: B023, E731
        event.listen(stage.database, "before_cursor_execute", hear)
        claimed = claim(stage.sessions, stage.keys, OUTLET, stage.now, 50)
        done = [(each, Delivered()) for each in claimed.taken]
        settle(stage.sessions, stage.keys, desk.account._retries, done, stage.now)
        event.remove(stage.database, "before_cursor_execute", hear)
        assert len(claimed.taken) == count
        seen.append(len([one for one in statements if not one.startswith("BEGIN")]))
    assert seen == [8, 8]


def test_the_rate_holds_over_all_senders(desk: Desk) -> None:
    stage = desk.stage
    slow = Platform(SendingAccount("test", "main", Rate(10, timedelta(seconds=1), burst=4)))
    desks = [Desk(stage, slow), Desk(stage, slow)]
    queue_all(stage, [f"u{number}" for number in range(15)], NOTICE)
    counts = []
    for _ in range(6):
        for each in desks:
            each.rounds()
        counts.append(len(slow.heard()))
        stage.wait(milliseconds=200)
    assert counts == [4, 2, 2, 2, 2, 2]
    stage.wait(minutes=1)
    desks[0].rounds()
    assert len(slow.heard()) == 1
    assert account(stage).booked_until == stage.now + timedelta(milliseconds=100)


def test_what_is_on_its_way_keeps_the_next_of_its_kind_waiting(stage: Stage) -> None:
    """Two senders: the second one finds nothing that may overtake what the first has in hand."""
    queue(stage, "u1", NOTICE, NOTICE, MARKETING)
    taken = [claim(stage.sessions, stage.keys, OUTLET, stage.now, 9).taken for _ in range(2)]
    assert [[(each.sequence, each.category) for each in some] for some in taken] == [[(2, NOTICE), (4, MARKETING)], []]


def test_whoever_has_gone_is_sent_nothing_and_whoever_opted_out_is_answered(stage: Stage) -> None:
    """Looked at in the statement that marks a text as going."""
    for by, wish in (("gone", {"gone_at": stage.now}), ("out", {"opted_out_at": stage.now})):
        queue(stage, by, ANSWER, MARKETING)
        with stage.sessions.begin() as session:
            session.execute(update(Address).where(Address.key == stage.key(by)).values(**wish))
    taken = claim(stage.sessions, stage.keys, OUTLET, stage.now, 9).taken
    assert [(each.address_key, each.category) for each in taken] == [(stage.key("out"), ANSWER)]
    assert sorted(states(stage)) == ["dropped"] * 3 + ["sending"]
