"""What every SMS account has, whatever carries its texts: number, price, limits, countries, validity."""

from datetime import datetime, timedelta
from typing import Annotated, Self

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bots.sms.rendering import TooLong, rendered
from bots.sms.tariff import PartTariff
from core.phones import phone_of
from core.sending.outbound import Cost, Limits, OutboundMessage, Rate, Refused, SendingAccount

CHANNEL = "sms"
_LONGEST_VALIDITY_S = 63 * 7 * 86_400
"""63 weeks: what a short message can say of it (3GPP TS 23.040, 9.2.3.12)."""
SHORTEST_VALIDITY_S = 60
"""Networks count in minutes at best, and refuse what would end at once."""


def _region(code: str) -> str:
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f'{code!r} is no country; write its two letters of ISO 3166, such as "CN"')
    return code


Region = Annotated[str, AfterValidator(_region)]


class SmsAccount(BaseModel):
    """One short code or long number. Each kind of link and gateway adds its own fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    sender: str = Field(min_length=1, max_length=34)
    """The number or name that players see; they answer to it."""
    signature: Annotated[str, AfterValidator(lambda name: name.strip("【】"))] | None = Field(
        default=None, min_length=1, max_length=20
    )
    """With or without its brackets: 【signature】 goes in front of every text."""
    opt_out_line: bool = True
    """Marketing ends with the words that stop it."""
    region: Region | None = None
    """The country of numbers that a network names without their country code; without it the only one of
    ``countries``."""
    countries: tuple[Region, ...] = ()
    """Only these may be heard and sent to; all when there is none."""
    price_micros: int | None = Field(default=None, ge=0)
    """Of one part of a text, in millionths of one unit of ``currency``."""
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    micros_per_hour: int | None = Field(default=None, ge=1)
    texts_per_prefix_per_hour: int | None = Field(default=None, ge=1)
    rate: int = Field(default=10, ge=1, le=10_000)
    """Texts a second."""
    at_once: int = Field(default=8, ge=1, le=256)
    """Texts that one process has on the way at the same time."""
    validity_s: int | None = Field(default=None, ge=60, le=_LONGEST_VALIDITY_S)
    """How long whoever carries a text tries to deliver it; one that is out of date earlier is tried until then,
    whatever this says. Without it they decide."""

    @model_validator(mode="after")
    def _priced(self) -> Self:
        if (self.price_micros is None) != (self.currency is None):
            raise ValueError('price_micros and currency: give both, such as 45000 and "CNY" for 0.045 yuan, or none')
        if self.price_micros is None and (self.micros_per_hour or self.texts_per_prefix_per_hour):
            raise ValueError("micros_per_hour and texts_per_prefix_per_hour: need price_micros and currency")
        return self

    @property
    def home(self) -> str | None:
        """The country whose numbers come without their country code."""
        return self.region or (self.countries[0] if len(self.countries) == 1 else None)

    @property
    def tariff(self) -> PartTariff | None:
        """What a text costs, when a price is known."""
        if self.price_micros is None or self.currency is None:
            return None
        return PartTariff(self.price_micros, self.currency, self.signature)

    def webhook_url(self, public_url: str) -> str:
        """Where a gateway delivers messages, when ``public_url`` is how the world calls us."""
        return f"{public_url.rstrip('/')}/{CHANNEL}/{self.name}"

    def receipt_url(self, public_url: str) -> str:
        """Where it says what became of a text."""
        return f"{self.webhook_url(public_url)}/receipt"

    def serves(self, user: str) -> bool:
        """Whether ``user``, a number in E.164, is of a country that may be heard and sent to."""
        return not self.countries or country_of(user) in self.countries

    def cost(self, message: OutboundMessage, text: str) -> Cost | None:
        """The cost of ``text``, which is ``message`` as it goes out."""
        return None if self.tariff is None else self.tariff.cost(message.user, text)


def outlet_of(account: SmsAccount) -> SendingAccount:
    """The account as the sender sees it."""
    tariff, limits = account.tariff, None
    if tariff is not None:
        limits = Limits(tariff, account.micros_per_hour, account.texts_per_prefix_per_hour)
    return SendingAccount(
        CHANNEL,
        account.name,
        Rate(account.rate, timedelta(seconds=1), burst=account.rate),
        at_once=account.at_once,
        limits=limits,
    )


def country_of(user: str) -> str | None:
    """The country of a number in E.164; of one that nobody assigned yet the first of its country code."""
    try:
        number = phonenumbers.parse(user)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code and phonenumbers.is_possible_number(number):
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return None if region is None else str(region)


def prepared(account: SmsAccount, message: OutboundMessage) -> str | Refused:
    """The text as it goes out, or why it never will: "no_number", "country" or "too_long", in this order."""
    if phone_of(message.user) is None:
        return Refused("no_number")
    if not account.serves(message.user):
        return Refused("country")
    try:
        return rendered(message, account.signature, account.opt_out_line)
    except TooLong as error:
        return Refused(error.error)


def valid_for(account: SmsAccount, expires_at: datetime | None, now: datetime) -> int | None:
    """For how many seconds a text may be tried that nobody wants from ``expires_at`` on; None for as long as it takes.

    Never less than a minute.
    """
    left_s = None if expires_at is None else max(SHORTEST_VALIDITY_S, int((expires_at - now).total_seconds()))
    return min((each for each in (account.validity_s, left_s) if each is not None), default=None)
