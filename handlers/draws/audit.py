"""Checks of draws: every one computed again from the seed, the commitments, and what each redemption is paid."""

import hashlib
import json
from collections.abc import Callable, Iterator
from fractions import Fraction

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, literal, not_, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.hex import hexed
from core.audit.numbered import begins, transfer_fault
from core.audit.published import most_allowed
from core.audit.transfer_checks import CONCERNS_A_PLAYER, PLAYER, house, loads
from core.campaign.live import kept_seed
from core.keys import KeysUnusable
from core.ledger import POINTS
from core.lists import among, among_rows
from core.models import Campaign, CampaignVersion, Player, Transfer
from core.models.players import ROOT
from handlers.codes import Redemption
from handlers.draws.rules import DrawRules
from handlers.draws.tables import Draw, Prize
from handlers.draws.verify import DrawRow, what_is_wrong

_READ_AT_ONCE = 5_000
_TOLD_EACH = 1_000


_VERSIONS = select(CampaignVersion)
_RULES = select(CampaignVersion.version, CampaignVersion.rules).where(
    CampaignVersion.campaign_id == bindparam("campaign_id")
)
_DRAWS = select(
    Draw.version, Draw.code_hash, Draw.roll, Draw.odds, Draw.odds_in, Draw.points_seen, Draw.stock_seen, Draw.prize
).where(Draw.campaign_id == bindparam("campaign_id"))


def wrong_draws(
    books: Books, campaign: Campaign, seed: bytes, told: Callable[[int], object] = lambda _done: None
) -> Iterator[Fault]:
    """Compute every draw of ``campaign`` again from ``seed``; yields those that differ. Reads in small portions.

    ``told`` hears now and then how many are done.
    """
    versions = books.session.execute(_RULES, {"campaign_id": campaign.id})
    rules = {version: json.loads(canonical) for version, canonical in versions}
    found = books.session.execute(_DRAWS, {"campaign_id": campaign.id}, execution_options={"yield_per": _READ_AT_ONCE})
    for done, (version, code_hash, roll, odds, odds_in, points, stock, prize) in enumerate(found):
        if done % _TOLD_EACH == 0:
            told(done)
        row = DrawRow(code_hash, roll, Fraction(odds, odds_in), points, stock, prize)
        if version not in rules:
            yield Fault(f"draw {code_hash.hex()}", "version {version} is unknown", {"version": version})
        elif wrong := what_is_wrong(seed, rules[version], row):
            yield Fault(f"draw {code_hash.hex()}", *wrong)


def _draws(books: Books) -> Iterator[Fault]:
    for campaign in books.campaigns:
        seed = _seed(books, campaign)
        if seed is not None:
            yield from wrong_draws(books, campaign, seed)


def _seed(books: Books, campaign: Campaign) -> bytes | None:
    try:
        return kept_seed(campaign, books.keys)
    except (KeysUnusable, ValueError):  # ValueError: too short to hold a nonce
        return None


def _commitments(books: Books) -> Iterator[Fault]:
    for campaign in books.campaigns:
        seed = _seed(books, campaign)
        if seed is None:
            yield Fault(f"campaign {campaign.name}", "its seed does not open")
        elif hashlib.sha256(seed).hexdigest() != campaign.seed_commitment:
            yield Fault(f"campaign {campaign.name}", "its seed is not the one that was committed to")
    for version in books.session.scalars(_VERSIONS):
        if hashlib.sha256(version.rules.encode()).hexdigest() != version.rules_hash:
            yield Fault(f"campaign {version.campaign_id} version {version.version}", "its rules were changed")


def _moved(kind: str) -> ColumnElement[bool]:
    """There is the transfer of this kind that the redemption names."""
    ref = literal(kind).concat(hexed(Redemption.code_hash))
    return exists().where(Transfer.owner_id == Redemption.player_id, Transfer.ref == ref)


