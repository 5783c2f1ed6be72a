"""The menu of an operator: the verbs of a role, as a platform's menu of commands offers them."""

from collections.abc import Sequence
from typing import Any

from core.mechanics import Mechanics
from core.menu import MenuItem
from core.operators import Role
from core.verbs import Verb


def menu_of(mechanics: Mechanics, role: Role) -> Sequence[MenuItem]:
    """The verbs that ``role`` may say, each one word: campaign_pause.

    Those about an operator's own doing are first, then those that can be tapped as they are, and those that want to be
    told something last: a platform's menu may hold fewer.
    """
    phrases = mechanics.phrases()
    allowed = [verb for verb in mechanics.verbs if verb.may_be_said_by(role)]
    return [
        MenuItem(
            verb.name.replace(" ", "_").replace("-", "_"),
            {"zh": verb.chinese, "en": verb.name},
            {language: phrases.say(verb.says, language) for language in ("zh", "en")},
        )
        for verb in sorted(allowed, key=_place)
    ]


def _place(verb: Verb[Any]) -> tuple[bool, bool]:
    return not verb.chat_only, any(one.required for one in verb.takes.each())
