"""Checks of claims: each has its piece, what ended came back, vouchers and pick-up codes are handed out once."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal, or_, select

from core.audit.faults import ROOT, Books, Check, Fault
from core.audit.published import published_rules
from core.campaign.live import kept_seed
from core.claims.handing import pickup_code
from core.claims.lapsing import mark_of
from core.claims.opening import DEADLINE
from core.ledger import POINTS
from core.models import Campaign, Claim, Draw, Player, SecondDraw, Timer, Transfer, Voucher
from core.words import Mark, row_number


def _name(claim_id: int) -> str:
    return f"claim {row_number(Mark.CLAIM, claim_id)}"


def _ref(prefix: str) -> ColumnElement[str]:
    return literal(prefix).concat(cast(Claim.id, String))


def _moved(ref: ColumnElement[str], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """There is such a transfer of the claim's player."""
    return exists().where(Transfer.owner_id == Claim.player_id, Transfer.ref == ref, *conditions)


def _given(books: Books) -> Iterator[Fault]:
    piece = literal("prize:").concat(Claim.item)
    gift = literal("gift:").concat(Claim.item)
    paid = _moved(_ref("gift:"), Transfer.asset == POINTS, Transfer.amount == Claim.price)
    has_piece = or_(
        and_(Claim.source != "gift", Claim.price == 0, _moved(Claim.ref + "", Transfer.asset == piece)),
        and_(Claim.source == "gift", Claim.ref == _ref("given:"), paid, _moved(_ref("given:"), Transfer.asset == gift)),
    )
    for claim_id in books.session.scalars(select(Claim.id).where(~has_piece)):
        yield Fault(_name(claim_id), "has no piece, or was not paid for as it says")
    prefixes = {"gift": "gift:", "given": "given:", "returned": "returned:", "refund": "refund:"}
    for what, prefix in {**prefixes, "points": "prize-points:"}.items():
        claimed = exists().where(Transfer.ref == _ref(prefix), Claim.campaign_id == Transfer.campaign_id)
        kind = func.substr(Transfer.ref, 1, len(prefix)) == prefix
        for owner_id, ref in books.session.execute(select(Transfer.owner_id, Transfer.ref).where(kind, ~claimed)):
            yield Fault(f"transfer {owner_id} {ref}", f"is the {what} of no claim")


def _came_back(books: Books) -> Iterator[Fault]:
    ended = Claim.state.in_(("lapsed", "cancelled"))
    back = _moved(_ref("returned:"))
    refunded = exists().where(Transfer.ref == _ref("refund:"), Transfer.amount == Claim.price)
    wrong = or_(and_(ended, ~back), and_(~ended, back), and_(ended, Claim.price > 0, ~refunded), and_(~ended, refunded))
    for claim_id in books.session.scalars(select(Claim.id).where(wrong)):
        yield Fault(_name(claim_id), "its state and what came back do not agree")


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
        Timer.kind == DEADLINE,
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


def _second_draws(books: Books) -> Iterator[Fault]:
    campaigns = {campaign.id: campaign for campaign in books.session.scalars(select(Campaign))}
    for drawn in books.session.scalars(select(SecondDraw)).all():
        campaign = campaigns[drawn.campaign_id]
        wrong = drawn.mark != mark_of(campaign.name, kept_seed(campaign, books.keys), drawn.claim_id)
        won = exists().where(
            Transfer.owner_id == (drawn.winner_id or 0),
            Transfer.ref == f"second:{drawn.claim_id}",
            Transfer.asset == f"prize:{drawn.prize}",
        )
        own_code = (
            select(ROOT)
            .select_from(Draw)
            .join(Player, Player.id == Draw.player_id)
            .where(Draw.code_hash == (drawn.code_hash or b""), Draw.prize.is_(None))
        )
        root = select(ROOT).where(Player.id == (drawn.winner_id or 0))
        if drawn.winner_id is not None:
            wrong = wrong or not books.session.scalar(select(won))
            wrong = wrong or books.session.scalar(own_code) != books.session.scalar(root)
        if wrong:
            yield Fault(f"second draw {drawn.claim_id}", "does not follow from the seed, or its winner has no piece")


CHECKS = (
    Check("every claim has its piece, and every piece its claim", _given),
    Check("what lapsed or was cancelled came back, and nothing else", _came_back),
    Check("every prize won has the claim that its rules promise", _opened),
    Check("every voucher is handed to exactly one claim", _vouchers),
    Check("every pick-up code works while it should, and no longer", _pick_ups),
    Check("every deadline has its timer", _deadlines),
    Check("nobody bought more of a gift than the limit", _limits),
    Check("every second draw follows from the seed", _second_draws),
)
