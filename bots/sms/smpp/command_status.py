"""What an SMSC's command_status means for a text (SMPP 3.4, 5.1.3, https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    """What follows from a status."""

    TAKEN = "taken"
    SLOWER = "slower"
    """Not taken: the account sends too fast, or waits in a full queue. Nothing more for a while."""
    LATER = "later"
    """Not taken, for a reason that passes."""
    NEVER = "never"
    """This text will never be taken."""
    GONE = "gone"
    """The number does not exist or cannot be reached."""
    DOUBTFUL = "doubtful"
    """The standard leaves open whether the text went out."""


@dataclass(frozen=True, slots=True)
class Status:
    """One row: the name in the standard, in lower case without ESME_, and what follows."""

    name: str
    meaning: Meaning


_TAKEN, _SLOWER, _LATER, _NEVER, _GONE, _DOUBTFUL = Meaning

OK = 0x00
BAD_LENGTH = 0x02
BAD_COMMAND = 0x03
ALREADY_BOUND = 0x05
SYSTEM_ERROR = 0x08
QUEUE_FULL = 0x14
TRY_LATER = 0x64
NEVER_DELIVER = 0x65

STATUSES = {
    0x00: Status("ok", _TAKEN),
    0x01: Status("invmsglen", _NEVER),
    0x02: Status("invcmdlen", _NEVER),
    0x03: Status("invcmdid", _NEVER),
    0x04: Status("invbndsts", _LATER),
    0x05: Status("alybnd", _LATER),
    0x06: Status("invprtflg", _NEVER),
    0x07: Status("invregdlvflg", _NEVER),
    0x08: Status("syserr", _LATER),
    0x0A: Status("invsrcadr", _NEVER),
    0x0B: Status("invdstadr", _GONE),
    0x0C: Status("invmsgid", _NEVER),
    0x0D: Status("bindfail", _LATER),
    0x0E: Status("invpaswd", _LATER),
    0x0F: Status("invsysid", _LATER),
    0x11: Status("cancelfail", _NEVER),
    0x13: Status("replacefail", _NEVER),
    0x14: Status("msgqful", _SLOWER),
    0x15: Status("invsertyp", _NEVER),
    0x33: Status("invnumdests", _NEVER),
    0x34: Status("invdlname", _NEVER),
    0x40: Status("invdestflag", _NEVER),
    0x42: Status("invsubrep", _NEVER),
    0x43: Status("invesmclass", _NEVER),
    0x44: Status("cntsubdl", _NEVER),
    0x45: Status("submitfail", _LATER),
    0x48: Status("invsrcton", _NEVER),
    0x49: Status("invsrcnpi", _NEVER),
    0x50: Status("invdstton", _NEVER),
    0x51: Status("invdstnpi", _NEVER),
    0x53: Status("invsystyp", _NEVER),
    0x54: Status("invrepflag", _NEVER),
    0x55: Status("invnummsgs", _NEVER),
    0x58: Status("throttled", _SLOWER),
    0x61: Status("invsched", _NEVER),
    0x62: Status("invexpiry", _NEVER),
    0x63: Status("invdftmsgid", _NEVER),
    0x64: Status("rx_t_appn", _LATER),
    0x65: Status("rx_p_appn", _NEVER),
    0x66: Status("rx_r_appn", _NEVER),
    0x67: Status("queryfail", _NEVER),
    0xC0: Status("invoptparstream", _NEVER),
    0xC1: Status("optparnotallwd", _NEVER),
    0xC2: Status("invparlen", _NEVER),
    0xC3: Status("missingoptparam", _NEVER),
    0xC4: Status("invoptparamval", _NEVER),
    0xFE: Status("deliveryfailure", _NEVER),
    0xFF: Status("unknownerr", _DOUBTFUL),
}
"""All that the standard has. 0x0A, a source that the SMSC does not take, is our setting and not the player's fault."""


def status_of(code: int) -> Status:
    """The row of ``code``; a vendor's own code is a refusal that may pass, for nothing says that it is for good."""
    return STATUSES.get(code) or Status(f"status_{code:#x}", _LATER)
