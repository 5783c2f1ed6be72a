"""The doors under /i: an invitation as a page and as a QR picture, which anybody may open and which change nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from flask import Blueprint, Response, abort, render_template, request

from core.engine.failing import Unavailable
from pages.invite.picture import as_png, as_svg
from pages.invite.wording import LANGUAGES, WORDING

WORD_LIMIT = 40
"""Symbols of a word in a link; a longer one is nobody's, and is not looked up."""

_HOST_LIMIT = 255
_PAGE = Path(__file__).parent / "page"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {path.name: path.read_bytes() for path in sorted(_PAGE.iterdir()) if path.suffix in _TYPES}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_PICTURE_KEPT = "private, max-age=86400"


class Invitation(NamedTuple):
    """What an invite word stands for; nothing in it tells who invites. Titles are by language."""

    title: Mapping[str, str]
    organiser: Mapping[str, str]
    word: str
    """Grouped for reading, like ``7K2M-9QXR``."""
    open: bool
    """Whether the campaign can be played now."""
    channels: Sequence[str]
    """Names of the chats in which it is played."""
    playground: bool
    """Whether the playground is served here."""


@dataclass(frozen=True, slots=True)
class InvitePages:
    """What the doors are handed: ``find`` takes a word as somebody typed it; links begin with ``public_url``.

    Without ``public_url`` they begin with whatever address the page was asked for by.
    """

    find: Callable[[str], Invitation | None]
    public_url: str | None = None

    def show(self, word: str) -> Response:
        """The page in the language that was asked for, or the one that says that the word is not known."""
        invitation = self._found(word)
        if invitation is None:
            return _unknown()
        language = _language()
        page = render_template(
            "invite.html",
            say=WORDING[language],
            title=invitation.title[language],
            organiser=invitation.organiser[language],
            invitation=invitation,
        )
        response = _answer(page, 200)
        response.headers["Content-Language"] = WORDING[language]["tag"]
        return response

    def svg(self, word: str) -> Response:
        """The link as a QR picture for a screen."""
        return self._picture(word, as_svg, "image/svg+xml")

    def png(self, word: str) -> Response:
        """The link as a QR picture for printing and passing on."""
        return self._picture(word, as_png, "image/png")

    def _found(self, word: str) -> Invitation | None:
        return self.find(word) if len(word) <= WORD_LIMIT else None

    def _picture(self, word: str, draw: Callable[[str], bytes], kind: str) -> Response:
        invitation = self._found(word)
        if invitation is None:
            return _unknown()
        picture = draw(f"{self.public_url or _asked_for_by()}/i/{quote(invitation.word)}")
        response = Response(picture, 200, _HEADERS, content_type=kind)
        response.headers["Cache-Control"] = _PICTURE_KEPT
        return response


def _asked_for_by() -> str:
    if not 1 <= len(request.host) <= _HOST_LIMIT:
        abort(400)
    return request.host_url.rstrip("/")


def _language() -> str:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    spoken = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality)  # the best first
    return next((language for language in spoken if language in LANGUAGES), LANGUAGES[0])


def _answer(page: str, status: int) -> Response:
    response = Response(page, status, _HEADERS, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def _unknown() -> Response:
    return _answer(render_template("unknown.html", unavailable=False), 404)


def _unavailable(_error: Unavailable) -> Response:
    response = _answer(render_template("unknown.html", unavailable=True), 503)
    response.headers["Retry-After"] = "2"
    return response


def _file(name: str) -> Response:
    if name not in _FILES:
        abort(404)
    kind = f"{_TYPES[Path(name).suffix]}; charset=utf-8"
    response = Response(_FILES[name], 200, _HEADERS, content_type=kind)
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


def blueprint(invites: InvitePages) -> Blueprint:
    """The routes under /i."""
    doors = Blueprint("invite", __name__, url_prefix="/i", template_folder=_PAGE)
    doors.register_error_handler(Unavailable, _unavailable)
    doors.add_url_rule("/page/<name>", "file", _file, methods=["GET"])
    doors.add_url_rule("/<word>", "show", invites.show, methods=["GET"])
    doors.add_url_rule("/<word>/qr.svg", "svg", invites.svg, methods=["GET"])
    doors.add_url_rule("/<word>/qr.png", "png", invites.png, methods=["GET"])
    return doors
