"""What every part of a campaign file is made of: names, phrases in both languages, counts and limits."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

if TYPE_CHECKING:
    from core.campaign.rules import Rules

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
"""1 to 32 of a–z, 0–9 and -, beginning with a letter."""
PlaceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}(/[a-z0-9][a-z0-9_-]{0,31})?$")]
"""A channel with all our accounts there, such as wechat, or one of them as huoju.toml calls it: wechat/brand-a."""
Language = Literal["zh", "en"]
Phrase = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Count = Annotated[int, Field(ge=0, le=10**12, strict=True)]
Limit = Annotated[int, Field(ge=1, le=10**6, strict=True)]


class Part(BaseModel):
    """A part of a campaign file: unknown words are refused, nothing changes after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Phrases(Part):
    """One phrase in both languages."""

    zh: Phrase
    en: Phrase


class Section(Part):
    """What a campaign file says of one mechanic, under a key of its own."""

    key: ClassVar[str]
    played: ClassVar[bool] = False
    """Whether it may be all that there is to play."""

    def findings(self, rules: "Rules") -> Iterable[tuple[tuple[str | int, ...], str]]:
        """What must not be published: a place within the section, and the remedy."""
        del rules
        return ()
