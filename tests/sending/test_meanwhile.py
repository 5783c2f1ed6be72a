"""What happens while a text is on its way: the player speaks, leaves or agrees, and a settling is repeated."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import select, update

from core.messages import InboundKind
from core.models import Address, NoticeRight, OutboundJob
from core.sending.backoff import Backoff, RetryPolicy
from core.sending.claim import claim
from core.sending.jobs import put_off
from core.sending.operations import send_all_again
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, SendMode, TryAgain, Unknown
from core.sending.settle import settle
from tests.follow_ups.scene import calendar, say
from tests.races.crowd import faults
from tests.sending.rig import NOTICE, OUTLET, REMINDER, Desk, Platform, queue, states
from tests.stage import CAMPAIGN, Stage

COUNTED = replace(OUTLET, channel="wechat", templates=("agreed",))


def _counted(stage: Stage, kind: InboundKind = InboundKind.TYPED) -> Desk:
    stage.publish(CAMPAIGN.replace("[test, second]", "[wechat]"))
    stage.say("help", channel="wechat", kind=kind)
    return Desk(stage, Platform(COUNTED))


def _address(stage: Stage, channel: str = "test") -> Address:
    with stage.sessions() as session:
        return session.get_one(Address, stage.key(channel=channel))


def _agree(stage: Stage, times: int) -> None:
    with stage.sessions.begin() as session:
        session.add(NoticeRight(address_key=stage.key(channel="wechat"), template="agreed", left=times))


def _agreed(stage: Stage) -> int:
    with stage.sessions() as session:
        return session.get_one(NoticeRight, (stage.key(channel="wechat"), "agreed")).left


def _speaking_meanwhile(stage: Stage, outcome: Outcome, channel: str = "test") -> Callable[[OutboundMessage], Outcome]:
    """An adapter's answer that comes after the player has spoken again."""

    def says(_message: OutboundMessage) -> Outcome:
        stage.wait(seconds=1)
        stage.say("help", channel=channel)
        stage.wait(seconds=1)
        return outcome

    return says


