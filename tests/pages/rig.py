"""The invite pages over one invitation that is made up."""

from typing import Any

from flask import Flask

from bots.http_errors import register_error_handlers
from core.alphabet import normalise
from handlers.invites.words import Invitation
from pages.chats import Chat
from pages.invite.serve import InvitePage, InvitePages, blueprint
from pages.pictures.poster import Poster

SNACK = Invitation(
    campaign="snack",
    title={"zh": "开袋赢大奖", "en": "Open a bag"},
    organiser={"zh": "火炬食品", "en": "Huoju Foods"},
    word="7K2M-9QXR",
    open=True,
)
PAGE = InvitePage(SNACK, (Chat("WeChat 微信"), Chat("Telegram")), playground=False)


class Invites:
    """Knows one word, however it is typed, and keeps what it was asked."""

    def __init__(self, **changes: Any) -> None:
        around = {name: changes.pop(name) for name in ("chats", "playground", "name") if name in changes}
        self.page = PAGE._replace(invitation=SNACK._replace(**changes), **around)
        self.asked: list[str] = []
        self.drawn: list[tuple[Poster, str]] = []

    def draw(self, shown: Poster, language: str) -> bytes:
        self.drawn.append((shown, language))
        return b"\x89PNG"

    def find(self, word: str) -> InvitePage | None:
        self.asked.append(word)
        return self.page if normalise(word) == normalise(self.page.invitation.word) else None


def served(invites: Invites, public_url: str | None = "https://play.example") -> Flask:
    app = Flask("test", static_folder=None)
    register_error_handlers(app)
    app.register_blueprint(blueprint(InvitePages(invites.find, invites.draw, public_url)))
    return app
