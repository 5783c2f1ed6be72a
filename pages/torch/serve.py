"""The doors under /t: a torch as a page that keeps itself up to date, and its pictures. They change nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from flask import Blueprint, Response, jsonify, render_template, request

from core.texts.formats import Left
from core.times import Clock, milliseconds
from handlers.relay.views import TorchState, TorchView
from pages import qr, serving
from pages.pictures.badge import Badge
from pages.pictures.names import clean
from pages.pictures.poster import Poster
from pages.torch.view import TorchPage
from pages.torch.wording import SORRY, WORDING
from pages.wording import language, moment, titled, worded

_PICTURE_KEPT = "private, max-age=15"
_NAMES_KEPT_S = 120
_POLICY = serving.POLICY + "; connect-src 'self'"


class Drawings(NamedTuple):
    """What draws the pictures, as bytes; drawing is dear, so each may keep what it has drawn for the same again."""

    badge: Callable[[Badge, str], bytes]
    """Of what, and in which language."""
    poster: Callable[[Poster, str], bytes]
    """Of what, and in which language."""
    tree: Callable[[str, str, str, str | None], bytes]
    """Of the chain behind which word, in which version of its page, in which language, and in which colour: SVG."""
    tree_png: Callable[[str, str, str, str | None], bytes]
    """The same as PNG."""
    tall: Callable[[str, str, str, str | None], bytes]
    """The same as narrow as a phone: SVG."""


@dataclass(frozen=True, slots=True)
class TorchPages:
    """What the doors are handed: ``find`` takes a word as somebody typed it; links begin with ``public_url``.

    Without ``public_url`` they begin with whatever address the page was asked for by.
    """

    find: Callable[[str], TorchPage | None]
    draw: Drawings
    clock: Clock
    public_url: str | None = None

    def show(self, word: str) -> Response:
        """The page in the language that was asked for, or the one that says that the word is not known."""
        page = self._found(word)
        if page is None:
            return serving.unknown(SORRY)
        response = serving.page(render_template("torch/page/torch.html", **self._shown(page)))
        response.headers["Content-Language"] = WORDING[language(page.view.title)]["tag"]
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    def _shown(self, page: TorchPage) -> Mapping[str, object]:
        now, view = self.clock(), page.view
        spoken = language(view.title)
        return {
            "say": worded(WORDING, spoken, view.title),
            "lang": spoken,
            "page": page,
            "look": page.look,
            "title": titled(view.title, spoken),
            "organiser": titled(view.organiser, spoken),
            "perk": titled(view.perk, spoken) if view.perk else None,
            "view": view,
            "name": clean(view.name),
            "now": milliseconds(now),
            "state": view.state_at(now) or "none",
            "relight": view.torch.relight(now) if view.torch else "never",
            "version": page.version(now),
            "milliseconds": milliseconds,
            "local": lambda at: moment(at, now, view.zone, spoken),
            "span": Left(view.friend_has).said(spoken) if view.friend_has else None,
            "at": quote(view.word),
            "public_url": self.public_url,
        }

    def state(self, word: str) -> Response:
        """What a page that is open asks again and again: the time here, and which version of it is the last."""
        page = self._found(word)
        if page is None:
            return serving.unknown(SORRY)
        now = self.clock()
        response = jsonify(now=milliseconds(now), version=page.version(now))
        response.headers.update(serving.HEADERS)
        response.headers["Cache-Control"] = "no-store"
        return response

    def badge(self, word: str) -> Response:
        """The torch as it stands, to be passed on."""

        def drawn(page: TorchPage, now: datetime, spoken: str) -> bytes:
            view = page.view
            state, torch, chain = view.state_at(now) or TorchState.OUT, view.torch, view.chain
            leg, length = torch.leg if torch else 1, chain.torches if chain else None
            return self.draw.badge(Badge(state, leg, view.name, titled(view.title, spoken), length), spoken)

        return self._picture(word, drawn, "image/png")

    def poster(self, word: str) -> Response:
        """The way in, for printing and passing on."""

        def drawn(page: TorchPage, _now: datetime, spoken: str) -> bytes:
            view = page.view
            title, organiser = titled(view.title, spoken), titled(view.organiser, spoken)
            shown = Poster(title, organiser, view.word, self._link(view), view.name, page.look)
            return self.draw.poster(shown, spoken)

        return self._picture(word, drawn, "image/png")

    def tree(self, word: str) -> Response:
        """The chain as a tree."""
        return self._picture(word, self._chain(self.draw.tree), "image/svg+xml", named=True)

    def tall(self, word: str) -> Response:
        """The chain as a tree, as narrow as a phone."""
        return self._picture(word, self._chain(self.draw.tall), "image/svg+xml", named=True)

    def tree_png(self, word: str) -> Response:
        """The chain as a tree, to be passed on."""
        return self._picture(word, self._chain(self.draw.tree_png), "image/png", named=True)

    @staticmethod
    def _chain(draw: Callable[[str, str, str, str | None], bytes]) -> Callable[[TorchPage, datetime, str], bytes]:
        def drawn(page: TorchPage, now: datetime, spoken: str) -> bytes:
            colour = page.look.colours[0] if page.look.colours else None
            return draw(page.view.word, _version(page, now, named=True), spoken, colour)

        return drawn

    def svg(self, word: str) -> Response:
        """The link as a QR picture for a screen."""
        return self._picture(word, lambda page, _now, _spoken: qr.as_svg(self._link(page.view)), "image/svg+xml")

    def png(self, word: str) -> Response:
        """The link as a QR picture for printing and passing on."""
        return self._picture(word, lambda page, _now, _spoken: qr.as_png(self._link(page.view)), "image/png")

    def _found(self, word: str) -> TorchPage | None:
        return self.find(word) if len(word) <= serving.WORD_LIMIT else None

    def _link(self, view: TorchView) -> str:
        return f"{self.public_url or serving.asked_for_by()}/t/{quote(view.word)}"

    def _picture(
        self, word: str, drawn: Callable[[TorchPage, datetime, str], bytes], kind: str, *, named: bool = False
    ) -> Response:
        """One that a browser has is not drawn again while its page would say the same; ``named`` has others' names."""
        page = self._found(word)
        if page is None:
            return serving.unknown(SORRY)
        now, spoken = self.clock(), language(page.view.title)
        tag = f"{_version(page, now, named=named)}-{spoken}"
        has = tag in request.if_none_match
        response = serving.picture(b"" if has else drawn(page, now, spoken), kind, _PICTURE_KEPT)
        response.set_etag(tag)
        response.vary.add("Accept-Language")
        if has:
            response.status_code = 304
        return response


