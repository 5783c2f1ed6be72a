"""Publish a campaign: freeze its rules, commit to a draw seed, load the stock; and later pause, resume, end, reveal."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core import database
from core.campaign.checks import check_campaign
from core.campaign.findings import Finding
from core.campaign.live import SEED_COLUMN
from core.campaign.place_checks import KnownPlaces
from core.campaign.published import read_rules
from core.campaign.reader import CampaignFile
from core.campaign.rules import Rules, rules_hash
from core.keys import Keyring
from core.mechanics import Mechanics, Publishing
from core.models import Campaign, CampaignVersion, Player
from core.operators import VerbRefused
from core.randomness import Randomness

_SEED_BYTES = 32


class CampaignRefused(VerbRefused):
    """What was asked cannot be done with this campaign; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Publication:
    """The outcome of a publication: ``changed`` is False when exactly these rules were published before."""

    campaign_id: int
    name: str
    version: int
    rules_hash: str
    seed_commitment: str
    changed: bool


def publish(
    session: Session,
    file: CampaignFile,
    now: datetime,
    keys: Keyring,
    randomness: Randomness,
    *,
    mechanics: Mechanics,
    known: KnownPlaces | None = None,
    words: Callable[[Rules], Iterable[Finding]] = lambda _rules: (),
    told: Callable[[int, int], object] = lambda _done, _of: None,
) -> Publication:
    """Publish ``file``: a new campaign, a new version of one, or nothing when its rules are published already.

    Instants counted from publication count from the first one. ``known`` is where people can reach us, if that is told,
    and ``words`` finds what players cannot say. ``told`` hears how many mechanics
    have done their part, and of how many.
    Raises BadCampaign when the checks fail or stock would fall below what is already won, CampaignRefused when the
    campaign has ended.
    """
    lock_campaigns(session)
    campaign = find_campaign(session, file.rules.name)
    rules = check_campaign(
        file, mechanics.texts(), now, campaign.published_at if campaign else None, known, words=words
    )
    before: Rules | None = None
    canonical = rules.canonical()
    digest = rules_hash(canonical)
    if campaign is None:
        campaign = _new_campaign(session, rules, now, keys, randomness)
    elif campaign.state == "ended":
        raise CampaignRefused("{campaign} has ended; publish the file under another name", campaign=campaign.name)
    elif (newest := _newest(session, campaign)).rules_hash == digest:
        return Publication(campaign.id, campaign.name, campaign.version, digest, campaign.seed_commitment, False)
    else:
        campaign.version += 1
        before = read_rules(newest.rules, mechanics.sections)
        if before.points.expire != rules.points.expire:
            _start_expiry_anew(session, campaign, now)
    opens_at = rules.opens.resolve(campaign.published_at)
    campaign.opens_at, campaign.closes_at = opens_at, rules.closes.resolve(campaign.published_at, opens_at)
    session.add(
        CampaignVersion(
            campaign_id=campaign.id, version=campaign.version, rules=canonical, rules_hash=digest, published_at=now
        )
    )
    session.flush()
    told(0, of := len(mechanics.published))
    for done, published in enumerate(mechanics.published, 1):
        published(session, Publishing(campaign, before, rules, file, now))
        told(done, of)
    return Publication(campaign.id, campaign.name, campaign.version, digest, campaign.seed_commitment, True)


def _start_expiry_anew(session: Session, campaign: Campaign, now: datetime) -> None:
    """Let the clock look at everybody's points again: the new version changes when they expire."""
    mine = (Player.campaign_id == campaign.id) & (Player.points > 0)
    session.execute(update(Player).where(mine).values(points_expire_at=now))


def find_campaign(session: Session, name: str) -> Campaign | None:
    """The campaign called ``name``."""
    return session.scalars(select(Campaign).where(Campaign.name == name)).one_or_none()


def lock_campaigns(session: Session) -> None:
    """Lock all campaigns: whoever changes one, or its codes, does so alone. There are few, and turns only read them."""
    session.scalars(database.locked(select(Campaign), Campaign.id, Campaign)).all()


def get_campaign(session: Session, name: str) -> Campaign:
    """The campaign called ``name``. Raises CampaignRefused with the names there are."""
    if (campaign := find_campaign(session, name)) is not None:
        return campaign
    names = session.scalars(select(Campaign.name).order_by(Campaign.id)).all()
    if not names:
        raise CampaignRefused("there is no campaign {name!r}; known: none is published yet", name=name)
    raise CampaignRefused("there is no campaign {name!r}; known: {names}", name=name, names=", ".join(names))


def _newest(session: Session, campaign: Campaign) -> CampaignVersion:
    return session.get_one(CampaignVersion, (campaign.id, campaign.version))


def _new_campaign(session: Session, rules: Rules, now: datetime, keys: Keyring, randomness: Randomness) -> Campaign:
    seed = randomness.take(_SEED_BYTES)
    opens_at = rules.opens.resolve(now)
    campaign = Campaign(
        id=(session.scalar(select(func.max(Campaign.id))) or 0) + 1,
        name=rules.name,
        version=1,
        state="live",
        opens_at=opens_at,
        closes_at=rules.closes.resolve(now, opens_at),
        published_at=now,
        ended_at=None,
        seed_sealed=keys.seal(SEED_COLUMN, rules.name.encode(), seed.hex()),
        seed_commitment=hashlib.sha256(seed).hexdigest(),
        revealed_at=None,
    )
    session.add(campaign)
    session.flush()
    return campaign


_MOVES = {"pause": ({"live"}, "paused"), "resume": ({"paused"}, "live"), "end": ({"live", "paused"}, "ended")}
_CANNOT = {
    "pause": "{campaign} is {state}; it cannot pause now",
    "resume": "{campaign} is {state}; it cannot resume now",
    "end": "{campaign} is {state}; it cannot end now",
}


def change_state(session: Session, name: str, move: str, now: datetime | None = None) -> Campaign:
    """Carry out ``move`` ("pause", "resume" or "end") on the campaign ``name``. Raises CampaignRefused.

    ``now`` is what players are told as the day on which it ended, before the one that was planned.
    """
    lock_campaigns(session)
    campaign = get_campaign(session, name)
    allowed, state = _MOVES[move]
    if campaign.state not in allowed:
        raise CampaignRefused(_CANNOT[move], campaign=name, state=campaign.state)
    campaign.state = state
    campaign.ended_at = now if state == "ended" else None
    return campaign


def reveal(session: Session, name: str, now: datetime, keys: Keyring) -> str:
    """Reveal the draw seed (hex) of an ended campaign, for everybody to verify. Raises CampaignRefused before that."""
    lock_campaigns(session)
    campaign = get_campaign(session, name)
    if campaign.state != "ended":
        told = "{campaign} is {state}; end it first: a known seed tells who will win"
        raise CampaignRefused(told, campaign=name, state=campaign.state)
    campaign.revealed_at = campaign.revealed_at or now
    return keys.unseal(SEED_COLUMN, name.encode(), campaign.seed_sealed)
