"""What claims come to, and their word for segments."""

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.measures.measure import Measure, happened
from core.segments.facts import Facts
from core.segments.words import Choice, Happening, Predicate, Values
from handlers.claims.tables import Claim

_OPEN = Facts(Claim.player_id, Claim.opened_at, (Claim.state == "open",))


def _claimed(rules: Rules) -> bool:
    return any(item.claim for _, item in rules.goods())


def _no_reason(rules: Rules, after: str) -> Line | None:
    if after != "win":
        return remedy("claimed goes with: after win; use another")
    return None if _claimed(rules) else remedy("nothing is claimed here; give a prize a claim, or use another")


def _nothing(rules: Rules) -> Line | None:
    return None if _claimed(rules) else remedy("nothing is claimed here; give a prize a claim, or remove it")


def _goods(rules: Rules) -> Values:
    return {item.name: (item.name, *item.title.each) for _, item in rules.goods() if item.claim}


_RECEIVED = Facts(Claim.player_id, Claim.closed_at, (Claim.state == "received",), item=Claim.item)
_CLAIMS = Facts(Claim.player_id, Claim.opened_at, item=Claim.state)
_STATES: Values = {
    "open": ("待填写", "待领"),
    "ready": ("待发放", "待寄"),
    "shipped": ("已寄出",),
    "received": ("已收到", "已领"),
    "lapsed": ("已过期",),
    "cancelled": ("已取消",),
}

SEGMENTS = (
    Happening(
        name="received",
        also=("received a prize", "received prizes"),
        chinese=("领过奖", "收到过", "收到过奖品"),
        says="Received a prize or gift that was claimed.",
        absent=_nothing,
        facts=_RECEIVED,
        things=_goods,
    ),
    Choice(
        name="claim",
        also=("claims", "claim state"),
        chinese=("领奖", "领奖状态"),
        says="How far their claims are.",
        absent=_nothing,
        facts=_CLAIMS,
        values=_STATES,
    ),
    Predicate(
        name="claimed",
        chinese=("没有待领奖品", "无待领奖品"),
        says="Has no prize or gift that waits to be claimed.",
        where=lambda asked: ~_OPEN.exist(sums=asked.sums),
        check=lambda seen, _: seen.latest is None,
        latest=_OPEN.latest(),
        as_reason=_no_reason,
    ),
)

MEASURES = (
    Measure(
        name="claims opened",
        chinese="待领奖品",
        says="Prizes and gifts that began to be claimed.",
        counts=happened(Claim.player_id, Claim.opened_at),
        told=_claimed,
    ),
    Measure(
        name="claims delivered",
        chinese="已领奖品",
        says="Prizes and gifts that have reached their players, by when they did.",
        counts=happened(Claim.player_id, Claim.closed_at, Claim.state == "received"),
        told=_claimed,
    ),
)
