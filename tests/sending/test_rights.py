"""Where a platform counts what it lets us send: five texts after a word, three after a tap, notices, and holding on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from core.engine.claiming import delivery
from core.messages import Manner
from core.models import Address, NoticeRight
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, TryAgain, Unknown, Way
from tests.races.crowd import faults
from tests.sending.rig import ANSWER, MARKETING, NOTICE, OUTLET, Desk, Platform, dispatches, queue, states
from tests.stage import CAMPAIGN, Stage

COUNTED = replace(OUTLET, channel="wechat")


def _desk(stage: Stage, **outlet: object) -> Desk:
    stage.publish(CAMPAIGN.replace("[test, second]", "[wechat]"))
    return Desk(stage, Platform(replace(COUNTED, **outlet)))  # type: ignore[arg-type]


def _turn(stage: Stage, manner: Manner, text: str = "help") -> None:
    stage.say(text, channel="wechat", manner=manner)


def _queue(desk: Desk, *categories: object) -> None:
    queue(desk.stage, "u1", *categories, channel="wechat")  # type: ignore[arg-type]


# how the player turned to us, how long ago, how many of ten notices go
CASES = [
    ("wrote just now", [Manner.TYPED], {}, 5),
    ("showed a picture", [Manner.SHOWED], {}, 5),
    ("wrote two days ago", [Manner.TYPED], {"hours": 47, "minutes": 59}, 5),
    ("wrote too long ago", [Manner.TYPED], {"hours": 48}, 0),
    ("tapped just now", [Manner.TAPPED], {}, 3),
    ("followed just now", [Manner.CAME], {}, 3),
    ("tapped a minute ago", [Manner.TAPPED], {"seconds": 60}, 0),
    ("wrote and tapped", [Manner.TYPED, Manner.TAPPED], {}, 8),
    ("wrote twice", [Manner.TYPED, Manner.TYPED], {}, 5),
    ("wrote, and tapped a minute ago", [Manner.TYPED, Manner.TAPPED], {"minutes": 1}, 5),
    ("left", [Manner.TYPED, Manner.LEFT], {}, 0),
]


@pytest.mark.parametrize(("manners", "since", "go"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_so_many_texts_go_as_the_player_gave_rights(
    stage: Stage, manners: list[Manner], since: dict[str, float], go: int
) -> None:
    desk = _desk(stage)
    for manner in manners:
        _turn(stage, manner)
    desk.wait(**since)
    _queue(desk, *[NOTICE] * 10)
    desk.rounds()
    assert len(desk.platform.heard()) == go
    assert states(stage) == ["held"] * (10 - go)
    assert faults(stage) == []


def test_what_is_held_goes_in_order_when_the_player_speaks_again(stage: Stage) -> None:
    desk = _desk(stage)
    _turn(stage, Manner.TYPED)
    _queue(desk, *[NOTICE] * 7)
    desk.rounds()
    assert len(desk.platform.heard()) == 5
    _turn(stage, Manner.TYPED)
    desk.rounds()
    numbers = [sequence for _, sequence in desk.platform.heard()]
    assert len(numbers) == 2
    assert numbers == sorted(numbers)
    assert states(stage) == []


def test_marketing_that_was_held_for_a_week_is_news_no_more(stage: Stage) -> None:
    desk = _desk(stage)
    _turn(stage, Manner.TYPED)
    desk.wait(days=3)
    _queue(desk, MARKETING, NOTICE)
    desk.rounds()
    desk.wait(days=7, seconds=1)
    _turn(stage, Manner.TYPED)
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [NOTICE]
    assert [(one.state, one.error) for one in dispatches(stage)] == [("dropped", "expired")]
    assert faults(stage) == []


def test_what_is_dealt_with_late_takes_nothing_away(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("[test, second]", "[wechat]"))
    old = stage.delivery("help", channel="wechat", manner=Manner.TYPED)
    left = stage.delivery("", channel="wechat", manner=Manner.LEFT)
    stage.wait(hours=1)
    _turn(stage, Manner.TYPED)
    stage.take(old)
    stage.take(left)
    with stage.sessions() as session:
        address = session.get_one(Address, stage.key(channel="wechat"))
        assert (address.typed_left, address.typed_until) == (5, stage.now + timedelta(hours=48))
        assert address.gone_at is None
        assert address.opted_out_at is not None


def test_a_passive_answer_takes_up_no_right(stage: Stage) -> None:
    desk = _desk(stage)
    for _ in range(9):
        _turn(stage, Manner.TYPED)
    with stage.sessions() as session:
        assert session.get_one(Address, stage.key(channel="wechat")).typed_left == 5
    assert desk.rounds() == 0


# what the platform says, how many rights are left of five, and what becomes of the text
SAYS: list[tuple[str, Outcome, int, str]] = [
    ("not taken", TryAgain("connect"), 5, "due"),
    ("refused", Refused("content"), 5, "dead"),
    ("nobody knows", Unknown("timeout"), 4, "due"),
    ("used up, it says", Refused("45047", spent=True), 0, "held"),
]


@pytest.mark.parametrize(("outcome", "left", "state"), [case[1:] for case in SAYS], ids=[case[0] for case in SAYS])
def test_a_right_counts_when_the_platform_may_have_taken_the_text(
    stage: Stage, outcome: Outcome, left: int, state: str
) -> None:
    desk = _desk(stage)
    _turn(stage, Manner.TYPED)
    _queue(desk, NOTICE)
    desk.platform.says = lambda _message: outcome
    assert desk.rounds() == 1
    assert states(stage) == [state]
    with stage.sessions() as session:
        assert session.get_one(Address, stage.key(channel="wechat")).typed_left == left


def _ways(desk: Desk) -> list[tuple[Way, str | None]]:
    return [(message.way, message.template) for message in desk.platform.messages]


def test_a_notice_takes_the_cheapest_way_that_is_left(stage: Stage) -> None:
    desk = _desk(stage, templates=("agreed-1", "agreed-2"), template="any")
    _turn(stage, Manner.TAPPED)
    with stage.sessions.begin() as session:
        session.add(NoticeRight(address_key=stage.key(channel="wechat"), template="agreed-1", left=1))
        session.add(NoticeRight(address_key=stage.key(channel="wechat"), template="elsewhere", left=9))
    _queue(desk, *[NOTICE] * 5, MARKETING)
    desk.rounds()
    plain, template = (Way.PLAIN, None), (Way.TEMPLATE, "any")
    assert _ways(desk) == [plain, plain, plain, (Way.CONSENT, "agreed-1"), template]
    assert states(stage) == ["held"]  # marketing never goes by a template


def test_a_notice_that_was_not_taken_is_still_agreed_to(stage: Stage) -> None:
    desk = _desk(stage, templates=("agreed-1",))
    _turn(stage, Manner.TYPED)
    desk.wait(days=3)
    with stage.sessions.begin() as session:
        session.add(NoticeRight(address_key=stage.key(channel="wechat"), template="agreed-1", left=1))
    _queue(desk, NOTICE)
    says: list[Callable[[OutboundMessage], Outcome]] = [lambda _m: TryAgain("connect"), lambda _m: Delivered()]
    for answer in says:
        desk.platform.says = answer
        assert desk.rounds() == 1
        desk.wait(seconds=3)
    assert [way for way, _ in _ways(desk)] == [Way.CONSENT, Way.CONSENT]
    assert states(stage) == []


def test_elsewhere_nothing_is_counted(desk: Desk) -> None:
    queue(desk.stage, "u1", *[NOTICE] * 10)
    desk.rounds()
    assert len(desk.platform.heard()) == 10


def test_an_answer_that_is_late_gets_its_right_before_what_was_held(stage: Stage) -> None:
    desk = _desk(stage)
    _turn(stage, Manner.TYPED)
    desk.wait(days=3)
    _queue(desk, *[NOTICE] * 7)
    desk.rounds()
    assert states(stage) == ["held"] * 7
    late = replace(stage.message("help", channel="wechat"), waits=False)
    stage.take(delivery(late, stage.keys))
    desk.rounds()
    assert sorted(message.category for message in desk.platform.messages) == [ANSWER] + [NOTICE] * 4
    assert states(stage) == ["held"] * 3
