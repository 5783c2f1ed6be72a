"""Checks of limits: codes a day, wins a player, and no redemption without its roll unless a limit took the roll.

A limit may change with a new version and a row does not always say which version it met, so each check allows what
any version allowed.
"""

from collections.abc import Iterator

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.published import most_allowed
from core.models import Draw, Player, Redemption
from core.models.players import ROOT

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
    Check("nobody redeemed more codes a day than the limit", _daily_limit),
    Check("nobody won more prizes than the limit", _wins_limit),
    Check("every redemption was rolled for unless a limit was reached", _rolled),
)
