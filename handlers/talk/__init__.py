"""Talk: whatever one may ask anybody who stands behind a counter."""

from pathlib import Path

from core.mechanics import Mechanic
from core.menu import MenuWord
from core.messages import Keyword
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
        MenuWord(8, "rules", Keyword(zh="规则", en="Rules")),
        MenuWord(9, "help", Keyword(zh="帮助", en="Help"), ever=True),
        MenuWord(
            10,
            "privacy",
            Keyword(zh="隐私", en="Privacy"),
            ever=True,
        ),
    ),
)
