"""Links: bound, watched, throttled, cut, garbled, and bound again."""

import random
import struct
import threading
from collections import Counter
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import pytest

from core.engine.engine import Busy
from core.messages import Answer, Answered, InboundKind
from core.sending.outbound import Category, Cost, Delivered, Refused, TryAgain, Unknown
from tests.adapters.smpp.rig import ANNA, BOB, QUICK, Ear, line, text_to
from tests.fakes.smsc import Mo, Smsc, option, parts, pdu, sar_parts


def heard(smsc: Smsc, *mos: Mo) -> None:
    smsc.until(lambda: all(0 in mo.statuses for mo in mos))


def test_a_message_is_heard_and_acknowledged(smsc):
    with line(smsc) as one:
        mo = Mo(ANNA, b"hello")
        smsc.say(mo)
        heard(smsc, mo)
        (message,) = one.ear.messages
        assert (message.channel, message.account, message.user, message.text) == ("sms", "main", "+" + ANNA, "hello")
        assert (message.waits, message.kind, message.received_at) == (False, InboundKind.TYPED, one.now)


HEARD = [
    # id, what a phone sends, (text, kind) or None when nobody is told
    ("chinese", Mo(ANNA, "中奖".encode("utf-16-be"), data_coding=8), ("中奖", InboundKind.TYPED)),
    ("in a parameter", Mo(ANNA, b"", options=option(0x0424, b"x" * 300)), ("x" * 300, InboundKind.TYPED)),
    ("data", Mo(ANNA, b"\x01\x02", data_coding=4), ("", InboundKind.SHOWED)),
    ("nothing", Mo(ANNA, b""), ("", InboundKind.SHOWED)),
    ("for a port", Mo(ANNA, b"\x06\x05\x04\x0b\x84\x23\xf0ab", esm_class=0x40), ("", InboundKind.SHOWED)),
    ("a broken header", Mo(ANNA, b"\xff\x00", esm_class=0x40), ("", InboundKind.SHOWED)),
    ("a vendor's parameter", Mo(ANNA, b"hi", options=option(0x1403, b"1")), ("hi", InboundKind.TYPED)),
    ("a cut parameter", Mo(ANNA, b"hi", options=b"\x14\x03\x00\x09a"), ("hi", InboundKind.TYPED)),
    ("from a name", Mo("HUOJU", b"hi", ton=5), None),
    ("from a short code", Mo("10086", b"hi", ton=3), None),
    ("from another country", Mo("447911123456", b"hi"), None),
    ("a phone's own acknowledgement", Mo(ANNA, b"hi", esm_class=0x08), None),
]


@pytest.mark.parametrize(("mo", "expected"), [row[1:] for row in HEARD], ids=[row[0] for row in HEARD])
def test_what_phones_send(smsc, mo, expected):
    with line(smsc, countries=("CN",)) as one:
        mo = replace(mo, statuses=[], delivered=0)
        smsc.say(mo)
        heard(smsc, mo)
        assert [(message.text, message.kind) for message in one.ear.messages] == ([expected] if expected else [])


def test_a_character_may_be_cut_by_the_end_of_a_part(smsc):
    octets = "中奖🎉".encode("utf-16-be")
    with line(smsc) as one:
        mos = parts(ANNA, [octets[:6], octets[6:]], data_coding=8)
        smsc.say(*mos)
        heard(smsc, *mos)
        assert one.ear.texts == ["中奖🎉"]


def test_parts_over_two_links_meet(smsc):
    smsc.mo_window = 1
    with line(smsc, binds=2, bound=2) as one:
        mos = sar_parts(ANNA, [b"ab", b"cd"])
        smsc.say(*mos)
        heard(smsc, *mos)
        assert one.ear.texts == ["abcd"]
        assert [link.received for link in one.links.state()] == [1, 1]


