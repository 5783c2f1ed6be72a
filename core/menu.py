"""Menus: the words that a campaign understands, as commands of a bot and as buttons below a chat."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.campaign.live import LiveCampaign
from core.campaign.rules import Rules
from core.messages import Keyword
from core.places import Place
from core.texts.catalogue import Catalogue, Texts
from core.texts.languages import LANGUAGES

OTHERS = ""
"""In the place of a language: all others."""


def _always(_rules: Rules, _place: Place) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class MenuWord:
    """One word that a menu may offer; what it does is told by the text "menu." and the word."""

    rank: int
    """Its place: of a menu without room for all, those of the greatest ranks are left out."""
    says: str
    """What is sent when it is tapped."""
    label: Keyword
    """What stands on its button."""
    shows: Callable[[Rules, Place], bool] = _always
    """Whether it means something in a campaign, at a place."""
    mine: bool = False
    """About the player, and not about the campaign."""
    ever: bool = False
    """It is understood where there is no campaign, too."""


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One word as a menu offers it; what is for people is by language, zh and en at least."""

    says: str
    """What is sent when it is tapped."""
    label: Mapping[str, str]
    """What stands on its button."""
    does: Mapping[str, str]
    """What it does; under "" to whoever speaks another language, where that is not English."""
    group: Mapping[str, str] = field(default_factory=dict)
    """What the list is called in which it stands, where some have to stand in lists."""
    mine: bool = False
    """It stands in the first of them."""


def words_in(menu: Sequence[MenuWord], campaigns: Iterable[Rules], place: Place) -> list[MenuWord]:
    """The words of ``menu`` that mean something in one of ``campaigns`` at ``place``; some always do."""
    rules = list(campaigns)
    return [word for word in menu if word.ever or any(word.shows(one, place) for one in rules)]


def menu_at(
    menu: Sequence[MenuWord], campaigns: Iterable[LiveCampaign], place: Place, shipped: Catalogue
) -> list[MenuItem]:
    """The same of those ``campaigns`` that are played there, in each language that one of them speaks.

    ``shipped`` are the texts where no campaign has its own.
    """
    here = [each for each in campaigns if each.rules.plays_at(place)]
    spoken: dict[str, Texts] = {each: shipped[each] for each in LANGUAGES}
    for campaign in reversed(here):
        spoken.update(campaign.published.texts)
    if here and not any("en" in each.rules.languages for each in here):
        spoken[OTHERS] = here[0].published.texts.speaking(here[0].rules.language)
    return [_item(word, spoken) for word in words_in(menu, [each.rules for each in here], place)]


def _item(word: MenuWord, spoken: Mapping[str, Texts]) -> MenuItem:
    group = "menu.mine" if word.mine else "menu.more"
    return MenuItem(
        word.says,
        {language: _label(word, texts) for language, texts in spoken.items()},
        {language: texts[f"menu.{word.says}"] for language, texts in spoken.items()},
        {language: texts[group] for language, texts in spoken.items()},
        word.mine,
    )


def _label(word: MenuWord, texts: Texts) -> str:
    """The campaign's own word, where it has one in that language."""
    own = texts.words.get(word.says)
    return (
        own.capitalize() if own else next(word.label[each] for each in (*texts.languages, "en") if each in word.label)
    )
