"""What draws come to, and their word for what follow-ups count from."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, literal, select

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.context import TurnRows
from core.measures.measure import ALL_CHANNELS, Counting, Measure, Period, Sum, Unit, happened
from core.models import Player, Transfer
from core.segments.facts import Facts
from core.segments.words import Choice, Happening, Number, Values
from core.triggers import Occurrence, Trigger
from handlers.codes import CodeHistory, load_history
from handlers.draws.events import Won
from handlers.draws.rules import DrawRules, prizes_of
from handlers.draws.tables import Draw, Prize


def _won(won: Won) -> Occurrence:
    return Occurrence(won.player.campaign_id, won.player.id, won.at, won.number)


def _before(rows: TurnRows, player: Player) -> Iterator[Occurrence]:
    wins = [at for reason, at in rows.of(CodeHistory).brought.get(player.id, ()) if reason == "won"]
    for number, at in enumerate(wins, start=1):
        yield Occurrence(player.campaign_id, player.id, at, number)


def _nothing(rules: Rules) -> Line | None:
    return None if rules.section(DrawRules) else remedy("nothing is drawn here; remove it")


def _prizes(rules: Rules) -> Values:
    """By their assets in the ledger."""
    return {f"{Prize.asset}:{prize.name}": (prize.name, *prize.title.each) for prize in prizes_of(rules)}


_WON = Facts(Transfer.owner_id, Transfer.at, (Transfer.reason == "won",), item=Transfer.asset)

SEGMENTS = (
    Happening(
        name="won",
        also=("won a prize", "has won"),
        chinese=("中奖", "中过奖", "中过", "抽中"),
        says="Won a prize in the draw.",
        absent=_nothing,
        facts=_WON,
        things=_prizes,
    ),
    Number(
        name="prizes",
        also=("wins", "prizes won"),
        chinese=("中奖数", "中奖次数"),
        says="How many prizes they have won.",
        absent=_nothing,
        facts=_WON,
        units=("prizes", "个"),
    ),
    Choice(
        name="prize",
        chinese=("奖品",),
        says="Which prizes they have won.",
        absent=_nothing,
        facts=_WON,
        of_rules=_prizes,
    ),
)

TRIGGERS = (
    Trigger(
        name="win",
        event=Won,
        occurred=_won,
        before=_before,
        load=load_history,
        misplaced=lambda rules: (
            None if rules.section(DrawRules) else remedy("nothing is drawn; add draw, or choose another event")
        ),
    ),
)


def _draws(rules: Rules) -> bool:
    return rules.section(DrawRules) is not None


_wins = Draw.prize.is_not(None)


def _worth(period: Period) -> Counting:
    """What a prize was worth by the version under which it was drawn; one without a value is worth nothing."""
    values = [
        (and_(Draw.version == version, Draw.prize == prize.name), prize.value.cents)
        for version, rules in sorted(period.versions.items())
        for prize in prizes_of(rules)
        if prize.value is not None
    ]
    worth = case(*values, else_=0) if values else literal(0)
    return happened(Draw.player_id, Draw.at, _wins, value=worth)(period)


def _left(period: Period) -> Counting:
    mine = Prize.campaign_id == period.campaign_id
    return Counting(select(ALL_CHANNELS).select_from(Prize).where(mine), value=func.sum(Prize.stock_left))


MEASURES = (
    Measure(
        name="draws",
        chinese="抽奖",
        says="Rolls of codes, whether they won or not.",
        counts=happened(Draw.player_id, Draw.at),
        told=_draws,
    ),
    Measure(
        name="prizes won",
        chinese="中奖",
        says="Prizes that codes won; one that nobody claimed and that was drawn again is counted once.",
        counts=happened(Draw.player_id, Draw.at, _wins),
        told=_draws,
    ),
    Measure(
        name="worth of prizes won",
        chinese="中奖金额",
        says="What the prizes that codes won are worth, by the version of the rules under which each was drawn.",
        counts=_worth,
        unit=Unit.CENTS,
        told=_draws,
    ),
    Measure(
        name="prizes left",
        chinese="剩余奖品",
        says="Prizes that are still in stock, all together.",
        counts=_left,
        sum=Sum.STANDING,
        by_channel=False,
        kept=False,
        told=_draws,
    ),
)
