"""The torch page over one torch that is made up, at an hour that the test holds in its hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from bots.http_errors import register_error_handlers
from core.alphabet import normalise
from handlers.relay.views import ChainTotals, ShownTorch, TorchState, TorchView
from pages.chats import Chat
from pages.pictures.badge import Badge
from pages.pictures.poster import Poster
from pages.torch.serve import Drawings, TorchPages, blueprint
from pages.torch.view import TorchPage

NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
"""In Shanghai."""
TORCH = ShownTorch(TorchState.UNLIT, 3, NOON, NOON + timedelta(minutes=10))
VIEW = TorchView(
    campaign="torch",
    title={"zh": "火炬在线传递", "en": "Pass the torch"},
    organiser={"zh": "火炬汽水", "en": "Huoju Drinks"},
    word="7K2M-9QXR",
    name="Anna",
    open=True,
    zone=ZoneInfo("Asia/Shanghai"),
    torch=TORCH,
    chain=ChainTotals(1057, 31, 6),
    perk={"zh": "圣火皮肤", "en": "the Sacred Flame skin"},
    friend_has=timedelta(minutes=10),
)
PAGE = TorchPage(VIEW, (Chat("WeChat 微信", typed_word=True), Chat("Telegram", typed_word=False)), playground=False)


class Torches:
    """Knows one word, however it is typed, and keeps what it was asked and what was drawn."""

    def __init__(self, now: datetime = NOON, **changes: Any) -> None:
        around = {name: changes.pop(name) for name in ("chats", "playground") if name in changes}
        self.page = replace(PAGE, view=replace(VIEW, **changes), **around)
        self.now = now
        self.asked: list[str] = []
        self.drawn: list[tuple[Badge | Poster | str | None, ...]] = []

    def light(self) -> None:
        self.turn(TorchState.LIT)

    def turn(self, state: TorchState, **changes: Any) -> None:
        assert self.view.torch
        torch = replace(self.view.torch, state=state, **changes)
        self.page = replace(self.page, view=replace(self.view, torch=torch))

    def clock(self) -> datetime:
        return self.now

    @property
    def view(self) -> TorchView:
        return self.page.view

    def find(self, word: str) -> TorchPage | None:
        self.asked.append(word)
        return self.page if normalise(word) == normalise(self.view.word) else None

    def draw(self, *shown: Badge | Poster | str | None) -> bytes:
        self.drawn.append(shown)
        return b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><rect width="4" height="3"/></svg>'


def served(torches: Torches, public_url: str | None = "https://play.example") -> Flask:
    app = Flask("test", static_folder=None)
    register_error_handlers(app)
    drawings = Drawings(*[torches.draw] * 5)
    app.register_blueprint(blueprint(TorchPages(torches.find, drawings, torches.clock, public_url)))
    return app
