"""Menus: the words that a campaign understands, as commands of a bot and as buttons below a chat."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.campaign.platforms import friends_on, relay_on
from core.campaign.rules import Rules
from core.database import read_only
from core.places import Place
from huoju.bootstrap import Installation

Shows = Callable[[Rules, Place], bool]
"""Whether a word means something in a campaign, at a place."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word: what is sent when it is tapped, what stands on its button, and what it does; both zh and en."""

    says: str
    label: dict[str, str]
    does: dict[str, str]
    mine: bool
    """About the player, and not about the campaign."""
    shows: Shows


def _word(says: str, label: tuple[str, str], does: tuple[str, str], shows: Shows, *, mine: bool = False) -> Word:
    return Word(says, dict(zip(_LANGUAGES, label, strict=True)), dict(zip(_LANGUAGES, does, strict=True)), mine, shows)


_LANGUAGES = ("zh", "en")


def _always(_rules: Rules, _place: Place) -> bool:
    return True


WORDS = (
    _word("torch", ("火炬", "Torch"), ("查看我的火炬", "Look at my torch"), relay_on),
    _word("invite", ("邀请", "Invite"), ("邀请朋友", "Invite a friend"), friends_on),
    _word(
        "points",
        ("积分", "Points"),
        ("查看我的积分", "Look at my points"),
        lambda rules, _: rules.pays_codes(),
        mine=True,
    ),
    _word(
        "gifts",
        ("礼品", "Gifts"),
        ("用积分兑换礼品", "Get gifts for points"),
        lambda rules, _: bool(rules.gifts),
        mine=True,
    ),
    _word(
        "prizes",
        ("奖品", "Prizes"),
        ("查看我的奖品", "Look at what I have won"),
        lambda rules, _: rules.has_claims(),
        mine=True,
    ),
    _word("link", ("绑定", "Link"), ("绑定我的其他账号", "Link my other chats"), _always, mine=True),
    _word("board", ("排行榜", "Board"), ("查看排行榜", "Look at the board"), relay_on),
    _word("rules", ("规则", "Rules"), ("查看活动规则", "Read the rules"), _always),
    _word("help", ("帮助", "Help"), ("查看怎么玩", "See what can be done"), _always),
    _word("privacy", ("隐私", "Privacy"), ("查看我们如何使用您的信息", "See what we do with your data"), _always),
    _word("stop", ("退订", "Stop"), ("不再接收活动消息", "Get no more news"), _always),
)
"""In the order of a menu. Where there is no room for all of a list, the last ones are left out."""
_EVER = {"help", "privacy", "stop"}


def words_of(here: Installation, place: Place) -> list[Word]:
    """The words of all campaigns at ``place`` that are not over."""
    world = here.world()
    with read_only(world.sessions) as session:
        campaigns = [campaign.rules for campaign in world.shelf.look(session).values()]
    return words_in([rules for rules in campaigns if rules.plays_at(place)], place)


def words_in(campaigns: Iterable[Rules], place: Place) -> list[Word]:
    """The words that mean something in one of ``campaigns`` at ``place``; some always do."""
    rules = list(campaigns)
    return [word for word in WORDS if word.says in _EVER or any(word.shows(one, place) for one in rules)]
