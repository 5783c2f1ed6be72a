"""Own words: what players may type in a campaign besides the words that all campaigns know, and what it means.

A campaign that speaks a language that Huoju does not come in knows that language by its names, so that players can
switch to it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.campaign.live import LiveCampaign, Published
from core.places import Place
from core.speech.keywords import plain
from core.texts.languages import LANGUAGES, names_of

SWITCH = "language "
"""What is meant by the name of a language begins so, and its code follows."""


class OwnWord(NamedTuple):
    """What a word of a campaign means."""

    means: str
    """A word that all campaigns know."""
    language: str | None
    """Of the word; None where that tells nothing."""


def own_words_at(campaigns: Iterable[LiveCampaign], place: Place) -> Mapping[str, OwnWord]:
    """The words of all ``campaigns`` that are played at ``place``, as they are compared; the first campaign's first."""
    found: dict[str, OwnWord] = {}
    for campaign in campaigns:
        if campaign.rules.plays_at(place) and (words := campaign.published.once(_own_words)):
            found = {**words, **found}
    return found


def _own_words(published: Published) -> Mapping[str, OwnWord]:
    others = (each for each in published.rules.languages if each not in LANGUAGES)
    return {plain(name): OwnWord(SWITCH + each, None) for each in others for name in names_of(each)}
