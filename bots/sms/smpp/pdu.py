"""PDUs of SMPP 3.4: cut from a stream of bytes, read, and written (https://smpp.org/SMPP_v3_4_Issue1_2.pdf).

The bodies are smpplib's; headers and lengths are checked here, before anything is parsed.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from smpplib import command as codec

from bots.sms.smpp.account import SmppAccount

LONGEST = 64 * 1024
"""Bytes of a PDU. The longest that the standard knows has a message_payload of 64 KiB; nobody types that."""

_HEADER = struct.Struct(">LLLL")
_TLV = struct.Struct(">HH")
_STRINGS = (
    "service_type",
    "source_addr",
    "destination_addr",
    "schedule_delivery_time",
    "validity_period",
)
_FIXED = 12  # octets of the whole numbers among a deliver_sm's mandatory fields


class Command(IntEnum):
    """The command_id of what is spoken here. An answer has the bit ANSWER set."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15
    ALERT_NOTIFICATION = 0x102
    DATA_SM = 0x103
    GENERIC_NACK = 0x80000000


ANSWER = 0x80000000


class Tag(IntEnum):
    """Optional parameters that mean something to us."""

    RECEIPTED_MESSAGE_ID = 0x001E
    USER_MESSAGE_REFERENCE = 0x0204
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class Garbled(Exception):
    """The stream cannot be followed any further: the length of a PDU is impossible."""


class Unreadable(Exception):
    """The body of one PDU is not what its command says."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU, its body unread."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def written(self) -> bytes:
        """Its bytes."""
        return _HEADER.pack(16 + len(self.body), self.command, self.status, self.sequence) + self.body


class Reader:
    """Cuts a stream into PDUs, however it arrives."""

    def __init__(self, longest: int = LONGEST) -> None:
        self._longest = longest
        self._rest = bytearray()

    def feed(self, octets: bytes) -> Iterator[Pdu]:
        """The PDUs that ``octets`` complete. Raises Garbled at a length under 16 or over the limit."""
        rest = self._rest
        rest += octets
        begin = 0
        try:
            while len(rest) - begin >= _HEADER.size:
                length, command, status, sequence = _HEADER.unpack_from(rest, begin)
                if not _HEADER.size <= length <= self._longest:
                    raise Garbled(f"a PDU of {length} bytes")
                if len(rest) - begin < length:
                    return
                body = bytes(rest[begin + _HEADER.size : begin + length])
                begin += length
                yield Pdu(command, status, sequence, body)
        finally:
            del rest[:begin]


@dataclass(frozen=True, slots=True)
class Deliver:
    """A deliver_sm: a message of a phone, or a receipt."""

    source_ton: int
    source: str
    dest: str
    esm_class: int
    data_coding: int
    octets: bytes
    """short_message, or message_payload where that is used."""
    options: Mapping[int, bytes]


def read_deliver(body: bytes) -> Deliver:
    """The body of a deliver_sm. Raises Unreadable when it is cut, or a length in it is wrong."""
    pdu: Any = codec.DeliverSM("deliver_sm", need_sequence=False)
    tail: list[bytes] = []
    pdu.parse_optional_params = tail.append  # smpplib's own gives up at what it does not know
    try:
        pdu.parse_params(body)
    except struct.error:
        raise Unreadable("cut in a mandatory field") from None
    if pdu.sm_length is None or any(getattr(pdu, name) is None for name in _STRINGS):
        raise Unreadable("mandatory fields are missing")
    octets, options = pdu.short_message or b"", b"".join(tail)
    used = sum(len(getattr(pdu, name)) + 1 for name in _STRINGS) + _FIXED + len(octets) + len(options)
    if used != len(body) or len(octets) != pdu.sm_length:  # smpplib reads on where a string does not end
        raise Unreadable("a field is longer than the PDU")
    found = read_options(options)
    return Deliver(
        pdu.source_addr_ton,
        pdu.source_addr.decode("latin-1").strip(),
        pdu.destination_addr.decode("latin-1").strip(),
        pdu.esm_class,
        pdu.data_coding,
        octets or found.get(Tag.MESSAGE_PAYLOAD, b""),
        found,
    )


def read_options(octets: bytes) -> dict[int, bytes]:
    """Optional parameters by tag, known or not; one that is cut ends them."""
    found: dict[int, bytes] = {}
    begin = 0
    while len(octets) - begin >= _TLV.size:
        tag, length = _TLV.unpack_from(octets, begin)
        begin += _TLV.size
        if len(octets) - begin < length:
            break
        found.setdefault(tag, octets[begin : begin + length])
        begin += length
    return found


def read_message_id(body: bytes) -> str:
    """The message_id of a submit_sm_resp, "" when there is none; some SMSCs leave out the zero at its end."""
    return body.split(b"\0", 1)[0].decode("latin-1").strip()


_VERSIONS = {"3.3": 0x33, "3.4": 0x34, "5.0": 0x50}


def bind_body(account: SmppAccount) -> bytes:
    """The body of a bind of any kind. By hand, as smpplib cuts a password after eight characters."""
    names = (account.system_id, account.password.get_secret_value(), account.system_type)
    numbers = bytes([_VERSIONS[account.interface_version], account.address_ton, account.address_npi])
    return b"".join(map(_c_string, names)) + numbers + _c_string(account.address_range)


def _c_string(text: str) -> bytes:
    return text.encode("latin-1", "replace") + b"\0"


_SUBMIT_FIELDS = codec.SubmitSM.params_order[: codec.SubmitSM.params_order.index("short_message") + 1]


def submit_body(options: Mapping[str, object] | None = None, **fields: object) -> bytes:
    """The body of a submit_sm; ``options`` are optional parameters, by smpplib's names."""
    pdu: Any = codec.SubmitSM("submit_sm", need_sequence=False, **fields, **(options or {}))
    pdu.params_order = (*_SUBMIT_FIELDS, *(options or ()))  # asking for the others took most of the time
    body: bytes = pdu.generate_params()
    return body
