"""Hand over what needs no parcel: a voucher, points, or a pick-up code that staff redeem once."""

from datetime import datetime

from core import ledger
from core.alphabet import code_maker, grouped
from core.context import TurnRows
from core.keys import Keyring
from core.models import Player
from core.words import Kind, word_of
from handlers.claims.items import item_of, pool_of
from handlers.claims.load import ClaimRows
from handlers.claims.tables import Claim, Voucher

VOUCHER_COLUMN = "vouchers.code"
GENERATED_LENGTH = 12
CARD_JOINT = "\x1f"
"""Between the number and the secret of an e-card, which are one voucher."""


def hand_over(rows: TurnRows, player: Player, claim: Claim, at: datetime) -> bool:
    """Give ``player`` the voucher or the points of ``claim``; False when no voucher is left and it has to wait.

    The stock of its prize or gift is locked, so each voucher is handed out once.
    """
    if claim.kind == "voucher" and not _take_voucher(rows, claim, at):
        return False
    if claim.points:
        ledger.award(rows, player, claim.points, ref=f"prize-points:{claim.id}", reason="prize", at=at)
    claim.state, claim.closed_at = "received", at
    return True


def _take_voucher(rows: TurnRows, claim: Claim, at: datetime) -> bool:
    item = item_of(rows.campaigns[claim.campaign_id].rules, claim)
    if item is not None and item.vouchers == "generated":
        _generate(rows, claim, at)
        return True
    free = rows.of(ClaimRows).free_vouchers.get((claim.campaign_id, pool_of(claim)), [])
    if not free:
        return False
    voucher = free.pop(0)
    voucher.claim_id, voucher.handed_at = claim.id, at
    rows.of(ClaimRows).handed_vouchers[claim.id] = voucher
    return True


def _generate(rows: TurnRows, claim: Claim, at: datetime) -> None:
    bits, make = code_maker(GENERATED_LENGTH, 1)
    code = grouped(make(int.from_bytes(rows.randomness.take((bits + 7) // 8), "big")))
    voucher = new_voucher(rows.keys, claim.campaign_id, pool_of(claim), code)
    voucher.claim_id, voucher.handed_at = claim.id, at
    rows.add(voucher)
    rows.of(ClaimRows).handed_vouchers[claim.id] = voucher


def new_voucher(keys: Keyring, campaign_id: int, pool: str, code: str) -> Voucher:
    """A voucher that nobody has yet."""
    found_by = keys.index("voucher", str(campaign_id), pool, code)
    sealed = keys.seal(VOUCHER_COLUMN, found_by, code)
    return Voucher(hash=found_by, campaign_id=campaign_id, item=pool, code_sealed=sealed, claim_id=None, handed_at=None)


def voucher_code(keys: Keyring, voucher: Voucher) -> str:
    """What the player shows."""
    return keys.unseal(VOUCHER_COLUMN, voucher.hash, voucher.code_sealed)


def give_pickup_code(keys: Keyring, claim: Claim) -> None:
    """Let ``claim`` be picked up at the counter."""
    claim.pickup_hash, claim.state = keys.index("pickup", pickup_code(keys, claim)), "open"


def pickup_code(keys: Keyring, claim: Claim) -> str:
    """The one-time code of a claim that is picked up: it follows from claim and keyring, and is kept nowhere."""
    return word_of(Kind.PICKUP, keys.index("pickup-code", str(claim.id)))
