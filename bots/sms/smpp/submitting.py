"""From a text to the submit_sm that carry it (SMPP 3.4, 4.4, https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""

from collections.abc import Mapping
from functools import partial

from bots.sms.segments import segments
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.alphabets import encoded
from bots.sms.smpp.pdus import submit_body

_HAS_HEADER = 0x40
_RECEIPT_WANTED = 0x01


def bodies_of(account: SmppAccount, user: str, text: str, reference: int, valid_s: int | None = None) -> list[bytes]:
    """The bodies, one for each segment, or one altogether. ``reference`` is common to the parts of one text.

    After ``valid_s`` the SMSC gives up; without it the SMSC decides when.
    """
    alphabet = account.alphabet_for(text)
    coding = account.data_coding_of(alphabet)
    parts = [encoded(part, account.read_as.charset(coding)) for part in segments(text, alphabet)]
    body = partial(
        submit_body,
        service_type=account.service_type,
        source_addr_ton=account.sender_ton,
        source_addr_npi=account.sender_npi,
        source_addr=account.sender,
        dest_addr_ton=account.dest_ton,
        dest_addr_npi=account.dest_npi,
        destination_addr=user.removeprefix("+"),
        validity_period=None if valid_s is None else relative(valid_s),
        registered_delivery=_RECEIPT_WANTED if account.receipts else 0,
        data_coding=coding,
    )
    if len(parts) == 1:
        return [body(short_message=parts[0])]
    if account.long_texts == "payload":
        return [body({"message_payload": b"".join(parts)}, short_message=b"")]
    total = len(parts)
    if account.long_texts == "sar":
        return [body(_sar(reference, total, place), short_message=part) for place, part in enumerate(parts, 1)]
    return [
        body(short_message=bytes([5, 0, 3, reference & 0xFF, total, place]) + part, esm_class=_HAS_HEADER)
        for place, part in enumerate(parts, 1)
    ]


def relative(length_s: int) -> str:
    """A length of time as the standard has it, YYMMDDhhmmss000R (7.1.1.2), which needs no zone; months of 30 days."""
    minutes, seconds = divmod(length_s, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    months, days = divmod(days, 30)
    years, months = divmod(months, 12)
    return f"{years:02}{months:02}{days:02}{hours:02}{minutes:02}{seconds:02}000R"


def _sar(reference: int, total: int, place: int) -> Mapping[str, object]:
    numbers = reference & 0xFFFF, total, place
    return dict(zip(("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum"), numbers, strict=True))
