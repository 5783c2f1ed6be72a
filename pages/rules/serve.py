"""The door under /rules: all rules of a campaign, as they were published and as chats tell them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Response, render_template

from pages import serving
from pages.look.look import PLAIN, Look
from pages.rules.wording import SORRY, WORDING
from pages.wording import language, titled, worded

_KEPT = "public, max-age=60"
_ITEM = "- "
"""Lines of a text that begin so are a list."""


class RulesPage(NamedTuple):
    """What the page of a campaign's rules shows. Titles are by language."""

    title: Mapping[str, str]
    organiser: Mapping[str, str]
    told: Mapping[str, Sequence[tuple[str, str]]]
    """By language what is told, each text behind what it is about; "" where that is not said."""
    version: int
    boards: bool = False
    """Whether the campaign has boards, too."""
    look: Look = PLAIN


class Block(NamedTuple):
    """Lines that stand together: a paragraph, or the items of a list."""

    items: bool
    lines: list[str]


@dataclass(frozen=True, slots=True)
class RulesPages:
    """What the door is handed: ``find`` takes the name of a campaign; None where there is no such one."""

    find: Callable[[str], RulesPage | None]
    public_url: str | None = None

    def show(self, name: str) -> Response:
        """The page in the language that was asked for."""
        page = self.find(name) if len(name) <= serving.WORD_LIMIT else None
        if page is None:
            return serving.unknown(SORRY)
        spoken = language(page.title)
        say = worded(WORDING, spoken, page.title)
        sections = [(say.get(about, ""), list(_blocks(text))) for about, text in page.told[spoken]]
        about = {"say": say, "lang": spoken, "look": page.look, "name": name, "page": page, "sections": sections}
        title, organiser = titled(page.title, spoken), titled(page.organiser, spoken)
        texts = {"title": title, "organiser": organiser, "public_url": self.public_url}
        response = serving.page(render_template("rules/page/rules.html", **about, **texts))
        response.headers["Content-Language"] = say["tag"]
        response.headers["Cache-Control"] = _KEPT
        response.vary.add("Accept-Language")
        return response


def _blocks(text: str) -> Iterator[Block]:
    """The lines of ``text``, those of one list together."""
    block: Block | None = None
    for line in filter(None, map(str.strip, text.splitlines())):
        items = line.startswith(_ITEM)
        if block is not None and not (items and block.items):
            yield block
            block = None
        if block is None:
            block = Block(items, [])
        block.lines.append(line.removeprefix(_ITEM))
    if block is not None:
        yield block


def blueprint(rules: RulesPages) -> Blueprint:
    """The route under /rules."""
    doors = serving.doors("rules", "/rules", Path(__file__).parent / "page", SORRY)
    doors.add_url_rule("/<name>", "show", rules.show, methods=["GET"])
    return doors
