"""Alphabets, numbers and statuses, row by row."""

from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bots.sms.account import valid_for
from bots.sms.segments import Alphabet, alphabet_of, segments
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.command_status import STATUSES, Meaning, status_of
from bots.sms.smpp.encoding import Charset, Codings, encoded, text_of
from bots.sms.smpp.outbound import submit_sm_bodies, validity_period_of
from bots.sms.smpp.pdu import bind_body
from bots.sms.smpp.timeouts import Backoff, Timeouts
from core.randomness import SeededRandomness
from tests.adapters.smpp.rig import NOON
from tests.fakes.smsc import read_submit

GSM, LATIN = Codings(), Codings("latin1")
DECODED = [
    # id, data_coding, octets, codings of the account, text
    ("default gsm", 0x00, b"a\x00\x1b\x65", GSM, "a@€"),
    ("default latin", 0x00, b"a@\xe9", LATIN, "a@é"),
    ("default ascii", 0x00, b"a@$_", Codings("ascii"), "a@$_"),
    ("more than ascii all the same", 0x00, b"a@\xe9", Codings("ascii"), "a@é"),
    ("no septets, but utf-8", 0x00, "积分@".encode(), GSM, "积分@"),
    ("no septets, but latin", 0x00, b"a@\xe9\x40", GSM, "a@é@"),
    ("no class of septets", 0xF1, b"caf\xe9", GSM, "café"),
    ("ascii", 0x01, b"a@", GSM, "a@"),
    ("data", 0x02, b"ab", GSM, None),
    ("latin", 0x03, b"\xe9", GSM, "é"),
    ("more data", 0x04, b"ab", GSM, None),
    ("japanese", 0x05, b"\x82\xa0", GSM, "あ"),
    ("cyrillic", 0x06, b"\xb0", GSM, "А"),
    ("hebrew", 0x07, b"\xe0", GSM, "א"),
    ("ucs2", 0x08, "中奖🎉".encode("utf-16-be"), GSM, "中奖🎉"),
    ("ucs2 with a mark", 0x08, b"\xfe\xff\x4e\x2d", GSM, "中"),
    ("ucs2 the wrong way", 0x08, b"\xff\xfe\x2d\x4e", GSM, "中"),
    ("ucs2 the wrong way without a mark", 0x08, b"S\x00T\x00O\x00P\x00", GSM, "STOP"),
    ("one that could be the wrong way", 0x08, b"N\x00", GSM, "一"),
    ("half a pair", 0x08, b"\xd8\x3c\x00a", GSM, "�a"),
    ("an octet too many", 0x08, b"\x00ab", GSM, "a�"),
    ("pictograms", 0x09, b"ab", GSM, None),
    ("music", 0x0A, b'\x1b$B$"\x1b(B', GSM, "あ"),
    ("reserved", 0x0B, b"ab", GSM, None),
    ("extended kanji", 0x0D, b'\x1b$B$"\x1b(B', GSM, "あ"),
    ("korean", 0x0E, b"\xb0\xa1", GSM, "가"),
    ("chinese", 0x0F, "积分".encode("gbk"), GSM, "积分"),
    ("flash", 0x10, b"\x00", LATIN, "@"),
    ("flash data", 0x14, b"ab", GSM, None),
    ("flash ucs2", 0x18, b"\x00a", GSM, "a"),
    ("compressed", 0x20, b"ab", GSM, None),
    ("a reserved group", 0x80, b"ab", GSM, None),
    ("waiting", 0xC8, b"a", GSM, "a"),
    ("waiting ucs2", 0xE0, b"\x00a", GSM, "a"),
    ("class", 0xF1, b"a", GSM, "a"),
    ("class data", 0xF5, b"a", GSM, None),
    ("eight bits that are latin here", 0x04, b"caf\xe9", Codings(others={0x04: "latin1"}), "café"),
    ("eight bits that are septets here", 0x02, b"a\x00", Codings(others={0x02: "gsm7"}), "a@"),
    ("eight bits that are utf-8 here", 0xF5, "积分".encode(), Codings(others={0xF5: "utf-8"}), "积分"),
    ("latin that is ucs2 here", 0x03, b"\x4e\x2d", Codings(others={0x03: "ucs2"}), "中"),
    ("ucs2 that is data here", 0x08, b"\x00a", Codings(others={0x08: "data"}), None),
    ("big5", 0x05, "積分".encode("big5"), Codings(others={0x05: "big5"}), "積分"),
    ("latin with an end", 0x03, b"caf\xe9\x00", GSM, "café"),
    ("ucs2 with an end", 0x08, b"\x4e\x2d\x00\x00", GSM, "中"),
    ("ucs2 with half an end", 0x08, b"\x4e\x2d\x00", GSM, "中"),
    ("ascii with an end", 0x01, b"points\x00", GSM, "points"),
    ("septets with an @", 0x00, b"points\x00", GSM, "points@"),
    ("packed", 0x04, b"\xe8\x32\x9b\xfd\x06", Codings(others={0x04: "gsm7-packed"}), "hello"),
    ("seven packed", 0x04, b"\xf0\x77\xda\x4d\x9f\x87\x00", Codings(others={0x04: "gsm7-packed"}), "points!"),
]


