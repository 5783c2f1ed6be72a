"""Taking back: what was changed is what it was before, once, by whoever changed it; the log shows from what to what."""

import pytest
from sqlalchemy import func, select

from core.models import Player
from core.operators import Role
from core.verbs import by_name
from handlers import MECHANICS
from tests.operators.test_chat import state_of, word_in
from tests.snack import SURE
from tests.stage import Stage
from tests.talking import faults

pytestmark = pytest.mark.reading


APPROVED = SURE + "approve: {points correct: over 100}\n"
ALONE = SURE + "approve: {points correct: over 100, self: after 10m}\n"
CORRECT = "/points correct test/main/anna snack {change} reason=late"


def points_of(stage: Stage) -> int:
    with stage.sessions() as session:
        return session.scalar(select(func.max(Player.points))) or 0


def opened(stage: Stage, text: str = SURE) -> Stage:
    stage.publish(text)
    stage.say(stage.codes(1)[0], by="anna")
    stage.appoint(Role.OWNER)
    stage.appoint(Role.OWNER, by="other", name="Wang Wu")
    for each in ("boss", "other"):
        stage.say("hello there", by=each)
    return stage


def test_a_pause_is_taken_back_once(stage: Stage) -> None:
    office = opened(stage)
    office.command("/campaign pause snack", by="boss")
    assert "Taken back: /campaign pause." in office.command("/undo", by="boss")
    assert state_of(office) == "live"
    assert "taken back already" in office.command("/undo", by="boss")
    assert state_of(office) == "live"
    assert not faults(office)


def test_nobody_takes_back_what_somebody_else_changed(stage: Stage) -> None:
    office = opened(stage)
    office.command("/campaign pause snack", by="boss")
    assert "changed nothing that could be taken back" in office.command("/undo", by="other")
    assert state_of(office) == "paused"
    office.command("/campaign resume snack", by="other")
    assert "Wang Wu has changed the same since" in office.command("/undo", by="boss")
    assert state_of(office) == "live"


def test_points_are_taken_back_by_one_more_transfer(stage: Stage) -> None:
    office = opened(stage)
    before = points_of(office)
    office.command(CORRECT.format(change=50), by="boss")
    office.command(CORRECT.format(change=5), by="other")
    assert points_of(office) == before + 55
    assert "Taken back" in office.command("/undo", by="boss")
    assert points_of(office) == before + 5
    assert f"{before} → {before + 50}" in office.command("/log limit=20", by="boss")
    assert not faults(office)


@pytest.mark.parametrize(
    ("said", "why"),
    [("/campaign end snack", "players were told that it is over"), ("/codes void 1", "codes of a void batch")],
)
def test_what_cannot_be_taken_back_says_why(stage: Stage, said: str, why: str) -> None:
    office = opened(stage)
    office.command(f"/confirm {word_in(office.command(said, by='boss'))}", by="boss")
    told = office.command("/undo", by="boss")
    assert "cannot be taken back" in told
    assert why in told


def test_a_role_comes_back_as_it_was(stage: Stage) -> None:
    office = opened(stage)
    office.command("/operator add support Zhao test/main/anna", by="boss")
    office.command("/operator add auditor Zhao test/main/anna", by="boss")
    assert "Zhao is support now." in office.command("/undo", by="boss")


def test_above_an_amount_a_second_operator_confirms(stage: Stage) -> None:
    office = opened(stage, APPROVED)
    before = points_of(office)
    office.command(CORRECT.format(change=100), by="boss")
    assert points_of(office) == before + 100
    planned = office.command(CORRECT.format(change=101), by="boss")
    assert "A second operator confirms" in planned
    assert "It reaches 1 person." in planned
    assert "Amount: 101." in planned
    assert "needs a second operator" in office.command(f"/confirm {word_in(planned)}", by="boss")
    assert points_of(office) == before + 100
    office.command(f"/confirm {word_in(planned)}", by="other")
    assert points_of(office) == before + 201


def test_whoever_confirms_is_trusted_with_the_verb_itself(stage: Stage) -> None:
    office = opened(stage, APPROVED)
    before = points_of(office)
    word = word_in(office.command(CORRECT.format(change=101), by="boss"))
    for role in (Role.DEALER, Role.AUDITOR, Role.SUPPORT):
        office.appoint(role, by=role.value, name=role.value)
        assert "is not for your role" in office.command(f"/confirm {word}", by=role.value), role
    assert points_of(office) == before
    office.command(f"/confirm {word}", by="other")
    assert points_of(office) == before + 101


def test_whoever_takes_back_is_still_trusted_with_it(stage: Stage) -> None:
    office = opened(stage, APPROVED)
    office.command(CORRECT.format(change=100), by="boss")
    before = points_of(office)
    office.appoint(Role.SUPPORT)
    assert "is not for your role" in office.command("/undo", by="boss")
    assert points_of(office) == before
    office.appoint(Role.OWNER)
    office.command("/undo", by="boss")
    assert points_of(office) == before - 100


def test_a_shop_with_one_operator_may_confirm_later(stage: Stage) -> None:
    office = opened(stage, ALONE)
    before = points_of(office)
    word = word_in(office.command(CORRECT.format(change=101), by="boss"))
    office.wait(minutes=9)
    assert "can be confirmed from" in office.command(f"/confirm {word}", by="boss")
    assert points_of(office) == before
    office.wait(minutes=2)
    office.command(f"/confirm {word}", by="boss")
    assert points_of(office) == before + 101


@pytest.mark.reading
def test_whoever_may_say_what_can_be_taken_back_may_take_it_back() -> None:
    undo, can = by_name(MECHANICS.verbs)["undo"], [verb for verb in MECHANICS.verbs if verb.undo is not None]
    assert len(can) > 5
    for verb in can:
        assert [role for role in Role if verb.may_be_said_by(role) and not undo.may_be_said_by(role)] == [], verb.name