_paid, _handed = _moved("code:"), _moved("won:")
# A draw says by which version its code was worth nothing; without one any version may have said so.
_may_be_unpaid = or_(
    and_(Draw.version.is_not(None), among_rows((Redemption.campaign_id, Draw.version), "worthless")),
    and_(Draw.version.is_(None), among(Redemption.campaign_id, "sometimes_worthless")),
)
_NOT_PAID_ONCE = (
    select(Redemption.code_hash)
    .outerjoin(Draw, Draw.code_hash == Redemption.code_hash)
    .where(
        or_(
            and_(_paid, _handed),
            and_(Draw.prize.is_not(None), ~_handed),
            and_(Draw.prize.is_(None), _handed),
            and_(~_paid, ~_handed, not_(_may_be_unpaid)),
        )
    )
)


def _earnings(books: Books) -> list[tuple[int, int, int]]:
    """(campaign, version, points for a code that wins no prize) of every version; 0 points where it earns none."""
    return [
        (campaign_id, number, (draw.otherwise if (draw := rules.section(DrawRules)) else rules.points.earn) or 0)
        for campaign_id, versions in books.rules.items()
        for number, rules in versions.items()
    ]


def _paid_once(books: Books) -> Iterator[Fault]:
    worthless = [(campaign_id, version) for campaign_id, version, points in _earnings(books) if not points]
    named = {"worthless": worthless, "sometimes_worthless": [campaign_id for campaign_id, _ in worthless]}
    for code_hash in books.session.scalars(_NOT_PAID_ONCE, named):
        yield Fault(f"redemption {code_hash.hex()}", "is not paid by exactly one of prize and points")


_OF_NO_REDEMPTION = (
    select(Draw.code_hash)
    .outerjoin(Redemption, Redemption.code_hash == Draw.code_hash)
    .where(
        or_(
            Redemption.code_hash.is_(None),
            Redemption.player_id != Draw.player_id,
            Redemption.campaign_id != Draw.campaign_id,
        )
    )
)


def _draw_belongs(books: Books) -> Iterator[Fault]:
    for code_hash in books.session.scalars(_OF_NO_REDEMPTION):
        yield Fault(f"draw {code_hash.hex()}", "is not the draw of its redemption")


_winner = (Draw.campaign_id, Draw.player_id)
_won = select(*_winner, func.count()).where(Draw.prize.is_not(None)).group_by(*_winner)
_LUCKY = _won.having(func.count() > bindparam("least"))
"""Who won more prizes than the least of all limits."""


def _wins_limit(books: Books) -> Iterator[Fault]:
    limits: dict[int, int] = {}
    for campaign_id, versions in books.rules.items():
        most = most_allowed(draw.wins_per_player for rules in versions.values() if (draw := rules.section(DrawRules)))
        if most is not None:
            limits[campaign_id] = most
    if not limits:
        return
    for campaign_id, player_id, count in books.session.execute(_LUCKY, {"least": min(limits.values())}):
        if count > (limit := limits.get(campaign_id, count)):
            yield Fault(
                f"player {player_id}", "won {count} prizes; the limit is {limit}", {"count": count, "limit": limit}
            )


_UNLIMITED = 2**31 - 1
_rolls = (
    select(ROOT.label("player_id"), Redemption.counted_on, func.count().label("count"))
    .select_from(Redemption)
    .join(Draw, Draw.code_hash == Redemption.code_hash)
    .join(Player, Player.id == Redemption.player_id)
    .where(Redemption.campaign_id == bindparam("campaign_id"))
    .group_by(ROOT, Redemption.counted_on)
    .subquery()
)
_root = aliased(Player)
_NOT_ROLLED = (
    select(Redemption.code_hash)
    .outerjoin(Draw, Draw.code_hash == Redemption.code_hash)
    .outerjoin(Player, Player.id == Redemption.player_id)
    .outerjoin(_rolls, and_(_rolls.c.player_id == ROOT, _rolls.c.counted_on == Redemption.counted_on))
    .outerjoin(_root, _root.id == ROOT)
    .where(
        Redemption.campaign_id == bindparam("campaign_id"),
        Draw.code_hash.is_(None),
        func.coalesce(_rolls.c.count, 0) < bindparam("rolls_a_day"),
        func.coalesce(_root.wins, 0) < bindparam("wins"),
    )
)


