"""How pages that anybody may open are served: headers, files, pictures, and what is said where there is nothing."""

from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response, abort, render_template, request

from core.blame import Unavailable

WORD_LIMIT = 40
"""Symbols of a word in a link; a longer one is nobody's, and is not looked up."""
RETRY_AFTER_S = 2

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_HERE = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HOST_LIMIT = 255


class Sorry(NamedTuple):
    """What a page says for a word that nobody has, in English and in Chinese."""

    title: str
    unknown: str
    advice: str
    unknown_zh: str
    advice_zh: str


def doors(name: str, prefix: str, folder: Path | None, sorry: Sorry) -> Blueprint:
    """Routes under ``prefix``: the files of ``folder``, where it has any, and those of every page so far.

    A database that is away is told kindly. Templates are named like ``invite/page/invite.html``.
    """
    blueprint = Blueprint(name, __name__, url_prefix=prefix, template_folder=_HERE)
    places = [_HERE / "page", *([folder] if folder is not None else [])]
    paths = [path for place in places for path in sorted(place.iterdir()) if path.suffix in _TYPES]
    files = {path.name: path.read_bytes() for path in paths}

    def file(name: str) -> Response:
        if name not in files:
            abort(404)
        response = picture(files[name], f"{_TYPES[Path(name).suffix]}; charset=utf-8", "no-cache")
        response.add_etag()
        response.make_conditional(request)
        return response

    def unavailable(_error: Unavailable) -> Response:
        response = _told(sorry, 503)
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response

    blueprint.register_error_handler(Unavailable, unavailable)
    blueprint.add_url_rule("/page/<name>", "file", file, methods=["GET"])
    return blueprint


def page(text: str, status: int = 200) -> Response:
    """A page that nobody keeps."""
    response = Response(text, status, HEADERS, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def picture(drawn: bytes, kind: str, kept: str) -> Response:
    """A picture or file of the type ``kind``; ``kept`` says who may keep it for how long."""
    response = Response(drawn, 200, HEADERS, content_type=kind)
    response.headers["Cache-Control"] = kept
    return response


def unknown(sorry: Sorry) -> Response:
    """The page for a word that nobody has; it does not say the word back."""
    return _told(sorry, 404)


def _told(sorry: Sorry, status: int) -> Response:
    files = "../" * (request.path.count("/") - 2) + "page"  # a server before ours may serve it below some path
    return page(render_template("page/sorry.html", sorry=sorry, status=status, files=files), status)


def asked_for_by() -> str:
    """The address that the browser knows this server by, like "https://host"; refused where it cannot be one."""
    if not 1 <= len(request.host) <= _HOST_LIMIT:
        abort(400)
    return request.host_url.rstrip("/")
