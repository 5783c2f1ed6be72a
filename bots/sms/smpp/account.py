"""The settings of one short code that is reached over SMPP 3.4 (https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from bots.sms.segments import Alphabet, alphabet_of
from bots.sms.tariff import SegmentTariff

CHANNEL = "sms"

_Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class SmppAccount(BaseModel):
    """One account at an SMSC, and the links that each process holds to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["smpp"] = "smpp"
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    host: str = Field(min_length=1)
    port: int = Field(default=2775, ge=1, le=65535)
    tls: bool = False
    ca_file: str | None = None
    """Certificates of authorities to trust instead of the system's."""
    server_name: str | None = None
    """The name that the certificate must bear, when it is not ``host``."""

    system_id: str = Field(min_length=1, max_length=15, pattern=r"^[ -~]+$")
    password: SecretStr = Field(max_length=8)
    """Eight characters at most: the protocol's limit."""
    system_type: str = Field(default="", max_length=12, pattern=r"^[ -~]*$")
    bind: Literal["transceiver", "pair"] = "transceiver"
    """``pair`` is a transmitter and a receiver for each of ``binds``."""
    binds: int = Field(default=1, ge=1, le=16)

    source: str = Field(min_length=1, max_length=20, pattern=r"^[ -~]+$")
    """The short code that texts come from."""
    source_ton: int = Field(default=3, ge=0, le=255)
    source_npi: int = Field(default=0, ge=0, le=255)
    dest_ton: int = Field(default=1, ge=0, le=255)
    dest_npi: int = Field(default=1, ge=0, le=255)
    region: _Region | None = None
    """Whose national numbers are meant where the SMSC sends none with a country code, such as "CN"."""
    countries: tuple[_Region, ...] = ()
    """Who may be sent to and heard; empty means everybody."""

    window: int = Field(default=10, ge=1, le=1000)
    """Unanswered PDUs in flight on one link."""
    rate: int = Field(default=50, ge=1)
    """Texts a second, over all processes."""
    enquire_link_s: float = Field(default=30, gt=0, le=3600)
    answer_limit_s: float = Field(default=10, gt=0, le=15)
    """How long the SMSC may take to answer a PDU."""

    alphabet: Literal["gsm7", "latin1"] = "gsm7"
    """What data_coding 0, the SMSC's default alphabet, stands for."""
    long_texts: Literal["udh", "sar", "payload"] = "udh"
    """How a text of several segments goes out: in parts with a header or with SAR parameters, or in one piece."""
    receipts: bool = True
    """Whether to ask for delivery receipts."""
    receipt_ids: Literal["guess", "same"] = "guess"
    """``same``: a receipt names a text exactly as the SMSC did when it took it; else hex, decimal and padded alike."""

    signature: str | None = None
    opt_out_line: bool = True
    price_micros: int | None = Field(default=None, ge=0)
    """Of one segment, in millionths of one ``currency``."""
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    micros_per_hour: int | None = Field(default=None, ge=1)
    texts_per_prefix_per_hour: int | None = Field(default=None, ge=1)

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

    def tariff(self) -> SegmentTariff | None:
        """What a text costs, when a price is set."""
        if self.price_micros is None:
            return None
        return SegmentTariff(self.price_micros, self.currency, self.signature, self.alphabet_for)


def _is_latin1(text: str) -> bool:
    return all(ord(character) < 256 for character in text)  # noqa: PLR2004  # the size of ISO 8859-1
