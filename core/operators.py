"""Operators, by the name that they give and that is kept with what they decided."""

LONGEST = 40


class OperatorRefused(Exception):
    """Nobody is called so; the message says what a name is."""


def check_operator(name: str) -> None:
    """Raise OperatorRefused for what is no name: 1 to 40 signs on one line, with no blank around them."""
    if not 1 <= len(name) <= LONGEST or not name.isprintable() or name != name.strip():
        raise OperatorRefused(f"name the operator in 1 to {LONGEST} letters and digits")


def same_operator(one: str, other: str) -> bool:
    """Names that differ only by case, spaces or punctuation are one operator's."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
