"""Conversations about codes, in the order of precedence of what may refuse them."""

from tests.stage import Stage


def test_a_code_earns_points_once(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    assert stage.say(code) == "redeem.points balance=10 points=10"
    assert stage.say(code) == "redeem.used_by_you"
    assert stage.say(code, by="u2") == "redeem.used"


def test_the_same_delivery_gets_the_same_answer(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    first = stage.say(code, id="m1")
    stage.wait(days=30)
    assert [stage.say(code, id="m1") for _ in range(3)] == [first] * 3
