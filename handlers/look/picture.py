"""A logo as a brand hands it in, drawn anew: nothing of the file that came stays, but what is seen."""

import io
from typing import TYPE_CHECKING, NamedTuple

from core.campaign.findings import Unfit

if TYPE_CHECKING:
    from PIL import Image

MOST_BYTES = 1 << 19
"""Of the file."""
MOST_PIXELS = 4_000_000
LEAST_PX = 24
"""Of the shorter side."""
WIDTH_PX, HEIGHT_PX = 640, 240
"""What a logo is made to fit in: twice as large as it is ever shown."""
_TOO_LARGE = "the picture has more than 4 million pixels; 640 × 240 are enough"
_MOST_LONG = 12
"""Times as long as high, or as high as long."""
_FORMATS = ("PNG", "JPEG", "WEBP")
_SEEN = 40
"""Of 255: what is fainter counts for nothing."""
_BRIGHT = 170


class Picture(NamedTuple):
    """A logo, ready to be shown."""

    png: bytes
    width: int
    height: int
    on_dark: bool
    """Whether it is so bright that it is seen on dark ground alone."""


def redrawn(content: bytes) -> Picture:
    """The picture in ``content``, which may be anything, as a small PNG without anything else that was in the file.

    Raises Unfit, with what to do instead.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415  # of every process that publishes nothing

    if len(content) > MOST_BYTES:
        raise Unfit("the picture has more than 512 KiB; a logo of 640 × 240 pixels has some 20")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
            _refuse(*opened.size)
            picture = ImageOps.exif_transpose(opened).convert("RGBA")
    except UnidentifiedImageError:
        raise Unfit("this is no PNG, JPEG or WebP picture; export the logo as PNG") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unfit(_TOO_LARGE) from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        if isinstance(error, Unfit):
            raise
        raise Unfit("the picture is damaged; export the logo as PNG once more") from None
    picture.thumbnail((WIDTH_PX, HEIGHT_PX), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    Image.merge("RGBA", picture.split()).save(out, format="PNG", optimize=True)
    return Picture(out.getvalue(), *picture.size, _is_bright(picture))


def _refuse(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise Unfit(_TOO_LARGE)
    if min(width, height) < LEAST_PX:
        raise Unfit("the picture has fewer than 24 pixels on a side; take one of 640 × 240")
    if max(width, height) > _MOST_LONG * min(width, height):
        raise Unfit("the picture is too long and thin to be shown; take one of 640 × 240")


def _is_bright(picture: "Image.Image") -> bool:
    seen = picture.getchannel("A").point(lambda alpha: 255 if alpha > _SEEN else 0)
    counts = picture.convert("L").histogram(mask=seen)
    total = sum(counts)
    return total > 0 and sum(light * count for light, count in enumerate(counts)) / total > _BRIGHT
