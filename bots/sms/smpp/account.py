"""The settings of one short code that is reached over SMPP 3.4 (https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator

from bots.sms.account import SmsAccount
from bots.sms.opt_out_codes import OptedOutCode
from bots.sms.parts import Alphabet, alphabet_of
from bots.sms.smpp.encoding import DEFAULT, Charset, Coding, Codings, Default, has_all_of
from bots.sms.tariff import PartTariff

_AT_ONCE = 128
_SENT_AS: Mapping[Alphabet, int] = {Alphabet.GSM7: DEFAULT, Alphabet.LATIN1: 0x03, Alphabet.UCS2: 0x08}


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
    interface_version: Literal["3.3", "3.4", "5.0"] = "3.4"
    """What a bind says that we speak; at a peer of 3.3 there are neither transceivers nor optional parameters."""
    address_range: str = Field(default="", max_length=40, pattern=r"^[ -~]*$")
    """Whose messages the links are for, where one bind has several numbers, such as "^10690000": a UNIX regular
    expression, or whatever else the SMSC wants there."""
    address_ton: int = Field(default=0, ge=0, le=255)
    address_npi: int = Field(default=0, ge=0, le=255)
    """Type of number and numbering plan of ``address_range``."""

    sender: str = Field(min_length=1, max_length=20, pattern=r"^[ -~]+$")
    """The short code that texts come from."""
    sender_ton: int = Field(default=3, ge=0, le=255)
    """Its type of number: 3 a code of this network, 1 international, 5 a name."""
    sender_npi: int = Field(default=0, ge=0, le=255)
    dest_ton: int = Field(default=1, ge=0, le=255)
    dest_npi: int = Field(default=1, ge=0, le=255)

    service_type: str = Field(default="", max_length=5, pattern=r"^[ -~]*$")
    """Of each text, such as "CMT", where the SMSC routes or bills by it."""

    window: int = Field(default=10, ge=1, le=1000)
    """Unanswered texts in flight on one link."""
    rate: int = Field(default=50, ge=1, le=10_000)
    """Texts a second, over all processes."""
    at_once: int = Field(default=0, ge=0, le=256)
    """Texts that one process has on the way at the same time; 0 for twice what all its windows hold."""
    enquire_link_s: float = Field(default=30, gt=0, le=3600)
    answer_limit_s: float = Field(default=10, gt=0, le=15)
    """How long the SMSC may take to answer a PDU."""

    alphabet: Default = "gsm7"
    """What data_coding 0, the SMSC's default alphabet, stands for."""
    codings: dict[Coding, Charset] = Field(default={})
    """What other values stand for, where that is not as the standard has it, such as {"0x04" = "latin1"}: above all
    0x02 and 0x04, eight bits of anybody's guess, which are no text otherwise."""
    sent_as: dict[Alphabet, Coding] = Field(default={})
    """The data_coding in which texts go that fit an alphabet, where it is not {gsm7 = 0, latin1 = 3, ucs2 = 8}."""
    long_texts: Literal["udh", "sar", "payload"] = "udh"
    """How a text of several parts goes out: in parts with a header or with SAR parameters, or in one piece."""
    receipts: bool = True
    """Whether to ask for delivery receipts."""
    opted_out_codes: frozenset[OptedOutCode] = frozenset()
    """By which this network says that a player opted out there (bots/sms/opt_out_codes.py): as good as STOP."""
    receipt_ids: Literal["guess", "same"] = "guess"
    """``same``: a receipt names a text exactly as the SMSC did when it took it; else hex, decimal and padded alike."""

    @model_validator(mode="after")
    def _spoken(self) -> Self:
        if DEFAULT in self.codings:
            raise ValueError(f'codings: 0 is what alphabet = "{self.codings[DEFAULT]}" says, if that can be')
        for alphabet in self._alphabets:
            charset = self.read_as.charset(coding := self.data_coding_of(alphabet))
            if not has_all_of(charset, alphabet):
                raise ValueError(
                    f"sent_as: {alphabet} texts would go as {coding:#04x}, which stands for {charset} here; name"
                    " another data_coding, or say in codings what this one stands for"
                )
        if self.interface_version == "3.3" and self.bind != "pair":
            raise ValueError('interface_version 3.3: knows no transceiver; set bind = "pair"')
        if self.interface_version == "3.3" and self.long_texts != "udh":
            raise ValueError('interface_version 3.3: knows no optional parameters; set long_texts = "udh"')
        return self

    @property
    def read_as(self) -> Codings:
        """What each data_coding stands for at this SMSC."""
        return Codings(self.alphabet, self.codings)

    @property
    def _alphabets(self) -> list[Alphabet]:
        """Those in which texts go out."""
        latin = self.read_as.charset(self.data_coding_of(Alphabet.GSM7)) == "latin1"
        return [Alphabet.GSM7, *([Alphabet.LATIN1] if latin else []), Alphabet.UCS2]

    def data_coding_of(self, alphabet: Alphabet) -> int:
        """The data_coding in which a text of ``alphabet`` goes."""
        return self.sent_as.get(alphabet, _SENT_AS[alphabet])

    def alphabet_for(self, text: str) -> Alphabet:
        """The alphabet in which ``text`` goes out, which decides what it costs.

        Where texts go in Latin-1 or ASCII the SMSC turns them into GSM-7 for the air, so what fits there is counted as
        that.
        """
        fits = alphabet_of(text)
        charset = self.read_as.charset(self.data_coding_of(Alphabet.GSM7))
        if charset == "gsm7":
            return fits
        if charset == "ascii":
            return fits if text.isascii() else Alphabet.UCS2
        if not _is_latin1(text):
            return Alphabet.UCS2
        return Alphabet.LATIN1 if fits is Alphabet.UCS2 else Alphabet.GSM7

    @property
    def tariff(self) -> PartTariff | None:
        """What a text costs, when a price is known."""
        if self.price_micros is None or self.currency is None:
            return None
        return PartTariff(self.price_micros, self.currency, self.signature, self.alphabet_for)

    @property
    def concurrency(self) -> int:
        """How many texts one process has on the way: while some are in flight, as many wait behind them."""
        return self.at_once or min(_AT_ONCE, 2 * self.window * self.binds)


def _is_latin1(text: str) -> bool:
    return all(ord(character) < 256 for character in text)  # noqa: PLR2004  # the size of ISO 8859-1
