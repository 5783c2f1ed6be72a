"""Short words that people read out and type: 8 symbols without look-alikes, the last one a check.

Each kind has a check symbol of its own, so an invite word is never taken for a code, nor a link word for either.
"""

import unicodedata
from enum import IntEnum, StrEnum

from core.alphabet import SYMBOLS, check_symbol, is_spelt, normalise
from core.randomness import Randomness

LENGTH = 8
_BITS = 5 * (LENGTH - 1)
_ID_SYMBOLS = 13
_MOST_ID = 2**63 - 1
"""What a column of the database holds; the symbols could say four times as much."""


class Kind(IntEnum):
    """What a word is for; 0 is left to codes."""

    INVITE = 1
    LINK = 2
    PICKUP = 3
    NUMBER = 4
    PERK = 5
    OPERATOR = 6


def spell(kind: Kind, number: int, symbols: int = LENGTH - 1) -> str:
    """``number`` in so many symbols, and the check symbol of ``kind``."""
    body = "".join(SYMBOLS[number >> 5 * place & 31] for place in reversed(range(symbols)))
    return body + check_symbol(body, kind)


def new_word(kind: Kind, randomness: Randomness) -> str:
    """A random word, one of about 2^35, with a digit in it."""
    while not has_digit(word := spell(kind, int.from_bytes(randomness.take(5), "big") >> (40 - _BITS))):
        pass
    return word


def word_of(kind: Kind, secret: bytes) -> str:
    """The word that follows from a keyed ``secret`` of 8 bytes and more, so that it need be kept nowhere."""
    return spell(kind, int.from_bytes(secret[:8], "big") & (1 << _BITS) - 1)


def has_digit(text: str) -> bool:
    """True with a digit that is no look-alike of a letter: without one, plain words would be taken for ours."""
    return any(character in "23456789" for character in unicodedata.normalize("NFKC", text))


def is_word(kind: Kind, word: str) -> bool:
    """True when ``word``, normalised, is spelt like a word of ``kind``."""
    return len(word) == LENGTH and is_spelt(word) and check_symbol(word[:-1], kind) == word[-1]


class Mark(StrEnum):
    """Begins the number under which operators know a row."""

    CLAIM = "C"
    FRIEND = "F"
    PLAYER = "P"


def row_number(mark: Mark, row_id: int) -> str:
    """A row's id as operators and the warehouse see it: typo-proof, and no spreadsheet takes it for a number."""
    return mark + spell(Kind.NUMBER, row_id, _ID_SYMBOLS)


def read_row_number(mark: Mark, text: str) -> int | None:
    """The id that :func:`row_number` wrote, or None when ``text`` is mistyped or no id can be so large."""
    number = normalise(text)
    body = number[1:-1]
    if len(body) != _ID_SYMBOLS or number[0] != mark or not is_spelt(number):
        return None
    if check_symbol(body, Kind.NUMBER) != number[-1]:
        return None
    row_id = 0
    for symbol in body:
        row_id = row_id << 5 | SYMBOLS.index(symbol)
    return row_id if row_id <= _MOST_ID else None
