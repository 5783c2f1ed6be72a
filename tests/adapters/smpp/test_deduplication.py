"""Keys for messages that have none."""

from datetime import timedelta

import pytest

from bots.sms.smpp.deduplication import DeduplicationKey, DeduplicationKeys, fingerprint
from bots.sms.smpp.pdu import read_deliver
from tests.adapters.smpp.rig import ANNA, BOB, NOON
from tests.fakes.smsc import Mo, option

MARK = b"m" * 16


def key_of(keys: DeduplicationKeys, minutes: float = 0, mark: bytes = MARK) -> DeduplicationKey:
    return keys.key(mark, NOON + timedelta(minutes=minutes))


def test_what_comes_again_before_its_acknowledgement_is_the_same():
    keys = DeduplicationKeys()
    assert key_of(keys).external_id == key_of(keys, 1).external_id


def test_also_when_the_ten_minutes_have_turned():
    keys = DeduplicationKeys()
    assert key_of(keys, 9).external_id == key_of(keys, 11).external_id == key_of(keys, 35).external_id


def test_what_comes_after_the_acknowledgement_is_another():
    keys = DeduplicationKeys()
    ids = []
    for minutes in (0, 1, 9, 11, 19, 21, 45):
        key = key_of(keys, minutes)
        ids.append(key.external_id)
        key.written()
    assert len(set(ids)) == 7


def test_a_process_that_knows_nothing_gives_the_same_key():
    assert key_of(DeduplicationKeys(), 1).external_id == key_of(DeduplicationKeys(), 2).external_id


def test_an_acknowledgement_that_was_lost_is_taken_back():
    keys = DeduplicationKeys()
    first = key_of(keys)
    first.written()
    first.lost()
    again = key_of(keys, 12)
    assert again.external_id == first.external_id
    again.written()
    assert key_of(keys, 12).external_id != first.external_id


def test_two_lost_acknowledgements_come_again_in_their_order():
    keys = DeduplicationKeys()
    one = key_of(keys)
    one.written()
    two = key_of(keys)
    two.written()
    two.lost()
    one.lost()
    ids = []
    for _ in range(3):
        key = key_of(keys, 1)
        ids.append(key.external_id)
        key.written()
    assert ids[:2] == [one.external_id, two.external_id]
    assert ids[2] not in ids[:2]


def test_memory_is_bounded():
    keys = DeduplicationKeys(kept=10)
    for n in range(100):
        key_of(keys, mark=b"%d" % n)
    for n in range(100):
        key_of(keys, mark=b"x%d" % n).written()
    assert 5 < len(keys._open) <= 10
    assert [len(counts) for counts in keys._acknowledged.values()] == [10]
    key_of(keys, 45)
    assert keys._acknowledged == {}


DIFFERENT = [
    Mo(ANNA, b"1"),
    Mo(BOB, b"1"),
    Mo(ANNA, b"2"),
    Mo(ANNA, b"1", dest="54321"),
    Mo(ANNA, b"1", data_coding=4),
    Mo(ANNA, b"1", esm_class=1),
    Mo(ANNA, b"1", options=option(0x0204, b"\0\1")),
    Mo(ANNA, b"1", options=option(0x0204, b"\0\2")),
]


def test_different_messages_have_different_marks():
    marks = [fingerprint(read_deliver(mo.body()), mo.octets) for mo in DIFFERENT]
    assert len(set(marks)) == len(DIFFERENT)
    pdu = read_deliver(DIFFERENT[0].body())
    assert fingerprint(pdu, b"1", 7, 2) != fingerprint(pdu, b"1", 8, 2)


@pytest.mark.parametrize(
    "changed", [{"ton": 0}, {"options": option(0x0426, b"\1")}], ids=["type of number", "more to come"]
)
def test_what_an_smsc_may_change_does_not_count(changed):
    marks = {fingerprint(read_deliver(mo.body()), mo.octets) for mo in (Mo(ANNA, b"1"), Mo(ANNA, b"1", **changed))}
    assert len(marks) == 1
