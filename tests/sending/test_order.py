"""What goes, and in which order."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from core.sending.claiming import claim
from core.sending.outbound import Delivered, Outlet, Rate, TryAgain
from core.sending.settling import settle
from core.texts.catalogue import shipped
from tests.races.crowd import faults
from tests.sending.rig import ANSWER, MARKETING, NOTICE, OUTLET, Desk, Platform, account, of, queue, sent, states


def test_a_queued_text_is_opened_sent_and_forgotten(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    assert (states(desk.stage), sent(desk.stage), faults(desk.stage)) == (["due"], 0, [])
    assert desk.rounds() == 1
    (message,) = desk.platform.messages
    assert (message.channel, message.account, message.user) == ("test", "main", "u1")
    assert message.text == shipped()["en"]["inbox.failed"]
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


def test_answers_go_before_notices_and_notices_before_marketing(desk: Desk) -> None:
    desk.platform.outlet = Outlet("test", "main", OUTLET.rate, at_once=1)
    desk = Desk(desk.stage, desk.platform)
    for by, duty in (("m1", MARKETING), ("m2", MARKETING), ("n", NOTICE), ("a", ANSWER)):
        queue(desk.stage, by, duty)
        desk.stage.wait(seconds=1)
    desk.rounds()
    assert [by for by, _ in desk.platform.sent] == ["a", "n", "m1", "m2"]


def test_what_stands_before_an_answer_has_its_right_of_way(desk: Desk) -> None:
    desk.platform.outlet = Outlet("test", "main", OUTLET.rate, at_once=1)
    desk = Desk(desk.stage, desk.platform)
    for by in ("m1", "m2", "talks"):
        queue(desk.stage, by, MARKETING)
        desk.stage.wait(seconds=1)
    queue(desk.stage, "talks", ANSWER)
    desk.rounds()
    assert desk.platform.sent == [("talks", 2), ("talks", 3), ("m1", 2), ("m2", 2)]


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
        for number in range(count):
            queue(stage, f"u{number}", NOTICE)
        statements: list[str] = []
        hear = lambda *given: statements.append(given[2])  # noqa: B023, E731
        event.listen(stage.database, "before_cursor_execute", hear)
        claimed = claim(stage.sessions, stage.keys, OUTLET, stage.now, 50)
        done = [(each, Delivered()) for each in claimed.taken]
        settle(stage.sessions, stage.keys, desk.pump._retrying, done, stage.now)
        event.remove(stage.database, "before_cursor_execute", hear)
        assert len(claimed.taken) == count
        seen.append(len([one for one in statements if not one.startswith("BEGIN")]))
    assert seen == [8, 8]


def test_the_rate_holds_over_all_senders(desk: Desk) -> None:
    stage = desk.stage
    slow = Platform(Outlet("test", "main", Rate(10, timedelta(seconds=1), burst=4)))
    desks = [Desk(stage, slow), Desk(stage, slow)]
    for number in range(15):
        queue(stage, f"u{number}", NOTICE)
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