def _version(page: TorchPage, now: datetime, *, named: bool) -> str:
    """What a picture is kept by; one with the names of others for so long only, as a name may be taken away."""
    since = f"-{int(now.timestamp() // _NAMES_KEPT_S)}" if named else ""
    return page.version(now) + since


def blueprint(torches: TorchPages) -> Blueprint:
    """The routes under /t."""
    doors = serving.doors("torch", "/t", Path(__file__).parent / "page", SORRY)
    doors.add_url_rule("/<word>", "show", torches.show, methods=["GET"])
    doors.add_url_rule("/<word>/state", "state", torches.state, methods=["GET"])
    doors.add_url_rule("/<word>/badge.png", "badge", torches.badge, methods=["GET"])
    doors.add_url_rule("/<word>/poster.png", "poster", torches.poster, methods=["GET"])
    doors.add_url_rule("/<word>/tree.svg", "tree", torches.tree, methods=["GET"])
    doors.add_url_rule("/<word>/tall.svg", "tall", torches.tall, methods=["GET"])
    doors.add_url_rule("/<word>/tree.png", "tree_png", torches.tree_png, methods=["GET"])
    doors.add_url_rule("/<word>/qr.svg", "svg", torches.svg, methods=["GET"])
    doors.add_url_rule("/<word>/qr.png", "png", torches.png, methods=["GET"])
    return doors
