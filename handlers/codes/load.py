"""What a turn loads of codes: which of those that were sent exist, and who has used them."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database, lists
from core.campaign.live import LiveCampaign
from core.context import Context, TurnRows
from core.engine.routes import AllWanted, Requirement
from core.guesses import load_guesses
from core.models import Batch, Player
from core.models.players import ROOT
from core.scenes import CODE
from core.times import hour_number
from handlers.codes.tables import Code, Redemption

_CODES = database.locked(
    select(Code.hash, Batch.state, Batch.campaign_id)
    .join(Batch, Batch.id == Code.batch_id)
    .where(lists.among(Code.hash, "hashes")),
    Code.hash,
    Code,
)
_USED = (
    select(Redemption.code_hash, ROOT)
    .join(Player, Player.id == Redemption.player_id)
    .where(lists.among(Redemption.code_hash, "hashes"))
)


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code that exists, and its batch."""

    hash: bytes
    batch_state: str
    campaign_id: int


@dataclass(slots=True)
class CodeRows:
    """The codes of a turn, locked, by their hashes."""

    codes: dict[bytes, FoundCode] = field(default_factory=dict)
    used_by: dict[bytes, int] = field(default_factory=dict)
    """The player of each redeemed code."""
    hashes: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodeRequires(Requirement):
    """Codes that a message may mean."""

    codes: tuple[str, ...] = ()
    """Normalised, of which at most one is meant."""

    @property
    def joins(self) -> bool:
        """A code joins its campaign."""
        return bool(self.codes)

    def guess(self, *, defers_to_prompt: bool) -> str | None:
        """The first one, where the text is nothing but a code."""
        return self.codes[0] if self.codes and not defers_to_prompt else None

    def is_known(self, ctx: Context) -> bool:
        """Whether one of them is of a campaign here."""
        return any(campaign_of(ctx, code) for code in self.codes)

    def scene(self, rows: TurnRows) -> str | None:
        """A card's code."""
        return CODE if any(found_code(rows, code) for code in self.codes) else None


def code_hash(rows: TurnRows, code: str) -> bytes:
    """The hash of a normalised code, computed once a turn."""
    hashes = rows.of(CodeRows).hashes
    if (found := hashes.get(code)) is None:
        found = hashes[code] = rows.keys.code_hash(code)
    return found


def found_code(rows: TurnRows, code: str) -> FoundCode | None:
    """The code, where it exists."""
    mine = rows.of(CodeRows)
    hashed = mine.hashes.get(code)
    return mine.codes.get(code_hash(rows, code) if hashed is None else hashed)


def played_by(ctx: Context, code: str) -> LiveCampaign | None:
    """The campaign in which ``code`` counts at this account; None for one that nobody may learn to exist."""
    found = found_code(ctx.rows, code)
    return _played(ctx, found) if found and found.batch_state == "active" else None


def campaign_of(ctx: Context, code: str) -> LiveCampaign | None:
    """The campaign of ``code``, also while it does not count; None where that is not played at this account."""
    found = found_code(ctx.rows, code)
    return _played(ctx, found) if found else None


def _played(ctx: Context, found: FoundCode) -> LiveCampaign | None:
    campaign = ctx.rows.campaigns[found.campaign_id]
    return campaign if campaign.rules.plays_at(ctx.message.place) else None


def load(session: Session, rows: TurnRows, wanted: AllWanted) -> None:
    """Lock the codes that these messages may mean, and count what was guessed wrong. Three queries; else none."""
    redeeming = [(delivery, needs.codes) for delivery, needs in wanted.of(CodeRequires) if needs.codes]
    if not redeeming:
        return
    mine = rows.of(CodeRows)
    named = {"hashes": sorted({code_hash(rows, code) for _, codes in redeeming for code in codes})}
    for hashed, state, campaign_id in session.execute(_CODES, named):
        rows.campaigns.meet(campaign_id)
        if campaign_id in rows.campaigns:  # else it was published while this turn waited for its locks
            mine.codes[hashed] = FoundCode(hashed, state, campaign_id)
    # After the lock, so that a redemption which another process has just committed is seen.
    for hashed, player_id in session.execute(_USED, named):
        mine.used_by[hashed] = player_id
    load_guesses(session, rows, (hour_number(delivery.message.received_at) for delivery, _ in redeeming))
