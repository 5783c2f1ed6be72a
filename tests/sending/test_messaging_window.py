"""Where a platform counts what it lets us send: five texts after a word, three after a tap, notices, and holding on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.engine.delivery import delivery
from core.messages import InboundKind
from core.models import Account, Address, NoticeRight
from core.sending.backoff import Backoff, RetryPolicy
from core.sending.claim import claim
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, SendMode, TryAgain, Unknown
from core.sending.settle import settle
from scheduler.clock import ticks
from tests.races.crowd import faults
from tests.sending.rig import ANSWER, MARKETING, NOTICE, OUTLET, Desk, Platform, dispatches, queue, states
from tests.stage import CAMPAIGN, Stage

COUNTED = replace(OUTLET, channel="wechat")


def _desk(stage: Stage, **outlet: object) -> Desk:
    stage.publish(CAMPAIGN.replace("[test, second]", "[wechat]"))
    return Desk(stage, Platform(replace(COUNTED, **outlet)))  # type: ignore[arg-type]


def _turn(stage: Stage, kind: InboundKind, text: str = "help") -> None:
    stage.say(text, channel="wechat", kind=kind)


def _queue(desk: Desk, *categories: object) -> None:
    queue(desk.stage, "u1", *categories, channel="wechat")  # type: ignore[arg-type]


# how the player turned to us, how long ago, how many of ten notices go
CASES = [
    ("wrote just now", [InboundKind.TYPED], {}, 5),
    ("showed a picture", [InboundKind.SHOWED], {}, 5),
    ("wrote two days ago", [InboundKind.TYPED], {"hours": 47, "minutes": 59}, 5),
    ("wrote too long ago", [InboundKind.TYPED], {"hours": 48}, 0),
    ("tapped just now", [InboundKind.TAPPED], {}, 3),
    ("followed just now", [InboundKind.CAME], {}, 3),
    ("tapped a minute ago", [InboundKind.TAPPED], {"seconds": 60}, 0),
    ("wrote and tapped", [InboundKind.TYPED, InboundKind.TAPPED], {}, 8),
    ("wrote twice", [InboundKind.TYPED, InboundKind.TYPED], {}, 5),
    ("wrote, and tapped a minute ago", [InboundKind.TYPED, InboundKind.TAPPED], {"minutes": 1}, 5),
    ("left", [InboundKind.TYPED, InboundKind.LEFT], {}, 0),
]


@pytest.mark.parametrize(("kinds", "since", "go"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_so_many_texts_go_as_the_player_gave_rights(
    stage: Stage, kinds: list[InboundKind], since: dict[str, float], go: int
) -> None:
    desk = _desk(stage)
    for kind in kinds:
        _turn(stage, kind)
    desk.wait(**since)
    _queue(desk, *[NOTICE] * 10)
    desk.rounds()
    assert len(desk.platform.heard()) == go
    assert states(stage) == ["held"] * (10 - go)
    assert faults(stage) == []


def test_what_is_held_goes_in_order_when_the_player_speaks_again(stage: Stage) -> None:
    desk = _desk(stage)
    _turn(stage, InboundKind.TYPED)
    _queue(desk, *[NOTICE] * 7)
    desk.rounds()
    assert len(desk.platform.heard()) == 5
    _turn(stage, InboundKind.TYPED)
    desk.rounds()
    numbers = [sequence for _, sequence in desk.platform.heard()]
    assert len(numbers) == 2
    assert numbers == sorted(numbers)
    assert states(stage) == []


def test_marketing_that_was_held_for_a_week_is_news_no_more(stage: Stage) -> None:
    desk = _desk(stage)
    _turn(stage, InboundKind.TYPED)
    desk.wait(days=3)
    _queue(desk, MARKETING, NOTICE)
    desk.rounds()
    desk.wait(days=7, seconds=1)
    _turn(stage, InboundKind.TYPED)
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [NOTICE]
    assert [(one.state, one.error) for one in dispatches(stage)] == [("dropped", "expired")]
    assert faults(stage) == []


def test_what_is_dealt_with_late_takes_nothing_away(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("[test, second]", "[wechat]"))
    old = stage.delivery("help", channel="wechat", kind=InboundKind.TYPED)
    left = stage.delivery("", channel="wechat", kind=InboundKind.LEFT)
    stage.wait(hours=1)
    _turn(stage, InboundKind.TYPED)
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
        _turn(stage, InboundKind.TYPED)
    with stage.sessions() as session:
        assert session.get_one(Address, stage.key(channel="wechat")).typed_left == 5
    assert desk.rounds() == 0


# what the platform says, how many rights are left of five, and what becomes of the text
SAYS: list[tuple[str, Outcome, int, str]] = [
    ("not taken", TryAgain("connect"), 5, "due"),
    ("refused", Refused("content"), 5, "dead"),
    ("nobody knows", Unknown("timeout"), 4, "due"),
    ("used up, it says", Refused("45047", window_exhausted=True), 0, "held"),
]


@pytest.mark.parametrize(("outcome", "left", "state"), [case[1:] for case in SAYS], ids=[case[0] for case in SAYS])
def test_a_right_counts_when_the_platform_may_have_taken_the_text(
    stage: Stage, outcome: Outcome, left: int, state: str
) -> None:
    desk = _desk(stage)
    _turn(stage, InboundKind.TYPED)
    _queue(desk, NOTICE)
    desk.platform.says = lambda _message: outcome
    assert desk.rounds() == 1
    assert states(stage) == [state]
    with stage.sessions() as session:
        assert session.get_one(Address, stage.key(channel="wechat")).typed_left == left


def _ways(desk: Desk) -> list[tuple[SendMode, str | None]]:
    return [(message.mode, message.template) for message in desk.platform.messages]


def test_a_notice_takes_the_cheapest_way_that_is_left(stage: Stage) -> None:
    desk = _desk(stage, templates=("agreed-1", "agreed-2"), template="any")
    _turn(stage, InboundKind.TAPPED)
    with stage.sessions.begin() as session:
        session.add(NoticeRight(address_key=stage.key(channel="wechat"), template="agreed-1", left=1))
        session.add(NoticeRight(address_key=stage.key(channel="wechat"), template="elsewhere", left=9))
    _queue(desk, *[NOTICE] * 5, MARKETING)
    desk.rounds()
    plain, template = (SendMode.PLAIN, None), (SendMode.TEMPLATE, "any")
    assert _ways(desk) == [plain, plain, plain, (SendMode.CONSENT, "agreed-1"), template]
    assert states(stage) == ["held"]  # marketing never goes by a template


def test_a_notice_that_was_not_taken_is_still_agreed_to(stage: Stage) -> None:
    desk = _desk(stage, templates=("agreed-1",))
    _turn(stage, InboundKind.TYPED)
    desk.wait(days=3)
    with stage.sessions.begin() as session:
        session.add(NoticeRight(address_key=stage.key(channel="wechat"), template="agreed-1", left=1))
    _queue(desk, NOTICE)
    says: list[Callable[[OutboundMessage], Outcome]] = [lambda _m: TryAgain("connect"), lambda _m: Delivered()]
    for answer in says:
        desk.platform.says = answer
        assert desk.rounds() == 1
        desk.wait(seconds=3)
    assert [way for way, _ in _ways(desk)] == [SendMode.CONSENT, SendMode.CONSENT]
    assert states(stage) == []


def test_elsewhere_nothing_is_counted(desk: Desk) -> None:
    queue(desk.stage, "u1", *[NOTICE] * 10)
    desk.rounds()
    assert len(desk.platform.heard()) == 10


def test_an_answer_that_is_late_gets_its_right_before_what_was_held(stage: Stage) -> None:
    desk = _desk(stage)
    _turn(stage, InboundKind.TYPED)
    desk.wait(days=3)
    _queue(desk, *[NOTICE] * 7)
    desk.rounds()
    assert states(stage) == ["held"] * 7
    late = replace(stage.message("help", channel="wechat"), waits=False)
    stage.take(delivery(late, stage.keys))
    desk.rounds()
    assert sorted(message.category for message in desk.platform.messages) == [ANSWER] + [NOTICE] * 4
    assert states(stage) == ["held"] * 3


def test_what_is_held_is_dropped_when_it_is_out_of_date_though_nobody_speaks(stage: Stage) -> None:
    desk = _desk(stage)
    _turn(stage, InboundKind.TYPED)
    desk.wait(days=3)
    _queue(desk, MARKETING, NOTICE)
    desk.rounds()
    assert states(stage) == ["held", "held"]
    (drop,) = [tick.act for tick in ticks(stage.runtime, lambda: stage.now) if tick.name == "drop_late_texts"]
    for days, dropped in ((6.9, 0), (0.2, 1), (9, 0)):
        desk.wait(days=days)
        assert drop() == dropped
    assert [(one.state, one.error) for one in dispatches(stage)] == [("dropped", "expired"), ("held", None)]
    _turn(stage, InboundKind.TYPED)
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [NOTICE]
    assert faults(stage) == []


@pytest.mark.parametrize("code", ["48001", "45002"])
def test_what_an_account_lacks_is_no_reason_to_close_it_or_to_try_again_and_again(stage: Stage, code: str) -> None:
    """The next right is taken, what comes after keeps its place, and the player's own rights are not used up."""
    desk = _desk(stage, templates=("agreed",), template="any")
    _turn(stage, InboundKind.TYPED)
    with stage.sessions.begin() as session:
        session.add(NoticeRight(address_key=stage.key(channel="wechat"), template="agreed", left=1))
    _queue(desk, NOTICE, NOTICE, MARKETING)
    lack = Refused(f"wechat_{code}", elsewhere=True)
    desk.platform.says = lambda message: lack if message.mode is SendMode.PLAIN else Delivered()
    for _ in range(5):
        desk.rounds()
        desk.wait(minutes=6)
    notices = [message for message in desk.platform.messages if message.category is NOTICE]
    assert [message.mode for message in notices] == [
        SendMode.PLAIN,
        SendMode.CONSENT,
        SendMode.PLAIN,
        SendMode.TEMPLATE,
    ]
    assert [message.id for message in notices] == sorted(message.id for message in notices)
    assert (len(desk.platform.messages), states(stage)) == (5, ["held"])
    with stage.sessions() as session:
        assert session.get_one(Address, stage.key(channel="wechat")).typed_left == 5
        assert session.scalars(select(Account.closed_until)).all() == [None]
    assert faults(stage) == []


