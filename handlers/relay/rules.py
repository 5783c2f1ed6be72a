"""What a campaign file says of names: whether players choose one, and what is looked at before others read it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from core.campaign.grammar import Section

BlockedWord = Annotated[str, StringConstraints(pattern=r"^[~*]?[^\s~*]{1,40}$")]
"""word, *word anywhere, ~word only waits."""


class NameRules(Section):
    """How names that players choose are moderated (`huoju names`); without it the shipped list counts."""

    key: ClassVar[str] = "names"

    allowed: bool = True
    """False when nobody is called by a name."""
    review: Literal["none", "doubtful", "all"] = "doubtful"
    """Which names wait for an operator. "none" looks at nothing, the list of words included."""
    blocked: Annotated[tuple[BlockedWord, ...], Field(max_length=5000)] | None = None
    """In place of the installation's list and the shipped one, in their own spelling."""
