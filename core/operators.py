"""Operators, by the name that they give and that is kept with what they decided; and what is refused to them."""

from enum import StrEnum

LONGEST = 40


class VerbRefused(Exception):
    """What an operator asked for cannot be done; the message says in one sentence why, and what to do."""


class OperatorRefused(VerbRefused):
    """Nobody is called so; the message says what a name is."""


class Role(StrEnum):
    """What an operator is trusted with."""

    OWNER = "owner"
    """Everything."""
    OPERATOR = "operator"
    """Runs campaigns: codes, prizes, what is sent."""
    SUPPORT = "support"
    """Looks after players."""
    AUDITOR = "auditor"
    """Only reads."""


def check_operator(name: str) -> None:
    """Raise OperatorRefused for what is no name: 1 to 40 signs on one line, with no blank around them."""
    if not 1 <= len(name) <= LONGEST or not name.isprintable() or name != name.strip():
        raise OperatorRefused(f"name the operator in 1 to {LONGEST} letters and digits")


def same_operator(one: str, other: str) -> bool:
    """Names that differ only by case, spaces or punctuation are one operator's."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
