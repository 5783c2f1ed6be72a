"""Export: the file with which anybody can verify a campaign by `handlers/draws/verify.py`, which defines its lines."""

import json
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.answers import VerbName
from core.campaign.live import kept_seed
from core.campaign.publication import CampaignRefused, get_campaign
from core.keys import Keyring
from core.models import Campaign, CampaignVersion
from handlers.draws.tables import Draw

_READ_AT_ONCE = 5_000


def export_draws(session: Session, name: str, keys: Keyring) -> Iterator[str]:
    """The lines of the file, each with its line feed, read in small portions; they name no player and no code.

    Raises CampaignRefused, before the first line, when there is no such campaign or its seed is not revealed.
    """
    campaign = _revealed(session, name)
    return _lines(session, campaign, kept_seed(campaign, keys))


def draws_to_export(session: Session, name: str) -> int:
    """How many draws the file holds. Raises CampaignRefused as :func:`export_draws` does."""
    mine = Draw.campaign_id == _revealed(session, name).id
    return session.scalar(select(func.count()).select_from(Draw).where(mine)) or 0


def _revealed(session: Session, name: str) -> Campaign:
    campaign = get_campaign(session, name)
    if campaign.revealed_at is None:
        told = "the seed of {campaign} is not revealed; run {verb} first"
        raise CampaignRefused(told, campaign=name, verb=VerbName("draws reveal"))
    return campaign


def _lines(session: Session, campaign: Campaign, seed: bytes) -> Iterator[str]:
    mine = select(CampaignVersion).where(CampaignVersion.campaign_id == campaign.id).order_by(CampaignVersion.version)
    versions = {
        version.version: {
            "rules": version.rules,
            "rules_hash": version.rules_hash,
            "published_at": version.published_at.isoformat(),
        }
        for version in session.scalars(mine)
    }
    commitment = campaign.seed_commitment
    head = {"campaign": campaign.name, "seed_commitment": commitment, "seed": seed.hex(), "versions": versions}
    yield _line(head)
    statement = (
        select(
            Draw.code_hash,
            Draw.version,
            Draw.roll,
            Draw.odds,
            Draw.odds_in,
            Draw.points_seen,
            Draw.stock_seen,
            Draw.prize,
            Draw.at,
        )
        .where(Draw.campaign_id == campaign.id)
        .order_by(Draw.code_hash)
    )
    draws = 0
    for row in session.execute(statement, execution_options={"yield_per": _READ_AT_ONCE}):
        draws += 1
        yield _line(
            {
                "code_hash": row.code_hash.hex(),
                "version": row.version,
                "roll": row.roll,
                "odds": f"{row.odds}/{row.odds_in}",
                "points_seen": row.points_seen,
                "stock_seen": row.stock_seen,
                "prize": row.prize,
                "at": row.at.isoformat(),
            }
        )
    yield _line({"draws": draws})


def _line(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"
