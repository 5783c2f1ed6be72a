"""Checks of draws: every one computed again from the seed, and the commitments that were published."""

import hashlib
import json
from collections.abc import Iterator
from fractions import Fraction

from sqlalchemy import bindparam, select

from core.audit.faults import Books, Check, Fault
from core.campaign.live import kept_seed
from core.keys import KeysUnusable
from core.models import Campaign, CampaignVersion, Draw
from handlers.draws.verify import DrawRow, what_is_wrong

_READ_AT_ONCE = 5_000


_VERSIONS = select(CampaignVersion)
_RULES = select(CampaignVersion.version, CampaignVersion.rules).where(
    CampaignVersion.campaign_id == bindparam("campaign_id")
)
_DRAWS = select(
    Draw.version, Draw.code_hash, Draw.roll, Draw.odds, Draw.odds_in, Draw.points_seen, Draw.stock_seen, Draw.prize
).where(Draw.campaign_id == bindparam("campaign_id"))


def wrong_draws(books: Books, campaign: Campaign, seed: bytes) -> Iterator[Fault]:
    """Compute every draw of ``campaign`` again from ``seed``; yields those that differ. Reads in small portions."""
    versions = books.session.execute(_RULES, {"campaign_id": campaign.id})
    rules = {version: json.loads(canonical) for version, canonical in versions}
    for version, code_hash, roll, odds, odds_in, points, stock, prize in books.session.execute(
        _DRAWS, {"campaign_id": campaign.id}, execution_options={"yield_per": _READ_AT_ONCE}
    ):
        row = DrawRow(code_hash, roll, Fraction(odds, odds_in), points, stock, prize)
        wrong = what_is_wrong(seed, rules[version], row) if version in rules else f"version {version} is unknown"
        if wrong:
            yield Fault(f"draw {code_hash.hex()}", wrong)


def _draws(books: Books) -> Iterator[Fault]:
    for campaign in books.campaigns:
        seed = _seed(books, campaign)
        if seed is not None:
            yield from wrong_draws(books, campaign, seed)


def _seed(books: Books, campaign: Campaign) -> bytes | None:
    try:
        return kept_seed(campaign, books.keys)
    except (KeysUnusable, ValueError):  # ValueError: too short to hold a nonce
        return None


def _commitments(books: Books) -> Iterator[Fault]:
    for campaign in books.campaigns:
        seed = _seed(books, campaign)
        if seed is None:
            yield Fault(f"campaign {campaign.name}", "its seed does not open")
        elif hashlib.sha256(seed).hexdigest() != campaign.seed_commitment:
            yield Fault(f"campaign {campaign.name}", "its seed is not the one that was committed to")
    for version in books.session.scalars(_VERSIONS):
        if hashlib.sha256(version.rules.encode()).hexdigest() != version.rules_hash:
            yield Fault(f"campaign {version.campaign_id} version {version.version}", "its rules were changed")


CHECKS = (
    Check("every draw follows from seed, rules and what it saw", _draws),
    Check("every seed and all rules are the published ones", _commitments),
)
