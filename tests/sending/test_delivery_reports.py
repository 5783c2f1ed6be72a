"""Receipts: by whichever spelling of an id, late, early, twice, of one part or of all, and what they change."""

from datetime import timedelta

import pytest

from core.models import Address, Outbox
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, forget_strays, take_reports
from core.sending.outbound import Category, Delivered, Outcome, Unknown
from tests.races.crowd import faults
from tests.sending.rig import MARKETING, NOTICE, REMINDER, Desk, dispatches, queue, sent, states
from tests.stage import Stage


def _receipt(
    fate: DeliveryStatus, *ids: str, dispatch: str | None = None, error: str | None = None, gone: bool = False
) -> DeliveryReport:
    return DeliveryReport("test", "main", fate, ids, dispatch, error, gone)


def _take(stage: Stage, *receipts: DeliveryReport) -> int:
    return take_reports(stage.sessions, receipts, stage.now)


def _send(desk: Desk, outcome: Outcome, *categories: object) -> None:
    queue(desk.stage, "u1", *categories)  # type: ignore[arg-type]
    desk.platform.says = lambda _message: outcome
    desk.rounds()


def _dead(stage: Stage) -> list[tuple[str, str | None]]:
    return [(one.state, one.error) for one in dispatches(stage)]


def test_a_text_that_failed_later_is_shown_to_operators_and_may_be_sent_again(desk: Desk) -> None:
    _send(desk, Delivered(("A1",)), NOTICE)
    assert (sent(desk.stage), states(desk.stage)) == (1, [])
    failed = _receipt(DeliveryStatus.FAILED, "a1x", "A1", error="UNDELIV")
    assert _take(desk.stage, failed) == 1
    assert _dead(desk.stage) == [("dead", "receipt:UNDELIV")]
    assert sent(desk.stage) == 0
    assert _take(desk.stage, failed) == 0, "the same receipt again changes nothing"
    assert _take(desk.stage, _receipt(DeliveryStatus.DELIVERED, "A1")) == 0, "what is final stays so"
    assert faults(desk.stage) == []


@pytest.mark.parametrize("category", [NOTICE, REMINDER, MARKETING])
def test_a_text_that_failed_later_is_of_the_kind_that_it_was_said(desk: Desk, category: Category) -> None:
    _send(desk, Delivered(("A1",)), category)
    assert _take(desk.stage, _receipt(DeliveryStatus.FAILED, "A1", error="UNDELIV")) == 1
    (dead,) = dispatches(desk.stage)
    assert (dead.state, dead.category) == ("dead", category)
    assert faults(desk.stage) == []


@pytest.mark.parametrize("fate", [DeliveryStatus.DELIVERED, DeliveryStatus.ON_ITS_WAY])
def test_a_good_receipt_changes_nothing_that_was_delivered(desk: Desk, fate: DeliveryStatus) -> None:
    _send(desk, Delivered(("A1",)), NOTICE)
    assert _take(desk.stage, _receipt(fate, "A1")) == 1
    assert (sent(desk.stage), states(desk.stage)) == (1, [])


def test_a_receipt_that_overtakes_the_answer_is_kept_for_it(desk: Desk) -> None:
    assert _take(desk.stage, _receipt(DeliveryStatus.FAILED, "0A", "10", error="REJECTD", gone=True)) == 0
    _send(desk, Delivered(("10",)), NOTICE)
    assert _dead(desk.stage) == [("dead", "receipt:REJECTD")]
    with desk.stage.sessions() as session:
        assert session.get_one(Address, desk.stage.key()).gone_at == desk.stage.now
    assert faults(desk.stage) == []


def test_marketing_whose_outcome_nobody_knew_is_delivered_when_a_receipt_says_so(desk: Desk) -> None:
    _send(desk, Unknown("timeout"), MARKETING)
    assert states(desk.stage) == ["unknown"]
    (message,) = desk.platform.messages
    assert _take(desk.stage, _receipt(DeliveryStatus.DELIVERED, "Z9", dispatch=message.id)) == 1
    assert (sent(desk.stage), states(desk.stage)) == (1, [])
    assert faults(desk.stage) == []


