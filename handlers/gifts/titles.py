"""Titles: whether players can choose a gift by what a campaign file calls it.

A known word keeps its meaning while a question waits, so a title that is one would never be heard as the answer.
"""

from collections.abc import Iterator, Sequence

from core.answers import Line
from core.campaign.findings import Finding, remedy
from core.campaign.rules import Rules
from core.engine.routes import Route
from core.messages import InboundKind
from core.speech.answers import number_in, yes_or_no
from core.speech.keywords import plain
from handlers.gifts.rules import Gifts


def title_findings(rules: Rules, routes: Sequence[Route]) -> Iterator[Finding]:
    """Every title of a gift that means something else when a player types it: to a route, or to another gift."""
    seen: dict[str, str] = {}
    for position, gift in enumerate(rules.section(Gifts).each):
        for what, said in (("name", gift.name), *gift.title.by_language.items()):
            place = ("gifts", position, *(("name",) if what == "name" else ("title", what)))
            if what != "name" and (meant := _claimed(said, rules, routes)) is not None:
                told = "who types “{said}” means {meant}, and cannot choose this by it; put a word with it"
                yield place, remedy(told, said=said, meant=meant)
            elif seen.setdefault(plain(said), gift.name) != gift.name:
                told = "the gift {gift} is called “{said}” already; choose another"
                yield place, remedy(told, gift=seen[plain(said)], said=said)


def _claimed(title: str, rules: Rules, routes: Sequence[Route]) -> Line | None:
    """What a player means who answers ``title`` to a list of gifts; None when it is the gift."""
    if not plain(title).strip("?"):
        return remedy("nothing that can be read")
    if number_in(title) is not None:
        return remedy("a number of the list")
    if yes_or_no(title) is not None:
        return remedy("yes or no")
    code_formats = frozenset({(length, True)} if (length := rules.code_length) else ())
    for route in routes:
        if InboundKind.TYPED in route.kinds and route.recognise(title, code_formats) is not None:
            return (
                None
                if route.defers_to_prompt
                else remedy("our word for “{name}”", name=route.name)
                if route.sets_language
                else remedy("a code or word")
            )
    return None
