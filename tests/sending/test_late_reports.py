"""Receipts that come early, late, twice, of several parts or of another text: none kills or revives the wrong one."""

import threading
import time

import pytest
from sqlalchemy import select, text

from core import database
from core.models import Address, OutboundJob
from core.models import Receipt as Kept
from core.sending.backoff import Backoff, RetryPolicy
from core.sending.claim import claim
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, take_reports
from core.sending.operations import send_all_again
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Unknown
from core.sending.settle import settle
from tests.follow_ups.scene import follow_ups, join, pass_time, say
from tests.sending.rig import MARKETING, NOTICE, OUTLET, Desk, Platform, queue, sent, states
from tests.stage import Stage


def _receipt(fate: DeliveryStatus, *ids: str, dispatch: str | None = None, gone: bool = False) -> DeliveryReport:
    return DeliveryReport("test", "main", fate, ids, dispatch, "code" if fate is DeliveryStatus.FAILED else None, gone)


def _has_gone(stage: Stage) -> bool:
    with stage.sessions() as session:
        return session.get_one(Address, stage.key()).gone_at is not None


def _take(stage: Stage, *receipts: DeliveryReport) -> int:
    return take_reports(stage.sessions, receipts, stage.now)


@pytest.mark.parametrize("spoke", [True, False])
def test_a_late_receipt_says_nothing_of_whoever_has_spoken_since(desk: Desk, spoke: bool) -> None:
    queue(desk.stage, "u1", NOTICE)
    desk.platform.says = lambda _message: Delivered(("A1",))
    desk.rounds()
    desk.wait(hours=30)
    if spoke:
        desk.stage.say("help")
    desk.wait(hours=1)
    assert _take(desk.stage, _receipt(DeliveryStatus.FAILED, "A1", gone=True)) == 1
    assert _has_gone(desk.stage) is not spoke