def test_one_part_that_failed_fails_the_text(desk: Desk) -> None:
    _send(desk, Delivered(("P1", "P2", "P3")), NOTICE)
    told = [
        _receipt(DeliveryStatus.DELIVERED, "P1"),
        _receipt(DeliveryStatus.FAILED, "P2", error="EXPIRED"),
        _receipt(DeliveryStatus.DELIVERED, "P3"),
    ]
    assert _take(desk.stage, *told) == 3
    assert _dead(desk.stage) == [("dead", "receipt:EXPIRED")]


def test_a_receipt_of_another_account_and_of_nothing_at_all_is_harmless(desk: Desk) -> None:
    _send(desk, Delivered(("A1",)), NOTICE)
    other = DeliveryReport("test", "other", DeliveryStatus.FAILED, ("A1",))
    strange = [
        _receipt(DeliveryStatus.FAILED),
        _receipt(DeliveryStatus.FAILED, dispatch="nonsense"),
        _receipt(DeliveryStatus.FAILED, dispatch="0" * 32 + "-1"),
    ]
    assert _take(desk.stage, other, *strange) <= 1
    assert (sent(desk.stage), states(desk.stage)) == (1, [])


@pytest.mark.parametrize("ids", [(), ("A1",)], ids=["by our id", "by both"])
@pytest.mark.parametrize("place", [("test", "other"), ("sms", "main")], ids=["account", "channel"])
def test_no_account_reports_of_a_text_of_another_one(desk: Desk, place: tuple[str, str], ids: tuple[str, ...]) -> None:
    """Not even where it knows what we call it: neither that it failed, nor that its player has gone."""
    _send(desk, Delivered(("A1",)), NOTICE)
    _send(desk, Unknown("timeout"), MARKETING)
    of_both = [message.id for message in desk.platform.messages]
    for name in of_both:
        for fate in (DeliveryStatus.FAILED, DeliveryStatus.DELIVERED):
            assert (
                _take(desk.stage, DeliveryReport(*place, fate, ids, name, "no", unreachable=True, unwanted=True)) == 0
            )
    assert (sent(desk.stage), states(desk.stage)) == (1, ["unknown"])
    with desk.stage.sessions() as session:
        address = session.get_one(Address, desk.stage.key())
        assert (address.gone_at, address.opted_out_at) == (None, None)
    assert _take(desk.stage, _receipt(DeliveryStatus.DELIVERED, dispatch=of_both[1])) == 1
    assert (states(desk.stage), faults(desk.stage)) == ([], [])


def test_whoever_has_gone_is_sent_nothing_until_they_speak(desk: Desk) -> None:
    _send(desk, Delivered(("A1",)), NOTICE)
    _take(desk.stage, _receipt(DeliveryStatus.FAILED, "A1", gone=True))
    heard = len(desk.platform.messages)
    _send(desk, Delivered(), NOTICE)
    assert len(desk.platform.messages) == heard
    assert sorted(states(desk.stage)) == ["dead", "dropped"]
    desk.stage.wait(seconds=timedelta(minutes=1).total_seconds())
    desk.stage.say("help")
    _send(desk, Delivered(), NOTICE)
    assert len(desk.platform.messages) == heard + 1
    with desk.stage.sessions() as session:
        assert session.query(Outbox).filter(Outbox.state == "queued").count() == 2
    assert faults(desk.stage) == []


def test_receipts_of_nobody_are_forgotten_after_two_days_and_others_after_a_month(desk: Desk) -> None:
    _send(desk, Delivered(("A1",)), NOTICE)
    _take(desk.stage, _receipt(DeliveryStatus.DELIVERED, "S1", "s1"))
    for days, forgotten in ((1, 0), (2, 2), (26, 0), (2, 1)):
        desk.stage.wait(days=days, seconds=1)
        assert forget_strays(desk.stage.sessions, desk.stage.now) == forgotten
