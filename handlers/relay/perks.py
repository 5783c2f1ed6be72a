"""Check a perk: what staff learn from the code that a player shows them, and nothing of the player."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alphabet import normalise
from core.blocks import blocked_since
from core.campaign.grammar import Phrases
from core.campaign.published import all_rules
from core.campaign.rules import Rules
from core.keys import Keyring
from core.models import Campaign
from core.words import Kind, is_word
from handlers.relay.rules import RelayRules
from handlers.relay.tables import Torch


class Perk(NamedTuple):
    """A perk that is its holder's."""

    campaign: str
    rules: Rules
    """The newest ones of the campaign."""
    title: Phrases | None
    """None when no version of the campaign knows its name any more."""
    name: str
    leg: int
    since: datetime
    """When the torch was lit."""
    blocked: bool
    """Its holder may play nothing here."""


def is_perk_code(typed: str) -> bool:
    """Whether ``typed`` is spelt like the code of a perk."""
    return is_word(Kind.PERK, normalise(typed))


def perk_behind(session: Session, keys: Keyring, typed: str) -> Perk | None:
    """The perk whose code somebody typed; None when no torch gave it."""
    found = session.execute(
        select(Torch, Campaign, blocked_since(Torch.player_id))
        .join(Campaign, Campaign.id == Torch.campaign_id)
        .where(Torch.perk_hash == keys.index("perk", normalise(typed)))
    ).first()
    if found is None:
        return None
    torch, campaign, since = found
    versions = all_rules(session)[campaign.id]
    perks = [versions[number].section(RelayRules) for number in sorted(versions, reverse=True)]
    titles = (relay.perk.title for relay in perks if relay and relay.perk and relay.perk.name == torch.perk)
    assert torch.perk is not None
    assert torch.lit_at is not None
    rules = versions[campaign.version]
    return Perk(campaign.name, rules, next(titles, None), torch.perk, torch.leg, torch.lit_at, since is not None)
