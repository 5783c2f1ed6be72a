"""The menu of an operator: the verbs of a role, as a platform's menu of commands offers them."""

from collections.abc import Sequence

from core.mechanics import Mechanics
from core.menu import MenuWord
from core.operators import Role


def menu_of(mechanics: Mechanics, role: Role) -> Sequence[MenuWord]:
    """The verbs that ``role`` may say, those about an operator's own doing first; each is one word: campaign_pause."""
    phrases = mechanics.phrases()
    allowed = [verb for verb in mechanics.verbs if verb.may_be_said_by(role)]
    return [
        MenuWord(
            rank,
            verb.name.replace(" ", "_").replace("-", "_"),
            {"zh": verb.chinese, "en": verb.name},
            {language: phrases.say(verb.says, language) for language in ("zh", "en")},
            ever=True,
        )
        for rank, verb in enumerate(sorted(allowed, key=lambda verb: not verb.chat_only))
    ]
