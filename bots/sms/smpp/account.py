"""The settings of one short code that is reached over SMPP 3.4 (https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""

from typing import Literal

from pydantic import Field, SecretStr

from bots.sms.account import SmsAccount
from bots.sms.opted_out import OptedOutCode
from bots.sms.segments import Alphabet, alphabet_of
from bots.sms.tariff import SegmentTariff

_AT_ONCE = 128


class SmppAccount(SmsAccount):
    """One account at an SMSC, and the links that each process holds to it."""

    kind: Literal["smpp"] = "smpp"
    host: str = Field(min_length=1)
    port: int = Field(default=2775, ge=1, le=65535)
    tls: bool = False
    ca_file: str | None = None
    """Certificates of authorities to trust instead of the system's."""
    server_name: str | None = None
    """The name that the certificate must bear, when it is not ``host``."""

    system_id: str = Field(min_length=1, max_length=15, pattern=r"^[ -~]+$")
    password: SecretStr = Field(max_length=64)
    """The protocol says eight characters at most; some peers have longer ones."""
    system_type: str = Field(default="", max_length=12, pattern=r"^[ -~]*$")
    bind: Literal["transceiver", "pair"] = "transceiver"
    """``pair`` is a transmitter and a receiver for each of ``binds``."""
    binds: int = Field(default=1, ge=1, le=16)

    sender: str = Field(min_length=1, max_length=20, pattern=r"^[ -~]+$")
    """The short code that texts come from."""
    sender_ton: int = Field(default=3, ge=0, le=255)
    """Its type of number: 3 a code of this network, 1 international, 5 a name."""
    sender_npi: int = Field(default=0, ge=0, le=255)
    dest_ton: int = Field(default=1, ge=0, le=255)
    dest_npi: int = Field(default=1, ge=0, le=255)

    window: int = Field(default=10, ge=1, le=1000)
    """Unanswered texts in flight on one link."""
    rate: int = Field(default=50, ge=1, le=10_000)
    """Texts a second, over all processes."""
    at_once: int = Field(default=0, ge=0, le=256)
    """Texts that one process has on the way at the same time; 0 for twice what all its windows hold."""
    enquire_link_s: float = Field(default=30, gt=0, le=3600)
    answer_limit_s: float = Field(default=10, gt=0, le=15)
    """How long the SMSC may take to answer a PDU."""

    alphabet: Literal["gsm7", "latin1"] = "gsm7"
    """What data_coding 0, the SMSC's default alphabet, stands for."""
    long_texts: Literal["udh", "sar", "payload"] = "udh"
    """How a text of several segments goes out: in parts with a header or with SAR parameters, or in one piece."""
    receipts: bool = True
    """Whether to ask for delivery receipts."""
    opted_out_codes: frozenset[OptedOutCode] = frozenset()
    """By which this network says that a player opted out there (bots/sms/opted_out.py): as good as STOP."""
    receipt_ids: Literal["guess", "same"] = "guess"
    """``same``: a receipt names a text exactly as the SMSC did when it took it; else hex, decimal and padded alike."""

    def alphabet_for(self, text: str) -> Alphabet:
        """The alphabet in which ``text`` goes out, which decides what it costs.

        Where data_coding 0 is Latin-1 the SMSC turns it into GSM-7 for the air, so what fits there is counted as that.
        """
        fits = alphabet_of(text)
        if self.alphabet == "gsm7":
            return fits
        if not _is_latin1(text):
            return Alphabet.UCS2
        return Alphabet.LATIN1 if fits is Alphabet.UCS2 else Alphabet.GSM7

    @property
    def tariff(self) -> SegmentTariff | None:
        """What a text costs, when a price is known."""
        if self.price_micros is None or self.currency is None:
            return None
        return SegmentTariff(self.price_micros, self.currency, self.signature, self.alphabet_for)

    @property
    def hands(self) -> int:
        """How many texts one process has on the way: while some are in flight, as many wait behind them."""
        return self.at_once or min(_AT_ONCE, 2 * self.window * self.binds)


def _is_latin1(text: str) -> bool:
    return all(ord(character) < 256 for character in text)  # noqa: PLR2004  # the size of ISO 8859-1
