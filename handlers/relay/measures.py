"""What the relay comes to, and its words for segments and for what follow-ups count from."""

from collections.abc import Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.context import TurnRows
from core.measures.measure import ALL_CHANNELS, Counting, Measure, Period, Sum, happened
from core.models import Player
from core.segments.facts import Facts
from core.segments.words import Happening, Number, Predicate, since_then
from core.triggers import Occurrence, Trigger
from handlers.relay.events import Lit, WentOut
from handlers.relay.load import RelayRows, load_torches_of
from handlers.relay.rules import RelayRules
from handlers.relay.tables import Torch

_HELD = Facts(Torch.player_id, Torch.granted_at)
_LIT = Facts(Torch.player_id, Torch.lit_at, (Torch.state == "lit",))
_UNLIT = Facts(Torch.player_id, Torch.ends_at, (Torch.state == "unlit",))


def _no_torches(rules: Rules, why: Line) -> Line | None:
    return None if rules.section(RelayRules) else why


def _no_audience(rules: Rules) -> Line | None:
    return _no_torches(rules, remedy("there are no torches; choose everybody, or add relay"))


def _no_event(rules: Rules) -> Line | None:
    return _no_torches(rules, remedy("there are no torches; add relay, or choose another event"))


def _no_reason(rules: Rules, after: str) -> Line | None:
    at_once = remedy("at torch lit everybody has lit a torch; remove lit") if after == "torch lit" else None
    return _no_torches(rules, remedy("there are no torches; remove lit, or add relay")) or at_once


def _nothing(rules: Rules) -> Line | None:
    return _no_torches(rules, remedy("there are no torches; remove it, or add relay"))


AMBASSADORS = Predicate(
    name="ambassadors",
    also=("ambassador", "has torch", "has a torch", "had a torch", "has torches"),
    chinese=("有火炬", "火炬", "火炬手", "有过火炬"),
    says="Was given a torch, whatever became of it.",
    absent=_nothing,
    where=lambda asked: _HELD.exist_since(asked.since, asked.sums),
    check=since_then,
    latest=_HELD.latest(),
    lasts=True,
    as_audience=_no_audience,
)
LIT = Predicate(
    name="lit",
    where=lambda asked: _LIT.exist_since(asked.since, asked.sums),
    check=since_then,
    latest=_LIT.latest(),
    lasts=True,
    as_reason=_no_reason,
    as_audience=_no_audience,
)
UNLIT = Predicate(
    name="unlit",
    also=("torch unlit", "has an unlit torch"),
    chinese=("火炬未点亮", "火炬待点亮"),
    says="Holds a torch that waits for a friend.",
    absent=_nothing,
    where=lambda asked: _UNLIT.exist(Torch.ends_at > asked.at, sums=asked.sums),
    check=lambda seen, asked: seen.latest is not None and seen.latest > asked.at,
    latest=_UNLIT.latest(),
    as_audience=_no_audience,
)

SEGMENTS = (
    AMBASSADORS,
    UNLIT,
    Happening(
        name="lit",
        also=("lit a torch", "torch lit"),
        chinese=("点亮火炬", "点亮过火炬", "火炬已点亮"),
        says="A friend lit their torch.",
        absent=_nothing,
        facts=_LIT,
        bare=LIT,
    ),
    Number(
        name="torches",
        chinese=("火炬数",),
        says="How many torches they were given.",
        absent=_nothing,
        facts=_HELD,
        units=("torches", "把", "个"),
    ),
)


def _load(session: Session, rows: TurnRows, people: Mapping[int, Player]) -> None:
    load_torches_of(session, rows, people)


def _lit(rows: TurnRows, player: Player) -> Iterator[Occurrence]:
    for torch in rows.of(RelayRows).torches.get(player.id, ()):
        if torch.lit_at is not None:
            yield Occurrence(torch.campaign_id, torch.player_id, torch.lit_at, torch.number)


def _out(rows: TurnRows, player: Player) -> Iterator[Occurrence]:
    for torch in rows.of(RelayRows).torches.get(player.id, ()):
        if torch.state == "out":
            yield Occurrence(torch.campaign_id, torch.player_id, torch.ends_at, torch.number)


def _occurred(event: Lit | WentOut) -> Occurrence:
    return Occurrence(event.torch.campaign_id, event.torch.player_id, event.at, event.torch.number)


TRIGGERS = (
    Trigger(name="torch lit", event=Lit, occurred=_occurred, before=_lit, load=_load, misplaced=_no_event),
    # A friend who had been received in time may light it after it went out.
    Trigger(
        name="torch out",
        event=WentOut,
        occurred=_occurred,
        before=_out,
        load=_load,
        misplaced=_no_event,
        undone=LIT,
    ),
)


def _relays(rules: Rules) -> bool:
    return rules.section(RelayRules) is not None


def _waiting(period: Period) -> Counting:
    mine = (Torch.state == "unlit", Torch.campaign_id == period.campaign_id)
    return Counting(select(ALL_CHANNELS).select_from(Torch).where(*mine))


MEASURES = (
    Measure(
        name="torches granted",
        chinese="发出火炬",
        says="Torches that players were given, relit ones included.",
        counts=happened(Torch.player_id, Torch.granted_at),
        told=_relays,
    ),
    Measure(
        name="torches lit",
        chinese="点亮火炬",
        says="Torches that a friend lit in time, by when the friend came.",
        counts=happened(Torch.player_id, Torch.lit_at, Torch.state == "lit"),
        told=_relays,
    ),
    Measure(
        name="torches burning",
        chinese="燃烧火炬",
        says="Torches that are lit, all that ever were.",
        counts=happened(Torch.player_id, Torch.lit_at, Torch.state == "lit"),
        sum=Sum.BALANCE,
        told=_relays,
    ),
    Measure(
        name="torches waiting",
        chinese="待点火炬",
        says="Torches that wait for a friend at this moment.",
        counts=_waiting,
        sum=Sum.STANDING,
        by_channel=False,
        kept=False,
        told=_relays,
    ),
)
