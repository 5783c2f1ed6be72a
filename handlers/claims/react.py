"""What claims do when something happens: what was won or bought is claimed."""

from dataclasses import dataclass

from core.context import TurnRows
from core.events import Joined, Merged, bring
from core.models import Player
from handlers.claims.load import ClaimRows
from handlers.claims.play import open_claim
from handlers.claims.tables import Claim
from handlers.draws import Won
from handlers.gifts import Bought


@dataclass(frozen=True, slots=True)
class Opened:
    """``claim`` waits for ``player``, or has been handed over."""

    claim: Claim
    player: Player


def claim_prize(rows: TurnRows, won: Won) -> Opened | None:
    """Open the claim for what was won; None where the file names no way to get it."""
    claim = open_claim(rows, won.player, won.prize, source=won.source, ref=won.ref, at=won.at)
    return Opened(claim, won.player) if claim else None


def claim_gift(rows: TurnRows, bought: Bought) -> Opened | None:
    """Open the claim for what was bought; None where the file names no way to get it."""
    player, at = bought.player, bought.at
    claim = open_claim(rows, player, bought.gift, source="gift", ref=bought.ref, at=at, claim_id=bought.number)
    return Opened(claim, player) if claim else None


def begin(rows: TurnRows, joined: Joined) -> None:
    """A new player has no claims: there is nothing to load."""
    rows.of(ClaimRows).claims[joined.player.id] = []


def inherit(rows: TurnRows, merged: Merged) -> None:
    """Who is two players' one has the claims of both, oldest first."""
    claims = rows.of(ClaimRows).claims
    bring(claims, merged.older, merged.younger)
    claims.get(merged.older.id, []).sort(key=lambda claim: claim.id)
