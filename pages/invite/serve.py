"""The doors under /i: an invitation as a page and as a QR picture, which anybody may open and which change nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from flask import Blueprint, Response, render_template

from handlers.invites.words import Invitation
from pages import serving
from pages.chats import Chat
from pages.invite.wording import SORRY, WORDING
from pages.look.look import PLAIN, Look
from pages.pictures.names import clean
from pages.pictures.poster import Poster
from pages.pictures.wording import counted
from pages.qr import as_png, as_svg
from pages.wording import language, titled, worded

_PICTURE_KEPT = "private, max-age=86400"
_POSTER_KEPT = "private, max-age=120"


class InvitePage(NamedTuple):
    """What the page of an invite word shows."""

    invitation: Invitation
    chats: Sequence[Chat]
    """Where it is played."""
    playground: bool
    """Whether a button leads to the playground."""
    name: str | None = None
    """What whoever invites is shown as."""
    look: Look = PLAIN


@dataclass(frozen=True, slots=True)
class InvitePages:
    """What the doors are handed: ``find`` takes a word as somebody typed it; links begin with ``public_url``.

    Without ``public_url`` they begin with whatever address the page was asked for by.
    """

    find: Callable[[str], InvitePage | None]
    poster: Callable[[Poster, str], bytes]
    """Of what, and in which language; drawing is dear, so it may keep what it has drawn for the same again."""
    public_url: str | None = None

    def show(self, word: str) -> Response:
        """The page in the language that was asked for, or the one that says that the word is not known."""
        page = self._found(word)
        if page is None:
            return serving.unknown(SORRY)
        invitation = page.invitation
        spoken = language(invitation.title)
        say = worded(WORDING, spoken, invitation.title)
        response = serving.page(
            render_template(
                "invite/page/invite.html",
                say=say,
                title=titled(invitation.title, spoken),
                organiser=titled(invitation.organiser, spoken),
                invitation=invitation,
                page=page,
                look=page.look,
                lang=spoken,
                name=clean(page.name),
                gets=_gets(say, invitation),
                at=quote(invitation.word),
                public_url=self.public_url,
            )
        )
        response.headers["Content-Language"] = say["tag"]
        return response

    def drawn_poster(self, word: str) -> Response:
        """The way in, for printing and passing on."""
        page = self._found(word)
        if page is None:
            return serving.unknown(SORRY)
        of = page.invitation
        spoken = language(of.title)
        title, organiser = titled(of.title, spoken), titled(of.organiser, spoken)
        shown = Poster(title, organiser, of.word, self._link(of), page.name, page.look, torch=False)
        response = serving.picture(self.poster(shown, spoken), "image/png", _POSTER_KEPT)
        response.vary.add("Accept-Language")
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
        return serving.picture(draw(self._link(page.invitation)), kind, _PICTURE_KEPT)

    def _link(self, of: Invitation) -> str:
        return f"{self.public_url or serving.asked_for_by()}/i/{quote(of.word)}"


def _gets(say: Mapping[str, str], of: Invitation) -> str:
    """What the friend gets, and whoever invites; "" where neither gets anything."""
    match of.friend_gets, of.inviter_gets:
        case 0, 0:
            return ""
        case mine, 0:
            return counted(say, "you_get", mine)
        case 0, theirs:
            return counted(say, "they_get", theirs)
        case mine, theirs:
            return counted(say, "both_get", mine, theirs=theirs)


def blueprint(invites: InvitePages) -> Blueprint:
    """The routes under /i."""
    doors = serving.doors("invite", "/i", Path(__file__).parent / "page", SORRY)
    doors.add_url_rule("/<word>", "show", invites.show, methods=["GET"])
    doors.add_url_rule("/<word>/poster.png", "drawn_poster", invites.drawn_poster, methods=["GET"])
    doors.add_url_rule("/<word>/qr.svg", "svg", invites.svg, methods=["GET"])
    doors.add_url_rule("/<word>/qr.png", "png", invites.png, methods=["GET"])
    return doors
