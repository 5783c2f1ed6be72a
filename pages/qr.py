"""A link as a QR picture (ISO/IEC 18004), for a screen and for print."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import segno

QUIET_ZONE_MODULES = 4
"""What ISO/IEC 18004 asks for on every side."""
PNG_WIDTH_PX = 400

_DARK, _LIGHT = "#000", "#fff"


def qr_code(link: str) -> "segno.QRCode":
    """``link`` with 15 % error correction (level M). Raises segno.DataOverflowError for a link too long for any."""
    import segno  # noqa: PLC0415  # which takes 70 ms, of every process that draws nothing

    return segno.make_qr(link, error="m", boost_error=False)


def as_svg(link: str) -> bytes:
    """The picture, black on white in every colour scheme, as large as its place allows."""
    out = io.BytesIO()
    code = qr_code(link)
    code.save(out, kind="svg", border=QUIET_ZONE_MODULES, dark=_DARK, light=_LIGHT, omitsize=True, nl=False)
    return out.getvalue()


def as_png(link: str) -> bytes:
    """The picture, about ``PNG_WIDTH_PX`` wide: every module is the same whole number of pixels."""
    out = io.BytesIO()
    code = qr_code(link)
    width, _ = code.symbol_size(border=QUIET_ZONE_MODULES)
    scale = max(1, round(PNG_WIDTH_PX / width))
    code.save(out, kind="png", border=QUIET_ZONE_MODULES, scale=scale, dark=_DARK, light=_LIGHT)
    return out.getvalue()