@pytest.mark.parametrize(
    ("coding", "octets", "codings", "text"), [row[1:] for row in DECODED], ids=[r[0] for r in DECODED]
)
def test_octets_become_text(coding, octets, codings, text):
    assert text_of(octets, coding, codings) == text


@given(st.binary(max_size=60), st.integers(0, 255), st.sampled_from(get_args(Charset)))
def test_no_octets_are_too_bad(octets, coding, charset):
    text = text_of(octets, coding, Codings(others={coding: charset} if coding else {}))
    assert text is None or text.encode() is not None


MEANT = {
    Meaning.TAKEN: {0x00},
    Meaning.SLOWER: {0x14, 0x58},
    Meaning.LATER: {0x04, 0x05, 0x08, 0x0D, 0x0E, 0x0F, 0x45, 0x64},
    Meaning.GONE: {0x0B},
    Meaning.DOUBTFUL: {0xFF},
}


@pytest.mark.parametrize("code", STATUSES)
def test_each_status_means_what_the_table_of_the_standard_says(code):
    meant = next((meaning for meaning, codes in MEANT.items() if code in codes), Meaning.NEVER)
    assert status_of(code).meaning is meant


def test_there_are_all_statuses_of_the_standard():
    assert len(STATUSES) == 48
    assert all(codes <= STATUSES.keys() for codes in MEANT.values())


@pytest.mark.parametrize("code", [0x400, 0x9999])
def test_a_vendors_status_may_pass(code):
    assert status_of(code).meaning is Meaning.LATER
    assert status_of(code).name == f"status_{code:#x}"


def account(**settings):
    given = {"name": "main", "host": "localhost", "system_id": "h", "password": "p", "sender": "12345"}
    return SmppAccount(**given | settings)


