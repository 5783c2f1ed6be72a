"""Own words: what players may type in a campaign besides the words that all campaigns know, and what it means.

A campaign file lists them by language, under the words that all know. A campaign that speaks a language that Huoju does
not come in knows that language by its names, too, so that players can switch to it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from core.campaign.live import LiveCampaign, Published
from core.engine.routes import Route
from core.places import Place
from core.speech.keywords import Means, plain, politely
from core.texts.languages import LANGUAGES, is_latin, named_as, names_of, unmarked

SWITCH = "language "
"""What is meant by the name of a language begins so, and its code follows."""
ANSWERS = ("yes", "no")
"""Words that answer a question, and are no route's."""


class OwnWord(NamedTuple):
    """A campaign's own word."""

    means: str
    """In a word that all campaigns know."""
    shown: str
    """As texts name it."""
    language: str | None
    """That of whoever types it; None where that may be several."""


OwnWords = Mapping[str, OwnWord]
"""By how they are compared."""


def words_known(routes: Sequence[Route]) -> Mapping[str, Collection[str]]:
    """The words under which own ones are listed, each with all that mean the same, as they are compared."""
    found: dict[str, Collection[str]] = {"stop": (), **dict.fromkeys(ANSWERS, ())}
    for means in (route.recognise for route in routes if isinstance(route.recognise, Means)):
        called = next((word for word in means.words if word.isascii() and len(word) > 1), None)
        if called is not None and called not in {"ok", "thanks"}:
            found[called] = means.known
    return found


def own_words_at(campaigns: Iterable[LiveCampaign], place: Place) -> OwnWords:
    """The words of all ``campaigns`` that are played at ``place``; the first campaign's first."""
    found: dict[str, OwnWord] = {}
    for campaign in campaigns:
        if campaign.rules.plays_at(place) and (words := campaign.published.once(_own_words)):
            found = {**words, **found}
    return found


def own_word(text: str, known: OwnWords) -> OwnWord | None:
    """That of ``known`` which ``text`` is as a whole, with or without please and thanks; None where it is none."""
    return known.get(plain(text)) or known.get(politely(text))


def spellings(word: str, language: str) -> Collection[str]:
    """How ``word`` is compared: as it is written, and without the marks on its letters where they are Latin."""
    return {plain(word), *([plain(unmarked(word))] if is_latin(language) else [])}


def _own_words(published: Published) -> OwnWords:
    rules, found = published.rules, dict[str, OwnWord]()
    for language in (each for each in rules.languages if each not in LANGUAGES):
        for name in names_of(language):
            found[plain(name)] = OwnWord(SWITCH + language, name, None)
    for language, words in (rules.words or {}).items():
        for means, each in words.items():
            for word in each:
                own = OwnWord(means, named_as(word, language), language)
                for spelling in spellings(word, language):
                    same = found.get(spelling)
                    found[spelling] = own if same is None or same.language == language else same._replace(language=None)
    return found
