"""Operators, by the name that they give and that is kept with what they decided; and what is refused to them."""

from enum import StrEnum

from core.answers import Line, Value

LONGEST = 40


class VerbRefused(Exception):
    """What an operator asked for cannot be done; the message says in one sentence why, and what to do.

    ``values`` stand in the places of the ``sentence``, as :meth:`str.format` reads them; without any it has no places.
    """

    def __init__(self, sentence: str, **values: Value) -> None:
        self.line = Line(sentence, values)
        super().__init__(self.line.text)


class Misspoken(VerbRefused):
    """What was said is no verb with its arguments; whoever knows which was meant shows how that is said."""


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
    DEALER = "dealer"
    """Hands out at a counter."""

    def covers(self, least: "Role") -> bool:
        """Whether it is trusted with all that ``least`` is trusted with."""
        return _TRUST[self] >= _TRUST[least]


_TRUST = {Role.OWNER: 4, Role.OPERATOR: 3, Role.SUPPORT: 2, Role.AUDITOR: 1, Role.DEALER: 0}


def check_operator(name: str) -> None:
    """Raise OperatorRefused for what is no name: 1 to 40 signs on one line, with no blank around them."""
    if not 1 <= len(name) <= LONGEST or not name.isprintable() or name != name.strip():
        raise OperatorRefused("name the operator in 1 to {longest} letters and digits", longest=LONGEST)


def same_operator(one: str, other: str) -> bool:
    """Names that differ only by case, spaces or punctuation are one operator's."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
