"""Whether a colour can be read on our pages (WCAG 2.2, 1.4.3: AA), and the nearest one that can."""

import colorsys

ENOUGH = 4.5
"""Of text, in any size."""
LIGHT, DARK = ("#efebe4", "#fdfbf7"), ("#14100d", "#1d1814")
"""The grounds of pages in light and in dark: around the sheet, and the sheet."""
WHITE, BLACK = "#ffffff", "#1a1310"
_TINT_LIGHT, _TINT_DARK = 0.1, 0.16
_STEPS = 400


def contrast(one: str, other: str) -> float:
    """The ratio of two colours, 1 to 21."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def tint(colour: str, *, dark: bool) -> str:
    """The ground of what shall be seen first: the sheet with some of ``colour`` in it."""
    share, sheet = (_TINT_DARK, DARK[1]) if dark else (_TINT_LIGHT, LIGHT[1])
    mixed = (share * a + (1 - share) * b for a, b in zip(_channels(colour), _channels(sheet), strict=True))
    return _hex(*mixed)


def lowest(colour: str, *, dark: bool) -> float:
    """The contrast of ``colour`` where it is worst: on the grounds of light or dark pages, and on its own tint."""
    return min(contrast(colour, ground) for ground in (*(DARK if dark else LIGHT), tint(colour, dark=dark)))


def nearest(colour: str, *, dark: bool) -> str:
    """``colour`` where it can be read, else made as much darker or, on ``dark`` pages, lighter as it must be."""
    if lowest(colour, dark=dark) >= ENOUGH:
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    end = 1.0 if dark else 0.0
    for step in range(1, _STEPS + 1):
        tried = _hex(*colorsys.hls_to_rgb(hue, lightness + (end - lightness) * step / _STEPS, saturation))
        if lowest(tried, dark=dark) >= ENOUGH:
            return tried
    return _hex(end, end, end)


def ink_on(colour: str) -> str:
    """What is written in on ``colour``: the better of white and near black, one of which can always be read."""
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, colour))


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(*channels: float) -> str:
    return "#" + "".join(f"{round(255 * each):02x}" for each in channels)


def _luminance(colour: str) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))  # noqa: PLR2004  # as sRGB has it
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
