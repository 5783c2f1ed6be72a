"""Talk: whatever one may ask anybody who stands behind a counter."""

from pathlib import Path

from core.mechanics import Mechanic
from core.menu import MenuWord
from core.reception import Reception
from handlers.talk import (  # the intent is called help
    cancel,
    contact,
    help,  # noqa: A004
    language,
    measures,
    people,
    privacy,
    rules,
    small_talk,
    unknown,
)

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="talk",
    texts=Path(__file__).parent / "texts",
    routes=(
        cancel.ROUTE,
        rules.ROUTE,
        help.HELLO_ROUTE,
        help.ROUTE,
        privacy.ROUTE,
        *language.ROUTES,
        contact.ROUTE,
        small_talk.ROUTE,
        small_talk.AGREE_ROUTE,
        small_talk.SMILE_ROUTE,
        unknown.ROUTE,
    ),
    prompts=rules.PROMPTS,
    reception=Reception(
        help=help.help_player,
        welcome=help.welcome,
        unknown=unknown.admit_unknown,
        leaves=cancel.leaves,
        leave=cancel.leave,
    ),
    segments=people.SEGMENTS,
    measures=measures.MEASURES,
    menu=(
        MenuWord(8, "rules", {"zh": "规则", "en": "Rules"}, {"zh": "查看活动规则", "en": "Read the rules"}),
        MenuWord(
            9, "help", {"zh": "帮助", "en": "Help"}, {"zh": "查看怎么玩", "en": "See what can be done"}, ever=True
        ),
        MenuWord(
            10,
            "privacy",
            {"zh": "隐私", "en": "Privacy"},
            {"zh": "查看我们如何使用您的信息", "en": "See what we do with your data"},
            ever=True,
        ),
    ),
)
