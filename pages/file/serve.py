"""The door under /file: a page that a look spends nothing of, and the file, which the button on it gives once.

Apps that preview links only look. The address is the key: no other server is told where a reader came from, and
nothing of it is logged.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from flask import Blueprint, Response, render_template

from pages import serving
from pages.file.wording import SORRY, WORDING
from pages.serving import Sorry
from pages.wording import language

_POLICY = serving.POLICY.replace("form-action 'none'", "form-action 'self'")
_LINK_LIMIT = 300
_AT_ONCE = 1 << 16
_UNITS = ((1 << 20, "MiB"), (1 << 10, "KiB"))
_GONE = 410


class Waiting(NamedTuple):
    """A file that waits behind a link."""

    name: str
    bytes_count: int | None
    """None for one that is made when it is taken."""


class Given(NamedTuple):
    """The file that a link gave, which is read once and then closed."""

    name: str
    bytes_count: int
    file: BinaryIO


@dataclass(frozen=True, slots=True)
class FilePage:
    """What the door is handed, each by what a link ends in.

    ``look`` spends nothing; ``take`` gives the file once. Of a link that gave its file both return when that was; None
    for one that is not ours, is over, or was taken back.
    """

    look: Callable[[str], Waiting | datetime | None]
    take: Callable[[str], Given | datetime | None]
    wording: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: WORDING)
    sorry: Sorry = SORRY

    def show(self, link: str) -> Response:
        """The page, in the language that was asked for."""
        found = self.look(link) if len(link) <= _LINK_LIMIT else None
        return self._told(found)

    def give(self, link: str) -> Response:
        """The file, or the page that says why not."""
        found = self.take(link) if len(link) <= _LINK_LIMIT else None
        if not isinstance(found, Given):
            return self._told(found)
        response = Response(_pieces(found.file), 200, serving.HEADERS, content_type="application/octet-stream")
        response.call_on_close(found.file.close)
        response.content_length = found.bytes_count
        response.headers["Content-Disposition"] = f'attachment; filename="{found.name}"'
        response.headers["Cache-Control"] = "no-store"
        return _private(response)

    def _told(self, found: Waiting | datetime | None) -> Response:
        if found is None:
            return _private(serving.unknown(self.sorry))
        say = self.wording[language()]
        if isinstance(found, datetime):
            at = f"{found.astimezone(UTC):%Y-%m-%d %H:%M}"
            response = serving.page(render_template("file/page/file.html", say=say, taken_at=at), _GONE)
        else:
            size = None if found.bytes_count is None else _size(found.bytes_count)
            response = serving.page(render_template("file/page/file.html", say=say, name=found.name, size=size))
            response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Content-Language"] = say["tag"]
        return _private(response)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(_AT_ONCE):
        yield piece


def _size(bytes_count: int) -> str:
    for unit, name in _UNITS:
        if bytes_count >= unit:
            return f"{bytes_count / unit:.1f} {name}"
    return f"{bytes_count} B"


def _private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def blueprint(files: FilePage, name: str = "file") -> Blueprint:
    """The routes under ``name``."""
    doors = serving.doors(name, f"/{name}", Path(__file__).parent / "page", files.sorry)
    doors.add_url_rule("/<link>", "show", files.show, methods=["GET"])
    doors.add_url_rule("/<link>", "give", files.give, methods=["POST"])
    return doors
