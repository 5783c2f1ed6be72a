"""How a code is spelt: 32 symbols without look-alikes, the last one a check, read back however people type it.

Symbols are Crockford's base 32 (crockford.com/base32.html: no I, L, O, U). The check symbol is one Reed-Solomon
symbol over GF(32): it catches every single wrong symbol and every swap of two symbols in a code of up to 31.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LETTERS = 22
_VALUE = {symbol: value for value, symbol in enumerate(SYMBOLS)}
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)

_SPACERS = re.compile(r"[\W_]+")
_CYRILLIC_AND_GREEK = "АВЕКМНОРСТХУЅІЈԚԜЗΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_THEIR_LATIN_TWINS = "ABEKMHOPCTXYSIJQW3ABEZHIKMNOPTYX"
_LOOK_ALIKE = str.maketrans(_CYRILLIC_AND_GREEK + "OIL", _THEIR_LATIN_TWINS.replace("O", "0").replace("I", "1") + "011")


def normalise(text: str) -> str:
    """What somebody typed, as one spelling: upper case, half width, look-alikes folded, letters and digits only.

    Digits of any script are digits. The result may hold any other character too; :func:`is_spelt` says whether it can
    be a code.
    """
    if text.isascii():
        return _SPACERS.sub("", text).upper().translate(_LOOK_ALIKE)
    folded = _SPACERS.sub("", unicodedata.normalize("NFKC", text)).upper().translate(_LOOK_ALIKE)
    return folded if folded.isascii() else "".join(map(_digit, folded))


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character, character))


def _powers() -> list[int]:
    powers, value = [], 1
    for _ in range(31):
        powers.append(value)
        value <<= 1
        if value & 0b100000:
            value ^= _FIELD_POLYNOMIAL
    return powers


_POWER = _powers()
_LOG = {value: exponent for exponent, value in enumerate(_POWER)}


def _times_power(value: int, exponent: int) -> int:
    return _POWER[(_LOG[value] + exponent) % 31] if value else 0


def check_symbol(body: str, kind: int = 0) -> str:
    """The symbol that ends a code whose other symbols are ``body``.

    Another ``kind`` (below 32) ends in another symbol, so what is right in one kind is right in no other.
    """
    total = kind
    for position, symbol in enumerate(reversed(body), start=1):
        total ^= _times_power(_VALUE[symbol], position)
    return SYMBOLS[total]


_TABLES_PAY_FROM = 5_000
"""Making the tables takes as long as making so many codes without them."""
_READ_WHOLE = 5
"""So many symbols are read at a glance."""
_ENOUGH_TO_JUDGE = 20
"""Of so many codes, a place that is the same in all of them is a prefix, not chance."""


def is_spelt(code: str) -> bool:
    """True when every character is one of the 32 symbols."""
    return all(symbol in _VALUE for symbol in code)


def is_checked(code: str) -> bool:
    """True when ``code`` is spelt with the 32 symbols and ends in its own check symbol."""
    return len(code) > 1 and is_spelt(code) and check_symbol(code[:-1]) == code[-1]


def code_space(length: int) -> int:
    """How many different codes of ``length`` symbols can be issued, at least: the last symbol is no free choice.

    Codes of letters alone are not issued, as nothing tells them from words.
    """
    return int(32 ** (length - 1) - _LETTERS ** (length - 1))


def issued_bits(length: int) -> float:
    """Binary logarithm of :func:`code_space`."""
    return math.log2(code_space(length))


def imported_bits(symbols: Sequence[set[str]], count: int) -> float:
    """Bits of what a guesser must try who has seen at each place of ``count`` codes what ``symbols`` stand there."""
    choices = 1
    for seen in symbols:
        letters, digits = any(symbol.isalpha() for symbol in seen), any(symbol.isdigit() for symbol in seen)
        choices *= 1 if len(seen) == 1 and count >= _ENOUGH_TO_JUDGE else 22 * letters + 10 * digits
    return math.log2(choices)


def grouped(code: str) -> str:
    """A code as it is printed: hyphens between groups of three and four, the shorter ones first; up to five stay whole.

    Nobody loses the place in groups that are alike, and no single symbol is left over to look like a slip.
    """
    return "-".join(map(code.__getitem__, _groups(len(code))))


@lru_cache(maxsize=64)
def _groups(length: int) -> tuple[slice, ...]:
    count = 1 if length <= _READ_WHOLE else -(-length // 4)
    size, longer = divmod(length, count)
    ends = accumulate(size + (place >= count - longer) for place in range(count))
    return tuple(slice(start, end) for start, end in pairwise((0, *ends)))


def code_maker(length: int, count: int) -> tuple[int, Callable[[int], str]]:
    """(random bits wanted, function from such a number to a checked code of ``length`` symbols).

    For a ``count`` of many codes, three symbols at a time come from a table together with their share of the check: a
    code takes about a microsecond instead of ten, once the tables are made. The codes are the same either way.
    """
    sizes = [3] * ((length - 1) // 3) + ([(length - 1) % 3] if (length - 1) % 3 else [])
    bits = 5 * (length - 1)
    if count < _TABLES_PAY_FROM:
        shifts = _shifts(sizes)

        def spell(number: int) -> str:
            body = "".join(SYMBOLS[number >> shift & 31] for shift in shifts)
            return body + check_symbol(body)

        return bits, spell
    tables, position = [], length - 1
    for size in sizes:
        tables.append((5 * size, (1 << 5 * size) - 1, _table(size, position)))
        position -= size

    def make(number: int) -> str:
        text, check = "", 0
        for bits, mask, table in tables:
            part, share = table[number & mask]
            text += part
            check ^= share
            number >>= bits
        return text + SYMBOLS[check]

    return bits, make


def _shifts(sizes: Sequence[int]) -> list[int]:
    """Where the bits of each symbol are: within a part the first symbol has the highest ones."""
    shifts, lowest = [], 0
    for size in sizes:
        shifts += [lowest + 5 * place for place in reversed(range(size))]
        lowest += 5 * size
    return shifts


def _table(size: int, position: int) -> list[tuple[str, int]]:
    entries: Iterable[tuple[str, int]] = [("", 0)]
    for place in range(position, position - size, -1):
        shares = [(symbol, _times_power(value, place)) for value, symbol in enumerate(SYMBOLS)]
        entries = [(text + symbol, check ^ share) for text, check in entries for symbol, share in shares]
    return list(entries)
