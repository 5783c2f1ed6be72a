"""What a short message costs: so many parts at a fixed price each; and which block of numbers it goes to."""

from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException

from bots.sms.parts import Alphabet, alphabet_of, in_parts
from bots.sms.rendering import worded
from core.sending.outbound import Cost

_BLOCK_DIGITS = 5
"""National digits of a block: an operator's thousand or ten thousand numbers, which pumped traffic is bought in."""


@dataclass(frozen=True, slots=True)
class PartTariff:
    """The tariff of one account. ``price_micros`` are millionths of one unit of ``currency`` for each part."""

    price_micros: int
    currency: str
    signature: str | None = None
    """What goes out is signed with it, so it is counted; a text that bears it already is not counted longer."""
    alphabet: Callable[[str], Alphabet] = alphabet_of
    """Which alphabet the account sends a text in."""

    def cost(self, user: str, text: str) -> Cost:  # noqa: ARG002  # one price for all countries that are allowed
        """The cost of ``text``."""
        whole = worded(text, self.signature)
        count = len(in_parts(whole, self.alphabet(whole)))
        return Cost(count, count * self.price_micros, self.currency)

    def prefix(self, user: str) -> str:
        """Country code and the first five national digits of ``user``, as in "+8613800"."""
        try:
            number = phonenumbers.parse(user)
        except NumberParseException:  # of no numbering plan that anybody knows
            return user[: _BLOCK_DIGITS + 3]
        return f"+{number.country_code}{phonenumbers.national_significant_number(number)[:_BLOCK_DIGITS]}"
