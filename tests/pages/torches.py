"""The torch page over one torch that is made up, at an hour that the test holds in its hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from bots.http_errors import register_error_handlers
from core.codes.alphabet import normalise
from pages.chats import Chat
from pages.pictures.badge import Badge
from pages.pictures.poster import Poster
from pages.pictures.state import State
from pages.torch.serve import Drawings, TorchPages, blueprint
from pages.torch.view import Chain, Torch, TorchView

NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
"""In Shanghai."""
TORCH = Torch(State.UNLIT, 3, NOON, NOON + timedelta(minutes=10))
VIEW = TorchView(
    title={"zh": "火炬在线传递", "en": "Pass the torch"},
    organiser={"zh": "火炬汽水", "en": "Huoju Drinks"},
    word="7K2M-9QXR",
    name="Anna",
    open=True,
    zone=ZoneInfo("Asia/Shanghai"),
    torch=TORCH,
    chain=Chain(1057, 31, 6),
    perk={"zh": "圣火皮肤", "en": "the Sacred Flame skin"},
    friend_has=timedelta(minutes=10),
    chats=(Chat("WeChat 微信", typed_word=True), Chat("Telegram", typed_word=False)),
    playground=True,
)


class Torches:
    """Knows one word, however it is typed, and keeps what it was asked and what was drawn."""

    def __init__(self, now: datetime = NOON, **changes: Any) -> None:
        self.view = replace(VIEW, **changes)
        self.now = now
        self.asked: list[str] = []
        self.drawn: list[tuple[Badge | Poster | str, ...]] = []

    def light(self) -> None:
        self.turn(State.LIT)

    def turn(self, state: State, **changes: Any) -> None:
        assert self.view.torch
        self.view = replace(self.view, torch=replace(self.view.torch, state=state, **changes))

    def clock(self) -> datetime:
        return self.now

    def find(self, word: str) -> TorchView | None:
        self.asked.append(word)
        return self.view if normalise(word) == normalise(self.view.word) else None

    def draw(self, *shown: Badge | Poster | str) -> bytes:
        self.drawn.append(shown)
        return b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3"/></svg>'


def served(torches: Torches, public_url: str | None = "https://play.example") -> Flask:
    app = Flask("test", static_folder=None)
    register_error_handlers(app)
    drawings = Drawings(torches.draw, torches.draw, torches.draw, torches.draw)
    app.register_blueprint(blueprint(TorchPages(torches.find, drawings, torches.clock, public_url)))
    return app
