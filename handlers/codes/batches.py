"""Batches: activate, void and count runs of codes; what issuing and importing one have in common."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import bulk, database
from core.alphabet import issued_bits
from core.answers import VerbName
from core.campaign.grammar import Section
from core.campaign.publication import CampaignRefused, get_campaign, lock_campaigns
from core.campaign.published import newest_rules
from core.campaign.rules import Rules
from core.keys import Keyring
from core.models import Batch, Campaign
from core.models.base import table_of
from core.randomness import Randomness
from handlers.codes.limits import BatchRefused
from handlers.codes.tables import Code, Redemption

CHUNK = 20_000
"""Codes that are handled together: memory stays the same for a thousand and for ten million."""

Progress = Callable[[int], None]
"""Told how many more codes are done."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A batch that was stored, inert: its number, how many codes, and the SHA-256 of the file's bytes."""

    batch_id: int
    codes_count: int
    file_sha256: str


@dataclass(frozen=True, slots=True)
class Issue:
    """How codes are issued: the keyring that hashes them, where randomness comes from, who is told of progress."""

    keys: Keyring
    randomness: Randomness
    now: datetime
    kinds: tuple[type[Section], ...]
    """What campaign files may say of mechanics: what codes cost is known by each of them."""
    progress: Progress = lambda _done: None


def store(session: Session, batch_id: int, hashes: Iterable[bytes]) -> None:
    """Insert code rows, in the order of the index that they go into."""
    bulk.bulk_load(session, table_of(Code), ("hash", "batch_id"), [(h, batch_id) for h in sorted(hashes)])


def campaign_and_rules(session: Session, name: str, kinds: tuple[type[Section], ...]) -> tuple[Campaign, Rules]:
    """The campaign ``name`` and its newest rules, read as ``kinds``. Raises CampaignRefused when it takes no codes."""
    lock_campaigns(session)
    campaign = get_campaign(session, name)
    if campaign.state == "ended":
        raise CampaignRefused("{campaign} has ended; it takes no more codes", campaign=name)
    return campaign, newest_rules(session, campaign, kinds)


def new_batch(
    session: Session, campaign: Campaign, length: int, now: datetime, *, checked: bool, count: int = 0
) -> Batch:
    """Add an inert, empty batch, which will hold ``count`` codes where that is known."""
    batch = Batch(
        campaign_id=campaign.id,
        state="inert",
        codes_count=count,
        code_length=length,
        space_bits=issued_bits(length),
        checked=checked,
        file_sha256="",
        created_at=now,
        activated_at=None,
        voided_at=None,
    )
    session.add(batch)
    session.flush()
    return batch


def finish(session: Session, batch: Batch, count: int, file_sha256: str) -> Issued:
    """Write down what ``batch`` holds."""
    batch.codes_count, batch.file_sha256 = count, file_sha256
    session.flush()
    return Issued(batch.id, count, file_sha256)


def activate(session: Session, batch_id: int, now: datetime, file_sha256: str | None = None) -> Batch:
    """Let the codes of an inert batch be redeemed; with ``file_sha256`` only if it was issued into that very file."""
    batch = get_batch(session, batch_id)
    if batch.state != "inert":
        told = "batch {batch} is {state}; only an inert batch can be activated"
        raise BatchRefused(told, batch=batch_id, state=batch.state)
    if not batch.file_sha256:
        raise BatchRefused("the file of batch {batch} is not whole; only a whole one can be activated", batch=batch_id)
    if file_sha256 is not None and file_sha256 != batch.file_sha256:
        told = "this is not the file of batch {batch}: its SHA-256 should be {sha256}"
        raise BatchRefused(told, batch=batch_id, sha256=batch.file_sha256)
    batch.state, batch.activated_at = "active", now
    return batch


def void(session: Session, batch_id: int, now: datetime) -> Batch:
    """Make all codes of a batch that are not yet redeemed worthless, for good."""
    batch = get_batch(session, batch_id)
    if batch.state == "void":
        raise BatchRefused("batch {batch} is void already", batch=batch_id)
    if not batch.file_sha256:  # it is being issued, or was killed in between: no more codes come into it
        stored = select(func.count()).select_from(Code).where(Code.batch_id == batch_id)
        batch.codes_count = session.scalar(stored) or 0
    batch.state, batch.voided_at = "void", now
    return batch


def get_batch(session: Session, batch_id: int) -> Batch:
    """One batch, locked. Raises BatchRefused when there is none."""
    statement = select(Batch).where(Batch.id == batch_id)
    batch = session.scalars(database.locked(statement, Batch.id, Batch)).one_or_none()
    if batch is None:
        raise BatchRefused(
            "there is no batch {batch}; {verb} lists them", batch=batch_id, verb=VerbName("codes status")
        )
    return batch


def redeemed_count(session: Session, batch_id: int) -> int:
    """How many codes of one batch were redeemed."""
    counted = select(func.count()).select_from(Code).join(Redemption, Redemption.code_hash == Code.hash)
    return session.scalar(counted.where(Code.batch_id == batch_id)) or 0


def redeemed_counts(session: Session) -> dict[int, int]:
    """How many codes of each batch were redeemed, by batch number."""
    counted = (
        select(Code.batch_id, func.count()).join(Redemption, Redemption.code_hash == Code.hash).group_by(Code.batch_id)
    )
    return dict(row for row in session.execute(counted))