LONG = "0123456789" * 20
WRITTEN = [
    # id, settings, text, (esm_class, data_coding, octets) of each part
    ("gsm", {}, "a@€", [(0, 0, b"a\x00\x1b\x65")]),
    ("chinese", {}, "中奖", [(0, 8, "中奖".encode("utf-16-be"))]),
    ("default latin", {"alphabet": "latin1"}, "a@é", [(0, 0, b"a@\xe9")]),
    ("latin beyond gsm", {"alphabet": "latin1"}, "ê", [(0, 3, b"\xea")]),
    ("ascii", {"alphabet": "ascii"}, "a@$_", [(0, 0, b"a@$_")]),
    ("beyond ascii", {"alphabet": "ascii"}, "a@é", [(0, 8, b"\0a\0@\0\xe9")]),
    ("ascii that no phone has in seven bits", {"alphabet": "ascii"}, "`", [(0, 8, b"\0`")]),
    ("ucs2 as another number", {"sent_as": {"ucs2": "0x18"}}, "中", [(0, 0x18, b"\x4e\x2d")]),
    ("septets as a class", {"sent_as": {"gsm7": 0xF1}}, "a@", [(0, 0xF1, b"a\0")]),
    ("septets though 0 is latin", {"alphabet": "latin1", "sent_as": {"gsm7": 0xF1}}, "a@Δ", [(0, 0xF1, b"a\0\x10")]),
    (
        "ucs2 where eight bits are that",
        {"codings": {"4": "ucs2"}, "sent_as": {"ucs2": "4"}},
        "中",
        [(0, 4, b"\x4e\x2d")],
    ),
    ("greek where it is latin", {"alphabet": "latin1"}, "Δ", [(0, 8, b"\x03\x94")]),
    (
        "parts",
        {},
        LONG,
        [(0x40, 0, b"\5\0\3\7\2\1" + LONG[:153].encode()), (0x40, 0, b"\5\0\3\7\2\2" + LONG[153:].encode())],
    ),
    ("sar", {"long_texts": "sar"}, LONG, [(0, 0, LONG[:153].encode()), (0, 0, LONG[153:].encode())]),
    ("payload", {"long_texts": "payload"}, LONG, [(0, 0, b"")]),
]


@pytest.mark.parametrize(("settings", "text", "expected"), [row[1:] for row in WRITTEN], ids=[r[0] for r in WRITTEN])
def test_texts_become_submit_sm(settings, text, expected):
    bodies = [read_submit(0, 1, body) for body in submit_sm_bodies(account(**settings), "+8613800138000", text, 263)]
    assert [(body.esm_class, body.data_coding, body.octets) for body in bodies] == expected
    if settings.get("long_texts") == "sar":
        options = [(body.options[0x020C], body.options[0x020E], body.options[0x020F]) for body in bodies]
        assert options == [(b"\1\7", b"\2", b"\1"), (b"\1\7", b"\2", b"\2")]
    if settings.get("long_texts") == "payload":
        assert bodies[0].options == {0x0424: LONG.encode()}


@given(st.text(st.characters(exclude_characters="\0"), max_size=400))
def test_what_goes_out_in_parts_is_the_text(text):
    one = account()
    alphabet = one.alphabet_for(text)
    coding = 8 if alphabet is Alphabet.UCS2 else 0
    octets = [encoded(part, "gsm7" if coding == 0 else "ucs2") for part in segments(text, alphabet)]
    assert all(len(part) <= 160 for part in octets)
    whole = text.encode("utf-16-be", "replace").decode("utf-16-be") if alphabet is Alphabet.UCS2 else text
    assert "".join(text_of(part, coding) or "" for part in octets) == whole.removeprefix("\ufeff") or "\ufeff" in text
    assert alphabet_of(text) is alphabet


WRONG = [
    ({"codings": {"0": "latin1"}}, "codings: 0 is what alphabet"),
    ({"codings": {"four": "latin1"}}, "no data_coding"),
    ({"codings": {"0x100": "latin1"}}, "less than or equal to 255"),
    ({"codings": {"4": "klingon"}}, "Input should be"),
    ({"sent_as": {"ucs2": 4}}, "sent_as: ucs2 texts would go as 0x04, which stands for data here"),
    ({"codings": {"8": "utf-8"}}, "sent_as: ucs2 texts would go as 0x08, which stands for utf-8 here"),
    ({"sent_as": {"gsm7": 8}}, "sent_as: gsm7 texts would go as 0x08"),
    ({"alphabet": "latin1", "codings": {"3": "data"}}, "sent_as: latin1 texts would go as 0x03"),
    ({"interface_version": "3.3"}, "knows no transceiver"),
    ({"interface_version": "3.3", "bind": "pair", "long_texts": "sar"}, "knows no optional parameters"),
    ({"interface_version": "3.5"}, "Input should be"),
    ({"service_type": "TOOLONG"}, "at most 5 characters"),
    ({"address_range": "1" * 41}, "at most 40 characters"),
    ({"validity_s": 59}, "greater than or equal to 60"),
]


