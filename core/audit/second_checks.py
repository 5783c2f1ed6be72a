"""Checks of second draws: the mark follows from the seed, and no nearer code should have won."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.campaign.live import kept_seed
from core.campaign.rules import Rules
from core.claims.lapsing import mark_of
from core.models import Draw, Player, SecondDraw, Transfer
from core.models.players import ROOT

_IN_DOUBT = timedelta(hours=1)
"""Turns and clocks wait for each other: of two rows that are less apart, either may have been written first."""


_DRAWN = select(SecondDraw)


def _second_draws(books: Books) -> Iterator[Fault]:
    campaigns = {campaign.id: campaign for campaign in books.campaigns}
    for drawn in books.session.scalars(_DRAWN).all():
        campaign = campaigns[drawn.campaign_id]
        if drawn.mark != mark_of(campaign.name, kept_seed(campaign, books.keys), drawn.claim_id):
            yield Fault(f"second draw {drawn.claim_id}", "does not follow from the seed")
        if not _has_won(books, drawn):
            yield Fault(f"second draw {drawn.claim_id}", "its winner has no piece, or no code that won nothing before")
        if (nearer := _nearer(books, drawn, books.rules.get(drawn.campaign_id, {}))) is not None:
            yield Fault(f"second draw {drawn.claim_id}", f"code {nearer.hex()} was nearer and should have won")


def _has_won(books: Books, drawn: SecondDraw) -> bool:
    if drawn.winner_id is None or drawn.code_hash is None:
        return drawn.winner_id is None and drawn.code_hash is None
    piece = exists().where(
        Transfer.owner_id == drawn.winner_id,
        Transfer.ref == f"second:{drawn.claim_id}",
        Transfer.asset == f"prize:{drawn.prize}",
    )
    of_code = select(ROOT).select_from(Draw).join(Player, Player.id == Draw.player_id)
    own = of_code.where(Draw.code_hash == drawn.code_hash, Draw.campaign_id == drawn.campaign_id, Draw.prize.is_(None))
    root = select(ROOT).where(Player.id == drawn.winner_id)
    return bool(books.session.scalar(select(piece))) and books.session.scalar(own) == books.session.scalar(root)


def _nearer(books: Books, drawn: SecondDraw, versions: dict[int, Rules]) -> bytes | None:
    """A code between the mark and the winner's that could certainly have won."""
    other, root = aliased(SecondDraw), aliased(Player)
    again = exists().where(
        other.code_hash == Draw.code_hash, other.claim_id != drawn.claim_id, other.at <= drawn.at + _IN_DOUBT
    )
    # Wins and links only grow: whoever is another person and below each limit today was so then.
    limits = [rules.draw.wins_per_player for rules in versions.values() if rules.draw]
    known = [limit for limit in limits if limit is not None]
    loser = select(ROOT).where(Player.id == drawn.player_id).scalar_subquery()
    could_win = (
        select(Draw.code_hash)
        .join(Player, Player.id == Draw.player_id)
        .join(root, root.id == ROOT)
        .where(
            Draw.campaign_id == drawn.campaign_id,
            Draw.prize.is_(None),
            Draw.at < drawn.at - _IN_DOUBT,
            root.id != loser,
            _before_winner(drawn),
            ~again,
            *([root.wins < min(known)] if known else []),
        )
    )
    return books.session.scalars(could_win.limit(1)).first()


def _before_winner(drawn: SecondDraw) -> ColumnElement[bool]:
    """The code stands between the mark and the winner's, in the circle of all code hashes."""
    if drawn.code_hash is None:
        return true()  # nobody won: it could have been any
    after, before = Draw.code_hash >= drawn.mark, Draw.code_hash < drawn.code_hash
    return and_(after, before) if drawn.code_hash >= drawn.mark else or_(after, before)


CHECKS = (Check("every second draw follows from the seed", _second_draws),)
