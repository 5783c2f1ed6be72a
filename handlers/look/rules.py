"""What a campaign file says of the look of its brand."""

import hashlib
import re
from collections.abc import Iterable
from typing import Annotated, ClassVar, Self

from pydantic import Field, WithJsonSchema, field_validator

from core.answers import Line
from core.campaign.findings import Unfit, remedy
from core.campaign.grammar import Section, Within
from core.campaign.rules import Rules
from handlers.look.contrast import ENOUGH, lowest, nearest
from handlers.look.picture import redrawn

_KEPT = "sha256:"
_COLOUR = re.compile("#[0-9a-fA-F]{6}")
_LOGO = re.compile(r"sha256:[0-9a-f]{64}|[^/\\:\x00-\x1f]{1,100}\.(?:png|jpg|jpeg|webp)", re.IGNORECASE)


Colour = Annotated[
    str,
    WithJsonSchema({"type": "string", "pattern": f"^{_COLOUR.pattern}$", "examples": ['"#c8102e"']}),
]
"""Red, green and blue, two digits of base 16 each; in quotes, as # begins a comment."""
LogoFile = Annotated[str, WithJsonSchema({"type": "string", "examples": ["logo.png"]})]


class LookRules(Section):
    """The look of the brand on pages and posters. Without it they have the colours of embers, and a torch."""

    key: ClassVar[str] = "look"
    says: ClassVar[str] = (
        "The look of the brand on pages and posters. Without it they have the colours of embers, and a torch."
    )

    colour: Colour | None = Field(
        None,
        description="Of buttons, links and codes. A colour that cannot be read on light ground (WCAG AA) is refused,"
        " with the nearest one that can.",
    )
    dark: Colour | None = Field(
        None,
        description="The same on phones that are set to dark, where bright ones can be read. Without it: `colour`, made"
        " lighter.",
    )
    logo: LogoFile | None = Field(
        None,
        description="A PNG, JPEG or WebP picture beside the campaign file, at most 512 KiB and 4 million pixels. It is"
        " kept at publication; `sha256:…`, as `campaign show --rules` tells it, is one that was kept before.",
    )

    @field_validator("colour", "dark", mode="before")
    @classmethod
    def _is_colour(cls, said: object) -> str:
        if not isinstance(said, str) or not _COLOUR.fullmatch(said):
            raise Unfit('write a colour like "#c8102e", in quotes, as # begins a comment')
        return said.lower()

    @field_validator("logo", mode="before")
    @classmethod
    def _is_picture(cls, said: object) -> str:
        if not isinstance(said, str) or not _LOGO.fullmatch(said):
            raise Unfit("name a PNG, JPEG or WebP picture that lies beside the campaign file, such as logo.png")
        return said

    @property
    def file_beside(self) -> tuple[str, str] | None:
        """The logo, where nobody has looked at it yet."""
        return ("logo", self.logo) if self.logo is not None and self.kept is None else None

    def holding(self, content: bytes) -> Self:
        """The same with the logo by what is in its file."""
        redrawn(content)
        return self.model_copy(update={"logo": _KEPT + hashlib.sha256(content).hexdigest()})

    @property
    def kept(self) -> str | None:
        """The hash of a logo that is kept, or will be; None for a file that nobody has read, or none."""
        return self.logo.removeprefix(_KEPT) if self.logo is not None and self.logo.startswith(_KEPT) else None

    @property
    def colours(self) -> tuple[str, str] | None:
        """On light and on dark ground."""
        if self.colour is None:
            return None
        return self.colour, self.dark or nearest(self.colour, dark=True)

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """Colours that can be read, and a logo that is there."""
        del rules
        if self.dark is not None and self.colour is None:
            yield ("dark",), remedy("give colour, too: the one for light ground")
        for name, colour in (("colour", self.colour), ("dark", self.dark)):
            is_dark = name == "dark"
            if colour is not None and (found := lowest(colour, dark=is_dark)) < ENOUGH:
                told = (
                    "{colour} cannot be read on {ground} ground (contrast {found}, at least 4.5 is needed); "
                    "the nearest that can is {nearest}"
                )
                ground = remedy("dark") if is_dark else remedy("light")
                near = f'"{nearest(colour, dark=is_dark)}"'
                yield (name,), remedy(told, colour=colour, ground=ground, found=f"{found:.1f}", nearest=near)
        if self.logo is not None and self.kept is None:
            told = (
                "{logo} is no part of what was sent; publish the file in a terminal, where the picture lies beside it, "
                "or write the sha256:… of one that was published"
            )
            yield ("logo",), remedy(told, logo=self.logo)