def test_whoever_spoke_meanwhile_has_not_gone(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    desk.platform.says = _speaking_meanwhile(desk.stage, Refused("blocked", unreachable=True))
    desk.rounds()
    assert states(desk.stage) == ["dead"]
    assert _address(desk.stage).gone_at is None


def test_a_message_that_waited_for_its_turn_meanwhile_brings_its_sender_back(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    waiting = desk.stage.delivery("help")

    def says(_message: OutboundMessage) -> Outcome:
        nonlocal waiting
        desk.stage.wait(seconds=1)
        waiting = desk.stage.delivery("help")
        desk.stage.wait(seconds=1)
        return Refused("blocked", unreachable=True)

    desk.platform.says = says
    desk.rounds()
    assert _address(desk.stage).gone_at is not None
    desk.stage.take(waiting)
    assert _address(desk.stage).gone_at is None


def test_a_right_that_was_spent_before_the_player_spoke_takes_nothing_from_the_new_ones(stage: Stage) -> None:
    desk = _counted(stage)
    queue(stage, "u1", NOTICE, channel="wechat")
    desk.platform.says = _speaking_meanwhile(stage, Refused("45047", window_exhausted=True), "wechat")
    desk.rounds()
    assert _address(stage, "wechat").typed_left == 5
    desk.platform.says = lambda _message: Delivered()
    desk.wait(seconds=3)
    desk.rounds()
    assert states(stage) == []
    assert faults(stage) == []


def test_a_right_is_not_given_back_on_top_of_new_ones(stage: Stage) -> None:
    desk = _counted(stage)
    queue(stage, "u1", NOTICE, channel="wechat")
    desk.platform.says = _speaking_meanwhile(stage, TryAgain("connect"), "wechat")
    desk.rounds()
    assert _address(stage, "wechat").typed_left == 5


# notices that a player agreed to


def test_settling_again_gives_no_notice_back_twice(stage: Stage) -> None:
    desk = _counted(stage)
    desk.wait(days=3)
    _agree(stage, 1)
    queue(stage, "u1", NOTICE, channel="wechat")
    (taken,) = claim(stage.sessions, stage.keys, COUNTED, stage.now, 1).taken
    for _ in range(2):
        retries = RetryPolicy(COUNTED, Backoff(), stage.randomness)
        settle(stage.sessions, stage.keys, retries, [(taken, TryAgain("connect"))], stage.now)
    assert _agreed(stage) == 1


def test_a_consent_that_the_platform_does_not_know_is_not_tried_again(stage: Stage) -> None:
    desk = _counted(stage)
    desk.wait(days=3)
    _agree(stage, 3)
    queue(stage, "u1", NOTICE, channel="wechat")
    desk.platform.says = lambda _message: Refused("43101", window_exhausted=True)
    for _ in range(3):
        desk.rounds()
        desk.wait(minutes=1)
    assert (_agreed(stage), states(stage), len(desk.platform.messages)) == (0, ["held"], 1)


def test_whoever_has_gone_keeps_what_they_agreed_to(stage: Stage) -> None:
    desk = _counted(stage)
    _agree(stage, 1)
    stage.say("", channel="wechat", kind=InboundKind.LEFT)
    queue(stage, "u1", NOTICE, channel="wechat")
    desk.rounds()
    assert (_agreed(stage), desk.platform.heard()) == (1, [])


def test_a_notice_that_is_held_goes_once_it_is_agreed_to(stage: Stage) -> None:
    desk = _counted(stage)
    desk.wait(days=3)
    queue(stage, "u1", NOTICE, channel="wechat")
    desk.rounds()
    assert states(stage) == ["held"]
    stage.say("agreed", channel="wechat", kind=InboundKind.AGREED)
    desk.rounds()
    assert (_agreed(stage), states(stage)) == (0, [])


# what a notice had no room for


def _cut(message: OutboundMessage) -> Outcome:
    return Delivered(cut=message.mode is not SendMode.PLAIN)


def test_what_was_cut_is_said_in_full_once_whatever_comes_between(stage: Stage) -> None:
    """Quiet hours, a block that is pumped, a text given up and sent again: a notice never cuts it a second time."""
    chat = CAMPAIGN.replace("[test, second]", "[wechat]")
    stage.publish(calendar(f'name: yearly, cron: "0 9 1 1 *", {say("x")}', limits='quiet: "22:00-08:00"', base=chat))
    stage.say("help", channel="wechat")
    desk = Desk(stage, Platform(replace(COUNTED, template="any")))
    desk.platform.says = _cut
    desk.wait(days=3)
    queue(stage, "u1", REMINDER, channel="wechat")
    with stage.sessions.begin() as session:
        session.execute(update(OutboundJob).values(campaign_id=1))
    desk.rounds()
    assert (desk.platform.messages[-1].mode, states(stage)) == (SendMode.TEMPLATE, ["held"])
    desk.wait(hours=11)  # eleven at night
    stage.say("", channel="wechat", kind=InboundKind.TAPPED)  # a right for a minute
    desk.rounds()
    assert states(stage) == ["due"]
    desk.wait(hours=10)
    desk.rounds()
    assert (len(desk.platform.messages), states(stage)) == (1, ["held"])
    stage.say("help", channel="wechat")
    with stage.sessions.begin() as session:
        (one,) = session.scalars(select(OutboundJob))
        put_off(session, [(one.address_key, one.sequence)], stage.now, "pumped")
    desk.platform.says = lambda _message: Refused("no")
    desk.rounds()
    assert states(stage) == ["dead"]
    desk.wait(days=3)
    with stage.sessions.begin() as session:
        assert send_all_again(session, ["dead"], stage.now) == 1
    desk.platform.says = _cut
    desk.rounds()
    assert states(stage) == ["held"]
    stage.say("help", channel="wechat")
    desk.rounds()
    assert [message.mode for message in desk.platform.messages] == [SendMode.TEMPLATE, SendMode.PLAIN, SendMode.PLAIN]
    assert (states(stage), faults(stage)) == ([], [])


def test_what_was_cut_by_a_sender_that_was_given_up_for_lost_is_said_in_full(stage: Stage) -> None:
    desk = _counted(stage)
    desk.wait(days=3)
    _agree(stage, 1)
    queue(stage, "u1", NOTICE, channel="wechat")
    (taken,) = claim(stage.sessions, stage.keys, COUNTED, stage.now, 1).taken
    retries = RetryPolicy(COUNTED, Backoff(), stage.randomness)
    with stage.sessions.begin() as session:
        (dispatch,) = session.scalars(select(OutboundJob))
        retries.put_down(dispatch, Unknown("sender_lost"), stage.now)
        session.flush()
    settle(stage.sessions, stage.keys, retries, [(taken, Delivered(cut=True))], stage.now)
    desk.rounds()
    assert states(stage) == ["held"]
    stage.say("help", channel="wechat")
    desk.rounds()
    assert [message.mode for message in desk.platform.messages] == [SendMode.PLAIN]
    assert (states(stage), faults(stage)) == ([], [])
