"""When nobody claims: the piece goes back to stock, or is drawn again among the codes that won nothing.

The second draw needs no trust either: its mark is HMAC-SHA256(seed, campaign ‖ ":second:" ‖ claim), and the winner is
the first code from there on, in the circle of all code hashes, that was drawn for and won nothing.
"""

import hmac
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from core.campaign.live import Published
from core.context import TurnRows
from core.keys import HASH_BYTES
from core.models import Player
from core.models.players import ROOT
from handlers.claims.load import ClaimRows
from handlers.claims.play import give_up
from handlers.claims.react import Opened
from handlers.claims.rules import ClaimRules
from handlers.claims.tables import Claim, SecondDraw
from handlers.draws import Draw, DrawRules, PrizeRules, prize_of, win


def mark_of(campaign: str, seed: bytes, claim_id: int) -> bytes:
    """Where the second draw of a lapsed claim begins in the circle of code hashes."""
    return hmac.digest(seed, f"{campaign}:second:{claim_id}".encode(), "sha256")[:HASH_BYTES]


def goes_to_second_draw(published: Published, source: str, item: str) -> bool:
    """Whether the file wants ``item``, claimed from ``source``, drawn again, and says how its winner gets it.

    What was drawn a second time goes back to stock.
    """
    return _drawn_again(published, source, item) is not None


def _drawn_again(published: Published, source: str, item: str) -> PrizeRules | None:
    if source != "draw" or published.rules.section(ClaimRules).unclaimed != "second draw":
        return None
    prize = prize_of(published.rules, item)
    return prize if prize is not None and prize.claim is not None else None


def runner_up(session: Session, published: Published, claim_id: int, loser_id: int) -> tuple[bytes, int] | None:
    """The code that wins the second draw of a claim, and its player, as of now; None when there is none."""
    mark = mark_of(published.rules.name, published.seed, claim_id)
    draw = published.rules.section(DrawRules)
    limit = draw.wins_per_player if draw else None
    root = aliased(Player)  # whom the code's player has become: it is that one's wins that count
    drawn_again = select(SecondDraw.code_hash).where(SecondDraw.code_hash == Draw.code_hash)
    candidates = (
        select(Draw.code_hash, Draw.player_id)
        .join(Player, Player.id == Draw.player_id)
        .join(root, root.id == ROOT)
        .where(
            Draw.campaign_id == published.id,
            Draw.prize.is_(None),
            root.id != loser_id,
            ~drawn_again.exists(),
            *([root.wins < limit] if limit is not None else []),
        )
        .order_by(Draw.code_hash)
        .limit(1)
    )
    for part in (Draw.code_hash >= mark, Draw.code_hash < mark):
        if (found := session.execute(candidates.where(part)).first()) is not None:
            return found[0], found[1]
    return None


def lapse(rows: TurnRows, claim: Claim, at: datetime) -> Claim | None:
    """End ``claim``, whose deadline has passed; the stock and all players are locked.

    Returns the claim of the second draw's winner, when there is one that can still be told.
    """
    published = rows.campaigns[claim.campaign_id].published
    give_up(rows, rows.people[rows.root(claim.player_id)], claim, state="lapsed", at=at)
    prize = _drawn_again(published, claim.source, claim.item)
    if prize is None:
        return None
    code_hash, player_id = rows.of(ClaimRows).runners_up.get(claim.id, (None, 0))
    winner = rows.people.get(rows.root(player_id)) if code_hash else None
    rows.append(
        SecondDraw,
        player_id=claim.player_id,
        claim_id=claim.id,
        campaign_id=claim.campaign_id,
        prize=claim.item,
        mark=mark_of(published.rules.name, published.seed, claim.id),
        code_hash=code_hash,
        winner_id=winner.id if winner else None,
        at=at,
    )
    if winner is None:
        return None
    win(rows, winner, prize, source="second", ref=f"second:{claim.id}", at=at)
    opened = rows.outcome(Opened)
    return opened.claim if opened else None
