"""What codes come to, and their words for segments and for what follow-ups count from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import lists
from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.context import TurnRows
from core.measures.measure import ALL_CHANNELS, Counting, Measure, Period, happened
from core.models import Guesses, Player, Transfer
from core.models.players import ROOT
from core.segments.facts import Facts
from core.segments.words import Happening, Number, Predicate
from core.times import hour_number
from core.triggers import Occurrence, Trigger
from handlers.codes.events import Redeemed
from handlers.codes.tables import Redemption


def _no_codes(rules: Rules, why: Line) -> Line | None:
    return None if rules.takes_codes() else why


def _no_reason(_rules: Rules, after: str) -> Line | None:
    told = "at {event} everybody has redeemed a code; use spoke"
    return remedy(told, event=after) if after in {"first code", "win"} else None


def _nothing(rules: Rules) -> Line | None:
    return _no_codes(rules, remedy("no code brings anything here; remove it"))


_REDEEMED = Facts(Redemption.player_id, Redemption.at)

SEGMENTS = (
    Happening(
        name="redeemed",
        also=("redeemed a code", "redeemed codes"),
        chinese=("兑过码", "兑码", "兑过奖码", "兑换过"),
        says="Redeemed a code.",
        absent=_nothing,
        facts=_REDEEMED,
        bare=Predicate(
            name="redeemed",
            where=lambda _: Player.redeemed_on.is_not(None),
            check=lambda seen, _: seen.player.redeemed_on is not None,
            lasts=True,
            as_reason=_no_reason,
        ),
    ),
    Number(
        name="codes",
        also=("number of codes",),
        chinese=("兑码数", "码数"),
        says="How many codes they have redeemed.",
        absent=_nothing,
        facts=_REDEEMED,
        units=("codes", "个"),
    ),
    Predicate(
        name="never redeemed",
        chinese=("从未兑码", "从没兑过码", "没兑过码的"),
        says="Has never redeemed a code.",
        where=lambda _: Player.redeemed_on.is_(None),
        check=lambda seen, _: seen.player.redeemed_on is None,
        as_audience=lambda rules: _no_codes(rules, remedy("no code brings anything here; choose everybody")),
    ),
)

_BROUGHT = (
    select(ROOT, Transfer.reason, Transfer.at)
    .join(Player, Player.id == Transfer.owner_id)
    .where(lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids"), Transfer.reason.in_(["code", "won"]))
    .order_by(Transfer.at)
)
"""Redemptions are not found by player, transfers are."""


@dataclass(slots=True)
class CodeHistory:
    """What codes brought so far."""

    brought: dict[int, list[tuple[str, datetime]]] = field(default_factory=dict)
    """By player, in order of time: "code" for points, "won" for a prize."""


def load_history(session: Session, rows: TurnRows, people: Mapping[int, Player]) -> None:
    """What the codes of these players brought. One query."""
    mine = rows.of(CodeHistory).brought
    for root, reason, at in session.execute(_BROUGHT, {"ids": list(people)}):
        mine.setdefault(root, []).append((reason, at))


def _first(redeemed: Redeemed) -> Occurrence | None:
    player = redeemed.player
    return Occurrence(player.campaign_id, player.id, redeemed.at) if redeemed.first else None


def _before(rows: TurnRows, player: Player) -> Iterator[Occurrence]:
    for _, at in rows.of(CodeHistory).brought.get(player.id, ())[:1]:
        yield Occurrence(player.campaign_id, player.id, at)


TRIGGERS = (
    Trigger(
        name="first code",
        event=Redeemed,
        occurred=_first,
        before=_before,
        load=load_history,
        misplaced=lambda rules: _no_codes(rules, remedy("no code brings anything here; choose another event")),
    ),
)

_NEARLY_AN_HOUR = timedelta(hours=1, microseconds=-1)


def _wrong(period: Period) -> Counting:
    """Guesses are kept by hour: an hour counts where it begins."""
    first, end = (hour_number(instant + _NEARLY_AN_HOUR) for instant in (period.since, period.until))
    mine = (Guesses.scope == period.campaign_id, Guesses.hour >= first, Guesses.hour < end)
    return Counting(select(ALL_CHANNELS).select_from(Guesses).where(*mine), value=func.sum(Guesses.wrong))


MEASURES = (
    Measure(
        name="codes redeemed",
        chinese="兑换码",
        says="Codes that were redeemed, each once.",
        counts=happened(Redemption.player_id, Redemption.at),
        told=lambda rules: rules.takes_codes(),
    ),
    Measure(
        name="wrong codes",
        chinese="错码",
        says="Texts that looked like a code of this campaign and were none, by the hour in which they were sent.",
        counts=_wrong,
        by_channel=False,
        told=lambda rules: rules.takes_codes(),
    ),
)
