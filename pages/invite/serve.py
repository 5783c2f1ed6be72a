"""The doors under /i: an invitation as a page and as a QR picture, which anybody may open and which change nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from flask import Blueprint, Response, render_template

from handlers.invites.words import Invitation
from pages import serving
from pages.chats import Chat
from pages.invite.wording import SORRY, WORDING
from pages.qr import as_png, as_svg
from pages.wording import language

_PICTURE_KEPT = "private, max-age=86400"


class InvitePage(NamedTuple):
    """What the page of an invite word shows."""

    invitation: Invitation
    chats: Sequence[Chat]
    """Where it is played."""
    playground: bool
    """Whether the playground is served here."""


@dataclass(frozen=True, slots=True)
class InvitePages:
    """What the doors are handed: ``find`` takes a word as somebody typed it; links begin with ``public_url``.

    Without ``public_url`` they begin with whatever address the page was asked for by.
    """

    find: Callable[[str], InvitePage | None]
    public_url: str | None = None

    def show(self, word: str) -> Response:
        """The page in the language that was asked for, or the one that says that the word is not known."""
        page = self._found(word)
        if page is None:
            return serving.unknown(SORRY)
        invitation = page.invitation
        say, spoken = WORDING[language()], language()
        response = serving.page(
            render_template(
                "invite/page/invite.html",
                say=say,
                title=invitation.title[spoken],
                organiser=invitation.organiser[spoken],
                invitation=invitation,
                page=page,
            )
        )
        response.headers["Content-Language"] = say["tag"]
        return response

    def svg(self, word: str) -> Response:
        """The link as a QR picture for a screen."""
        return self._picture(word, as_svg, "image/svg+xml")

    def png(self, word: str) -> Response:
        """The link as a QR picture for printing and passing on."""
        return self._picture(word, as_png, "image/png")

    def _found(self, word: str) -> InvitePage | None:
        return self.find(word) if len(word) <= serving.WORD_LIMIT else None

    def _picture(self, word: str, draw: Callable[[str], bytes], kind: str) -> Response:
        page = self._found(word)
        if page is None:
            return serving.unknown(SORRY)
        link = f"{self.public_url or serving.asked_for_by()}/i/{quote(page.invitation.word)}"
        return serving.picture(draw(link), kind, _PICTURE_KEPT)


def blueprint(invites: InvitePages) -> Blueprint:
    """The routes under /i."""
    doors = serving.doors("invite", "/i", Path(__file__).parent / "page", SORRY)
    doors.add_url_rule("/<word>", "show", invites.show, methods=["GET"])
    doors.add_url_rule("/<word>/qr.svg", "svg", invites.svg, methods=["GET"])
    doors.add_url_rule("/<word>/qr.png", "png", invites.png, methods=["GET"])
    return doors