def test_an_smsc_that_waits_for_each_acknowledgement_gets_them(smsc):
    smsc.mo_window = 1
    with line(smsc) as one:
        mos = parts(ANNA, [b"ab", b"cd", b"ef"])
        smsc.say(*mos)
        heard(smsc, *mos)
        assert one.ear.texts == ["abcdef"]


def test_parts_survive_a_cut(smsc):
    with line(smsc) as one:
        first, second = parts(ANNA, [b"ab", b"cd"])
        smsc.say(first)
        smsc.until(lambda: one.links.state()[0].received)
        smsc.connections[0].cut(hard=True)
        smsc.say(second)
        heard(smsc, first, second)
        assert one.ear.texts == ["abcd"]


def test_nothing_is_acknowledged_before_it_is_safe_and_in_no_order(smsc):
    ear = Ear(at_once=False)
    with line(smsc, ear) as one:
        mos = [Mo(ANNA, b"1"), Mo(BOB, b"2")]
        smsc.say(*mos)
        smsc.until(lambda: len(ear.futures) == 2)
        ear.futures[1].set_result(Answer(Answered.TAMPERED))
        heard(smsc, mos[1])
        assert mos[0].statuses == []
        ear.futures[0].set_result(Answer(Answered.FAILED))
        heard(smsc, mos[0])
        assert one.ear.texts == ["1", "2"]


REFUSED = [
    ("busy", Busy("full"), 0x14),
    ("a fault of ours", ZeroDivisionError(), 0x08),
]


