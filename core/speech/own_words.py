"""Own words: what players may type in a campaign besides the words that all campaigns know, and what it means.

A campaign that speaks a language that Huoju does not come in knows that language by its names, so that players can
switch to it.
"""

from collections.abc import Iterable, Mapping

from core.campaign.live import LiveCampaign, Published
from core.places import Place
from core.speech.keywords import plain
from core.texts.languages import LANGUAGES, names_of

SWITCH = "language "
"""What is meant by the name of a language begins so, and its code follows."""


def own_words_at(campaigns: Iterable[LiveCampaign], place: Place) -> Mapping[str, str]:
    """The words of all ``campaigns`` that are played at ``place``, as they are compared; the first campaign's first.

    Each with the word for it that all campaigns know.
    """
    found: dict[str, str] = {}
    for campaign in campaigns:
        if campaign.rules.plays_at(place) and (words := campaign.published.once(_own_words)):
            found = {**words, **found}
    return found


def _own_words(published: Published) -> Mapping[str, str]:
    others = (each for each in published.rules.languages if each not in LANGUAGES)
    return {plain(name): SWITCH + each for each in others for name in names_of(each)}