@pytest.mark.parametrize("code", ["45047", "45015"])
def test_rights_that_the_platform_calls_spent_fall_back_to_notices(stage: Stage, code: str) -> None:
    desk = _desk(stage, templates=("agreed", "withdrawn"), template="any")
    _turn(stage, InboundKind.TYPED)
    with stage.sessions.begin() as session:
        for name in ("agreed", "withdrawn"):
            session.add(NoticeRight(address_key=stage.key(channel="wechat"), template=name, left=1))
    _queue(desk, NOTICE, NOTICE, NOTICE)
    spent = {
        None: Refused(f"wechat_{code}", window_exhausted=True),
        "withdrawn": Refused("wechat_43101", window_exhausted=True),
    }
    desk.platform.says = lambda message: spent.get(message.template, Delivered())
    desk.rounds()
    said = [int(message.id.rsplit("-", 1)[1]) for message in desk.platform.messages]
    assert said == sorted(said)  # nothing overtakes what goes by another right
    ways = Counter(message.template for message in desk.platform.messages)
    assert ways == {None: 1, "agreed": 1, "withdrawn": 1, "any": 2}
    assert (states(stage), faults(stage)) == ([], [])


def test_the_very_right_that_was_taken_is_given_back_once(stage: Stage) -> None:
    desk = _desk(stage)
    _turn(stage, InboundKind.TYPED)
    _turn(stage, InboundKind.TAPPED)
    _queue(desk, *[NOTICE] * 4)
    desk.rounds()  # three by the taps, one by the words
    _queue(desk, NOTICE)
    (taken,) = claim(stage.sessions, stage.keys, COUNTED, stage.now, 1).taken
    assert (taken.right, _left(stage)) == ("typed", (0, 3))
    retries = RetryPolicy(COUNTED, Backoff(), stage.randomness)
    for _ in range(2):
        settle(stage.sessions, stage.keys, retries, [(taken, TryAgain("connect"))], stage.now)
        assert _left(stage) == (0, 4)


def _left(stage: Stage) -> tuple[int, int]:
    with stage.sessions() as session:
        address = session.get_one(Address, stage.key(channel="wechat"))
        return address.tapped_left, address.typed_left
