"""Checks of limits: codes a day, wins a player, and no redemption without its roll unless a limit took the roll.

A limit may change with a new version and a row does not always say which version it met, so each check allows what
any version allowed.
"""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.published import published_rules
from core.models import Draw, Player, Redemption
from core.models.players import ROOT


def _daily_limit(books: Books) -> Iterator[Fault]:
    day = (Redemption.player_id, Redemption.counted_on)
    for campaign_id, versions in published_rules(books).items():
        limit = max(rules.codes.per_player_per_day for rules in versions.values())
        counted = select(*day, func.count()).where(Redemption.campaign_id == campaign_id).group_by(*day)
        for player_id, counted_on, count in books.session.execute(counted.having(func.count() > limit)):
            yield Fault(f"player {player_id}", f"redeemed {count} codes on {counted_on}; the limit is {limit}")


def _wins_limit(books: Books) -> Iterator[Fault]:
    for campaign_id, versions in published_rules(books).items():
        limits = [rules.draw.wins_per_player for rules in versions.values() if rules.draw]
        known = [limit for limit in limits if limit is not None]
        if not known or len(known) < len(limits):
            continue
        won = select(Draw.player_id, func.count()).where(Draw.campaign_id == campaign_id, Draw.prize.is_not(None))
        too_often = won.group_by(Draw.player_id).having(func.count() > max(known))
        for player_id, count in books.session.execute(too_often):
            yield Fault(f"player {player_id}", f"won {count} prizes; the limit is {max(known)}")


def _rolled(books: Books) -> Iterator[Fault]:
    for campaign_id, versions in published_rules(books).items():
        draws = [rules.draw for rules in versions.values() if rules.draw]
        if len(draws) < len(versions):
            continue  # a code of a version without a draw is never rolled for
        rolls = (
            select(ROOT.label("player_id"), Redemption.counted_on, func.count().label("count"))
            .select_from(Redemption)
            .join(Draw, Draw.code_hash == Redemption.code_hash)
            .join(Player, Player.id == Redemption.player_id)
            .where(Redemption.campaign_id == campaign_id)
            .group_by(ROOT, Redemption.counted_on)
            .subquery()
        )
        winner = aliased(Player)
        same_day = (rolls.c.player_id == ROOT) & (rolls.c.counted_on == Redemption.counted_on)
        statement = (
            select(Redemption.code_hash)
            .outerjoin(Draw, Draw.code_hash == Redemption.code_hash)
            .outerjoin(Player, Player.id == Redemption.player_id)
            .outerjoin(rolls, same_day)
            .outerjoin(winner, winner.id == ROOT)
            .where(Redemption.campaign_id == campaign_id, Draw.code_hash.is_(None))
        )
        if daily := [draw.per_player_per_day for draw in draws if draw.per_player_per_day is not None]:
            statement = statement.where(func.coalesce(rolls.c.count, 0) < min(daily))
        if wins := [draw.wins_per_player for draw in draws if draw.wins_per_player is not None]:
            statement = statement.where(func.coalesce(winner.wins, 0) < min(wins))
        for (code_hash,) in books.session.execute(statement):
            yield Fault(f"redemption {code_hash.hex()}", "has no draw, and no limit took it away")


CHECKS = (
    Check("nobody redeemed more codes a day than the limit", _daily_limit),
    Check("nobody won more prizes than the limit", _wins_limit),
    Check("every redemption was rolled for unless a limit was reached", _rolled),
)
