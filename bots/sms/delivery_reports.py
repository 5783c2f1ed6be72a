"""Delivery reports written out, as networks have them: fields in a text, whichever door it comes in by.

SMPP 3.4, Appendix B, https://smpp.org/SMPP_v3_4_Issue1_2.pdf, gives the form ``id:… sub:… dlvrd:… submit date:… done
date:… stat:… err:… text:…`` and leaves it to the vendor, so it is read as loosely as it comes. Some send it without
any sign that it is no message of a phone; whoever answers that is answered again.
"""

import re
from dataclasses import dataclass

from core.sending.delivery_reports import DeliveryReport, DeliveryStatus

_ID = re.compile(r"\b(?:(?:message|msg)[_ ]?)?id\s*[:=]\s*([^\s:=]{1,65})", re.IGNORECASE)
_STATE = re.compile(r"\bstat(?:us|e)?\s*[:=]\s*([A-Z]+)", re.IGNORECASE)
_ERROR = re.compile(r"\berr(?:or)?\s*[:=]\s*([0-9A-Z]{1,8})\b", re.IGNORECASE)
_AROUND = ",;.\"'<>[](){}|\0"
_NOTHING = re.compile(r"0*")

_STATES = "DELIVRD|EXPIRED|DELETED|UNDELIV|ACCEPTD|UNKNOWN|REJECTD|ENROUTE|SKIPPED|SCHEDULED|BUFFERED|FAILED"
_DAY = r"\s*[:=]\s*[0-9]{6,14}\b"
_MACHINE = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bstat(?:us|e)?\s*[:=]\s*(?:{_STATES})\b",
        r"\bsub\s*[:=]\s*[0-9]{1,3}\b",
        r"\bdlvrd\s*[:=]\s*[0-9]{1,3}\b",
        rf"\bsub(?:mit)?[_ ]?date{_DAY}",
        rf"\bdone[_ ]?date{_DAY}",
        r"\berr(?:or)?\s*[:=]\s*[0-9]{3}\b",
    )
]
"""Fields as no player writes them."""
_BESIDE = [_ID, re.compile(r"\btext\s*[:=]", re.IGNORECASE)]
_SEVERAL = 2
_ALONE = re.compile(r"\s*stat\s*[:=]\s*(?:DELIVRD|UNDELIV|ACCEPTD|REJECTD|ENROUTE)\b", re.IGNORECASE)

STATUSES = {
    "DELIV": DeliveryStatus.DELIVERED,
    "ACCEP": DeliveryStatus.ON_ITS_WAY,
    "ENROU": DeliveryStatus.ON_ITS_WAY,
    "SCHED": DeliveryStatus.ON_ITS_WAY,
    "BUFFE": DeliveryStatus.ON_ITS_WAY,
    "BUFFR": DeliveryStatus.ON_ITS_WAY,
    "EXPIR": DeliveryStatus.FAILED,
    "DELET": DeliveryStatus.FAILED,
    "UNDEL": DeliveryStatus.FAILED,
    "REJEC": DeliveryStatus.FAILED,
    "UNKNO": DeliveryStatus.FAILED,
    "FAILE": DeliveryStatus.FAILED,
    "SKIPP": DeliveryStatus.FAILED,
}
"""By the first five letters: DELIVRD, DELIVERED and Delivered are one."""


@dataclass(frozen=True, slots=True)
class ReportFields:
    """The fields of a report; None where there is none."""

    name: str | None = None
    """The network's id of the text."""
    state: str | None = None
    error: str | None = None


def is_report(words: str) -> bool:
    """Whether ``words`` are a report that no player has written: several of its fields, one as machines write it."""
    if ":" not in words and "=" not in words:
        return False
    machine = sum(pattern.search(words) is not None for pattern in _MACHINE)
    beside = sum(pattern.search(words) is not None for pattern in _BESIDE)
    return machine > 0 and (machine + beside >= _SEVERAL or _ALONE.match(words) is not None)


def report_fields(words: str) -> ReportFields:
    """What stands in ``words``, which are known to be a report."""
    name, state, error = (_found(pattern, words) for pattern in (_ID, _STATE, _ERROR))
    return ReportFields(name.strip(_AROUND) or None if name else None, state.upper() if state else None, error)


def error_of(state: str, code: str | None) -> str:
    """What operators are shown of a text that failed: its state, and the network's code where that says anything."""
    return state if _NOTHING.fullmatch(code or "") else f"{state}:{code}"


def delivery_report_in(words: str, channel: str, account: str) -> DeliveryReport | None:
    """The receipt that a report is, None when it names no text or no status."""
    found = report_fields(words)
    state = found.state or ""
    status = STATUSES.get(state[:5])
    if found.name is None or status is None:
        return None
    error = error_of(state, found.error) if status is DeliveryStatus.FAILED else None
    return DeliveryReport(channel, account, status, (found.name,), error=error, by_value=True)


def _found(pattern: re.Pattern[str], words: str) -> str | None:
    return found[1] if (found := pattern.search(words)) else None
