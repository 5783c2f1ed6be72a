"""Which font a picture is written in: the one with Chinese that is installed with the product, or the one named."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from PIL import ImageFont, features

from pages.pictures.names import clusters

_CHINESE = Path(str(files("manimgx_fonts_cjk") / "NotoSansCJK-VF.otf.ttc"))
_OTHER_SCRIPTS = Path(str(files("manimgx_fonts")))
"""Noto Sans, a file for each script that the Chinese font lacks: Arabic, Devanagari, Hebrew, Thai and others."""
_MUST_SHOW = "火炬传递棒"
_FACES_LIMIT = 16
_NOBODYS = "\U0010ffff"


class FontMissing(Exception):
    """The font file that was named cannot be used; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font in a file, in the weight that a variable one is given."""

    path: str
    index: int = 0
    weight: int = 400

    def at(self, size_px: int) -> ImageFont.FreeTypeFont:
        """The font, ready to draw. Raises OSError when the file is gone."""
        return _loaded(self, size_px)

    def has(self, char: str) -> bool:
        """Whether the font has a picture for ``char``."""
        return _has(self, char)


@dataclass(frozen=True, slots=True)
class Fonts:
    """What pictures are written in."""

    regular: Face
    bold: Face
    others: tuple[Face, ...] = ()
    """Asked, in this order, for what the first does not have."""

    def runs(self, text: str, size_px: int, *, bold: bool = False) -> list[tuple[str, ImageFont.FreeTypeFont]]:
        """``text`` in pieces of one font each; what no font has is left out, or loses its accents: never a box."""
        faces = (self.bold if bold else self.regular, *self.others)
        found: list[tuple[str, Face]] = []
        for cluster in clusters(text):
            if (
                cluster.isspace() and found
            ):  # in the font before it: words that are written from the right stay in order
                found[-1] = (found[-1][0] + cluster, found[-1][1])
                continue
            shown, face = _shown(cluster, faces)
            if face is not None and found and found[-1][1] == face:
                found[-1] = (found[-1][0] + shown, face)
            elif face is not None:
                found.append((shown, face))
        return [(piece, face.at(size_px)) for piece, face in found]


@cache
def find_fonts(named: Path | None = None) -> Fonts:
    """The fonts that came with the product, ``named`` in the place of the Chinese one.

    Raises FontMissing when ``named`` is not a font that can be read, or is one without Chinese.
    """
    face = _chinese_face(str(named or _CHINESE))
    if face is None:
        raise FontMissing(
            f"{named} is not a font file with Chinese that can be read; name another one, "
            "or none: Noto Sans CJK comes with this program."
        )
    bold = Face(face.path, face.index, 700)  # a variable font grows bold; of any other nothing changes
    others = tuple(
        Face(str(path)) for path in sorted(_OTHER_SCRIPTS.glob("NotoSans*.ttf")) if "Italic" not in path.name
    )
    return Fonts(face, bold, others)


def _chinese_face(path: str) -> Face | None:
    """The face of a font file that is best for simplified Chinese."""
    found: list[Face] = []
    for index in range(_FACES_LIMIT):
        face = Face(path, index)
        try:
            family = face.at(16).getname()[0] or ""
            fits = all(face.has(char) for char in _MUST_SHOW)
        except OSError:
            break
        if fits and family.endswith((" SC", " GB", " CN")) and "Mono" not in family:
            return face
        found += [face] if fits else []
    return found[0] if found else None


def _shown(cluster: str, faces: Sequence[Face]) -> tuple[str, Face | None]:
    """``cluster`` and the first of ``faces`` that has it, else its first letter without accents and that one's."""
    if any(unicodedata.bidirectional(char) in {"R", "AL"} for char in cluster) and not features.check("raqm"):
        return "", None  # without raqm it would stand in reverse
    drawn = "".join(char for char in cluster if unicodedata.category(char) != "Cf" and char != "\ufe0f")
    for shown in dict.fromkeys((drawn, drawn[:1], unicodedata.normalize("NFD", drawn)[:1])):
        for face in faces:
            if shown and all(face.has(char) for char in shown):
                return shown, face
    return "", None


@lru_cache(maxsize=256)
def _loaded(face: Face, size_px: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(face.path, size_px, face.index)
    try:
        axes = len(font.get_variation_axes())
    except OSError:  # not a variable font
        return font
    if axes == 1:  # Noto Sans CJK varies its weight only, and begins with the thinnest
        font.set_variation_by_axes([face.weight])
    return font


@lru_cache(maxsize=16384)
def _has(face: Face, char: str) -> bool:
    font = face.at(16)
    return char.isspace() or bytes(font.getmask(char)) != bytes(font.getmask(_NOBODYS))
