"""Menus: the words that a campaign understands, as commands of a bot and as buttons below a chat."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.campaign.rules import Rules
from core.places import Place


def _always(_rules: Rules, _place: Place) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class MenuWord:
    """One word, as a menu offers it; what is for people is by language, both zh and en."""

    rank: int
    """Its place: of a menu without room for all, those of the greatest ranks are left out."""
    says: str
    """What is sent when it is tapped."""
    label: Mapping[str, str]
    """What stands on its button."""
    does: Mapping[str, str]
    """What it does."""
    shows: Callable[[Rules, Place], bool] = _always
    """Whether it means something in a campaign, at a place."""
    mine: bool = False
    """About the player, and not about the campaign."""
    ever: bool = False
    """It is understood where there is no campaign, too."""


def words_in(menu: Sequence[MenuWord], campaigns: Iterable[Rules], place: Place) -> list[MenuWord]:
    """The words of ``menu`` that mean something in one of ``campaigns`` at ``place``; some always do."""
    rules = list(campaigns)
    return [word for word in menu if word.ever or any(word.shows(one, place) for one in rules)]
