"""The rules of a campaign as they were published: the newest version's, or all that there ever were."""

from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.campaign.rules import Rules
from core.models import Campaign, CampaignVersion


@lru_cache(maxsize=64)
def read_rules(canonical: str) -> Rules:
    """The rules that ``canonical``, the text of a published version, says; they are frozen, so they may be shared."""
    return Rules.model_validate_json(canonical)


def newest_rules(session: Session, campaign: Campaign) -> Rules:
    """The rules of the newest version of ``campaign``."""
    return read_rules(session.get_one(CampaignVersion, (campaign.id, campaign.version)).rules)


def all_rules(session: Session) -> dict[int, dict[int, Rules]]:
    """All rules that were ever published, by campaign and version."""
    found: dict[int, dict[int, Rules]] = {}
    for version in session.scalars(select(CampaignVersion)):
        found.setdefault(version.campaign_id, {})[version.version] = read_rules(version.rules)
    return found
