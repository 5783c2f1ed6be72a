"""Which font a picture is written in: one with Chinese, found on the machine or named, or else a plain fallback."""

import os
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont, features

from pages.pictures.names import clusters

PLACES = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    "C:/Windows/Fonts",
)
"""Folders in which Linux, macOS and Windows keep fonts; each is searched with everything below it."""

_CHINESE = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    ("SourceHanSansCN-Regular.otf", "SourceHanSansCN-Bold.otf"),
    ("NotoSansCJK-VF.ttc", None),
    ("NotoSansCJK-VF.otf.ttc", None),
    ("PingFang.ttc", None),
    ("Hiragino Sans GB.ttc", None),
    ("STHeiti Medium.ttc", None),
    ("msyh.ttc", "msyhbd.ttc"),
    ("msyh.ttf", "msyhbd.ttf"),
    ("Deng.ttf", "Dengb.ttf"),
    ("simhei.ttf", None),
    ("wqy-microhei.ttc", None),
    ("wqy-zenhei.ttc", None),
    ("DroidSansFallbackFull.ttf", None),
    ("simsun.ttc", None),
    ("Arial Unicode.ttf", None),
)
"""File names of a regular and its bold font, the better ones first."""
_OTHER_SCRIPTS = ("DejaVuSans.ttf", "NotoSans-Regular.ttf", "Arial Unicode.ttf", "arial.ttf", "segoeui.ttf")
_MUST_SHOW = "火炬传递棒"
_FACES_LIMIT = 16
_NOBODYS = "\U0010ffff"
_REMEDY = (
    "Install one (Debian, Ubuntu: fonts-noto-cjk; Alpine: font-noto-cjk; Fedora: google-noto-sans-cjk-fonts) "
    "or name a font file. Until then pictures are written in English."
)


class FontMissing(Exception):
    """The font file that was named cannot be used; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Face:
    """A font in a file; without a path it is the one that Pillow carries, which has Latin letters only."""

    path: str | None = None
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
    """What pictures are written in. Without Chinese, ``notice`` says so and what to install: log it once."""

    regular: Face = field(default_factory=Face)
    bold: Face = field(default_factory=Face)
    others: tuple[Face, ...] = ()
    """Asked, in this order, for what the first does not have."""
    notice: str | None = None

    @property
    def chinese(self) -> bool:
        """Whether Chinese can be written."""
        return all(self.regular.has(char) for char in _MUST_SHOW)

    def language(self, asked: str) -> str:
        """``asked`` when it can be written, else "en"."""
        return asked if asked != "zh" or self.chinese else "en"

    def runs(self, text: str, size_px: int, *, bold: bool = False) -> list[tuple[str, ImageFont.FreeTypeFont]]:
        """``text`` in pieces of one font each; what no font has is left out, or loses its accents: never a box."""
        faces = (self.bold if bold else self.regular, *self.others, Face())
        found: list[tuple[str, Face]] = []
        for cluster in clusters(text):
            shown, face = _shown(cluster, faces)
            if face is not None and found and found[-1][1] == face:
                found[-1] = (found[-1][0] + shown, face)
            elif face is not None:
                found.append((shown, face))
        return [(piece, face.at(size_px)) for piece, face in found]


def find_fonts(named: Path | None = None, places: Sequence[str] = PLACES) -> Fonts:
    """The fonts of this machine; never fails unless ``named`` is given.

    Raises FontMissing when ``named`` is not a font that can be read, or is one without Chinese.
    """
    files = _files(places)
    others = tuple(Face(files[name.lower()]) for name in _OTHER_SCRIPTS if name.lower() in files)[:1]
    if named is not None:
        face = _chinese_face(str(named))
        if face is None:
            raise FontMissing(f"{named} is not a font file with Chinese that can be read. {_REMEDY}")
        return Fonts(face, _heavier(face, None), others)
    for regular, bold in _CHINESE:
        face = _chinese_face(files.get(regular.lower()))
        if face is not None:
            heavier = _chinese_face(files.get(bold.lower())) if bold else None
            return Fonts(face, _heavier(face, heavier), others)
    return Fonts(others=others, notice=f"No font with Chinese was found on this machine. {_REMEDY}")


def _files(places: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place in places:
        for folder, folders, names in os.walk(Path(place).expanduser()):
            folders.sort()
            for name in names:
                found.setdefault(name.lower(), str(Path(folder, name)))
    return found


def _heavier(face: Face, heavier: Face | None) -> Face:
    return heavier or Face(face.path, face.index, 700)  # a variable font grows bold; of any other nothing changes


def _chinese_face(path: str | None) -> Face | None:
    """The face of a font file that is best for simplified Chinese."""
    if path is None:
        return None
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
    if face.path is None:
        plain = ImageFont.load_default(size_px)
        assert isinstance(plain, ImageFont.FreeTypeFont)
        return plain
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
