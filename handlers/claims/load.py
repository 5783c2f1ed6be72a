"""What a turn loads of claims, and the vouchers that nobody has yet.

The claims of a player change under that player's lock only. A voucher changes hands under the lock of the stock of its
prize or gift, so the free ones that are read after that lock are nobody else's.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import lists
from core.context import TurnRows
from core.engine.routes import AllWanted, Requirement, Requires
from core.messages import Keyword
from core.models import Player
from core.models.players import ROOT
from handlers.claims.items import imported_pools
from handlers.claims.rules import has_claims
from handlers.claims.tables import Claim, Voucher
from handlers.draws import DrawRows, prizes_of
from handlers.gifts import GiftRequires, GiftRows, Gifts

_CLAIMS = (
    select(ROOT, Claim)
    .join(Player, Player.id == Claim.player_id)
    .where(lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids"))
    .order_by(Claim.id)
)
_HANDED = select(Voucher).where(lists.among(Voucher.claim_id, "claim_ids"))


@dataclass(slots=True)
class ClaimRows:
    """The claims of a turn's players."""

    claims: dict[int, list[Claim]] = field(default_factory=dict)
    """By player, oldest first, those of the players that were linked to this one included."""
    free_vouchers: dict[tuple[int, str], list[Voucher]] = field(default_factory=dict)
    """By campaign and pool, where the stock is locked."""
    handed_vouchers: dict[int, Voucher] = field(default_factory=dict)
    """By claim."""
    runners_up: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    """The code, and its player, that would win the second draw of a claim that lapses."""


@dataclass(frozen=True, slots=True)
class ClaimRequires(Requirement):
    """The player's claims."""

    all: bool = False
    """All of them, and what was handed to them."""


CLAIMS = Requires((ClaimRequires(all=True),))
BEGUN_BY = Keyword(zh="奖品", en="PRIZES")
"""The word for the list of prizes, which has an open question about one asked anew."""


def load(session: Session, rows: TurnRows, wanted: AllWanted) -> None:
    """Load the claims of those who speak of them, or want a gift. Two queries; else none. Call it under lock of stock.

    Two messages of one sender in one turn may be a question that the first one raises and its answer; two players who
    may become one bring the claims of both.
    """
    said = Counter(each.delivery.key[0] for each in wanted)
    claiming = {delivery.key[0] for delivery, needs in wanted.of(ClaimRequires) if needs.all}
    buying = {delivery.key[0] for delivery, needs in wanted.of(GiftRequires) if needs.shown}
    claiming |= buying
    claiming |= {key for key, count in said.items() if count > 1}
    if rows.sides:
        claiming |= rows.addresses.keys()
    claimants = [
        player
        for (key, campaign_id), player in rows.players.items()
        if key in claiming and campaign_id in rows.campaigns and has_claims(rows.campaigns[campaign_id].rules)
    ]
    load_claims(session, rows, claimants)
    if buying:
        rows.of(GiftRows).taken = partial(_taken, rows)
    load_vouchers_in_stock(session, rows, len(wanted))


def _taken(rows: TurnRows, player_id: int, gift: str) -> int:
    """How many pieces of ``gift`` a player has, whose claims are loaded."""
    return sum(
        claim.source == "gift" and claim.item == gift and claim.state not in {"lapsed", "cancelled"}
        for claim in rows.of(ClaimRows).claims.get(player_id, ())
    )


def load_claims(session: Session, rows: TurnRows, players: Iterable[Player]) -> None:
    """All claims of these players, which are locked, and the vouchers that were handed to them. Two queries."""
    ids, mine = sorted({player.id for player in players}), rows.of(ClaimRows)
    if not ids:
        return
    mine.claims.update((player_id, []) for player_id in ids)
    for root, claim in session.execute(_CLAIMS, {"ids": ids}):
        mine.claims[root].append(claim)
    claim_ids = sorted(claim.id for each in ids for claim in mine.claims[each] if claim.kind == "voucher")
    if claim_ids:
        for voucher in session.scalars(_HANDED, {"claim_ids": claim_ids}):
            mine.handed_vouchers[voucher.claim_id or 0] = voucher


def load_vouchers_in_stock(session: Session, rows: TurnRows, takers: int) -> None:
    """Have a voucher of each prize and gift at hand, whose stock is locked, for ``takers`` players."""
    for campaign_id in sorted({campaign_id for campaign_id, _ in rows.of(DrawRows).prizes}):
        pools = imported_pools(prizes_of(rows.campaigns[campaign_id].rules))
        load_free_vouchers(session, rows, campaign_id, pools, takers)
    for campaign_id in sorted(rows.of(GiftRows).locked):
        pools = imported_pools(rows.campaigns[campaign_id].rules.section(Gifts).each)
        load_free_vouchers(session, rows, campaign_id, pools, takers)


def load_free_vouchers(session: Session, rows: TurnRows, campaign_id: int, pools: Iterable[str], most: int) -> None:
    """Up to ``most`` vouchers of each of ``pools`` that nobody has; the stock of their items is locked."""
    for pool in pools:
        free = select(Voucher).where(Voucher.campaign_id == campaign_id, Voucher.item == pool)
        statement = free.where(Voucher.claim_id.is_(None)).order_by(Voucher.hash).limit(most)
        rows.of(ClaimRows).free_vouchers[campaign_id, pool] = list(session.scalars(statement))
