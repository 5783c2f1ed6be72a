"""Delivery receipts: what a deliver_sm says of a text that was sent (SMPP 3.4, Appendix B and 5.3.2.35).

https://smpp.org/SMPP_v3_4_Issue1_2.pdf. The text form is the vendor's own affair, so it is read as loosely as it comes.
"""

import re

from bots.sms.account import CHANNEL
from bots.sms.smpp.pdus import Deliver, Tag
from core.sending.receipts import Fate, Receipt

_KINDS = 0x3C
_RECEIPT, _INTERMEDIATE = 0x04, 0x20
_ID = re.compile(r"\bid\s*:\s*([^\s:]{1,65})", re.IGNORECASE)
_STATE = re.compile(r"\bstat(?:us|e)?\s*:\s*([A-Z]+)", re.IGNORECASE)
_ERROR = re.compile(r"\berr(?:or)?\s*:\s*([0-9A-Z]{1,8})\b", re.IGNORECASE)
_NOTHING = re.compile(r"0*")
_DECIMAL, _HEX = re.compile(r"[0-9]{1,30}"), re.compile(r"[0-9A-Fa-f]{1,30}")
_PADDED = 10

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
_FATES = {
    "DELIV": Fate.DELIVERED,
    "ACCEP": Fate.ON_ITS_WAY,
    "ENROU": Fate.ON_ITS_WAY,
    "SCHED": Fate.ON_ITS_WAY,
    "BUFFE": Fate.ON_ITS_WAY,
    "BUFFR": Fate.ON_ITS_WAY,
    "EXPIR": Fate.FAILED,
    "DELET": Fate.FAILED,
    "UNDEL": Fate.FAILED,
    "REJEC": Fate.FAILED,
    "UNKNO": Fate.FAILED,
    "FAILE": Fate.FAILED,
    "SKIPP": Fate.FAILED,
}
"""By the first five letters: DELIVRD, DELIVERED and Delivered are one."""


def is_receipt(pdu: Deliver) -> bool:
    """Whether the SMSC says so. The words of a message never do: a player could write them."""
    if pdu.esm_class & _KINDS in {_RECEIPT, _INTERMEDIATE}:
        return True
    return Tag.RECEIPTED_MESSAGE_ID in pdu.options and Tag.MESSAGE_STATE in pdu.options


def is_message(pdu: Deliver) -> bool:
    """Whether it is an ordinary message, and not a phone's or another machine's acknowledgement."""
    return pdu.esm_class & _KINDS == 0


def read_receipt(pdu: Deliver, account: str, *, guess: bool) -> Receipt | None:
    """The receipt of ``account``'s text, None when it names no text or no state; ``guess`` adds other spellings."""
    words = pdu.octets.decode("latin-1")
    ids = [found for found in (_option_id(pdu), _found(_ID, words)) if found]
    state = _option_state(pdu) or (_found(_STATE, words) or "").upper()
    fate = _FATES.get(state[:5])
    if not ids or fate is None:
        return None
    spelled = [spelling for name in ids for spelling in (spellings(name) if guess else [name])]
    error = None
    if fate is Fate.FAILED:
        code = _found(_ERROR, words) or ""
        error = state if _NOTHING.fullmatch(code) else f"{state}:{code}"
    return Receipt(CHANNEL, account, fate, tuple(dict.fromkeys(spelled)), error=error)


def spellings(name: str) -> list[str]:
    """How else the same id may have been spelt, likeliest first: decimal for hex and back, without zeros, with them."""
    found = [name]
    if _DECIMAL.fullmatch(name):
        found += _numbers(int(name))
    if _HEX.fullmatch(name):
        number = int(name, 16)
        found += [str(number), str(number).zfill(_PADDED)]
        found += [name.upper(), name.lower(), name.lstrip("0").upper(), name.lstrip("0").lower()]
        found += [name.upper().zfill(_PADDED), name.lower().zfill(_PADDED)]
    return [spelling for spelling in dict.fromkeys(found) if spelling]


def _numbers(number: int) -> list[str]:
    hexadecimal = [f"{number:X}", f"{number:x}"]
    return [str(number), *hexadecimal, *(spelling.zfill(_PADDED) for spelling in (str(number), *hexadecimal))]


def _found(pattern: re.Pattern[str], words: str) -> str | None:
    return found[1] if (found := pattern.search(words)) else None


def _option_id(pdu: Deliver) -> str | None:
    return pdu.options.get(Tag.RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1").strip() or None


def _option_state(pdu: Deliver) -> str | None:
    state = pdu.options.get(Tag.MESSAGE_STATE, b"")
    return _STATES.get(state[0]) if len(state) == 1 else None
