"""The rules of a campaign as they were published: the newest version's, or all that there ever were."""

from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.campaign.grammar import Section
from core.campaign.rules import Rules
from core.models import Campaign, CampaignVersion


@lru_cache(maxsize=64)
def read_rules(canonical: str, kinds: tuple[type[Section], ...] | None = None) -> Rules:
    """The rules that ``canonical``, the text of a published version, says; they are frozen, so they may be shared.

    Without ``kinds``, of what mechanics are told, one may ask for each section of theirs, but not for all together.
    """
    rules = Rules.model_validate_json(canonical)
    return rules if kinds is None else rules.knowing(kinds)


def newest_rules(session: Session, campaign: Campaign, kinds: tuple[type[Section], ...] | None = None) -> Rules:
    """The rules of the newest version of ``campaign``, as :func:`read_rules` reads them."""
    return read_rules(session.get_one(CampaignVersion, (campaign.id, campaign.version)).rules, kinds)


def all_rules(session: Session, kinds: tuple[type[Section], ...] | None = None) -> dict[int, dict[int, Rules]]:
    """All rules that were ever published, by campaign and version, as :func:`read_rules` reads them."""
    found: dict[int, dict[int, Rules]] = {}
    for version in session.scalars(select(CampaignVersion)):
        found.setdefault(version.campaign_id, {})[version.version] = read_rules(version.rules, kinds)
    return found