@pytest.mark.parametrize(("error", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_not_taken_comes_again(smsc, error, status):
    errors = [error]
    ear = Ear(refuses=lambda _message: errors.pop() if errors else None)
    with line(smsc, ear):
        mo = Mo(ANNA, b"1")
        smsc.say(mo)
        heard(smsc, mo)
        assert mo.statuses == [status, 0]
        assert len(ear.messages) == 1


@pytest.mark.parametrize("broken", ["cancelled", "failed"])
def test_a_turn_that_ends_badly_lets_it_come_again(smsc, broken):
    ear = Ear(at_once=False)
    with line(smsc, ear):
        mo = Mo(ANNA, b"1")
        smsc.say(mo)
        smsc.until(lambda: ear.futures)
        if broken == "cancelled":
            ear.futures[0].cancel()
            ear.futures[0].set_running_or_notify_cancel()
        else:
            ear.futures[0].set_exception(ZeroDivisionError())
        smsc.until(lambda: len(ear.futures) == 2)
        ear.futures[1].set_result(Answer(Answered.NEW))
        heard(smsc, mo)
        assert mo.statuses == [0x64, 0]
        assert ear.messages[0].external_id == ear.messages[1].external_id


OUTCOMES = [
    (0x00, Delivered(("1",))),
    (0x58, TryAgain("throttled", timedelta(seconds=1))),
    (0x14, TryAgain("msgqful", timedelta(seconds=1))),
    (0x08, TryAgain("syserr")),
    (0x0B, Refused("invdstadr", unreachable=True)),
    (0x0A, Refused("invsrcadr")),
    (0xFF, Unknown("unknownerr")),
    (0x421, TryAgain("status_0x421")),
    (None, Unknown("no_answer")),
]


@pytest.mark.parametrize(("status", "outcome"), OUTCOMES, ids=[str(outcome) for _, outcome in OUTCOMES])
def test_outcomes(smsc, status, outcome):
    smsc.submit_status = lambda _submitted: status
    with line(smsc, answer_limit_s=0.2 if status is None else 15) as one:
        assert one.send(text_to()) == [outcome]


@pytest.mark.parametrize(
    ("statuses", "outcome"),
    [
        ([0x480, 0x480], Refused("status_0x480", unreachable=True, unwanted=True)),
        ([0x481, 0x480], Refused("status_0x480", unreachable=True, unwanted=True)),
        ([0x481, 0x481], TryAgain("status_0x481")),
    ],
    ids=str,
)
def test_a_status_of_the_account_says_that_a_player_opted_out(smsc, statuses, outcome):
    smsc.submit_status = lambda _submitted: statuses.pop()
    with line(smsc, opted_out_codes=["0x480", "1153"]) as one:
        assert one.send(text_to(text="中" * 80)) == [outcome], "1153 is 0x481, but of receipts"


def test_a_price_and_a_signature_are_on_what_goes_out(smsc):
    with line(smsc, signature="火炬", price_micros=45000, currency="CNY") as one:
        assert one.send(text_to(text="中" * 80)) == [Delivered(("1", "2"), Cost(2, 90000, "CNY"))]
        (outcome,) = one.send(text_to(text="hi", category=Category.MARKETING))
        assert isinstance(outcome, Delivered)
        assert smsc.submits[-1].octets.decode("utf-16-be") == "【火炬】hi\nReply STOP to opt out"


@pytest.mark.parametrize(
    ("message", "error"),
    [(text_to("+447911123456"), "country"), (text_to("nobody"), "no_number"), (text_to(text="x" * 501), "too_long")],
    ids=["country", "no number", "too long"],
)
def test_what_never_goes(smsc, message, error):
    with line(smsc, countries=("CN",)) as one:
        assert one.send(message) == [Refused(error)]
    assert smsc.submits == []


def test_slower_is_asked_for_once_by_texts_that_were_in_flight_together(smsc):
    smsc.submit_status = lambda _submitted: 0x58
    with line(smsc) as one:
        outcomes = one.send(*[text_to()] * 8)
        assert set(outcomes) == {TryAgain("throttled", timedelta(seconds=1))}


def test_a_long_text_of_which_a_part_waits_is_finished(smsc):
    statuses = iter([0, 0x58, 0, 0])
    smsc.submit_status = lambda _submitted: next(statuses)
    with line(smsc) as one:
        (outcome,) = one.send(text_to(text="x" * 400))
        assert isinstance(outcome, Delivered)
        assert sorted(outcome.external_ids) == ["1", "3", "4"]
        assert smsc.submits[1].octets == smsc.submits[3].octets


def test_a_long_text_of_which_a_part_is_refused_is_unknown(smsc):
    statuses = iter([0, 0x0B])
    smsc.submit_status = lambda _submitted: next(statuses)
    with line(smsc) as one:
        assert one.send(text_to(text="x" * 200)) == [Unknown("partly_taken")]


def test_answers_in_any_order_find_their_texts(smsc):
    smsc.hold_answers = 8
    smsc.message_id = lambda n: smsc.submits[n - 1].dest
    users = [f"+861380013{n:04d}" for n in range(8)]
    with line(smsc) as one:
        outcomes = one.send(*[text_to(user) for user in users])
        assert outcomes == [Delivered((user[1:],)) for user in users]


def test_the_window_is_kept(smsc):
    smsc.hold_answers = 1000
    with line(smsc, window=4, answer_limit_s=1) as one:
        done: list = []
        sending = threading.Thread(target=lambda: done.extend(one.send(*[text_to()] * 8)))
        sending.start()
        smsc.until(lambda: len(smsc.submits) == 4)
        smsc.until(lambda: one.links.state()[0].in_flight == 8)
        assert len(smsc.submits) == 4
        smsc.hold_answers = 1
        smsc.connections[0].cut()
        sending.join(60)
        assert sorted(map(repr, done)).count(repr(Unknown("no_answer"))) == 4
        assert sum(isinstance(outcome, TryAgain) for outcome in done) == 4


def test_without_a_link_nothing_is_taken_and_the_account_rests(smsc):
    smsc.bind_status = 0x0E
    with line(smsc, bound=0) as one:
        smsc.until(lambda: len(smsc.binds) > 1)
        assert one.send(text_to()) == [TryAgain("not_bound", timedelta(seconds=2))]
        assert one.links.state()[0].error == "bind_refused:invpaswd"


def test_a_text_that_finds_no_room_in_time_is_not_taken(smsc):
    smsc.submit_status = lambda _submitted: None
    with line(smsc, window=1, answer_limit_s=2, timeouts=replace(QUICK, send_s=0.3)) as one:
        assert sorted(map(repr, one.send(text_to(), text_to()))) == [
            repr(TryAgain("not_bound")), repr(Unknown("no_answer")),
        ]  # fmt: skip


@pytest.mark.parametrize("hard", [False, True], ids=["closed", "reset"])
def test_a_lost_link_is_bound_again(smsc, hard):
    with line(smsc) as one:
        for n in range(3):
            smsc.bound()[-1].cut(hard=hard)
            smsc.until(lambda n=n: one.links.state()[0].lost == n + 1 and one.links.state()[0].state == "bound")
        assert isinstance(one.send(text_to())[0], Delivered)


def test_the_pause_is_short_again_after_a_link_that_was_good(smsc):
    with line(smsc, timeouts=replace(QUICK, longest_pause_s=60)) as one:
        pauses = []
        for n in range(4):
            assert isinstance(one.send(text_to())[0], Delivered)
            smsc.bound()[-1].cut()
            smsc.until(lambda n=n: one.links.state()[0].lost == n + 1 and one.links.state()[0].state == "bound")
            pauses.append(one.links._links[0]._backoff._next_s)
        assert pauses == [2 * QUICK.first_pause_s] * 4


def test_an_smsc_that_is_away_is_waited_for(smsc):
    smsc.bind_status = None
    with line(smsc, bound=0, answer_limit_s=0.1) as one:
        smsc.until(lambda: len(smsc.binds) >= 3)
        assert one.links.state()[0].error == "bind_unanswered"
        smsc.bind_status = 0
        smsc.until(lambda: one.links.state()[0].state == "bound")


def test_a_link_is_asked_whether_it_lives(smsc):
    with line(smsc, enquire_link_s=0.05):
        smsc.until(lambda: smsc.enquiries >= 3)
        assert len(smsc.connections) == 1


def test_a_silent_link_is_dead(smsc):
    with line(smsc, enquire_link_s=0.05, answer_limit_s=0.2) as one:
        smsc.answers_enquiries = False
        smsc.until(lambda: one.links.state()[0].lost)
        assert one.links.state()[0].error == "silent"


def test_an_smsc_that_asks_is_answered(smsc):
    with line(smsc):
        smsc.connections[0].send(pdu(0x15, 77))
        smsc.until(lambda: (77, 0) in smsc.answers)


def test_unbound_by_the_smsc_it_binds_again(smsc):
    with line(smsc) as one:
        smsc.connections[0].send(pdu(0x06, 78))
        smsc.until(lambda: (78, 0) in smsc.answers)
        smsc.connections[0].cut()
        smsc.until(lambda: len(smsc.binds) == 2)
        assert one.links.state()[0].error == "unbound_by_peer"


@pytest.mark.parametrize(
    ("command", "kind"),
    [(0x03, "other"), (0x0B, "other"), (0x21, "other"), (0x103, "data_sm"), (0x777, "other"), (0x04, "submit_sm")],
)
def test_unknown_requests_are_refused_and_counted(smsc, command, kind):
    with line(smsc) as one:
        smsc.connections[0].send(pdu(command, 79, b"??"))
        smsc.until(lambda: smsc.nacks == [(79, 0x03)])
        assert len(smsc.connections) == 1
        assert one.unread == [(f"pdu:{kind}", f"command:{command:#010x}")]


@pytest.mark.parametrize(
    "octets",
    [pdu(0x102, 1, b"alert"), pdu(0x80000004, 999, b"1\0"), pdu(0x80000000, 0, b"", 3), pdu(0x80000015, 5)],
    ids=["alert_notification", "an answer to nothing", "a nack of nothing", "another answer to nothing"],
)
def test_what_needs_no_answer_harms_nothing(smsc, octets):
    with line(smsc) as one:
        smsc.connections[0].send(octets)
        mo = Mo(ANNA, b"still here")
        smsc.say(mo)
        heard(smsc, mo)
        assert (smsc.nacks, smsc.answers, len(smsc.connections)) == ([], [], 1)
        assert one.ear.texts == ["still here"]
        assert one.unread == [("pdu:alert_notification", "command:0x00000102")] * (octets[6:8] == b"\x01\x02")


def test_a_nack_answers_a_text(smsc):
    smsc.submit_status = lambda submitted: smsc.connections[0].send(pdu(0x80000000, submitted.sequence, b"", 0x03))
    with line(smsc) as one:
        assert one.send(text_to()) == [Refused("invcmdid")]


def test_a_nack_without_a_reason_takes_no_text_and_binds_no_link(smsc):
    smsc.submit_status = lambda submitted: smsc.connections[-1].send(pdu(0x80000000, submitted.sequence))
    with line(smsc) as one:
        assert one.send(text_to()) == [TryAgain("syserr")]
        smsc.bind_status = None
        smsc.connections[0].cut()
        smsc.until(lambda: len(smsc.binds) == 2)
        smsc.connections[-1].send(pdu(0x80000000, 1))
        smsc.until(lambda: one.links.state()[0].error == "bind_refused:syserr")


def test_an_unreadable_message_is_refused_for_good_and_counted(smsc):
    with line(smsc) as one:
        smsc.connections[0].send(pdu(0x05, 80, b"\0\1\1nobody"))
        smsc.until(lambda: (80, 0x65) in smsc.answers)
        assert len(smsc.connections) == 1
        assert [what for what, _ in one.unread] == ["pdu:deliver_sm"]


@pytest.mark.parametrize("length", [0, 4, 15, 65537, 2**31])
def test_an_impossible_length_ends_the_link_and_not_the_process(smsc, length):
    with line(smsc) as one:
        smsc.connections[0].send(struct.pack(">IIII", length, 5, 0, 81))
        smsc.until(lambda: len(smsc.binds) == 2)
        assert smsc.nacks == [(0, 0x02)]
        assert one.links.state()[0].error == "garbled"


def test_garbage_of_all_kinds_is_survived(smsc):
    generator = random.Random(7)
    with line(smsc) as one:
        for n in range(20):
            connection = smsc.bound()[-1]
            connection.send(generator.randbytes(generator.randint(1, 200)))
            if n % 2:
                connection.cut(hard=True)
            smsc.until(lambda: one.links.state()[0].state == "bound" and smsc.bound()[-1].alive)
            if not n % 2 and smsc.bound()[-1] is connection:
                connection.cut()
            smsc.until(lambda c=connection: not c.alive)
        smsc.until(lambda: one.links.state()[0].state == "bound")
        mo = Mo(ANNA, b"still here")
        smsc.say(mo)
        heard(smsc, mo)


def test_half_a_pdu_waits_for_the_rest(smsc):
    with line(smsc) as one:
        octets = pdu(0x05, 82, Mo(ANNA, b"in halves").body())
        for octet in octets:
            smsc.connections[0].send(bytes([octet]))
        smsc.until(lambda: (82, 0) in smsc.answers)
        assert one.ear.texts == ["in halves"]


def test_a_written_text_is_unknown_when_its_link_is_lost(smsc):
    smsc.submit_status = lambda _submitted: smsc.connections[0].cut(hard=True)
    with line(smsc) as one:
        assert one.send(text_to()) == [Unknown("no_answer")]


def test_several_links_share_the_texts(smsc):
    smsc.hold_answers = 10
    with line(smsc, binds=2, bound=2, window=5) as one:
        assert all(isinstance(outcome, Delivered) for outcome in one.send(*[text_to()] * 10))
        assert list(Counter(submitted.link for submitted in smsc.submits).values()) == [5, 5]


def test_a_pair_sends_by_one_and_hears_by_the_other(smsc):
    with line(smsc, bind="pair", bound=2) as one:
        mo = Mo(ANNA, b"hi")
        smsc.say(mo)
        heard(smsc, mo)
        assert isinstance(one.send(text_to())[0], Delivered)
        assert sorted(role for role, _ in smsc.binds) == ["receiver", "transmitter"]
        roles = {connection.number: connection.role for connection in smsc.connections}
        assert roles[smsc.submits[0].link] == "transmitter"


def test_stopping_finishes_what_is_in_flight_and_unbinds(smsc):
    ear = Ear(at_once=False)
    with line(smsc, ear) as one:
        mo, late = Mo(ANNA, b"1"), Mo(BOB, b"2")
        smsc.say(mo)
        smsc.until(lambda: ear.futures)
        stopping = threading.Thread(target=lambda: one.links.stop(5))
        stopping.start()
        smsc.until(lambda: one.links.outbound.send(text_to()) != [] and not one.links._links[0].session())
        smsc.say(late)
        smsc.until(lambda: late.statuses)
        assert set(late.statuses) == {0x64}
        assert smsc.unbinds == 0
        ear.futures[0].set_result(Answer(Answered.NEW))
        stopping.join(60)
        assert mo.statuses == [0]
        assert smsc.unbinds == 1
        assert one.links.state()[0].state == "stopped"


def test_stopping_before_the_smsc_was_there(smsc):
    smsc.bind_status = 0x0D
    with line(smsc, bound=0) as one:
        one.links.stop(1)
        assert one.links.state()[0].state == "stopped"


def test_a_fault_in_one_link_ends_neither_it_nor_another(smsc, monkeypatch):
    with line(smsc, binds=2, bound=2) as one:
        session = one.links._links[0].session()
        monkeypatch.setattr(session, "_look_after", lambda _now_s: 1 / 0)
        smsc.until(lambda: one.links.state()[0].lost == 1)
        assert one.links.state()[0].error == "ZeroDivisionError"
        smsc.until(lambda: [link.state for link in one.links.state()] == ["bound", "bound"])
        assert one.links.state()[1].lost == 0


def test_a_long_message_waits_for_its_rest_while_others_are_heard(smsc):
    futures: list[Future] = []
    with line(smsc) as one:
        first, second = parts(ANNA, [b"ab", b"cd"])
        other = Mo(BOB, b"hi")
        smsc.say(first, other)
        heard(smsc, other)
        assert (first.statuses, one.ear.texts, futures) == ([], ["hi"], [])
        smsc.say(second)
        heard(smsc, first, second)
        assert one.ear.texts == ["hi", "abcd"]


def test_an_acknowledgement_that_was_surely_read_is_not_taken_back(smsc):
    """The SMSC has answered what was written after it, so the same words after a cut are another message."""
    with line(smsc, timeouts=replace(QUICK, proof_s=0.05)) as one:
        for n in range(2):
            mo = Mo(ANNA, b"1")
            smsc.say(mo)
            heard(smsc, mo)
            smsc.until(lambda n=n: smsc.enquiries > n)
            smsc.until(lambda: not one.links._links[0]._session._window.doubtful)
            smsc.connections[-1].cut()
            smsc.until(lambda n=n: len(smsc.binds) == n + 2)
        assert len({message.external_id for message in one.ear.messages}) == 2


def test_an_acknowledgement_that_may_have_been_in_vain_is_taken_back(smsc):
    with line(smsc) as one:
        smsc.reads_answers = False
        mo = Mo(ANNA, b"1")
        smsc.say(mo)
        smsc.until(lambda: smsc.answers)
        smsc.reads_answers = True
        smsc.connections[-1].cut(hard=True)
        heard(smsc, mo)
        assert len(one.ear.messages) == 2
        assert len({message.external_id for message in one.ear.messages}) == 1
