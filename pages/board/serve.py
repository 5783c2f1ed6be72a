"""The door under /b: the boards of a campaign's relay, which anybody may look at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response, render_template

from handlers.relay.views import BoardsView
from pages import serving
from pages.board.wording import SORRY, WORDING
from pages.look.look import PLAIN, Look
from pages.pictures.names import clean
from pages.pictures.wording import counted
from pages.wording import language, titled, worded

_KEPT = "public, max-age=10"


class BoardPage(NamedTuple):
    """What the page of a campaign's boards shows."""

    view: BoardsView
    look: Look = PLAIN


@dataclass(frozen=True, slots=True)
class BoardPages:
    """What the door is handed: ``find`` takes the name of a campaign; None where it has no relay, or is none."""

    find: Callable[[str], BoardPage | None]
    public_url: str | None = None

    def show(self, name: str) -> Response:
        """The page in the language that was asked for."""
        page = self.find(name) if len(name) <= serving.WORD_LIMIT else None
        if page is None:
            return serving.unknown(SORRY)
        view = page.view
        spoken = language(view.title)
        say = worded(WORDING, spoken, view.title)
        boards = [
            (key, [(clean(line.name), counted(say, f"{key}_score", line.score)) for line in view.boards[key]])
            for key in ("longest", "lit", "today")
        ]
        about = {"say": say, "lang": spoken, "look": page.look, "name": name, "boards": boards}
        title, organiser = titled(view.title, spoken), titled(view.organiser, spoken)
        texts = {"title": title, "organiser": organiser, "public_url": self.public_url}
        response = serving.page(render_template("board/page/board.html", **about, **texts))
        response.headers["Content-Language"] = say["tag"]
        response.headers["Cache-Control"] = _KEPT
        response.vary.add("Accept-Language")
        return response


def blueprint(boards: BoardPages) -> Blueprint:
    """The route under /b."""
    doors = serving.doors("board", "/b", Path(__file__).parent / "page", SORRY)
    doors.add_url_rule("/<name>", "show", boards.show, methods=["GET"])
    return doors
