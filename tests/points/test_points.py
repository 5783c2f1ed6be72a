"""Points in words: balance, history, expiry to the day, and correction by transfer."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event, select

from core.campaign.publication import change_state
from core.models import Outbox, Player, Transfer
from core.outbox import collect
from handlers import MECHANICS
from handlers.points.verbs import PointsRefused, correct, expire_due
from tests.soundness import audit
from tests.stage import CAMPAIGN, Stage

EXPIRING = CAMPAIGN.replace("draw:", "points: {expire: 2 days}\ndraw:")
SURVEY = CAMPAIGN[: CAMPAIGN.index("draw:")].replace("budget: 100000 CNY\n", "") + "points: {earn: 5 points}\n"


def _sound(stage: Stage) -> bool:
    return not any(faults for _, faults in audit(stage.database, stage.keys, MECHANICS.checks))


def _key(stage: Stage, user: str = "u1") -> bytes:
    return stage.keys.address_key("test", "main", user)


def test_balance_and_history_in_both_languages(stage: Stage) -> None:
    stage.publish(spelled=False)
    for code in stage.codes(7):
        stage.say(code, by="u1")
    english = stage.say("points")
    assert english.startswith("Open a bag: you have 70 points.")
    assert english.count(": +10, code") == 5
    assert stage.say("积分").startswith("Open a bag")
    stage.say("中文")
    assert stage.say("points").startswith("开袋赢大奖：您有70积分。")
    assert "抽奖码" in stage.say("积分")


def test_somebody_without_points_has_none(stage: Stage) -> None:
    stage.publish(spelled=False)
    assert stage.say("points") == "Open a bag: you have 0 points."


def test_a_campaign_may_give_points_without_a_draw(stage: Stage) -> None:
    stage.publish(SURVEY)
    assert [stage.say(code) for code in stage.codes(2)] == [
        "redeem.earned balance=5 points=5",
        "redeem.earned balance=10 points=5",
    ]
    assert _sound(stage)


def test_points_expire_at_the_end_of_the_day(stage: Stage) -> None:
    stage.publish(EXPIRING)
    first, second = stage.codes(2)
    stage.say(first)
    stage.wait(days=1)
    stage.say(second)
    stage.now = datetime(2026, 12, 3, 15, 59, 59, tzinfo=UTC)  # a second before midnight in Shanghai
    assert "balance=20" in stage.say("points")
    stage.wait(seconds=1)
    answer = stage.say("points")
    assert "balance=10" in answer
    assert "points.reason.expired" in answer
    stage.wait(days=1)
    assert "balance=0" in stage.say("points")
    assert _sound(stage)


def test_the_clock_expires_points_of_those_who_do_not_write(stage: Stage) -> None:
    stage.publish(EXPIRING)
    for number, code in enumerate(stage.codes(5)):
        stage.say(code, by=f"p{number}")
    assert expire_due(stage.runtime, stage.now) == 0
    stage.wait(days=3)
    assert expire_due(stage.runtime, stage.now) == 5
    assert expire_due(stage.runtime, stage.now) == 0
    with stage.sessions() as session:
        assert set(session.scalars(select(Player.points))) == {0}
    assert _sound(stage)


def test_what_was_taken_before_does_not_expire_again(stage: Stage) -> None:
    stage.publish(EXPIRING)
    stage.say(stage.codes(1)[0])
    correct(stage.runtime, _key(stage), "snack", -7, ref="r1", note="return", at=stage.now)
    stage.wait(days=3)
    expire_due(stage.runtime, stage.now)
    with stage.sessions() as session:
        taken = session.scalars(select(Transfer.amount).where(Transfer.reason == "expired")).all()
    assert taken == [3]
    assert _sound(stage)


def test_a_correction_is_a_transfer_that_works_once_and_is_told(stage: Stage) -> None:
    stage.publish()
    stage.say(stage.codes(1)[0])
    assert correct(stage.runtime, _key(stage), "snack", 5, ref="r1", note="sorry", at=stage.now) == 15
    assert correct(stage.runtime, _key(stage), "snack", 5, ref="r1", note="sorry", at=stage.now) is None
    told = collect(stage.sessions, stage.keys, _key(stage), after=1)
    assert [one.text for one in told] == ["points.corrected balance=15 change=+5 reason=sorry title=Open a bag"]
    with stage.sessions() as session:
        assert session.scalars(select(Outbox.state).order_by(Outbox.sequence)).all() == ["answered", "sent"]
    assert _sound(stage)


def test_what_was_fetched_is_read_again_and_nothing_is_written(stage: Stage) -> None:
    stage.publish()
    stage.say(stage.codes(1)[0])
    correct(stage.runtime, _key(stage), "snack", 5, ref="r1", note="sorry", at=stage.now)
    first, said = stage.told(), list[str]()
    event.listen(stage.database, "before_cursor_execute", lambda *about: said.append(about[2]))
    assert stage.told() == first
    assert {one.split()[0] for one in said} <= {"BEGIN", "SELECT"}


def test_a_correction_never_leaves_a_debt(stage: Stage) -> None:
    stage.publish()
    stage.say(stage.codes(1)[0])
    with pytest.raises(PointsRefused, match="10 points; 11 cannot be taken"):
        correct(stage.runtime, _key(stage), "snack", -11, ref="r1", note="x", at=stage.now)
    with pytest.raises(PointsRefused, match="not joined"):
        correct(stage.runtime, _key(stage, "nobody"), "snack", 1, ref="r2", note="x", at=stage.now)
    with pytest.raises(PointsRefused, match="not joined"):
        correct(stage.runtime, _key(stage), "nowhere", 1, ref="r3", note="x", at=stage.now)


def test_points_stay_to_be_seen_after_the_end(stage: Stage) -> None:
    stage.publish()
    stage.say(stage.codes(1)[0])
    with stage.sessions.begin() as session:
        change_state(session, "snack", "end")
    assert "balance=10" in stage.say("points")
