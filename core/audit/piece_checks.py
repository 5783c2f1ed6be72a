"""Checks of what claims move: each has its piece, what ended came back, and no transfer is more than its claim's."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, literal, not_, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import begins, count_of, counted, numbered, transfer_fault
from core.audit.published import published_rules
from core.ledger import POINTS
from core.models import Claim, Player, SecondDraw, Transfer
from core.words import Mark, row_number

_KINDS = {"paid": "gift:", "given": "given:", "refund": "refund:", "returned": "returned:", "points": "prize-points:"}
_ENDED = Claim.state.in_(("lapsed", "cancelled"))
_PIECE = case((Claim.source == "gift", literal("gift:")), else_=literal("prize:")).concat(Claim.item)


def _name(claim_id: int) -> str:
    return f"claim {row_number(Mark.CLAIM, claim_id)}"


def _given(books: Books) -> Iterator[Fault]:
    has_piece = exists().where(
        Transfer.owner_id == Claim.player_id, Transfer.ref == Claim.ref + "", Transfer.asset == _PIECE
    )
    own_kind = case(
        (Claim.source == "gift", Claim.ref == literal("given:").concat(cast(Claim.id, String))),
        (Claim.source == "second", and_(func.substr(Claim.ref, 1, 7) == "second:", Claim.price == 0)),
        else_=and_(func.substr(Claim.ref, 1, 4) == "won:", Claim.price == 0),
    )
    for claim_id in books.session.scalars(select(Claim.id).where(not_(and_(has_piece, own_kind)))):
        yield Fault(_name(claim_id), "has no piece, or was not paid for as it says")
    yield from _belong(books)
    yield from _second_pieces(books)
    yield from _promised(books)


def _belong(books: Books) -> Iterator[Fault]:
    """Each transfer is for the claim's player, or whom that one has become, and of the claim's amount and item."""
    moves, owner, claimer = numbered(*_KINDS.values()), aliased(Player), aliased(Player)
    points = {"paid": Claim.price, "refund": Claim.price, "points": Claim.points}
    right = case(
        *(
            (moves.c.kind == _KINDS[name], and_(moves.c.asset == POINTS, moves.c.amount == points[name]))
            for name in points
        ),
        else_=and_(moves.c.asset == _PIECE, moves.c.amount == 1),
    )
    statement = (
        select(moves.c.owner_id, moves.c.ref)
        .outerjoin(Claim, Claim.id == moves.c.number)
        .outerjoin(owner, owner.id == moves.c.owner_id)
        .outerjoin(claimer, claimer.id == Claim.player_id)
        .where(
            or_(
                owner.id.is_(None),
                claimer.id.is_(None),
                func.coalesce(owner.merged_into, owner.id) != func.coalesce(claimer.merged_into, claimer.id),
                Claim.campaign_id != moves.c.campaign_id,
                not_(right),
            )
        )
    )
    for owner_id, ref in books.session.execute(statement):
        yield transfer_fault(owner_id, ref, "is not what a claim of this player moves")


def _second_pieces(books: Books) -> Iterator[Fault]:
    moves, owner, winner = numbered("second:"), aliased(Player), aliased(Player)
    statement = (
        select(moves.c.owner_id, moves.c.ref)
        .outerjoin(SecondDraw, SecondDraw.claim_id == moves.c.number)
        .outerjoin(owner, owner.id == moves.c.owner_id)
        .outerjoin(winner, winner.id == SecondDraw.winner_id)
        .where(
            or_(
                owner.id.is_(None),
                winner.id.is_(None),
                func.coalesce(owner.merged_into, owner.id) != func.coalesce(winner.merged_into, winner.id),
                SecondDraw.campaign_id != moves.c.campaign_id,
                moves.c.asset != literal("prize:").concat(SecondDraw.prize),
                moves.c.amount != 1,
            )
        )
    )
    for owner_id, ref in books.session.execute(statement):
        yield transfer_fault(owner_id, ref, "is not what this player won in a second draw")
    several = select(Transfer.ref).where(begins("second:")).group_by(Transfer.ref).having(func.count() > 1)
    for ref in books.session.scalars(several):
        yield Fault(f"transfers {ref}", "hand one piece out more than once")


def _promised(books: Books) -> Iterator[Fault]:
    """Price and points of each claim are those of some version, as it does not say which one it met."""
    promises: set[tuple[int, bool, str, int, int]] = set()
    for campaign_id, versions in published_rules(books).items():
        for rules in versions.values():
            promises |= {(campaign_id, True, gift.name, gift.price, 0) for gift in rules.gifts or ()}
            prizes = rules.draw.prizes if rules.draw else ()
            promises |= {(campaign_id, False, prize.name, 0, prize.points or 0) for prize in prizes}
    kinds = select(Claim.campaign_id, Claim.source, Claim.item, Claim.price, Claim.points).distinct()
    for campaign_id, source, item, price, points in books.session.execute(kinds):
        if (campaign_id, source == "gift", item, price, points) not in promises:
            yield Fault(f"claims of {item}", f"cost {price} points and give {points}, as no version of the rules says")


def _came_back(books: Books) -> Iterator[Fault]:
    """State and transfers agree, counted over all owners."""
    counts = counted(_KINDS)
    bought = Claim.source == "gift"
    wanted: dict[str, ColumnElement[bool]] = {
        "paid": bought,
        "given": bought,
        "refund": and_(_ENDED, Claim.price > 0),
        "returned": _ENDED,
        "points": and_(Claim.state == "received", Claim.points > 0),
    }
    wrong = [count_of(counts, name) != case((when, 1), else_=0) for name, when in wanted.items()]
    statement = select(Claim.id).outerjoin(counts, counts.c.number == Claim.id)
    for claim_id in books.session.scalars(statement.where(or_(*wrong))):
        yield Fault(_name(claim_id), "its state and what came back or was paid do not agree")


CHECKS = (
    Check("every claim has its piece, and every piece its claim", _given),
    Check("what lapsed or was cancelled came back, and nothing else", _came_back),
)