def _rolled(books: Books) -> Iterator[Fault]:
    for campaign_id, versions in books.rules.items():
        draws = [draw for rules in versions.values() if (draw := rules.section(DrawRules))]
        if len(draws) < len(versions):
            continue  # a code of a version without a draw is never rolled for
        below = {
            "campaign_id": campaign_id,
            "rolls_a_day": min(draw.per_player_per_day or _UNLIMITED for draw in draws),
            "wins": min(draw.wins_per_player or _UNLIMITED for draw in draws),
        }
        for code_hash in books.session.scalars(_NOT_ROLLED, below):
            yield Fault(f"redemption {code_hash.hex()}", "has no draw, and no limit took it away")


_its_code = literal("code:").concat(hexed(Redemption.code_hash)) == Transfer.ref
_some_version = among_rows((Transfer.campaign_id, Transfer.amount), "of_some_version")
_its_version = among_rows((Transfer.campaign_id, Draw.version, Transfer.amount), "earned")
_NOT_EARNED = (
    select(Transfer.owner_id, Transfer.ref)
    .outerjoin(Redemption, and_(Redemption.player_id == Transfer.owner_id, _its_code))
    .outerjoin(Draw, Draw.code_hash == Redemption.code_hash)
    .where(
        begins("code:"),
        or_(
            Redemption.code_hash.is_(None),
            Redemption.campaign_id != Transfer.campaign_id,
            Transfer.asset != POINTS,
            Transfer.debit != house("points"),
            Transfer.credit != PLAYER,
            not_(_some_version),
            and_(Draw.version.is_not(None), not_(_its_version)),
        ),
    )
)


def _awards(books: Books) -> Iterator[Fault]:
    earned = _earnings(books)
    of_some_version = list({(campaign_id, points) for campaign_id, _, points in earned})
    for owner_id, ref in books.session.execute(_NOT_EARNED, {"earned": earned, "of_some_version": of_some_version}):
        yield transfer_fault(owner_id, ref, "is not what the rules give for a redemption of this player")


_its_win = literal("won:").concat(hexed(Draw.code_hash)) == Transfer.ref
_NOT_WON = (
    select(Transfer.owner_id, Transfer.ref)
    .outerjoin(Draw, and_(Draw.player_id == Transfer.owner_id, _its_win, Draw.prize.is_not(None)))
    .where(
        begins("won:"),
        or_(
            Draw.code_hash.is_(None),
            Draw.campaign_id != Transfer.campaign_id,
            Transfer.asset != literal("prize:").concat(Draw.prize),
            Transfer.amount != 1,
            Transfer.debit != house("stock:").concat(Draw.prize),
            Transfer.credit != PLAYER,
        ),
    )
)


def _handed_out(books: Books) -> Iterator[Fault]:
    for owner_id, ref in books.session.execute(_NOT_WON):
        yield transfer_fault(owner_id, ref, "is not one piece of the prize that a draw of this player won")


CHECKS = (
    Check("every draw follows from seed, rules and what it saw", _draws),
    Check("every seed and all rules are the published ones", _commitments),
    Check("every draw is the draw of its redemption", _draw_belongs),
    Check("every redemption was rolled for unless a limit was reached", _rolled),
    Check("every redemption is paid by exactly one of prize and points", _paid_once),
    Check("every award is what the rules give for its redemption", _awards),
    Check("every prize handed out is the one that its draw won", _handed_out),
    Check("nobody won more prizes than the limit", _wins_limit),
)
TRANSFERS = (and_(CONCERNS_A_PLAYER, begins("won:")), loads(Prize))
