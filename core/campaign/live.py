"""The campaigns as a turn needs them: state from the database, everything frozen kept in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from core.campaign.published import read_rules
from core.campaign.rules import Rules
from core.draws.lottery import Chances
from core.keys import Keyring
from core.models import Batch, Campaign, CampaignVersion
from core.texts.catalogue import Catalogue, overridden, shipped

SEED_COLUMN = "campaigns.seed_sealed"

_BATCHES = (
    select(Batch.campaign_id, Batch.code_length, Batch.checked)
    .where(or_(Batch.checked, Batch.state == "active"))  # imported codes look like any word: only while they count
    .distinct()
    .subquery()
)
_CAMPAIGNS = (
    select(
        Campaign.id,
        Campaign.version,
        Campaign.state,
        Campaign.revealed_at,
        _BATCHES.c.code_length,
        _BATCHES.c.checked,
    )
    .outerjoin(_BATCHES, _BATCHES.c.campaign_id == Campaign.id)
    .order_by(Campaign.id)
)


@dataclass(frozen=True, slots=True)
class Published:
    """One version of a campaign, compiled: everything that never changes."""

    id: int
    version: int
    rules: Rules
    rules_hash: str
    seed: bytes
    seed_commitment: str
    texts: Catalogue
    chances: Chances | None
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class LiveCampaign:
    """A published campaign and what may change: its state, and whether its seed is revealed."""

    published: Published
    state: str
    revealed: bool
    shapes: frozenset[tuple[int, bool]]
    """(length, ends in a check symbol) of the codes that were issued or imported."""

    @property
    def id(self) -> int:
        """The campaign's number."""
        return self.published.id

    @property
    def rules(self) -> Rules:
        """The rules of the newest version."""
        return self.published.rules

    def why_closed(self, at: datetime) -> str | None:
        """The key of the text that says why nothing can be redeemed at ``at``, or None when it can."""
        if self.state == "ended" or at >= self.published.closes_at:
            return "campaign.over"
        if at < self.published.opens_at:
            return "campaign.not_open"
        return "campaign.paused" if self.state == "paused" else None


class CampaignShelf:
    """Reads the campaigns once a turn, in one query; keeps the compiled versions. Safe to share between threads."""

    def __init__(self, keys: Keyring) -> None:
        self._keys = keys
        self._published: dict[tuple[int, int], Published] = {}

    def read(self, session: Session) -> dict[int, LiveCampaign]:
        """All campaigns by id, in the order of publication. A second query when a version is new to this process."""
        rows = session.execute(_CAMPAIGNS).all()
        self._compile(session, [(row[0], row[1]) for row in rows])
        shapes: dict[int, set[tuple[int, bool]]] = {}
        for row in rows:
            shapes.setdefault(row[0], set()).update([(row[4], row[5])] if row[4] else [])
        return {
            row[0]: LiveCampaign(self._published[row[0], row[1]], row[2], row[3] is not None, frozenset(shapes[row[0]]))
            for row in rows
        }

    def _compile(self, session: Session, wanted: Sequence[tuple[int, int]]) -> None:
        missing = [pair for pair in wanted if pair not in self._published]
        if not missing:
            return
        found = session.execute(
            select(Campaign, CampaignVersion)
            .join(CampaignVersion, CampaignVersion.campaign_id == Campaign.id)
            .where(tuple_(CampaignVersion.campaign_id, CampaignVersion.version).in_(missing))
        )
        for campaign, version in found:
            self._published[campaign.id, version.version] = compiled(campaign, version, self._keys)


def kept_seed(campaign: Campaign, keys: Keyring) -> bytes:
    """The campaign's draw seed, unsealed."""
    return bytes.fromhex(keys.unseal(SEED_COLUMN, campaign.name.encode(), campaign.seed_sealed))


def compiled(campaign: Campaign, version: CampaignVersion, keys: Keyring) -> Published:
    """Everything that one version fixes, ready for use."""
    rules = read_rules(version.rules)
    opens_at = rules.opens.resolve(version.published_at)
    closes_at = rules.closes.resolve(version.published_at, opens_at)
    chances = Chances.compile(rules.draw, opens_at, closes_at) if rules.draw else None
    return Published(
        campaign.id,
        version.version,
        rules,
        version.rules_hash,
        kept_seed(campaign, keys),
        campaign.seed_commitment,
        overridden(shipped(), {str(language): texts for language, texts in rules.texts.items()}),
        chances,
        opens_at,
        closes_at,
    )
