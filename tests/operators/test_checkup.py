"""A check-up from a chat: whether every guarantee holds, and what the doctor finds."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from core.answers import line
from core.operators import Role, VerbRefused
from core.verbs import Doctor, Look
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import play

LOOKS = [
    Look("installation", line("the database answers"), True, line("")),
    Look("wechat/main", line("its token is the platform's"), False, line("see HUOJU_WECHAT_MAIN_TOKEN")),
]


@pytest.fixture
def office(stage: Stage) -> Stage:
    stage.publish(SNACK)
    play(stage)
    stage.appoint(Role.OPERATOR)
    stage.say("english", by="boss")
    return stage


def looks(account: str | None) -> Iterator[Look]:
    if account not in {None, "wechat/main"}:
        raise VerbRefused("{account} is no account of ours", account=account)
    return (one for one in LOOKS if account in {None, one.about})


def told(office: Stage, said: str) -> str:
    """What came of the job that ``said`` begins."""
    assert "has begun" in office.command(said, by="boss")
    assert office.work() == 1
    return office.told("boss")[-1]


def test_an_audit_from_a_chat_says_that_all_is_well_or_what_is_not(office: Stage) -> None:
    assert "Every guarantee holds." in told(office, "/audit")
    with office.sessions.begin() as session:
        session.execute(text("UPDATE players SET points = points + 1"))
    answer = told(office, "/对账")
    assert "guarantees are broken" in answer
    assert "points" in answer
    assert "player" in answer
    office.say("中文", by="boss")
    office.command("/对账", by="boss")
    office.work()
    answer = office.told("boss")[-1]
    assert "每位玩家的积分都与账本一致" in answer
    assert "账本上是" in answer


def test_an_audit_tells_what_wants_a_look(office: Stage) -> None:
    with office.sessions.begin() as session:
        session.execute(text("UPDATE inbox SET state = 'failed', error = 'X'"))
    assert "Messages that failed: 3; see /inbox failed." in told(office, "/audit")


@pytest.mark.reading
def test_the_doctor_tells_what_needs_somebody_and_what_to_do(office: Stage) -> None:
    office.settings = (Doctor(looks),)
    answer = told(office, "/doctor")
    assert "1 of 2 things that were looked at need you." in answer
    assert "its token is the platform's" in answer
    assert "see HUOJU_WECHAT_MAIN_TOKEN" in answer
    assert "the database answers" not in answer
    office.settings = (Doctor(lambda _account: LOOKS[:1]),)
    assert "All is well; 1 things were looked at." in told(office, "/诊断")
    office.settings = (Doctor(looks),)
    assert "wechat/other is no account of ours" in told(office, "/doctor wechat/other")
    office.settings = ()
    assert "nobody here can look" in told(office, "/doctor")
