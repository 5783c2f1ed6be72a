"""The door under /c: opens a chat with the code of a card in it. It looks no code up, and so tells nothing of any.

The address holds the code: nothing of it is logged, and no other server is told where a reader came from.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response, render_template

from core.alphabet import grouped, normalise
from pages import serving
from pages.card.wording import SORRY, WORDING
from pages.chats import Chat
from pages.look.look import PLAIN, Look
from pages.wording import LANGUAGES, language, titled, worded

_SHORTEST, _LONGEST = 6, 32
_NUMBER = re.compile("[0-9]{0,9}")
_TYPED = re.compile(rf"[0-9A-Za-z -]{{1,{serving.WORD_LIMIT}}}")


class Played(NamedTuple):
    """A campaign that takes codes, and where. Titles are by language."""

    campaign: str
    """Its name, as links have it."""
    title: Mapping[str, str]
    organiser: Mapping[str, str]
    chats: Sequence[Chat]
    """With links that carry the code."""
    playground: bool
    """Whether the playground is served here."""
    closed: str = ""
    """What the page says where none can be used now: "closed", or "over" for good."""
    look: Look = PLAIN


@dataclass(frozen=True, slots=True)
class CardPage:
    """What the door is handed: ``campaigns`` takes a code as it is printed, and the number of the campaign in the link.

    It is the campaign of that number, else those that take codes of that length now; the same ones for all such codes.
    """

    campaigns: Callable[[str, int | None], Sequence[Played]]

    def show(self, code: str, campaign: str = "") -> Response:
        """The page of a code, in the language that was asked for; another one for what has no code's shape."""
        bare = normalise(code) if _TYPED.fullmatch(code) else ""
        if not _SHORTEST <= len(bare) <= _LONGEST or not _NUMBER.fullmatch(campaign):
            return serving.unknown(SORRY)
        shown, up = grouped(bare), "../" if campaign else ""
        campaigns = self.campaigns(shown, int(campaign) if campaign else None)
        of = [tag for each in campaigns for tag in each.title] or LANGUAGES
        spoken = language(of)
        say = worded(WORDING, spoken, of)
        alone = campaigns[0] if len(campaigns) == 1 else None  # of several brands none may dress the page
        look, organiser = (alone.look, titled(alone.organiser, spoken)) if alone else (PLAIN, "")
        about = {"say": say, "spoken": spoken, "code": shown, "campaigns": campaigns, "up": up, "titled": titled}
        response = serving.page(render_template("card/page/card.html", **about, look=look, organiser=organiser))
        response.headers["Content-Language"] = say["tag"]
        response.headers["Referrer-Policy"] = "no-referrer"
        return response


def blueprint(card: CardPage) -> Blueprint:
    """The route under /c."""
    doors = serving.doors("card", "/c", Path(__file__).parent / "page", SORRY)
    for rule in ("/<code>", "/<campaign>/<code>"):  # cards that were printed first name no campaign
        doors.add_url_rule(rule, "show", card.show, methods=["GET"])
    return doors
