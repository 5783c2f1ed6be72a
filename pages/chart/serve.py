"""The door under /chart: what a campaign came to as a picture, for whoever has its link.

The address is the key: no other server is told where a reader came from, and nothing of it is logged.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response

from core.measures.comparison import Asked
from pages import serving
from pages.chart.wording import SORRY
from pages.wording import language

_KEPT = "private, max-age=86400"
_LINK_LIMIT = 200


@dataclass(frozen=True, slots=True)
class ChartPictures:
    """What the door is handed: ``find`` takes what a link ends in; None where it is no link of ours, or is over."""

    find: Callable[[str], Asked | None]
    draw: Callable[[Asked, str], bytes]
    """Of what, and in which language; drawing is dear, so it may keep what it has drawn for the same again."""

    def png(self, link: str) -> Response:
        """The picture, in the language that was asked for."""
        asked = self.find(link) if len(link) <= _LINK_LIMIT else None
        if asked is None:
            return _private(serving.unknown(SORRY))
        return _private(serving.picture(self.draw(asked, language()), "image/png", _KEPT))


def _private(response: Response) -> Response:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def blueprint(charts: ChartPictures) -> Blueprint:
    """The route under /chart."""
    doors = serving.doors("chart", "/chart", None, SORRY)
    doors.add_url_rule("/<link>.png", "png", charts.png, methods=["GET"])
    return doors
