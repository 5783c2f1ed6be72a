"""Long messages: any order and doubling of parts gives the text; nothing is lost, forgotten or kept for ever."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.sms.smpp.deduplication import DeduplicationKey
from bots.sms.smpp.pdu import Deliver, read_deliver
from bots.sms.smpp.reassembly import IncompleteMessages, Reassembly, content_of
from bots.sms.smpp.timeouts import Timeouts
from tests.adapters.smpp.rig import ANNA, BOB
from tests.fakes.smsc import Mo, parts, sar_parts


def read(mos: list[Mo]) -> list[Deliver]:
    return [read_deliver(mo.body()) for mo in mos]


@dataclass
class Held:
    """An acknowledgement that waits."""

    statuses: list[int] = field(default_factory=list)

    def answer(self, status: int, key: DeduplicationKey | None = None) -> None:
        self.statuses.append(status)


class Bench:
    """A reassembly with a clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.reassembly = Reassembly(lambda: self.now_s, Timeouts())
        self.acks: list[Held] = []

    def take(self, pdu: Deliver) -> list[str]:
        """The messages that can be said now; they are not settled yet."""
        content = content_of(pdu)
        assert content.part is not None
        self.acks.append(Held())
        self.ready = self.reassembly.take(pdu, content.part, self.acks[-1])
        return [said(message) for message in self.ready]

    @property
    def statuses(self) -> list[list[int]]:
        return [ack.statuses for ack in self.acks]


def said(message) -> str:
    return b"".join(content_of(part).octets for part in message.in_order()).decode()


KINDS = {
    "8-bit reference": parts,
    "16-bit reference": lambda source, pieces: parts(source, pieces, 0x1234, wide=True),
    "SAR": sar_parts,
}


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_any_order_and_doubling_gives_the_text(kind, data):
    pieces = [bytes([97 + n]) * 3 for n in range(data.draw(st.integers(2, 8)))]
    pdus = read(KINDS[kind](ANNA, pieces))
    order = [
        *data.draw(st.permutations(range(len(pdus)))),
        *data.draw(st.lists(st.integers(0, len(pdus) - 1), max_size=5)),
    ]
    order = data.draw(st.permutations(order))
    bench = Bench()
    heard = []
    for place in order:
        heard += bench.take(pdus[place])
        for message in bench.ready:
            bench.reassembly.settle(message, 0, None)
    assert heard == [b"".join(pieces).decode()]
    assert bench.statuses == [[0]] * len(order)


@given(st.binary(min_size=0, max_size=12), st.binary(max_size=30))
def test_no_header_is_too_bad(header, octets):
    mo = Mo(ANNA, bytes([len(header)]) + header + octets, esm_class=0x40)
    content = content_of(read_deliver(mo.body()))
    assert content.octets == octets
    if content.part:
        assert 1 <= content.part[2] <= content.part[1] <= 255


@pytest.mark.parametrize(
    ("octets", "part", "is_data"),
    [
        (b"", None, True),
        (b"\x05\x00\x03\x07", None, True),
        (b"\x05\x00\x03\x07\x02\x01ab", (7, 2, 1), False),
        (b"\x05\x00\x03\x07\x02\x00ab", None, False),
        (b"\x05\x00\x03\x07\x02\x03ab", None, False),
        (b"\x05\x00\x03\x07\x00\x00ab", None, False),
        (b"\x05\x00\x03\x07\x01\x01ab", None, False),
        (b"\x06\x05\x04\x0b\x84\x23\xf0ab", None, True),
        (b"\x0a\x24\x01\x01\x08\x04\x01\x02\x03\x02ab", (258, 3, 2), False),
    ],
    ids=["empty", "cut", "first", "part 0", "part 3 of 2", "of none", "of one", "for a port", "after another element"],
)
def test_headers(octets, part, is_data):
    content = content_of(read_deliver(Mo(ANNA, octets, esm_class=0x40).body()))
    assert (content.part, content.is_data) == (part, is_data)


def test_parts_are_acknowledged_together_when_their_message_is_safe():
    bench, (first, second) = Bench(), read(parts(ANNA, [b"ab", b"cd"]))
    assert bench.take(second) == []
    assert bench.take(first) == ["abcd"]
    assert bench.statuses == [[], []]
    bench.reassembly.settle(bench.ready[0], 0, None)
    assert bench.statuses == [[0], [0]]


