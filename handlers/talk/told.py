"""What mechanics tell of themselves, in the help and in the rules."""

from collections.abc import Iterable, Mapping
from typing import Literal

from core.campaign.live import LiveCampaign
from core.campaign.rules import Rules
from core.context import Context
from core.mechanics import Mechanics
from core.messages import Reply
from core.places import Place


def told(ctx: Context, where: Literal["help", "terms"], *campaigns: LiveCampaign) -> Mapping[str, tuple[Reply, ...]]:
    """What all mechanics tell there of ``campaigns`` here, each of it once, by the placeholder it goes to."""
    return told_at(ctx.mechanics, where, [(campaign, ctx.message.place) for campaign in campaigns])


def told_at(
    mechanics: Mechanics, where: Literal["help", "terms"], campaigns: Iterable[tuple[LiveCampaign, Place]]
) -> Mapping[str, tuple[Reply, ...]]:
    """What all ``mechanics`` tell of each campaign where it is played."""
    lines: dict[str, tuple[Reply, ...]] = {}
    for campaign, place in campaigns:
        for mechanic in mechanics.each:
            tells = mechanic.help if where == "help" else mechanic.terms
            for placeholder, said in tells(campaign, place).items():
                before = lines.get(placeholder, ())
                lines[placeholder] = (*before, *(line for line in said if line not in before))
    return lines


def told_as(*campaigns: Rules) -> str:
    """How the texts are called that say what ``campaigns`` are, where codes are not what one plays with."""
    names = (section.told_as for rules in campaigns for section in rules.each())
    return next((name for name in names if name is not None), "other")
