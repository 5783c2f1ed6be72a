"""Guesses: whoever sends wrong codes and words has few tries a day, and everybody fewer under attack."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import bulk, lists
from core.campaign.grammar import Tries
from core.context import Context, TurnRows
from core.models import Guesses
from core.models.base import table_of

EVERYBODY = 0
"""The scope of wrong guesses that counts those of all campaigns."""

_WRONG = (
    select(Guesses.scope, func.sum(Guesses.wrong))
    .where(lists.among(Guesses.scope, "scopes"), lists.among(Guesses.hour, "hours"))
    .group_by(Guesses.scope)
)


@dataclass(slots=True)
class GuessRows:
    """Wrong guesses of this hour by scope."""

    wrong: dict[int, int] = field(default_factory=dict)
    """Those of this turn included."""
    new: dict[int, int] = field(default_factory=lambda: defaultdict(int))


def load_guesses(session: Session, rows: TurnRows, hours: Iterable[int]) -> None:
    """What everybody, and the players of each campaign, guessed wrong in these hours. One query."""
    named = {"scopes": [EVERYBODY, *rows.campaigns], "hours": sorted(set(hours))}
    rows.of(GuessRows).wrong.update((scope, int(wrong)) for scope, wrong in session.execute(_WRONG, named))


def save_guesses(session: Session, rows: TurnRows, hour: int) -> None:
    """Add what was guessed wrong in this turn."""
    if new := rows.of(GuessRows).new:
        counted = [{"scope": scope, "hour": hour, "wrong": wrong} for scope, wrong in sorted(new.items())]
        bulk.add_up(session, table_of(Guesses), counted, "wrong")


def _tries_allowed(ctx: Context) -> int:
    """Under attack everybody has fewer tries, so nobody honest is locked out and many senders gain little."""
    wrong, limits = ctx.rows.of(GuessRows).wrong, ctx.campaign.rules.tries if ctx.campaign else Tries()
    attacked = wrong.get(EVERYBODY, 0) >= ctx.rows.wrong_per_hour or (
        ctx.campaign is not None and wrong.get(ctx.campaign.id, 0) >= limits.per_hour
    )
    return min(limits.under_attack, limits.per_day) if attacked else limits.per_day


def locked_out(ctx: Context) -> bool:
    """Whether the sender has had too many wrong codes and words today."""
    address, today = ctx.address, ctx.today()
    if address.wrong_on is None or address.wrong_on < today:
        return False
    return address.wrong_tries >= _tries_allowed(ctx)


def count_wrong_guess(ctx: Context, length: int) -> None:
    """Count against the sender, and against every campaign here whose codes look like this one."""
    address, today, rows = ctx.address, ctx.today(), ctx.rows.of(GuessRows)
    if address.wrong_on is None or address.wrong_on < today:
        address.wrong_on, address.wrong_tries = today, 0
    address.wrong_tries += 1
    meant = {
        campaign.id
        for campaign in ctx.rows.campaigns.values()
        if campaign.rules.plays_at(ctx.message.place) and length in {shape[0] for shape in campaign.code_formats}
    }
    for scope in {EVERYBODY, *meant}:
        rows.wrong[scope] = rows.wrong.get(scope, 0) + 1
        rows.new[scope] += 1