def test_a_part_is_acknowledged_when_no_other_comes():
    bench, (first, second) = Bench(), read(parts(ANNA, [b"ab", b"cd"]))
    bench.take(first)
    bench.now_s += 0.9
    assert bench.reassembly.tick() == []
    assert bench.statuses == [[]]
    bench.now_s += 0.2
    assert bench.reassembly.tick() == []
    assert bench.statuses == [[0]]
    assert bench.take(second) == ["abcd"]


def test_after_a_minute_what_has_come_is_all():
    bench, pdus = Bench(), read(parts(ANNA, [b"ab", b"cd", b"ef"]))
    bench.take(pdus[2])
    bench.take(pdus[0])
    bench.now_s += 60
    (late,) = bench.reassembly.tick()
    assert said(late) == "abef"
    bench.reassembly.settle(late, 0, None)
    assert bench.reassembly.tick() == []
    assert bench.take(pdus[1]) == []  # too late
    assert bench.statuses[-1] == [0]


def test_a_refused_message_keeps_what_nobody_sends_again():
    bench, (first, second) = Bench(), read(parts(ANNA, [b"ab", b"cd"]))
    bench.take(first)
    bench.now_s += 2
    bench.reassembly.tick()
    bench.take(second)
    bench.reassembly.settle(bench.ready[0], 0x14, None)
    assert bench.statuses == [[0], [0x14]]
    assert bench.take(second) == ["abcd"]


def test_a_refused_message_comes_again_whole():
    bench, (first, second) = Bench(), read(parts(ANNA, [b"ab", b"cd"]))
    bench.take(first)
    bench.take(second)
    bench.reassembly.settle(bench.ready[0], 0x14, None)
    assert bench.statuses == [[0x14], [0x14]]
    assert bench.take(first) == []
    assert bench.take(second) == ["abcd"]


def test_parts_that_come_again_while_the_turn_runs_wait_for_it_too():
    bench, (first, second) = Bench(), read(parts(ANNA, [b"ab", b"cd"]))
    bench.take(first)
    bench.take(second)
    (message,) = bench.ready
    assert bench.take(first) == []
    assert bench.statuses[2] == []
    bench.reassembly.settle(message, 0, None)
    assert bench.statuses == [[0], [0], [0]]


def test_another_message_with_the_same_reference_is_another():
    bench, old, new = Bench(), read(parts(ANNA, [b"ab", b"cd"])), read(parts(ANNA, [b"xy", b"zz"]))
    bench.take(old[0])
    assert bench.take(new[0]) == ["ab"]  # the old one is given up, with what there is
    assert bench.take(new[1]) == ["xyzz"]
    assert bench.take(old[1]) == []


def test_two_senders_with_one_reference_are_two():
    bench, anna, bob = Bench(), read(parts(ANNA, [b"ab", b"cd"])), read(parts(BOB, [b"xy", b"zz"]))
    bench.take(anna[0])
    bench.take(bob[0])
    assert bench.take(anna[1]) == ["abcd"]
    assert bench.take(bob[1]) == ["xyzz"]


def test_a_sender_who_begins_too_many_ends_the_oldest():
    bench = Bench()
    heard = [bench.take(read(parts(ANNA, [b"%d" % n, b"x"], n))[0]) for n in range(6)]
    assert heard == [[], [], [], [], ["0"], ["1"]]


def test_memory_is_bounded_altogether():
    incomplete: IncompleteMessages[int] = IncompleteMessages(altogether=3)
    pdu = read(parts(ANNA, [b"a", b"b"]))[0]
    for n in range(3):
        incomplete.take((f"{n}", "", 1, 2), 1, pdu, n, 0.0)
    assert incomplete.full(("new", "", 1, 2))
    assert not incomplete.full(("1", "", 1, 2))


def test_at_the_end_what_was_not_acknowledged_comes_again_and_the_rest_is_said():
    bench = Bench()
    begun, fresh = read(parts(ANNA, [b"ab", b"cd"])), read(parts(BOB, [b"xy", b"zz"]))
    bench.take(begun[0])
    bench.now_s += 2
    bench.reassembly.tick()
    bench.take(fresh[0])
    assert [said(message) for message in bench.reassembly.give_up()] == ["ab"]
    assert bench.statuses == [[0], [0x64]]
