"""Broadcasts that stand in campaign files: none has a row until an operator confirms it; then it is like all others."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.campaign.findings import remedy
from core.campaign.live import LiveCampaign
from core.campaign.reader import BadCampaign
from core.mechanics import Publishing
from core.models import Broadcast, Campaign
from handlers.broadcasts.rules import BroadcastRules, Broadcasts


class InFile(NamedTuple):
    """A broadcast as the newest version of a campaign has it."""

    campaign: LiveCampaign
    rules: BroadcastRules


def in_files(campaigns: Mapping[int, LiveCampaign]) -> Iterator[InFile]:
    """All that stand in files of campaigns that have not ended."""
    for campaign in campaigns.values():
        if campaign.state != "ended":
            yield from (InFile(campaign, one) for one in campaign.rules.section(Broadcasts).each)


def in_file(campaigns: Mapping[int, LiveCampaign], name: str) -> InFile | None:
    """The one called ``name``."""
    return next((one for one in in_files(campaigns) if one.rules.name == name), None)


def refuse_twins(session: Session, publishing: Publishing) -> None:
    """A name is one broadcast's, whatever campaign it is of, and what was sent stays as it was. Raises BadCampaign."""
    section = publishing.rules.section(Broadcasts)
    for position, one in enumerate(section.each):
        named = select(Broadcast, Campaign).join(Campaign, Campaign.id == Broadcast.campaign_id)
        found = session.execute(named.where(Broadcast.name == one.name)).first()
        if found is None:
            continue
        broadcast, campaign = found
        if campaign.id != publishing.campaign.id:
            told = "{campaign} has a broadcast {name} already; give it another name"
            why = remedy(told, campaign=campaign.name, name=one.name)
        elif broadcast.state == "draft":
            told = "there is a draft {name} that stands in no file; give it another name, or throw the draft away"
            why = remedy(told, name=one.name)
        elif broadcast.segment != one.to or _is_otherwise(broadcast, one):
            told = "{name} was sent, and stays as it was; what is said anew needs a name of its own"
            why = remedy(told, name=one.name)
        else:
            continue
        raise BadCampaign([publishing.file.violation((Broadcasts.key, position, "name"), why)])


def _is_otherwise(sent: Broadcast, now: BroadcastRules) -> bool:
    """Whether it says something else in a language in which it was sent."""
    return any(now.say.by_language.get(language) not in {said, None} for language, said in sent.words.items())
