"""Receipts: what vendors write, how ids are spelt, and whether they reach the core."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bots.sms.smpp.delivery_reports import MessageIds, is_marked, read_delivery_receipt, reads_as_report
from bots.sms.smpp.pdu import read_deliver
from core.blame import Unavailable
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus
from tests.adapters.smpp.rig import ANNA, account_of, line, text_to
from tests.fakes.smsc import Mo, option, receipt

FIXTURES = YAML(typ="safe").load(Path(__file__).with_name("fixtures") / "receipts.yaml")


def read(text: str = "", options: bytes = b"") -> DeliveryReport | None:
    pdu = read_deliver(Mo(ANNA, text.encode(), esm_class=0x04, options=options).body())
    assert is_marked(pdu)
    return read_delivery_receipt(pdu, "main", by_value=False)


@pytest.mark.parametrize("name", FIXTURES)
def test_receipts_of_vendors(name):
    row = FIXTURES[name]
    expected = DeliveryReport("sms", "main", DeliveryStatus(row["fate"]), (row["id"],), error=row.get("error"))
    assert read(row["text"]) == expected


@pytest.mark.parametrize(
    ("text", "options", "unwanted"),
    [
        ("id:7 stat:REJECTD err:045", b"", True),
        ("id:7 stat:UNDELIV err:45", b"", True),
        ("id:7 stat:UNDELIV err:1f", b"", True),
        ("id:7 stat:UNDELIV err:450", b"", False),
        ("id:7 stat:UNDELIV err:000", b"", False),
        ("id:7 stat:DELIVRD err:045", b"", False),
        ("id:7 stat:UNDELIV", option(0x0423, b"\3\0\x2d"), True),
        ("id:7 stat:UNDELIV", option(0x0423, b"\3\0\x2e"), False),
        ("id:7 stat:UNDELIV", option(0x0423, b"\x2d"), False),
    ],
)
def test_a_code_of_the_account_says_that_a_player_opted_out(smsc, text, options, unwanted):
    pdu = read_deliver(Mo(ANNA, text.encode(), esm_class=0x04, options=options).body())
    codes = account_of(smsc, opted_out_codes=["045", "01F", "0x480"]).opted_out_codes
    found = read_delivery_receipt(pdu, "main", by_value=False, opted_out_codes=codes)
    assert found is not None
    assert (found.unwanted, found.unreachable) == (unwanted, unwanted)
    plain = read_delivery_receipt(pdu, "main", by_value=False)
    assert plain is not None
    assert not plain.unwanted, "no code is everybody's"


SPELT = [
    # text, fate
    ("ID:7 STAT:delivrd", DeliveryStatus.DELIVERED),
    ("id: 7 stat: DELIVERED", DeliveryStatus.DELIVERED),
    ("id:7 status:Delivered", DeliveryStatus.DELIVERED),
    ("id:7 stat:ACCEPTD", DeliveryStatus.ON_ITS_WAY),
    ("id:7 stat:ENROUTE", DeliveryStatus.ON_ITS_WAY),
    ("id:7 stat:BUFFERED", DeliveryStatus.ON_ITS_WAY),
    ("id:7 stat:UNDELIVERABLE", DeliveryStatus.FAILED),
    ("id:7 stat:REJECTD err:1f", DeliveryStatus.FAILED),
    ("id:7 stat:DELETED", DeliveryStatus.FAILED),
    ("id:7 stat:UNKNOWN", DeliveryStatus.FAILED),
    ("id:7 stat:WHATEVER", None),
    ("id:7", None),
    ("stat:DELIVRD", None),
    ("", None),
    ("grid:7 stat:DELIVRD", None),
]


@pytest.mark.parametrize(("text", "fate"), SPELT, ids=[text or "nothing" for text, _ in SPELT])
def test_the_text_may_be_spelt_as_it_likes(text, fate):
    found = read(text)
    assert (found and found.status) == fate
    assert found is None or found.external_ids == ("7",)


STATES = dict(
    enumerate(
        [DeliveryStatus.ON_ITS_WAY] * 2
        + [DeliveryStatus.DELIVERED]
        + [DeliveryStatus.FAILED] * 3
        + [DeliveryStatus.ON_ITS_WAY]
        + [DeliveryStatus.FAILED] * 3
    )
)


@pytest.mark.parametrize("state", STATES)
def test_parameters_say_the_same(state):
    found = read(options=option(0x001E, b"ab12\0") + option(0x0427, bytes([state])))
    assert found is not None
    assert (found.status, found.external_ids) == (STATES[state], ("ab12",))


def test_the_parameter_comes_before_the_text_and_both_are_kept():
    found = read("id:0007 stat:ENROUTE", option(0x001E, b"7") + option(0x0427, b"\2"))
    assert found is not None
    assert (found.status, found.external_ids) == (DeliveryStatus.DELIVERED, ("7", "0007"))


@pytest.mark.parametrize(
    ("esm_class", "options", "marked"),
    [
        (0x00, b"", False),
        (0x40, b"", False),
        (0x03, b"", False),
        (0x00, option(0x0204, b"\0\7"), False),
        (0x04, b"", True),
        (0x44, b"", True),
        (0x20, b"", True),
        (0x08, b"", True),
        (0x10, b"", True),
        (0x00, option(0x001E, b"7\0"), True),
        (0x00, option(0x0427, b"\2"), True),
        (0x00, option(0x001E, b"7\0") + option(0x0427, b"\2"), True),
    ],
)
def test_what_the_smsc_marks_is_nobodys_message(esm_class, options, marked):
    assert is_marked(read_deliver(Mo(ANNA, b"hello", esm_class=esm_class, options=options).body())) is marked


@pytest.mark.parametrize("name", FIXTURES)
def test_what_vendors_write_is_known_without_any_mark(name):
    assert reads_as_report(FIXTURES[name]["text"].encode(), 0)


PLAYERS = [
    "id: 5",
    "id:5 text: hello",
    "my status: waiting",
    "sub: yes please",
    "err: what?",
    "error: 404, stat!",
    "id 007 stat delivrd",
    "text: id: 7",
    "Name: Anna, id: 4711",
    "ABCD-EFGH-JKLM",
    "id=17&text=hello",
]


@pytest.mark.parametrize("text", PLAYERS)
def test_what_players_write_is_none(text):
    assert not reads_as_report(text.encode(), 0)


def test_one_try_that_failed_is_not_the_end():
    words = b"id:7 stat:UNDELIV err:008"
    found = read_delivery_receipt(read_deliver(Mo(ANNA, words, esm_class=0x20).body()), "main")
    assert found is not None
    assert (found.status, found.error) == (DeliveryStatus.ON_ITS_WAY, None)


def test_receipts_are_handed_over_and_acknowledged(smsc):
    with line(smsc) as one:
        mos = [receipt(str(n), "DELIVRD" if n % 2 else "EXPIRED") for n in range(30)]
        smsc.say(*mos, mos[0])
        smsc.until(lambda: sum(len(mo.statuses) for mo in mos) == 31)
        assert {status for mo in mos for status in mo.statuses} == {0}
        assert len(one.receipts) == 31
        assert one.ear.messages == []


def test_a_receipt_is_matched_as_its_text_was_called(smsc):
    """16 is in decimal, and 10 in hex, but also another text."""
    smsc.message_id = lambda n: {1: "16", 2: "10", 3: "ABC"}[n]
    with line(smsc) as one:
        for _ in range(3):
            one.send(text_to())
        mos = [receipt("10"), receipt("0000000016"), receipt("2748"), receipt("77")]
        smsc.say(*mos)
        smsc.until(lambda: all(mo.statuses for mo in mos))
        names = {each.external_ids for each in one.receipts}  # handed over by several threads
        assert names == {("10",), ("16",), ("ABC",), ("77",)}


def test_ids_are_remembered_within_bounds():
    message_ids = MessageIds(kept=2)
    for name in ("1", "2", "3"):
        message_ids.add(name)
    found = [message_ids.known([name, "x"], by_value=True) for name in ("001", "002", "03")]
    assert found == [["001", "x"], ("2",), ("3",)]


def test_several_texts_whose_ids_amount_to_the_same_are_told_apart_elsewhere():
    message_ids = MessageIds()
    message_ids.add("0010")
    message_ids.add("10")
    assert [message_ids.known([name], by_value=True) for name in ("10", "010", "A")] == [("10",), ["010"], ["A"]]
    assert message_ids.known(["0000a"], by_value=False) == ["0000a"]


def test_receipts_come_again_when_they_cannot_be_written_down(smsc):
    with line(smsc) as one:
        faults = [Unavailable("away"), ZeroDivisionError()]

        def report(receipts):
            if faults:
                raise faults.pop(0)
            one.receipts.extend(receipts)

        one.report = report
        mo = receipt("7")
        smsc.say(mo)
        smsc.until(lambda: 0 in mo.statuses)
        assert mo.statuses == [0x64, 0x64, 0]
        assert len(one.receipts) == 1


def test_a_receipt_that_says_nothing_is_acknowledged(smsc):
    with line(smsc) as one:
        mo = Mo(ANNA, b"what?", esm_class=0x04)
        smsc.say(mo)
        smsc.until(lambda: mo.statuses)
        assert mo.statuses == [0]
        assert one.receipts == one.ear.messages == []
