"""Checks of claims: each prize won has one, vouchers and pick-up codes are handed out once, limits hold."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.hex import hexed
from core.audit.kept import is_kept
from core.audit.numbered import begins, count_of, counted, numbered, transfer_fault
from core.audit.published import most_allowed
from core.audit.transfer_checks import PLAYER, hands_out, house, moves, takes_back
from core.campaign.live import kept_seed
from core.campaign.rules import Rules
from core.ledger import POINTS
from core.lists import among_rows
from core.models import Player, Timer, Transfer
from core.models.players import ROOT
from core.words import Mark, row_number
from handlers.claims.handover import pickup_code
from handlers.claims.lapse import mark_of
from handlers.claims.play import DEADLINE, DEADLINE_DRAW
from handlers.claims.tables import Claim, SecondDraw, Voucher
from handlers.draws import Draw, DrawRules, Prize, prizes_of
from handlers.gifts import Gift, Gifts


def _name(claim_id: int) -> str:
    return f"claim {row_number(Mark.CLAIM, claim_id)}"


_its_claim = exists().where(
    Claim.player_id == Draw.player_id, Claim.ref == literal("won:").concat(hexed(Draw.code_hash))
)
_UNCLAIMED = select(Draw.code_hash).where(
    Draw.campaign_id == bindparam("campaign_id"), among_rows((Draw.version, Draw.prize), "claimed"), ~_its_claim
)


def _opened(books: Books) -> Iterator[Fault]:
    for campaign_id, versions in books.rules.items():
        drawn = [(version, prize) for version, rules in versions.items() for prize in prizes_of(rules)]
        claimed = [(version, prize.name) for version, prize in drawn if prize.claim]
        for code_hash in books.session.scalars(_UNCLAIMED, {"campaign_id": campaign_id, "claimed": claimed}):
            yield Fault(f"draw {code_hash.hex()}", "won a prize that nobody was given a claim for")


_handed = select(func.count()).where(Voucher.claim_id == Claim.id).correlate(Claim).scalar_subquery()
_should = and_(Claim.kind == "voucher", Claim.state == "received")
_WRONG_VOUCHERS = select(Claim.id).where(or_(and_(_should, _handed != 1), and_(~_should, _handed != 0)))
_pool = or_(Voucher.item == Claim.item, Voucher.item == "gift:" + Claim.item)
_belongs = exists().where(Claim.id == Voucher.claim_id, Claim.campaign_id == Voucher.campaign_id, _pool)
_ASTRAY = select(Voucher.hash).where(
    or_(and_(Voucher.claim_id.is_not(None), ~_belongs), Voucher.claim_id.is_(None) != Voucher.handed_at.is_(None))
)


def _vouchers(books: Books) -> Iterator[Fault]:
    for claim_id in books.session.scalars(_WRONG_VOUCHERS):
        yield Fault(_name(claim_id), "does not have exactly the voucher that it should")
    for found_by in books.session.scalars(_ASTRAY):
        yield Fault(f"voucher {found_by.hex()}", "was handed to no claim of its own")


_WITH_PICK_UP = select(Claim).where(
    or_(and_(Claim.kind == "counter", Claim.state == "open"), Claim.pickup_hash.is_not(None))
)


def _pick_ups(books: Books) -> Iterator[Fault]:
    for claim in books.session.scalars(_WITH_PICK_UP):
        expected = books.keys.index("pickup", pickup_code(books.keys, claim))
        if claim.kind != "counter" or claim.state == "ready" or claim.pickup_hash != expected:
            yield Fault(_name(claim.id), "its pick-up code does not work as it should")


_timed = exists().where(
    Timer.owner_id == Claim.player_id,
    Timer.kind.in_((DEADLINE, DEADLINE_DRAW)),
    Timer.subject == cast(Claim.id, String),
    Timer.due_at == Claim.deadline_at,
)
_waits = and_(Claim.deadline_at.is_not(None), is_kept(Claim.deadline_at, Timer), ~_timed)
"""The timer of an older deadline may have gone, after it fired."""
_never = and_(Claim.state == "open", Claim.deadline_at.is_(None))
_WITHOUT_TIMER = select(Claim.id).where(or_(_waits, _never))


def _deadlines(books: Books) -> Iterator[Fault]:
    for claim_id in books.session.scalars(_WITHOUT_TIMER):
        yield Fault(_name(claim_id), "has no timer for its deadline")


_buyer = (Claim.campaign_id, Claim.item, Claim.player_id)
_bought = select(*_buyer, func.count()).where(Claim.source == "gift", Claim.state.not_in(("lapsed", "cancelled")))
_OFTEN_BOUGHT = _bought.group_by(*_buyer).having(func.count() > bindparam("least"))
"""Who bought more of a gift than the least of all limits."""


def _limits(books: Books) -> Iterator[Fault]:
    known: dict[tuple[int, str], list[int | None]] = {}
    for campaign_id, versions in books.rules.items():
        for gift in (gift for rules in versions.values() for gift in rules.section(Gifts).each):
            known.setdefault((campaign_id, gift.name), []).append(gift.per_player)
    limits = {gift: most for gift, each in known.items() if (most := most_allowed(each)) is not None}
    if not limits:
        return
    for campaign_id, name, player_id, count in books.session.execute(_OFTEN_BOUGHT, {"least": min(limits.values())}):
        if count > (limit := limits.get((campaign_id, name), count)):
            yield Fault(
                f"player {player_id}",
                "bought {count} of {name}; the limit is {limit}",
                {"count": count, "name": name, "limit": limit},
            )


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
            yield Fault(
                f"second draw {drawn.claim_id}", "code {code} was nearer and should have won", {"code": nearer.hex()}
            )


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
    limits = [draw.wins_per_player for rules in versions.values() if (draw := rules.section(DrawRules))]
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


_KINDS = {"paid": "gift:", "given": "given:", "refund": "refund:", "returned": "returned:", "points": "prize-points:"}
_ENDED = Claim.state.in_(("lapsed", "cancelled"))
_PIECE = case((Claim.source == "gift", literal("gift:")), else_=literal("prize:")).concat(Claim.item)


def _piece_name(claim_id: int) -> str:
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
        yield Fault(_piece_name(claim_id), "has no piece, or was not paid for as it says")
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


_piece_handed = numbered("second:")
_NOT_DRAWN = (
    select(_piece_handed.c.owner_id, _piece_handed.c.ref)
    .outerjoin(SecondDraw, SecondDraw.claim_id == _piece_handed.c.number)
    .outerjoin(_owner, _owner.id == _piece_handed.c.owner_id)
    .outerjoin(_party, _party.id == SecondDraw.winner_id)
    .where(
        or_(
            _strangers,
            SecondDraw.campaign_id != _piece_handed.c.campaign_id,
            _piece_handed.c.asset != literal("prize:").concat(SecondDraw.prize),
            _piece_handed.c.amount != 1,
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
            promises |= {(campaign_id, True, gift.name, gift.price, 0) for gift in rules.section(Gifts).each}
            prizes = prizes_of(rules)
            promises |= {(campaign_id, False, prize.name, 0, prize.points or 0) for prize in prizes}
    for campaign_id, source, item, price, points in books.session.execute(_PROMISES):
        if (campaign_id, source == "gift", item, price, points) not in promises:
            yield Fault(
                f"claims of {item}",
                "cost {price} points and give {points}, as no version of the rules says",
                {"price": price, "points": points},
            )


_counts = counted(_KINDS)
_piece_bought = Claim.source == "gift"
_wanted: dict[str, ColumnElement[bool]] = {
    "paid": _piece_bought,
    "given": _piece_bought,
    "refund": and_(_ENDED, Claim.price > 0),
    "returned": _ENDED,
    "points": and_(Claim.state == "received", Claim.points > 0),
}
_wrong = [count_of(_counts, name) != case((when, 1), else_=0) for name, when in _wanted.items()]
_DISAGREEING = select(Claim.id).outerjoin(_counts, _counts.c.number == Claim.id).where(or_(*_wrong))


def _came_back(books: Books) -> Iterator[Fault]:
    """State and transfers agree, counted over all owners."""
    for claim_id in books.session.scalars(_DISAGREEING):
        yield Fault(_piece_name(claim_id), "its state and what came back or was paid do not agree")


_first = select(Draw.player_id.label("player_id")).where(Draw.prize.is_not(None))
_won = _first.union_all(select(SecondDraw.winner_id).where(SecondDraw.winner_id.is_not(None))).subquery()
_roots = (
    select(ROOT.label("player_id"), func.count().label("wins"))
    .select_from(_won)
    .join(Player, Player.id == _won.c.player_id)
    .group_by(ROOT)
    .subquery()
)
_wins_drawn = func.coalesce(_roots.c.wins, 0)
_WRONG_WINS = (
    select(Player.id, Player.wins, _wins_drawn)
    .outerjoin(_roots, _roots.c.player_id == Player.id)
    .where(Player.merged_into.is_(None), Player.wins != _wins_drawn)
)


def _wins(books: Books) -> Iterator[Fault]:
    for player_id, cached, drawn in books.session.execute(_WRONG_WINS):
        yield Fault(
            f"player {player_id}", "has {cached} wins, the draws say {drawn}", {"cached": cached, "drawn": drawn}
        )


CHECKS = (
    Check("every prize won has the claim that its rules promise", _opened),
    Check("every voucher is handed to exactly one claim", _vouchers),
    Check("every pick-up code works while it should, and no longer", _pick_ups),
    Check("every deadline has its timer", _deadlines),
    Check("nobody bought more of a gift than the limit", _limits),
    Check("every second draw follows from the seed", _second_draws),
    Check("every claim has its piece, and every piece its claim", _given),
    Check("what lapsed or was cancelled came back, and nothing else", _came_back),
    Check("every player's wins equal the draws", _wins),
)
TRANSFERS = (
    moves("refund:", house("gifts"), PLAYER),
    moves("prize-points:", house("points"), PLAYER),
    hands_out("second:", Prize),
    takes_back("returned:", Prize),
    takes_back("returned:", Gift),
)
