"""The doors under /console: a page for whoever has its link, and the numbers that it asks for every two seconds.

The address is the key: no other server is told where a reader came from, and nothing of it is logged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, render_template, request

from core.times import Clock, milliseconds
from pages import serving
from pages.console.view import Screen
from pages.console.wording import FIGURES, SORRY, WORDING
from pages.wording import language, titled

_POLICY = serving.POLICY + "; connect-src 'self'"
_LINK_LIMIT = 200


@dataclass(frozen=True, slots=True)
class ConsolePages:
    """What the doors are handed: ``find`` takes what a link ends in; None where it is no link of ours, or is over."""

    find: Callable[[str], Screen | None]
    clock: Clock

    def show(self, link: str) -> Response:
        """The page, in the language that was asked for, else that of the campaign; another one without a good link."""
        screen = self._found(link)
        if screen is None:
            return _private(serving.unknown(SORRY))
        spoken = language(otherwise=screen.view.language)
        say, title = WORDING[spoken], titled(screen.view.title, spoken)
        shown = {"title": title, "link": link, "figures": FIGURES}
        text = render_template("console/page/console.html", say=say, spoken=spoken, **shown)
        response = _private(serving.page(text))
        response.headers["Content-Language"] = say["tag"]
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    def numbers(self, link: str) -> Response:
        """The numbers, or 304 where the page has them; ``Age`` says how old they are, ``X-Now`` what time it is."""
        screen = self._found(link)
        if screen is None:
            return _private(serving.unknown(SORRY))
        now, has = self.clock(), screen.tag in request.if_none_match
        response = _private(serving.picture(b"" if has else screen.body, "application/json", "no-cache"))
        response.set_etag(screen.tag)
        response.headers["Age"] = str(max(int((now - screen.at).total_seconds()), 0))
        response.headers["X-Now"] = str(milliseconds(now))
        if has:
            response.status_code = 304
        return response

    def _found(self, link: str) -> Screen | None:
        return self.find(link) if len(link) <= _LINK_LIMIT else None


def _private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def blueprint(console: ConsolePages) -> Blueprint:
    """The routes under /console."""
    doors = serving.doors("console", "/console", Path(__file__).parent / "page", SORRY)
    doors.add_url_rule("/<link>", "show", console.show, methods=["GET"])
    doors.add_url_rule("/<link>/console.json", "numbers", console.numbers, methods=["GET"])
    return doors
