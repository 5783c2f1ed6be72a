"""Texts become submit_sm, row by row."""

import pytest

from bots.sms.smpp.outbound import submit_sm_bodies, validity_period_of
from tests.adapters.smpp.rig import account
from tests.fakes.smsc import read_submit

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


LENGTHS = [
    (60, "000000000100000R"),
    (86_400, "000001000000000R"),
    (7 * 86_400 + 3_725, "000007010205000R"),
    (63 * 7 * 86_400, "010221000000000R"),
]


@pytest.mark.parametrize(("length_s", "written"), LENGTHS)
def test_a_length_of_time_as_the_standard_writes_it(length_s, written):
    assert validity_period_of(length_s) == written


def test_each_part_has_the_service_and_the_validity():
    for long_texts in ("udh", "sar", "payload"):
        one = account(service_type="CMT", long_texts=long_texts)
        bodies = [read_submit(0, 1, body) for body in submit_sm_bodies(one, "+8613800138000", LONG, 263, 600)]
        assert {(body.service_type, body.validity) for body in bodies} == {("CMT", "000000001000000R")}
        plain = [read_submit(0, 1, body) for body in submit_sm_bodies(account(), "+8613800138000", LONG, 263)]
        assert {(body.service_type, body.validity) for body in plain} == {("", "")}