@pytest.mark.parametrize(("settings", "why"), WRONG, ids=[row[1] for row in WRONG])
def test_settings_that_fit_nothing_are_refused(settings, why):
    with pytest.raises(ValidationError, match=why):
        account(**settings)


def test_a_bind_says_what_the_account_says():
    plain = b"h\0p\0\0\x34\0\0\0"
    assert bind_body(account()) == plain
    told = account(
        password="longer-than-eight",
        system_type="VMA",
        interface_version="5.0",
        address_ton=3,
        address_npi=1,
        address_range="^10690000",
    )
    assert bind_body(told) == b"h\0longer-than-eight\0VMA\0\x50\3\1^10690000\0"
    assert bind_body(account(interface_version="3.3", bind="pair"))[5] == 0x33


LENGTHS = [
    (60, "000000000100000R"),
    (86_400, "000001000000000R"),
    (7 * 86_400 + 3_725, "000007010205000R"),
    (63 * 7 * 86_400, "010221000000000R"),
]


@pytest.mark.parametrize(("length_s", "written"), LENGTHS)
def test_a_length_of_time_as_the_standard_writes_it(length_s, written):
    assert validity_period_of(length_s) == written


VALID = [
    # validity_s of the account, seconds until nobody wants the text, seconds that the SMSC is told
    (None, None, None),
    (600, None, 600),
    (None, 3600, 3600),
    (600, 3600, 600),
    (7200, 3600, 3600),
    (None, 5, 60),
    (None, -5, 60),
]


@pytest.mark.parametrize(("validity_s", "left_s", "told_s"), VALID)
def test_the_smsc_tries_no_longer_than_anybody_wants_a_text(validity_s, left_s, told_s):
    expires_at = None if left_s is None else NOON + timedelta(seconds=left_s)
    assert valid_for(account(validity_s=validity_s), expires_at, NOON) == told_s


def test_each_part_has_the_service_and_the_validity():
    for long_texts in ("udh", "sar", "payload"):
        one = account(service_type="CMT", long_texts=long_texts)
        bodies = [read_submit(0, 1, body) for body in submit_sm_bodies(one, "+8613800138000", LONG, 263, 600)]
        assert {(body.service_type, body.validity) for body in bodies} == {("CMT", "000000001000000R")}
        plain = [read_submit(0, 1, body) for body in submit_sm_bodies(account(), "+8613800138000", LONG, 263)]
        assert {(body.service_type, body.validity) for body in plain} == {("", "")}


def test_a_price_counts_segments_in_the_alphabet_that_goes_out():
    tariff = account(price_micros=45000, currency="CNY", signature="火炬").tariff
    assert tariff.cost("+8613800138000", "a" * 66).segments == 1
    assert tariff.cost("+8613800138000", "a" * 67).segments == 2


def test_a_backoff_grows_to_its_limit_and_begins_again():
    backoff = Backoff(Timeouts(), SeededRandomness("backoff"))
    taken = [backoff.next_s() for _ in range(8)]
    for pause_s, whole_s in zip(taken, [1, 2, 4, 8, 16, 32, 45, 45], strict=True):
        assert whole_s * 0.75 <= pause_s <= min(45, whole_s * 1.25)
    backoff.reset()
    assert backoff.next_s() <= 1.25


@pytest.mark.parametrize(
    "wrong", [{"password": "p" * 65}, {"system_id": "x" * 16}, {"sender": ""}, {"unknown": 1}, {"window": 0}]
)
def test_an_account_that_cannot_be(wrong):
    with pytest.raises(ValidationError):
        account(**wrong)
