"""Checks of what claims move: each has its piece, what ended came back, and no transfer is more than its claim's."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, literal, not_, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import begins, count_of, counted, numbered, transfer_fault
from core.ledger import POINTS
from core.models import Claim, Player, SecondDraw, Transfer
from core.words import Mark, row_number

_KINDS = {"paid": "gift:", "given": "given:", "refund": "refund:", "returned": "returned:", "points": "prize-points:"}
_ENDED = Claim.state.in_(("lapsed", "cancelled"))
_PIECE = case((Claim.source == "gift", literal("gift:")), else_=literal("prize:")).concat(Claim.item)


def _name(claim_id: int) -> str:
    return f"claim {row_number(Mark.CLAIM, claim_id)}"


_has_piece = exists().where(
    Transfer.owner_id == Claim.player_id, Transfer.ref == Claim.ref + "", Transfer.asset == _PIECE
)
_own_kind = case(
    (Claim.source == "gift", Claim.ref == literal("given:").concat(cast(Claim.id, String))),
    (Claim.source == "second", and_(func.substr(Claim.ref, 1, 7) == "second:", Claim.price == 0)),
    else_=and_(func.substr(Claim.ref, 1, 4) == "won:", Claim.price == 0),
)
_NOT_GIVEN = select(Claim.id).where(not_(and_(_has_piece, _own_kind)))


def _given(books: Books) -> Iterator[Fault]:
    for claim_id in books.session.scalars(_NOT_GIVEN):
        yield Fault(_name(claim_id), "has no piece, or was not paid for as it says")
    yield from _belong(books)
    yield from _second_pieces(books)
    yield from _promised(books)


_owner, _party = aliased(Player), aliased(Player)
_strangers = or_(
    _owner.id.is_(None),
    _party.id.is_(None),
    func.coalesce(_owner.merged_into, _owner.id) != func.coalesce(_party.merged_into, _party.id),
)
_moves = numbered(*_KINDS.values())
_points = {"paid": Claim.price, "refund": Claim.price, "points": Claim.points}
_right = case(
    *(
        (_moves.c.kind == _KINDS[name], and_(_moves.c.asset == POINTS, _moves.c.amount == points))
        for name, points in _points.items()
    ),
    else_=and_(_moves.c.asset == _PIECE, _moves.c.amount == 1),
)
_OF_NO_CLAIM = (
    select(_moves.c.owner_id, _moves.c.ref)
    .outerjoin(Claim, Claim.id == _moves.c.number)
    .outerjoin(_owner, _owner.id == _moves.c.owner_id)
    .outerjoin(_party, _party.id == Claim.player_id)
    .where(or_(_strangers, Claim.campaign_id != _moves.c.campaign_id, not_(_right)))
)


def _belong(books: Books) -> Iterator[Fault]:
    """Each transfer is for the claim's player, or whom that one has become, and of the claim's amount and item."""
    for owner_id, ref in books.session.execute(_OF_NO_CLAIM):
        yield transfer_fault(owner_id, ref, "is not what a claim of this player moves")


_handed = numbered("second:")
_NOT_DRAWN = (
    select(_handed.c.owner_id, _handed.c.ref)
    .outerjoin(SecondDraw, SecondDraw.claim_id == _handed.c.number)
    .outerjoin(_owner, _owner.id == _handed.c.owner_id)
    .outerjoin(_party, _party.id == SecondDraw.winner_id)
    .where(
        or_(
            _strangers,
            SecondDraw.campaign_id != _handed.c.campaign_id,
            _handed.c.asset != literal("prize:").concat(SecondDraw.prize),
            _handed.c.amount != 1,
        )
    )
)
_HANDED_TWICE = select(Transfer.ref).where(begins("second:")).group_by(Transfer.ref).having(func.count() > 1)


def _second_pieces(books: Books) -> Iterator[Fault]:
    for owner_id, ref in books.session.execute(_NOT_DRAWN):
        yield transfer_fault(owner_id, ref, "is not what this player won in a second draw")
    for ref in books.session.scalars(_HANDED_TWICE):
        yield Fault(f"transfers {ref}", "hand one piece out more than once")


_PROMISES = select(Claim.campaign_id, Claim.source, Claim.item, Claim.price, Claim.points).distinct()


def _promised(books: Books) -> Iterator[Fault]:
    """Price and points of each claim are those of some version, as it does not say which one it met."""
    promises: set[tuple[int, bool, str, int, int]] = set()
    for campaign_id, versions in books.rules.items():
        for rules in versions.values():
            promises |= {(campaign_id, True, gift.name, gift.price, 0) for gift in rules.gifts or ()}
            prizes = rules.draw.prizes if rules.draw else ()
            promises |= {(campaign_id, False, prize.name, 0, prize.points or 0) for prize in prizes}
    for campaign_id, source, item, price, points in books.session.execute(_PROMISES):
        if (campaign_id, source == "gift", item, price, points) not in promises:
            yield Fault(f"claims of {item}", f"cost {price} points and give {points}, as no version of the rules says")


_counts = counted(_KINDS)
_bought = Claim.source == "gift"
_wanted: dict[str, ColumnElement[bool]] = {
    "paid": _bought,
    "given": _bought,
    "refund": and_(_ENDED, Claim.price > 0),
    "returned": _ENDED,
    "points": and_(Claim.state == "received", Claim.points > 0),
}
_wrong = [count_of(_counts, name) != case((when, 1), else_=0) for name, when in _wanted.items()]
_DISAGREEING = select(Claim.id).outerjoin(_counts, _counts.c.number == Claim.id).where(or_(*_wrong))


def _came_back(books: Books) -> Iterator[Fault]:
    """State and transfers agree, counted over all owners."""
    for claim_id in books.session.scalars(_DISAGREEING):
        yield Fault(_name(claim_id), "its state and what came back or was paid do not agree")


CHECKS = (
    Check("every claim has its piece, and every piece its claim", _given),
    Check("what lapsed or was cancelled came back, and nothing else", _came_back),
)
