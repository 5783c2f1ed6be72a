"""Checks of claims: each prize won has one, vouchers and pick-up codes are handed out once, limits hold."""

from collections.abc import Iterator

from sqlalchemy import String, and_, bindparam, cast, exists, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.hexed import hexed
from core.audit.published import most_allowed
from core.claims.handing import pickup_code
from core.claims.opening import DEADLINE, DEADLINE_DRAW
from core.lists import among_rows
from core.models import Claim, Draw, Timer, Voucher
from core.words import Mark, row_number


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
        drawn = [(version, prize) for version, rules in versions.items() if rules.draw for prize in rules.draw.prizes]
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
        if claim.kind != "counter" or claim.state != "open" or claim.pickup_hash != expected:
            yield Fault(_name(claim.id), "its pick-up code does not work as it should")


_timed = exists().where(
    Timer.owner_id == Claim.player_id,
    Timer.kind.in_((DEADLINE, DEADLINE_DRAW)),
    Timer.subject == cast(Claim.id, String),
    Timer.due_at == Claim.deadline_at,
)
_waits = and_(Claim.deadline_at.is_not(None), ~_timed)
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
        for gift in (gift for rules in versions.values() for gift in rules.gifts or ()):
            known.setdefault((campaign_id, gift.name), []).append(gift.per_player)
    limits = {gift: most for gift, each in known.items() if (most := most_allowed(each)) is not None}
    if not limits:
        return
    for campaign_id, name, player_id, count in books.session.execute(_OFTEN_BOUGHT, {"least": min(limits.values())}):
        if count > (limit := limits.get((campaign_id, name), count)):
            yield Fault(f"player {player_id}", f"bought {count} of {name}; the limit is {limit}")


CHECKS = (
    Check("every prize won has the claim that its rules promise", _opened),
    Check("every voucher is handed to exactly one claim", _vouchers),
    Check("every pick-up code works while it should, and no longer", _pick_ups),
    Check("every deadline has its timer", _deadlines),
    Check("nobody bought more of a gift than the limit", _limits),
)
