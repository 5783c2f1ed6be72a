"""An operator says one text to one player: an answer while it is one, never against a STOP, held where it must be."""

import pytest
from sqlalchemy import select

from core.messages import InboundKind
from core.models import OutboundJob
from core.operators import Role
from core.sending.outbound import Category
from tests.beginnings import begin
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import faults, link_up, play

SAY = '/player say {}/main/anna "We have seen your letter."'


def play_and_appoint(stage: Stage) -> None:
    stage.publish(SNACK.replace("[test, second]", "[test, second, wechat]"))
    play(stage, "anna")
    stage.appoint(Role.SUPPORT)


@pytest.fixture
def office(stage: Stage) -> Stage:
    return begin(stage, play_and_appoint)


def jobs(stage: Stage, channel: str = "test") -> list[tuple[Category, str]]:
    with stage.sessions() as session:
        mine = OutboundJob.address_key == stage.key("anna", channel=channel)
        return [(Category(one.category), one.state) for one in session.scalars(select(OutboundJob).where(mine))]


def test_what_answers_goes_at_once_and_is_said_word_for_word(office: Stage) -> None:
    office.wait(hours=47)
    assert "as an answer to what came on 2026-12-01 04:00 UTC" in office.command(SAY.format("test"), by="boss")
    assert jobs(office) == [(Category.ANSWER, "due")]
    assert office.told("anna")[-1] == "player.said text=We have seen your letter."
    assert not faults(office)


def test_what_answers_nothing_of_late_keeps_quiet_and_yields_to_a_stop(office: Stage) -> None:
    office.wait(hours=49)
    assert "answers nothing of late" in office.command(SAY.format("test"), by="boss")
    assert jobs(office) == [(Category.REMINDER, "due")]
    assert not faults(office)


def test_nothing_is_said_after_a_stop_but_what_answers_a_later_word(office: Stage) -> None:
    office.wait(minutes=1)
    office.say("STOP", by="anna")
    office.wait(minutes=1)
    assert "said STOP at test/main on 2026-12-01 04:01 UTC" in office.command(SAY.format("test"), by="boss")
    assert jobs(office) == []
    office.say("where is my parcel", by="anna")
    office.wait(minutes=1)
    assert "as an answer" in office.command(SAY.format("test"), by="boss")
    assert [category for category, _ in jobs(office)] == [Category.ANSWER]
    office.wait(hours=49)
    assert "said STOP" in office.command(SAY.format("test"), by="boss")
    assert not faults(office)


def test_a_stop_at_one_address_counts_at_those_linked_to_it(office: Stage) -> None:
    play(office, "anna", channel="second")
    link_up(office, ("anna", "second"), ("anna", "test"))
    office.wait(minutes=1)
    office.say("STOP", by="anna", channel="second")
    assert "said STOP at test/main" in office.command(SAY.format("test"), by="boss")


def test_where_nothing_arrives_nothing_is_said(office: Stage) -> None:
    office.wait(minutes=1)
    office.say("", by="anna", kind=InboundKind.LEFT)
    assert "nothing arrives at test/main since 2026-12-01 04:01 UTC" in office.command(SAY.format("test"), by="boss")
    assert jobs(office) == []


def test_to_somebody_who_is_blocked_only_what_answers_is_said(office: Stage) -> None:
    office.command("/player block test/main/anna reason=x", by="boss")
    assert "as an answer" in office.command(SAY.format("test"), by="boss")
    office.wait(hours=49)
    assert "the player is blocked" in office.command(SAY.format("test"), by="boss")
    assert not faults(office)


def test_what_the_platform_lets_nobody_send_is_held_and_the_operator_is_told(office: Stage) -> None:
    office.say("hello", by="anna", channel="wechat")
    for _ in range(5):
        assert "as an answer" in office.command(SAY.format("wechat"), by="boss")
    assert "Held at wechat/main" in office.command(SAY.format("wechat"), by="boss")
    office.wait(hours=49)
    assert "Held at wechat/main" in office.command(SAY.format("wechat"), by="boss")
    assert not faults(office)


def test_a_player_who_is_named_by_number_is_spoken_to_where_they_were_heard_last(office: Stage) -> None:
    play(office, "anna", channel="second")
    link_up(office, ("anna", "second"), ("anna", "test"))
    office.wait(minutes=1)
    office.say("points", by="anna", channel="second")
    number = office.command("/player find test/main/anna", by="boss").split("\n")[1].split(" ")[0]
    assert "second/main" in office.command(f"/回复玩家 {number} 您好，我们看到了", by="boss")
    assert office.told("anna", channel="second")[-1] == "player.said text=您好，我们看到了"


@pytest.mark.parametrize("text", ["x" * 1001, "\u202ebad"])
def test_what_cannot_be_read_is_not_said(office: Stage, text: str) -> None:
    assert "give 1 to 1000 signs" in office.command(f'/player say test/main/anna "{text}"', by="boss")
    assert "nobody has ever written" in office.command("/player say test/main/nobody hello", by="boss")
    assert jobs(office) == []
