"""What a campaign file says of its codes: how they look, how many there are, and how often they may be sent."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import Field

from core.alphabet import code_space
from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.grammar import Count, Limit, Tries, UsualSection, Within
from core.campaign.rules import Rules

DENSITY_WITH_PRIZES = Fraction(1, 10**9)
DENSITY_POINTS_ONLY = Fraction(1, 10**7)
"""The largest share of all possible codes that may be live, so that guessing is hopeless."""

LONGEST = 20
"""Symbols of a code."""
_USUAL = Tries()


class CodeRules(UsualSection):
    """How codes look and how often a player may send them. ``planned`` is the most that will ever be issued."""

    key: ClassVar[str] = "codes"
    says: ClassVar[str] = "How codes look, how many there are, and how often they may be sent."
    published: ClassVar[bool] = True

    length: Annotated[int, Field(ge=6, le=LONGEST, strict=True)] = Field(12, description="Symbols of a code.")
    planned: Count = Field(
        0, description="The most codes that will ever be printed; what they can cost is checked with it."
    )
    per_player_per_day: Limit = Field(10, description="Codes that one player may use on a day.")
    wrong_tries_per_day: Limit = Field(
        _USUAL.per_day, description="Wrong codes of one sender on a day; after these the sender waits until tomorrow."
    )
    wrong_tries_per_hour: Limit = Field(
        _USUAL.per_hour,
        description=(
            "Wrong codes of everybody in an hour; above it somebody is guessing, and each sender has fewer tries."
        ),
    )
    wrong_tries_under_attack: Limit = Field(
        _USUAL.under_attack, description="Wrong codes of one sender on a day, while somebody is guessing."
    )

    @property
    def tries(self) -> Tries:
        """Those that the file says."""
        return Tries(self.wrong_tries_per_day, self.wrong_tries_per_hour, self.wrong_tries_under_attack)

    @property
    def code_length(self) -> int:
        """The one that the file says."""
        return self.length

    @property
    def planned_codes(self) -> int:
        """Those that the file says."""
        return self.planned

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """Nobody can guess one, and what they cost is known."""
        most = most_codes(rules, code_space(self.length))
        if most < max(self.planned, 1):
            told = "{length} symbols allow {most} codes that nobody can guess; use longer codes{enough}"
            yield ("length",), remedy(told, length=self.length, most=most, enough=self._enough(rules))
        if rules.budget is not None and rules.points.worth and not self.planned:
            yield (), remedy("points have a worth, so say how many codes are planned, for example planned: 100000")

    def _enough(self, rules: Rules) -> Line:
        """How many symbols suffice, where any number does."""
        wanted = max(self.planned, 1)
        found = (
            length for length in range(self.length, LONGEST + 1) if most_codes(rules, code_space(length)) >= wanted
        )
        length = next(found, None)
        return remedy(": {length} symbols suffice", length=length) if length else remedy(", or plan fewer")


def most_codes(rules: Rules, space: int) -> int:
    """How many codes may be live at once among ``space`` possible ones."""
    return int(space * (DENSITY_WITH_PRIZES if rules.wins else DENSITY_POINTS_ONLY))
