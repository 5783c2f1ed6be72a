"""Checks of claims: each prize won has one, vouchers and pick-up codes are handed out once, limits hold."""

from collections.abc import Iterator

from sqlalchemy import String, and_, cast, exists, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.published import published_rules
from core.claims.handing import pickup_code
from core.claims.opening import DEADLINE, DEADLINE_DRAW
from core.models import Claim, Draw, Timer, Voucher
from core.words import Mark, row_number


def _name(claim_id: int) -> str:
    return f"claim {row_number(Mark.CLAIM, claim_id)}"


def _opened(books: Books) -> Iterator[Fault]:
    for campaign_id, versions in published_rules(books).items():
        for version, rules in versions.items():
            claimed = [prize.name for prize in (rules.draw.prizes if rules.draw else ()) if prize.claim]
            ref = literal("won:").concat(books.hex(Draw.code_hash))
            there = exists().where(Claim.player_id == Draw.player_id, Claim.ref == ref)
            won = and_(Draw.campaign_id == campaign_id, Draw.version == version, Draw.prize.in_(claimed))
            for code_hash in books.session.scalars(select(Draw.code_hash).where(won, ~there)):
                yield Fault(f"draw {code_hash.hex()}", "won a prize that nobody was given a claim for")


def _vouchers(books: Books) -> Iterator[Fault]:
    handed = select(func.count()).where(Voucher.claim_id == Claim.id).correlate(Claim).scalar_subquery()
    should = and_(Claim.kind == "voucher", Claim.state == "received")
    wrong = or_(and_(should, handed != 1), and_(~should, handed != 0))
    for claim_id in books.session.scalars(select(Claim.id).where(wrong)):
        yield Fault(_name(claim_id), "does not have exactly the voucher that it should")
    pool = or_(Voucher.item == Claim.item, Voucher.item == "gift:" + Claim.item)
    belongs = exists().where(Claim.id == Voucher.claim_id, Claim.campaign_id == Voucher.campaign_id, pool)
    astray = or_(
        and_(Voucher.claim_id.is_not(None), ~belongs), Voucher.claim_id.is_(None) != Voucher.handed_at.is_(None)
    )
    for found_by in books.session.scalars(select(Voucher.hash).where(astray)):
        yield Fault(f"voucher {found_by.hex()}", "was handed to no claim of its own")


def _pick_ups(books: Books) -> Iterator[Fault]:
    open_ = and_(Claim.kind == "counter", Claim.state == "open")
    for claim in books.session.scalars(select(Claim).where(or_(open_, Claim.pickup_hash.is_not(None)))):
        expected = books.keys.index("pickup", pickup_code(books.keys, claim))
        if claim.kind != "counter" or claim.state != "open" or claim.pickup_hash != expected:
            yield Fault(_name(claim.id), "its pick-up code does not work as it should")


def _deadlines(books: Books) -> Iterator[Fault]:
    timed = exists().where(
        Timer.owner_id == Claim.player_id,
        Timer.kind.in_((DEADLINE, DEADLINE_DRAW)),
        Timer.subject == cast(Claim.id, String),
        Timer.due_at == Claim.deadline_at,
    )
    waits = and_(Claim.deadline_at.is_not(None), ~timed)
    never = and_(Claim.state == "open", Claim.deadline_at.is_(None))
    for claim_id in books.session.scalars(select(Claim.id).where(or_(waits, never))):
        yield Fault(_name(claim_id), "has no timer for its deadline")


def _limits(books: Books) -> Iterator[Fault]:
    for campaign_id, versions in published_rules(books).items():
        limits: dict[str, list[int | None]] = {}
        for rules in versions.values():
            for gift in rules.gifts or ():
                limits.setdefault(gift.name, []).append(gift.per_player)
        for name, known in limits.items():
            most = max((limit for limit in known if limit is not None), default=None)
            if most is None or None in known:
                continue
            kept = and_(Claim.source == "gift", Claim.item == name, Claim.state.not_in(("lapsed", "cancelled")))
            mine = select(Claim.player_id, func.count()).where(Claim.campaign_id == campaign_id, kept)
            for player_id, count in books.session.execute(mine.group_by(Claim.player_id).having(func.count() > most)):
                yield Fault(f"player {player_id}", f"bought {count} of {name}; the limit is {most}")


CHECKS = (
    Check("every prize won has the claim that its rules promise", _opened),
    Check("every voucher is handed to exactly one claim", _vouchers),
    Check("every pick-up code works while it should, and no longer", _pick_ups),
    Check("every deadline has its timer", _deadlines),
    Check("nobody bought more of a gift than the limit", _limits),
)
