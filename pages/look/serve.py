"""The doors under /look: a style sheet for two colours, and logos. What an address gives never changes."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response

from handlers.look.contrast import ENOUGH, ink_on, lowest, tint
from pages import serving
from pages.look.wording import SORRY

_KEPT = "public, max-age=31536000, immutable"
_SHEET = re.compile("([0-9a-f]{6})-([0-9a-f]{6})")
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class LookFiles:
    """What the doors are handed: ``logo`` gives the PNG that is kept under a hash, or None."""

    logo: Callable[[str], bytes | None]

    def sheet(self, name: str) -> Response:
        """The style sheet of two colours; none for colours that cannot be read, which no campaign has."""
        found = _SHEET.fullmatch(name)
        if found is None:
            return serving.unknown(SORRY)
        light, dark = (f"#{each}" for each in found.groups())
        if lowest(light, dark=False) < ENOUGH or lowest(dark, dark=True) < ENOUGH:
            return serving.unknown(SORRY)
        told = (
            f":root{{{_said(light, dark=False)}}}@media(prefers-color-scheme:dark){{:root{{{_said(dark, dark=True)}}}}}"
        )
        return serving.picture(told.encode(), "text/css; charset=utf-8", _KEPT)

    def png(self, digest: str) -> Response:
        """A logo."""
        content = self.logo(digest) if _HASH.fullmatch(digest) else None
        return serving.unknown(SORRY) if content is None else serving.picture(content, "image/png", _KEPT)


def _said(colour: str, *, dark: bool) -> str:
    return f"--ember:{colour};--on-ember:{ink_on(colour)};--glow:{colour};--warm:{tint(colour, dark=dark)}"


def blueprint(files: LookFiles) -> Blueprint:
    """The routes under /look."""
    doors = serving.doors("look", "/look", None, SORRY)
    doors.add_url_rule("/<name>.css", "sheet", files.sheet, methods=["GET"])
    doors.add_url_rule("/<digest>.png", "png", files.png, methods=["GET"])
    return doors
