"""Checks of codes: each redeemed once by a player of its campaign, and paid once."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, literal, not_, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.hexed import hexed
from core.audit.published import earnings, most_allowed
from core.lists import among, among_rows
from core.models import Batch, Code, Draw, Player, Redemption, Transfer
from core.models.players import ROOT

_ASTRAY = (
    select(Redemption.code_hash)
    .outerjoin(Code, Code.hash == Redemption.code_hash)
    .outerjoin(Batch, Batch.id == Code.batch_id)
    .outerjoin(Player, Player.id == Redemption.player_id)
    .where(
        or_(
            Batch.id.is_(None),
            Player.id.is_(None),
            Batch.activated_at.is_(None),
            Batch.campaign_id != Redemption.campaign_id,
            Player.campaign_id != Redemption.campaign_id,
        )
    )
)


def _belonging(books: Books) -> Iterator[Fault]:
    for code_hash in books.session.scalars(_ASTRAY):
        yield Fault(f"redemption {code_hash.hex()}", "its code, batch, campaign and player do not belong together")


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


def _paid_once(books: Books) -> Iterator[Fault]:
    worthless = [(campaign_id, version) for campaign_id, version, points in earnings(books) if not points]
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


_counted = select(Code.batch_id, func.count().label("codes")).group_by(Code.batch_id).subquery()
_codes = func.coalesce(_counted.c.codes, 0)
_WRONG_COUNT = (
    select(Batch.id, Batch.codes_count, _codes)
    .outerjoin(_counted, _counted.c.batch_id == Batch.id)
    .where(Batch.codes_count != _codes)
)
_NO_BATCH = select(_counted.c.batch_id).where(~exists().where(Batch.id == _counted.c.batch_id))


def _batch_counts(books: Books) -> Iterator[Fault]:
    for batch_id, cached, count in books.session.execute(_WRONG_COUNT):
        yield Fault(f"batch {batch_id}", f"should hold {cached} codes and holds {count}")
    for batch_id in books.session.scalars(_NO_BATCH):
        yield Fault(f"batch {batch_id}", "has codes but no row of its own")


_day = (Redemption.campaign_id, Redemption.player_id, Redemption.counted_on)
_BUSY_DAYS = select(*_day, func.count()).group_by(*_day).having(func.count() > bindparam("least"))
"""On which more codes were redeemed than the least of all limits."""


def _daily_limit(books: Books) -> Iterator[Fault]:
    limits = {
        campaign_id: max(rules.codes.per_player_per_day for rules in versions.values())
        for campaign_id, versions in books.rules.items()
    }
    least = {"least": min(limits.values(), default=0)}
    for campaign_id, player_id, counted_on, count in books.session.execute(_BUSY_DAYS, least):
        if count > (limit := limits.get(campaign_id, count)):
            yield Fault(f"player {player_id}", f"redeemed {count} codes on {counted_on}; the limit is {limit}")


_winner = (Draw.campaign_id, Draw.player_id)
_won = select(*_winner, func.count()).where(Draw.prize.is_not(None)).group_by(*_winner)
_LUCKY = _won.having(func.count() > bindparam("least"))
"""Who won more prizes than the least of all limits."""


def _wins_limit(books: Books) -> Iterator[Fault]:
    limits: dict[int, int] = {}
    for campaign_id, versions in books.rules.items():
        most = most_allowed(rules.draw.wins_per_player for rules in versions.values() if rules.draw)
        if most is not None:
            limits[campaign_id] = most
    if not limits:
        return
    for campaign_id, player_id, count in books.session.execute(_LUCKY, {"least": min(limits.values())}):
        if count > (limit := limits.get(campaign_id, count)):
            yield Fault(f"player {player_id}", f"won {count} prizes; the limit is {limit}")


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
        draws = [rules.draw for rules in versions.values() if rules.draw]
        if len(draws) < len(versions):
            continue  # a code of a version without a draw is never rolled for
        below = {
            "campaign_id": campaign_id,
            "rolls_a_day": min(draw.per_player_per_day or _UNLIMITED for draw in draws),
            "wins": min(draw.wins_per_player or _UNLIMITED for draw in draws),
        }
        for code_hash in books.session.scalars(_NOT_ROLLED, below):
            yield Fault(f"redemption {code_hash.hex()}", "has no draw, and no limit took it away")


CHECKS = (
    Check("every redemption belongs to its code's batch and campaign", _belonging),
    Check("every redemption is paid by exactly one of prize and points", _paid_once),
    Check("every draw is the draw of its redemption", _draw_belongs),
    Check("every batch holds the codes that it was issued with", _batch_counts),
    Check("nobody redeemed more codes a day than the limit", _daily_limit),
    Check("nobody won more prizes than the limit", _wins_limit),
    Check("every redemption was rolled for unless a limit was reached", _rolled),
)
