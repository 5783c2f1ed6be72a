"""From a text to the submit_sm that carry it (SMPP 3.4, 4.4, https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""

from collections.abc import Mapping

from bots.sms.segments import Alphabet, segments
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.alphabets import data_coding_of, octets_of
from bots.sms.smpp.pdus import submit_body

_HAS_HEADER = 0x40
_RECEIPT_WANTED = 0x01


def bodies_of(account: SmppAccount, user: str, text: str, reference: int) -> list[bytes]:
    """The bodies, one for each segment, or one altogether. ``reference`` is common to the parts of one text."""
    alphabet = account.alphabet_for(text)
    parts = [octets_of(part, alphabet, account.alphabet) for part in segments(text, alphabet)]
    if len(parts) == 1:
        return [_body(account, user, alphabet, parts[0])]
    if account.long_texts == "payload":
        return [_body(account, user, alphabet, b"", {"message_payload": b"".join(parts)})]
    total = len(parts)
    if account.long_texts == "sar":
        return [
            _body(account, user, alphabet, part, _sar(reference, total, place)) for place, part in enumerate(parts, 1)
        ]
    return [
        _body(account, user, alphabet, bytes([5, 0, 3, reference & 0xFF, total, place]) + part, esm_class=_HAS_HEADER)
        for place, part in enumerate(parts, 1)
    ]


def _sar(reference: int, total: int, place: int) -> Mapping[str, object]:
    numbers = reference & 0xFFFF, total, place
    return dict(zip(("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum"), numbers, strict=True))


def _body(
    account: SmppAccount,
    user: str,
    alphabet: Alphabet,
    octets: bytes,
    options: Mapping[str, object] | None = None,
    *,
    esm_class: int = 0,
) -> bytes:
    return submit_body(
        options,
        source_addr_ton=account.sender_ton,
        source_addr_npi=account.sender_npi,
        source_addr=account.sender,
        dest_addr_ton=account.dest_ton,
        dest_addr_npi=account.dest_npi,
        destination_addr=user.removeprefix("+"),
        esm_class=esm_class,
        registered_delivery=_RECEIPT_WANTED if account.receipts else 0,
        data_coding=data_coding_of(alphabet),
        short_message=octets,
    )
