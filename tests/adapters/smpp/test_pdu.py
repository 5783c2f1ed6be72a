"""PDUs: any bytes in any pieces, and what they say."""

import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.pdu import (
    LONGEST,
    Deliver,
    Garbled,
    Pdu,
    Reader,
    Unreadable,
    bind_body,
    read_deliver,
    read_message_id,
    read_options,
    submit_body,
)
from tests.adapters.smpp.rig import ANNA
from tests.fakes.smsc import Mo, option, read_submit

OCTET, WORD = st.integers(0, 255), st.integers(0, 2**32 - 1)
PDUS = st.lists(st.builds(Pdu, WORD, WORD, WORD, st.binary(max_size=60)), max_size=6)


def read(*chunks: bytes) -> list[Pdu]:
    reader = Reader()
    return [pdu for chunk in chunks for pdu in reader.feed(chunk)]


@given(PDUS, st.data())
def test_any_split_of_a_stream_gives_the_same_pdus(pdus, data):
    stream = b"".join(pdu.written() for pdu in pdus)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert read(*chunks) == pdus


@given(st.binary(max_size=400))
def test_no_stream_is_too_bad(octets):
    try:
        pdus = read(octets)
    except Garbled:
        return
    for pdu in pdus:
        with contextlib.suppress(Unreadable):
            read_deliver(pdu.body)


@pytest.mark.parametrize("length", [0, 15, LONGEST + 1, 2**32 - 1])
def test_an_impossible_length_ends_the_stream(length):
    with pytest.raises(Garbled):
        read(struct.pack(">IIII", length, 5, 0, 1))


def test_what_came_before_garbage_is_read():
    pdus = Reader().feed(Pdu(5, 0, 1, b"x").written() + b"\xff" * 16)
    assert next(pdus) == Pdu(5, 0, 1, b"x")
    with pytest.raises(Garbled):
        next(pdus)


@given(st.binary(max_size=200))
def test_no_body_is_too_bad(octets):
    try:
        pdu = read_deliver(octets)
    except Unreadable:
        return
    assert isinstance(pdu, Deliver)


@given(st.text("abcdef0123456789", max_size=20), OCTET, OCTET, st.binary(max_size=254), st.binary(max_size=40))
def test_every_deliver_sm_is_read_whole(source, esm_class, coding, octets, payload):
    options = option(0x0204, b"\0\7") + option(0x1400, b"vendor") + option(0x0424, payload)
    mo = Mo(source, octets, esm_class=esm_class, data_coding=coding, ton=3, options=options)
    pdu = read_deliver(mo.body())
    assert (pdu.source_ton, pdu.source, pdu.dest) == (3, source, "12345")
    assert (pdu.esm_class, pdu.data_coding) == (esm_class, coding)
    assert pdu.octets == (octets or payload)
    assert pdu.options == {0x0204: b"\0\7", 0x1400: b"vendor", 0x0424: payload}


@given(st.binary(max_size=100), st.data())
def test_a_cut_body_is_refused(octets, data):
    body = Mo(ANNA, octets).body()
    cut = data.draw(st.integers(0, len(body) - 1))
    with pytest.raises(Unreadable):
        read_deliver(body[:cut])


@pytest.mark.parametrize(
    ("octets", "options"),
    [
        (b"", {}),
        (b"\x02", {}),
        (option(1, b"a") + b"\0\2\0\5xx", {1: b"a"}),
        (option(1, b"a") + option(1, b"b"), {1: b"a"}),
        (option(1, b""), {1: b""}),
    ],
    ids=["none", "cut head", "cut value", "twice", "empty"],
)
def test_options(octets, options):
    assert read_options(octets) == options


@pytest.mark.parametrize(
    ("body", "name"), [(b"abc\0", "abc"), (b"abc", "abc"), (b"", ""), (b"\0", ""), (b" 7 \0\0\1", "7")]
)
def test_a_message_id_needs_no_zero(body, name):
    assert read_message_id(body) == name


def test_a_bind_has_the_standards_form():
    account = SmppAccount(name="main", host="h", system_id="huoju", password="secret", system_type="vma", sender="1")
    assert bind_body(account) == b"huoju\0secret\0vma\0\x34\0\0\0"


@given(st.binary(max_size=254), st.booleans())
def test_what_is_written_another_reader_reads(octets, long):
    options = {"message_payload": b"z" * 300} if long else {}
    body = submit_body(
        options, source_addr_ton=3, source_addr="12345", dest_addr_ton=1, dest_addr_npi=1, destination_addr=ANNA,
        esm_class=0x40, data_coding=8, registered_delivery=1, short_message=b"" if long else octets,
    )  # fmt: skip
    submitted = read_submit(0, 1, body)
    assert (submitted.source, submitted.dest, submitted.dest_ton) == ("12345", ANNA, 1)
    assert (submitted.esm_class, submitted.data_coding, submitted.registered) == (0x40, 8, 1)
    assert submitted.octets == (b"" if long else octets)
    assert submitted.options == ({0x0424: b"z" * 300} if long else {})
