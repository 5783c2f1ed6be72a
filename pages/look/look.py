"""How a brand wants to be seen: its colours on light and dark ground, and its logo."""

from typing import NamedTuple


class Look(NamedTuple):
    """What pages and pictures of a campaign are drawn in; without it, in the colours of embers."""

    colours: tuple[str, str] | None = None
    """On light and on dark ground, like ``#c8102e``."""
    logo: str | None = None
    """The hash under which the logo is kept."""
    logo_on_dark: bool = False
    """Whether the logo is seen on dark ground alone."""
    size: tuple[int, int] = (0, 0)
    """Of the logo, in pixels."""

    @property
    def sheet(self) -> str | None:
        """The name of the style sheet with these colours."""
        return "-".join(each.removeprefix("#") for each in self.colours) if self.colours else None


PLAIN = Look()
