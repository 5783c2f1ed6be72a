"""Receipts find texts by what an id amounts to, never by its width; the very same id wins; no text shares a receipt."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import OutboundJob
from core.models import Receipt as Row
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, readings, take_reports, value_of
from core.sending.outbound import Delivered
from tests.sending.rig import NOTICE, OUTLET, Desk, Platform, dispatches, queue, sent
from tests.stage import Stage

NUMBERS = st.integers(0, 2**64)
SPELLINGS = st.sampled_from(
    [
        str,
        lambda number: f"{number:X}",
        lambda number: f"{number:x}",
        lambda number: f"{number:#x}",
        lambda number: str(number).zfill(10),
        lambda number: f"{number:08X}",
        lambda number: f"{number:020x}",
        lambda number: str(number).zfill(32),
    ]
)


@given(NUMBERS, SPELLINGS, SPELLINGS)
def test_any_two_spellings_of_a_number_meet(number, first, second):
    assert value_of(first(number)) in readings(second(number))


NAMES = st.text("0123456789abcdefABCDEFxyz-", min_size=1, max_size=12)


@given(NAMES, NAMES)
def test_it_is_the_same_from_both_sides(one, other):
    assert (value_of(one) in readings(other)) == (value_of(other) in readings(one))
    assert value_of(one) == readings(one)[0]


@given(NAMES)
def test_an_id_that_is_no_number_has_one_reading_in_either_case(name):
    named = f"x-{name}"
    assert readings(named) == readings(named.upper()) == [named.upper()]


@pytest.fixture
def desk(stage: Stage) -> Desk:
    return Desk(stage, Platform(replace(OUTLET, ids_by_value=True)))


def _receipt(fate: DeliveryStatus, *names: str) -> DeliveryReport:
    return DeliveryReport(
        "test", "main", fate, names, error="EXPIRED" if fate is DeliveryStatus.FAILED else None, by_value=True
    )


def _take(desk: Desk, *receipts: DeliveryReport) -> int:
    return take_reports(desk.stage.sessions, receipts, desk.stage.now)


def _send(desk: Desk, *names: str) -> None:
    """One text for each of ``names``, which the platform calls so."""
    queue(desk.stage, "u1", *[NOTICE for _ in names])
    left = list(names)
    desk.platform.says = lambda _message: Delivered((left.pop(0),))
    desk.rounds()


def _failed(desk: Desk) -> list[int]:
    return [one.sequence for one in dispatches(desk.stage) if one.state == "dead"]


@pytest.mark.parametrize(
    ("taken_as", "told_as"),
    [
        ("00B8BF8C", "B8BF8C"),
        ("B8BF8C", "00b8bf8c"),
        ("00B8BF8C", "12107660"),
        ("12107660", "0xB8BF8C"),
        ("12107660", "0012107660"),
        ("b8bf8c", "00000000000012107660"),
        ("5k2F-x", "5K2f-X"),
    ],
)
def test_a_receipt_finds_its_text_whatever_the_width(desk: Desk, taken_as: str, told_as: str):
    _send(desk, taken_as)
    assert _take(desk, _receipt(DeliveryStatus.FAILED, told_as)) == 1
    assert len(_failed(desk)) == 1
    assert _take(desk, _receipt(DeliveryStatus.FAILED, told_as)) == 0, "the same again changes nothing"


@pytest.mark.parametrize(("taken_as", "told_as"), [("00B8BF8C", "12107660"), ("12107660", "00b8bf8c"), ("7", "0007")])
def test_a_receipt_that_overtakes_the_answer_waits_for_it(desk: Desk, taken_as: str, told_as: str):
    assert _take(desk, _receipt(DeliveryStatus.FAILED, told_as)) == 0
    _send(desk, taken_as)
    assert len(_failed(desk)) == 1


def test_the_very_same_id_wins(desk: Desk):
    _send(desk, "A", "10", "16")
    with desk.stage.sessions() as session:
        sequences = {row.external_id: row.sequence for row in session.query(Row)}
    assert _take(desk, _receipt(DeliveryStatus.FAILED, "16")) == 1
    assert _failed(desk) == [sequences["16"]], "and not 10, which is 16 in hex"
    assert _take(desk, _receipt(DeliveryStatus.FAILED, "010")) == 1
    assert _failed(desk) == sorted([sequences["16"], sequences["10"]]), "the same digits before another base"


def test_two_texts_never_share_a_receipt(desk: Desk):
    _send(desk, "0010", "10")
    assert _take(desk, _receipt(DeliveryStatus.FAILED, "00010")) == 1
    assert len(_failed(desk)) == 1
    assert _take(desk, _receipt(DeliveryStatus.FAILED, "00010"), _receipt(DeliveryStatus.FAILED, "00010")) == 0
    assert len(_failed(desk)) == 1, "it was the name of the other from then on"


def test_two_texts_never_share_a_receipt_that_came_early(desk: Desk):
    _take(desk, _receipt(DeliveryStatus.FAILED, "10"))
    _send(desk, "A", "0010", "16")
    assert len(_failed(desk)) == 1


def test_without_that_setting_ids_are_what_they_are(stage: Stage):
    desk = Desk(stage, Platform())
    _send(desk, "00B8BF8C")
    assert _take(desk, replace(_receipt(DeliveryStatus.FAILED, "B8BF8C"), by_value=False)) == 0
    assert (sent(stage), _failed(desk)) == (1, [])
    with stage.sessions() as session:
        assert session.query(OutboundJob).count() == 0
