"""What mechanics tell of themselves, in the help and in the rules."""

from typing import Literal

from core.campaign.rules import Rules
from core.messages import Reply


def told(where: Literal["help", "terms"], *campaigns: Rules) -> list[Reply]:
    """What all mechanics tell there of ``campaigns``, each of it once."""
    from handlers import MECHANICS  # noqa: PLC0415  # which import whoever asks here

    lines = list[Reply]()
    for rules in campaigns:
        for mechanic in MECHANICS.each:
            tells = mechanic.help if where == "help" else mechanic.terms
            lines += [line for line in tells(rules) if line not in lines]
    return lines