def test_a_part_that_arrives_after_another_failed_delivers_nothing(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    desk.platform.says = lambda _message: Delivered(("P1", "P2"))
    desk.rounds()
    _take(desk.stage, _receipt(DeliveryStatus.FAILED, "P1"))
    _take(desk.stage, _receipt(DeliveryStatus.DELIVERED, "P2"))
    assert (sent(desk.stage), states(desk.stage)) == (0, ["dead"])


@pytest.mark.parametrize("ids", [(), ("A1",)], ids=["named by us", "named by both"])
def test_a_failure_that_overtakes_the_answer_is_no_delivery(desk: Desk, ids: tuple[str, ...]) -> None:
    queue(desk.stage, "u1", NOTICE)

    def says(message: OutboundMessage) -> Outcome:
        _take(desk.stage, _receipt(DeliveryStatus.FAILED, *ids, dispatch=message.id))
        return Delivered(("A1",))

    desk.platform.says = says
    desk.rounds()
    assert (sent(desk.stage), states(desk.stage)) == (0, ["dead"])


def test_the_same_failure_again_spoils_no_second_try(desk: Desk) -> None:
    queue(desk.stage, "u1", NOTICE)
    desk.platform.says = lambda _message: Unknown("timeout")
    desk.rounds()
    failed = _receipt(DeliveryStatus.FAILED, "A1", dispatch=desk.platform.messages[0].id)
    assert _take(desk.stage, failed) == 1
    with desk.stage.sessions.begin() as session:
        assert send_all_again(session, ["dead"], desk.stage.now) == 1
    desk.platform.says = lambda _message: Delivered(("A2",))
    desk.rounds()
    assert _take(desk.stage, failed) == 0
    assert (sent(desk.stage), states(desk.stage)) == (1, [])


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_early_receipts_in_any_order_tell_the_end(desk: Desk, together: bool, turned: bool) -> None:
    told = [_receipt(DeliveryStatus.ON_ITS_WAY, "A1"), _receipt(DeliveryStatus.FAILED, "A1")]
    told = told[::-1] if turned else told
    for some in [told] if together else [[one] for one in told]:
        _take(desk.stage, *some)
    queue(desk.stage, "u1", NOTICE)
    desk.platform.says = lambda _message: Delivered(("A1",))
    desk.rounds()
    assert states(desk.stage) == ["dead"]


def test_an_id_that_the_platform_uses_again_is_the_new_text_s(desk: Desk) -> None:
    desk.platform.says = lambda _message: Delivered(("A1",))
    for user in ("u1", "u2"):
        queue(desk.stage, user, NOTICE)
        desk.rounds()
    assert _take(desk.stage, _receipt(DeliveryStatus.FAILED, "A1")) == 1
    with desk.stage.sessions() as session:
        assert list(session.scalars(select(OutboundJob.address_key))) == [desk.stage.key("u2")]


_SOMEBODY_WAITS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def _somebody_waits(stage: Stage) -> bool:
    with stage.database.connect() as connection:
        return bool(connection.scalar(text(_SOMEBODY_WAITS)))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whoever_settles_locks_no_text_before_its_receipts(desk: Desk) -> None:
    """Receipts of other texts come in the same transaction: in another order, the two would wait for each other."""
    stage = desk.stage
    queue(stage, "u1", NOTICE)
    (taken,) = claim(stage.sessions, stage.keys, OUTLET, stage.now, 1).taken
    retries, end_s = RetryPolicy(OUTLET, Backoff(), stage.randomness), time.monotonic() + 60
    outcomes = [(taken, Delivered(("A1",)))]
    settling = threading.Thread(target=lambda: settle(stage.sessions, stage.keys, retries, outcomes, stage.now))
    with stage.sessions.begin() as receiving:
        early = Kept(channel="test", account="main", external_id="A1", fate="on_its_way", gone=False, at=stage.now)
        receiving.add(early)
        receiving.flush()
        settling.start()
        while not _somebody_waits(stage):
            assert time.monotonic() < end_s
            settling.join(0.01)
        mine = select(OutboundJob).where(OutboundJob.sequence == taken.sequence)
        assert receiving.scalars(database.taken(mine, OutboundJob.sequence, OutboundJob)).all()
    settling.join(60)
    assert states(stage) == []


def test_marketing_that_failed_later_is_marketing_still(stage: Stage) -> None:
    stage.publish(follow_ups(f"name: again, when: 24h after first contact, {say('again')}"))
    join(stage, "u1")
    pass_time(stage, hours=25)
    desk = Desk(stage, Platform())
    desk.platform.says = lambda _message: Delivered(("A1",))
    desk.rounds()
    assert [message.category for message in desk.platform.messages] == [MARKETING]
    _take(stage, _receipt(DeliveryStatus.FAILED, "A1"))
    stage.say("stop")
    with stage.sessions.begin() as session:
        assert send_all_again(session, ["dead"], stage.now) == 1
    desk.rounds()
    assert len(desk.platform.messages) == 1
    assert states(stage) == ["dropped"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_receipt_that_comes_while_its_text_is_settled_is_not_lost(desk: Desk) -> None:
    stage, told = desk.stage, list[int | str]()
    queue(stage, "u1", NOTICE)
    (taken,) = claim(stage.sessions, stage.keys, OUTLET, stage.now, 1).taken

    def receive() -> None:
        try:
            told.append(_take(stage, _receipt(DeliveryStatus.FAILED, "A1")))
        except database.Moved:  # as who reports it does
            told.extend(["again", _take(stage, _receipt(DeliveryStatus.FAILED, "A1"))])

    receiving, end_s = threading.Thread(target=receive), time.monotonic() + 60
    with stage.sessions.begin() as settling:
        where = {"address_key": taken.address_key, "sequence": taken.sequence}
        settling.add(
            Kept(channel="test", account="main", external_id="A1", fate="on_its_way", gone=False, **where, at=stage.now)
        )
        settling.flush()
        receiving.start()
        while not _somebody_waits(stage):
            assert time.monotonic() < end_s
            receiving.join(0.01)
    receiving.join(60)
    assert told == ["again", 1]
    assert states(stage) == ["dead"]
