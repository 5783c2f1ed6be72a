"""Delivery receipts: what a deliver_sm says of a text that was sent (SMPP 3.4, Appendix B and 5.3.2.35).

https://smpp.org/SMPP_v3_4_Issue1_2.pdf. SMSCs send them in any dress: as the class of the message says, with one
parameter or both, or as a plain message with the fields in its words, in whatever coding.
"""

from collections.abc import Collection, Iterator

from bots.sms.account import CHANNEL
from bots.sms.opted_out import tells
from bots.sms.reports import FATES, Told, error_of, is_report, told
from bots.sms.segments import gsm7_decode, unpacked
from bots.sms.smpp.alphabets import STANDARD, Codings, text_of
from bots.sms.smpp.pdus import Deliver, Tag
from bots.sms.smpp.pieces import content_of
from core.sending.receipts import Fate, Receipt

_NETWORK_ERROR_OCTETS = 3
_KINDS, _INTERMEDIATE = 0x3C, 0x20

_STATES = {
    0: "SCHEDULED",
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
    9: "SKIPPED",
}


def is_marked(pdu: Deliver) -> bool:
    """Whether the SMSC marks it as no message of a phone: a receipt, an acknowledgement, or a parameter of one."""
    return pdu.esm_class & _KINDS != 0 or Tag.RECEIPTED_MESSAGE_ID in pdu.options or Tag.MESSAGE_STATE in pdu.options


def reads_as_report(octets: bytes, coding: int, codings: Codings = STANDARD) -> bool:
    """Whether the words of a message are a receipt's, in whatever coding they come."""
    return any(is_report(words) for words in _readings(octets, coding, codings))


def read_receipt(
    pdu: Deliver,
    account: str,
    *,
    by_value: bool = True,
    codings: Codings = STANDARD,
    opted_out_codes: Collection[str] = (),
) -> Receipt | None:
    """The receipt of ``account``'s text in ``pdu``, None when it names no text or no state."""
    bodies = dict.fromkeys([content_of(pdu).octets, pdu.options.get(Tag.MESSAGE_PAYLOAD, b"")])
    said = [told(words) for octets in bodies for words in _readings(octets, pdu.data_coding, codings)]
    fullest = max(said, key=lambda one: (one.state is not None) + (one.name is not None), default=Told())
    names = [name for name in (_option_id(pdu), fullest.name) if name]
    state = _option_state(pdu) or fullest.state or ""
    fate = FATES.get(state[:5])
    if not names or fate is None:
        return None
    if fate is Fate.FAILED and pdu.esm_class & _KINDS == _INTERMEDIATE:
        fate = Fate.ON_ITS_WAY  # one try failed, and the SMSC goes on
    error = error_of(state, fullest.error) if fate is Fate.FAILED else None
    wished = fate is Fate.FAILED and tells(opted_out_codes, fullest.error, _option_error(pdu))
    return Receipt(
        CHANNEL,
        account,
        fate,
        tuple(dict.fromkeys(names)),
        error=error,
        gone=wished,
        unwanted=wished,
        by_value=by_value,
    )


def _readings(octets: bytes, coding: int, codings: Codings = STANDARD) -> Iterator[str]:
    """The words as the coding says, and as they read in every other one that could make sense of them."""
    declared = text_of(octets, coding, codings)
    if declared is not None:
        yield declared
    yield octets.decode("latin-1")
    if b"\0" in octets:
        yield octets.decode("utf-16-be", "replace")
        yield octets.decode("utf-16-le", "replace")
    elif any(octet & 0x80 for octet in octets):
        yield gsm7_decode(unpacked(octets))


def _option_id(pdu: Deliver) -> str | None:
    return pdu.options.get(Tag.RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1").strip() or None


def _option_error(pdu: Deliver) -> str | None:
    """The code of network_error_code, whose first octet says which kind of network it is (5.3.2.31)."""
    told = pdu.options.get(Tag.NETWORK_ERROR_CODE, b"")
    return str(int.from_bytes(told[1:], "big")) if len(told) == _NETWORK_ERROR_OCTETS else None


def _option_state(pdu: Deliver) -> str | None:
    state = pdu.options.get(Tag.MESSAGE_STATE, b"")
    return _STATES.get(state[0]) if len(state) == 1 else None
