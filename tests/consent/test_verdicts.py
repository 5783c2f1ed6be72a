"""What a platform says of a player's wish counts as the wish; what a link carries, which anybody can make, does not."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select

from core.consent import lock_persons
from core.database import Moved
from core.messages import InboundKind
from core.models import Address, Consent
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, take_reports
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused
from tests.sending.rig import NOTICE, Desk, Platform, queue
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import faults, keys_of, link_up


def _is_out(stage: Stage, by: str = "u1", channel: str = "test") -> bool:
    with stage.sessions() as session:
        return session.get_one(Address, stage.key(by, channel=channel)).opted_out_at is not None


def _hows(stage: Stage) -> list[str]:
    with stage.sessions() as session:
        return list(session.scalars(select(Consent.how).order_by(Consent.at, Consent.external_id)))


def test_the_platforms_verdict_is_as_good_as_the_word(stage: Stage) -> None:
    stage.publish(SNACK)
    link_up(stage, ("u1", "test"), ("u1", "second"))
    stage.wait(seconds=1)
    assert keys_of(stage.say("BAJA", kind=InboundKind.STOPPED)) == ["stop.done"]
    assert (_is_out(stage), _is_out(stage, channel="second")) == (True, True)
    stage.wait(seconds=1)
    assert keys_of(stage.say("ALTA", kind=InboundKind.STARTED)) == ["start.done"]
    assert (_is_out(stage), _is_out(stage, channel="second")) == (False, True)
    assert _hows(stage) == ["platform", "start"]
    assert faults(stage) == []


def test_the_start_button_opts_in_again_and_is_answered_once(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.say("", kind=InboundKind.LEFT)
    stage.wait(seconds=1)
    assert _is_out(stage)
    assert stage.say("", kind=InboundKind.STARTED) == "start.done"
    assert not _is_out(stage)
    stage.wait(seconds=1)
    assert keys_of(stage.say("", kind=InboundKind.STARTED)) == ["welcome.answer"]
    assert faults(stage) == []


BLOCKS: list[tuple[str, list[str | InboundKind], bool]] = [
    # id                        what happens, and whether nothing is wished to be heard in the end
    ("blocked and not",         [InboundKind.LEFT, InboundKind.BACK],                                      False),
    ("twice",                   [InboundKind.LEFT, InboundKind.BACK, InboundKind.LEFT],                         True),
    ("not blocked",             [InboundKind.BACK],                                                   False),
    ("told so before",          ["stop", InboundKind.LEFT, InboundKind.BACK],                              True),
    ("told so meanwhile",       [InboundKind.LEFT, "stop", InboundKind.BACK],                              True),
    ("told so since",           [InboundKind.LEFT, InboundKind.BACK, "stop"],                              True),
    ("told so, not so, blocked", ["stop", "start", InboundKind.LEFT, InboundKind.BACK],                    False),
    ("only told so",            ["stop", InboundKind.BACK],                                           True),
    ("asked again",             ["stop", InboundKind.LEFT, InboundKind.BACK, "start"],                     False),
]  # fmt: skip


@pytest.mark.parametrize(("acts", "out"), [row[1:] for row in BLOCKS], ids=[row[0] for row in BLOCKS])
def test_a_block_that_is_taken_away_takes_back_what_it_said_and_no_word(
    stage: Stage, acts: list[str | InboundKind], out: bool
) -> None:
    stage.publish(SNACK)
    stage.say("help")
    for act in acts:
        stage.wait(seconds=1)
        said = stage.say("", kind=act) if isinstance(act, InboundKind) else stage.say(act)
        assert act is not InboundKind.BACK or said == "new", "nothing is said to whoever only took a block away"
    assert _is_out(stage) is out
    assert faults(stage) == []


@pytest.mark.parametrize("text", ["stop", "STOP", "退订", "unsubscribe", "please stop texting me", "end", "R"])
def test_no_link_opts_out_or_in(stage: Stage, text: str) -> None:
    stage.publish(SNACK.replace("channels: [test, second]", "channels: [test, second, sms]"))
    assert stage.say(text, kind=InboundKind.OPENED, channel="sms") != "new"
    assert not _is_out(stage, channel="sms")
    stage.say("stop", channel="sms")
    stage.wait(seconds=1)
    stage.say("start", kind=InboundKind.OPENED, channel="sms")
    assert _is_out(stage, channel="sms")
    assert faults(stage) == []


def test_a_button_of_ours_opts_out_and_says_so(stage: Stage) -> None:
    stage.publish(SNACK)
    assert keys_of(stage.say("stop", kind=InboundKind.TAPPED)) == ["stop.done"]
    assert _is_out(stage)


def test_who_told_the_platform_to_let_nothing_through_has_opted_out(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)
    stage.wait(seconds=1)
    desk.platform.says = lambda _message: Refused("21610", unreachable=True, unwanted=True)
    desk.rounds()
    assert _is_out(stage)
    assert _hows(stage) == ["refused"]
    stage.wait(seconds=1)
    stage.say("help")
    assert _is_out(stage), "speaking is no wish to hear news"
    assert stage.say("start")
    assert not _is_out(stage)
    assert faults(stage) == []


def test_a_refusal_that_comes_after_a_start_undoes_nothing(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)
    stage.wait(seconds=1)

    def start_meanwhile(_message: object) -> Refused:
        stage.wait(seconds=1)
        stage.say("start")
        return Refused("21610", unreachable=True, unwanted=True)

    desk.platform.says = start_meanwhile
    desk.rounds()
    assert not _is_out(stage)
    assert faults(stage) == []


def test_who_wants_nothing_has_opted_out_also_where_the_number_is_still_reached(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)
    desk.platform.says = lambda _message: Refused("opted_out", unwanted=True)
    desk.rounds()
    assert _is_out(stage)
    assert faults(stage) == []


def test_whoever_speaks_meanwhile_wishes_nothing_else(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)
    stage.wait(seconds=1)

    def speak_meanwhile(_message: object) -> Refused:
        stage.wait(seconds=1)
        stage.say("help")
        return Refused("21610", unreachable=True, unwanted=True)

    desk.platform.says = speak_meanwhile
    desk.rounds()
    assert _is_out(stage), "asking for help is no START"
    assert faults(stage) == []


def test_a_refusal_that_is_heard_of_after_a_link_holds_for_both_sides(stage: Stage) -> None:
    """The link was made by somebody who wanted nothing: so both want nothing, though we learn it later."""
    stage.publish(SNACK)
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)
    stage.wait(seconds=1)

    def link_meanwhile(_message: object) -> Refused:
        stage.wait(seconds=1)
        link_up(stage, ("u1", "test"), ("u1", "second"))
        return Refused("21610", unreachable=True, unwanted=True)

    desk.platform.says = link_meanwhile
    desk.account.take()
    desk.account.settle(10)
    assert (_is_out(stage), _is_out(stage, channel="second")) == (True, True)
    assert faults(stage) == []


def _failed(*ids: str, dispatch: str | None = None, at: datetime | None = None) -> DeliveryReport:
    return DeliveryReport(
        "test", "main", DeliveryStatus.FAILED, ids, dispatch, "21610", unreachable=True, unwanted=True, at=at
    )


def _tell(stage: Stage, *receipts: DeliveryReport) -> int:
    return take_reports(stage.sessions, receipts, stage.now)


def _sent(stage: Stage, *ids: str) -> Desk:
    """A text that the platform took."""
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)
    desk.platform.says = lambda _message: Delivered(ids)
    desk.rounds()
    stage.wait(hours=1)
    return desk


def test_a_verdict_that_comes_later_is_as_good_as_the_word_and_counts_once(stage: Stage) -> None:
    _sent(stage, "A1", "A2")
    assert _tell(stage, _failed("A1")) == 1
    assert (_is_out(stage), _hows(stage)) == (True, ["refused"])
    stage.wait(seconds=1)
    stage.say("start")
    stage.wait(seconds=1)
    assert (_tell(stage, _failed("A1")), _tell(stage, _failed("A2"))) == (0, 1)
    assert not _is_out(stage), "another part of the same text tells of the same wish"
    assert faults(stage) == []


def test_a_verdict_that_is_told_late_lets_nothing_older_than_a_start_come_true(stage: Stage) -> None:
    _sent(stage, "A1")
    since = stage.now
    stage.wait(hours=1)
    stop = stage.delivery("stop")
    stage.wait(hours=1)
    stage.say("start")
    _tell(stage, _failed("A1", at=since))
    stage.take(stop)
    assert not _is_out(stage), "START is the last wish, whatever is heard of after it"
    assert faults(stage) == []


def test_a_link_that_is_made_while_a_verdict_waits_for_its_locks_is_seen(arena: Stage) -> None:
    arena.publish(SNACK)
    arena.say("help")

    with arena.sessions.begin() as session:
        link = lambda *_said: link_up(arena, ("u1", "test"), ("u1", "second"))  # noqa: E731
        event.listen(session.connection(), "after_cursor_execute", link, once=True)  # who is linked was just asked for
        with pytest.raises(Moved):
            lock_persons(session, [], [arena.key()])


def test_a_verdict_by_our_own_name_that_comes_again_undoes_no_start(stage: Stage) -> None:
    """Kannel knows no name but ours, so nothing is kept of its receipts."""
    desk = _sent(stage)
    told = _failed(dispatch=desk.platform.messages[0].id)
    _tell(stage, told)
    assert _is_out(stage)
    stage.wait(seconds=1)
    stage.say("start")
    stage.wait(seconds=1)
    _tell(stage, told)
    assert not _is_out(stage)
    assert faults(stage) == []


@pytest.mark.parametrize(
    ("since", "out"), [(timedelta(minutes=-5), False), (None, True), (timedelta(days=1), True)], ids=str
)
def test_a_verdict_counts_as_of_when_it_was_made_or_else_heard(
    stage: Stage, since: timedelta | None, out: bool
) -> None:
    _sent(stage, "A1")
    stage.say("start")
    at = None if since is None else stage.now + since
    stage.wait(minutes=1)
    assert _tell(stage, _failed("A1", at=at)) == 1
    assert _is_out(stage) is out
    stage.wait(seconds=1)
    stage.say("start")
    assert not _is_out(stage), "no clock of a platform lies ahead of ours"
    assert faults(stage) == []


def test_a_verdict_on_time_before_its_text_was_said_is_not_older_than_the_text(stage: Stage) -> None:
    stage.say("start")
    stage.wait(hours=1)
    _sent(stage, "A1")
    _tell(stage, _failed("A1", at=stage.now - timedelta(days=99)))
    assert _is_out(stage)
    assert faults(stage) == []


def test_a_verdict_on_a_text_that_nobody_said_is_nobodys(stage: Stage) -> None:
    stage.say("help")
    _tell(stage, _failed(dispatch=f"{stage.key().hex()}-99"), _failed(dispatch=f"{'0' * 32}-1"))
    assert (_is_out(stage), _hows(stage)) == (False, [])
    assert faults(stage) == []


def test_a_verdict_that_overtakes_the_answer_to_the_send_is_as_old_as_it_is(stage: Stage) -> None:
    desk = Desk(stage, Platform())
    queue(stage, "u1", NOTICE)

    def overtaken(_message: OutboundMessage) -> Outcome:
        _tell(stage, _failed("A1"))
        stage.wait(seconds=1)
        stage.say("start")
        return Delivered(("A1",))

    desk.platform.says = overtaken
    desk.rounds()
    assert (_is_out(stage), _hows(stage)) == (False, ["refused", "word"])
    assert faults(stage) == []


def test_a_late_verdict_from_before_a_link_holds_for_both_sides(stage: Stage) -> None:
    stage.publish(SNACK)
    _sent(stage, "A1")
    at = stage.now
    stage.wait(seconds=1)
    link_up(stage, ("u1", "test"), ("u1", "second"))
    _tell(stage, _failed("A1", at=at))
    assert (_is_out(stage), _is_out(stage, channel="second")) == (True, True)
    stage.wait(seconds=1)
    stage.say("start", channel="second")
    assert (_is_out(stage), _is_out(stage, channel="second")) == (True, False)
    assert faults(stage) == []
