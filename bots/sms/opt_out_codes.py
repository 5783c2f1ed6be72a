"""Codes by which a network says that a player opted out there. Vendors share none, so an account lists its own.

Two kinds that must not be taken for each other: "0x480" is a command_status, with which a text is refused at once; "45"
is a code of a receipt (err:045, or network_error_code).
"""

import re
from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator

from bots.sms.smpp.command_status import STATUSES, Meaning

_STATUS = re.compile(r"0x[0-9a-f]{1,8}", re.IGNORECASE)
_ERROR = re.compile(r"[0-9a-z]{1,8}", re.IGNORECASE)
_OF_THE_ACCOUNT = {Meaning.TAKEN, Meaning.SLOWER, Meaning.LATER}


def _code(code: str) -> str:
    """``code`` as codes are compared."""
    if _STATUS.fullmatch(code):
        known = STATUSES.get(int(code, 16))
        if known is not None and known.meaning in _OF_THE_ACCOUNT:
            raise ValueError(f"{code}: is {known.name} everywhere, and says nothing of a player")
        return _status(int(code, 16))
    if not _ERROR.fullmatch(code) or not code.strip("0"):
        raise ValueError(f'{code!r}: write a command_status such as "0x480", or a code of receipts such as "045"')
    return _error(code)


def _status(status: int) -> str:
    return f"0x{status:x}"


def _error(code: str) -> str:
    return code.lstrip("0").upper()


OptedOutCode = Annotated[str, AfterValidator(_code)]


def is_opt_out_status(codes: Collection[str], status: int) -> bool:
    """Whether a command_status is one of ``codes``."""
    return _status(status) in codes


def is_opt_out_error(codes: Collection[str], *errors: str | None) -> bool:
    """Whether a receipt's error is one of ``codes``, however many zeros stand before it."""
    return any(error is not None and _error(error) in codes for error in errors)
