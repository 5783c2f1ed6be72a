"""What mechanics tell of themselves, in the help and in the rules."""

from collections.abc import Mapping
from typing import Literal

from core.campaign.live import LiveCampaign
from core.messages import Reply
from core.places import Place


def told(where: Literal["help", "terms"], place: Place, *campaigns: LiveCampaign) -> Mapping[str, tuple[Reply, ...]]:
    """What all mechanics tell there of ``campaigns`` at ``place``, each of it once, by the placeholder it goes to."""
    from handlers import MECHANICS  # noqa: PLC0415  # which import whoever asks here

    lines: dict[str, tuple[Reply, ...]] = {}
    for campaign in campaigns:
        for mechanic in MECHANICS.each:
            tells = mechanic.help if where == "help" else mechanic.terms
            for placeholder, said in tells(campaign, place).items():
                before = lines.get(placeholder, ())
                lines[placeholder] = (*before, *(line for line in said if line not in before))
    return lines
