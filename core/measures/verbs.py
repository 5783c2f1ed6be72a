"""Verbs about measures: what a campaign came to, what each number means, and counting its days anew."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal, NamedTuple

from pydantic import Field
from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, Column, Line, Table, Value, line, said
from core.arguments import Arguments, Given, NoArguments
from core.campaign.live import LiveCampaign
from core.campaign.rules import Rules
from core.database import read_only
from core.measures.figures import Counts, Span, figures
from core.measures.measure import Measure, Sum, Unit
from core.measures.rollup import rebuild
from core.operators import Role, VerbRefused
from core.places import place_named
from core.times import local_day
from core.verbs import Desk, Group, Verb

LINES = (
    "players joined",
    "active players",
    "codes redeemed",
    "prizes won",
    "points given",
    "friends brought in",
    "torches lit",
    "gifts bought",
    "claims delivered",
    "messages heard",
    "texts sent",
    "cost of texts",
    "opted out",
)
"""What is told, as far as a campaign has it: the first eight."""
MOST_LINES = 8
FEW = 20
"""A change of fewer than these is told by its number, as a per cent of it says nothing."""
_WHOLE = 100
_A_WEEK = timedelta(days=7)

Stretch = Literal["day", "week", "month", "since"]
_CALLED: dict[Stretch, tuple[str, ...]] = {
    "day": ("day", "today", "日", "今天", "今日", "天"),
    "week": ("week", "周", "本周", "一周", "星期"),
    "month": ("month", "月", "本月", "一个月"),
    "since": ("since", "all", "全部", "开始", "至今", "总"),
}
_STRETCHES = {word: stretch for stretch, words in _CALLED.items() for word in words}
_DAYS: dict[Stretch, int] = {"day": 1, "week": 7, "month": 28}
"""Whole weeks, so that it has the same days of the week as the stretch before."""


class _Stats(Arguments):
    about: Annotated[tuple[str, ...], Given.IN_PLACE] = Field(
        (),
        description="A campaign, day, week, month or since, and a channel; each may be left out.",
        examples=["week"],
    )


class _Asked(NamedTuple):
    campaign: LiveCampaign
    stretch: Stretch
    channel: str | None


def _stats(desk: Desk, given: _Stats) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        asked = _asked(desk, session, given.about)
        return Answer(told(desk, session, asked.campaign, asked.stretch, asked.channel))


def told(
    desk: Desk, session: Session, campaign: LiveCampaign, stretch: Stretch, channel: str | None = None
) -> list[AnswerPart]:
    """What a campaign came to, beside the same stretch before."""
    measures, zone = desk.runtime.mechanics.measures, campaign.rules.zone
    shown = [measures[name] for name in LINES if measures[name].told(campaign.rules)]
    if channel is not None:
        shown = [each for each in shown if each.by_channel]
    shown = shown[:MOST_LINES]
    books = Counts(session, desk.runtime.mechanics.sections, measures)
    today, names = local_day(desk.at, zone), [each.name for each in shown]
    days = _DAYS.get(stretch)
    first = today - timedelta(days=days - 1) if days else local_day(campaign.published.opens_at, zone)
    span = Span(min(first, today), desk.at)
    now = figures(books, campaign, span, names, channel)
    before = figures(books, campaign, span.before(max(_A_WEEK, timedelta(days=days))), names, channel) if days else {}
    rows = [_row(each, campaign.rules, now[each.name], before.get(each.name)) for each in shown]
    return [
        line(_TITLES[stretch], campaign=campaign.rules.name, channel=channel or "all channels"),
        Table("measures", (Column("measure"), Column("now"), Column("before"), Column("compared")), rows),
        *_biggest(shown, now, before),
        line("As of {at} ({zone}).", at=f"{desk.at.astimezone(zone):%Y-%m-%d %H:%M}", zone=zone.key),
    ]


_TITLES: dict[Stretch, str] = {
    "day": "{campaign}, {channel}: today so far, beside the same hours a week before.",
    "week": "{campaign}, {channel}: the last 7 days, beside the 7 before.",
    "month": "{campaign}, {channel}: the last 28 days, beside the 28 before.",
    "since": "{campaign}, {channel}: since it opened.",
}


def _row(measure: Measure, rules: Rules, now: int, before: int | None) -> tuple[Value, ...]:
    return (
        measure.name,
        shown(measure, rules, now),
        None if before is None else shown(measure, rules, before),
        None if before is None else _change(measure, rules, now, before),
    )


def shown(measure: Measure, rules: Rules, value: int) -> int | str:
    """A value as people read it; money with its currency, where the file names one."""
    if measure.unit in {Unit.COUNT, Unit.POINTS}:
        return value
    money = rules.points.worth or rules.budget
    cents = value if measure.unit is Unit.CENTS else round(value / 10_000)
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // _WHOLE}.{abs(cents) % _WHOLE:02} {money.currency if money else ''}".rstrip()


def _change(measure: Measure, rules: Rules, now: int, before: int) -> str:
    if now == before:
        return "="
    arrow, by = ("▲" if now > before else "▼"), abs(now - before)
    if abs(before) < FEW:
        return f"{arrow} {shown(measure, rules, by)}"
    return f"{arrow} {by * _WHOLE / abs(before):.0f} %"


def _biggest(shown_: Sequence[Measure], now: dict[str, int], before: dict[str, int]) -> list[Line]:
    """One sentence about the biggest change, of those of which there were enough to say so."""
    changes = [
        (abs(now[each.name] - before[each.name]) / before[each.name], each)
        for each in shown_
        if before.get(each.name, 0) >= FEW and now[each.name] != before[each.name]
    ]
    if not changes:
        return []
    share, measure = max(changes, key=lambda change: change[0])
    more = now[measure.name] > before[measure.name]
    sentence = "The biggest change: {measure}, {percent} % more." if more else _FEWER
    return [line(sentence, measure=measure.name, percent=round(share * _WHOLE))]


_FEWER = "The biggest change: {measure}, {percent} % fewer."


def _asked(desk: Desk, session: Session, words: Sequence[str]) -> _Asked:
    """What is asked about, in any order. Raises VerbRefused for a word that is nothing of it, or two of a kind."""
    campaigns = list(desk.runtime.shelf.read(session).values())
    named = {each.rules.name: each for each in campaigns}
    channels = {place_named(name).channel for each in campaigns for name in each.rules.channels}
    phrases = desk.runtime.mechanics.phrases()
    called = {phrases.say(channel, language): channel for channel in channels for language in ("zh", "en")}
    about, stretches, places = list[LiveCampaign](), list[Stretch](), list[str]()
    for word in words:
        plain = word.casefold()
        if plain in named:
            about.append(named[plain])
        elif plain in _STRETCHES:
            stretches.append(_STRETCHES[plain])
        elif plain in called:
            places.append(called[plain])
        else:
            raise VerbRefused(
                "{word} is no campaign, no channel and no stretch of time; say day, week, month or since", word=word
            )
        if max(len(about), len(stretches), len(places)) > 1:
            raise VerbRefused("{word} is one too many; ask about one of them at a time", word=word)
    campaign = about[0] if about else _only(campaigns)
    return _Asked(campaign, stretches[0] if stretches else "day", places[0] if places else None)


def _only(campaigns: Sequence[LiveCampaign]) -> LiveCampaign:
    """The one that is meant when none is named: the one that goes on, or the only one."""
    going_on = [each for each in campaigns if each.state != "ended"]
    meant = going_on if len(going_on) == 1 or not campaigns else campaigns if len(campaigns) == 1 else going_on
    if not campaigns:
        raise VerbRefused("there is no campaign yet")
    if len(meant) != 1:
        names = ", ".join(each.rules.name for each in meant or campaigns)
        raise VerbRefused("say which campaign: {names}", names=names)
    return meant[0]


_SUMS = {
    Sum.FLOW: "days add up",
    Sum.BALANCE: "what there is",
    Sum.DISTINCT: "mean of days",
    Sum.STANDING: "at this moment",
}


def _list(desk: Desk, _given: NoArguments) -> Answer:
    columns = (Column("measure"), Column("in Chinese"), Column("what it counts"), Column("unit"), Column("over days"))
    rows = [
        (each.name, each.chinese, each.says, each.unit.value, _SUMS[each.sum])
        for each in desk.runtime.mechanics.measures.values()
    ]
    return Answer([Table("measures", columns, rows)])


class _Rebuild(Arguments):
    campaign: str = Field(description="The name of a campaign.", examples=["snack"])


def _rebuild(desk: Desk, given: _Rebuild) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        found = {each.rules.name: each.id for each in desk.runtime.shelf.read(session).values()}
    if given.campaign not in found:
        raise VerbRefused("there is no campaign {campaign}", campaign=given.campaign)
    days = rebuild(desk.runtime, found[given.campaign], desk.at)
    return said("Counted {days} days of {campaign} anew.", days=days, campaign=given.campaign)


_STATS = Group("stats", "Show what a campaign came to, beside the week before.")
_MEASURES = Group("measures", "Look at what each number counts, and count days anew.")
VERBS = (
    Verb(
        group=_STATS,
        chinese="统计",
        aliases=("数据",),
        role=Role.AUDITOR,
        says=_STATS.says,
        more="In any order: a campaign; day, week, month or since; a channel. Today is counted at this moment.",
        takes=_Stats,
        act=_stats,
    ),
    Verb(
        group=_MEASURES,
        word="list",
        chinese="指标",
        role=Role.AUDITOR,
        says="Show every number that is told of campaigns, and what it counts.",
        takes=NoArguments,
        act=_list,
    ),
    Verb(
        group=_MEASURES,
        word="rebuild",
        chinese="重算指标",
        role=Role.OPERATOR,
        says="Count all days of a campaign anew, from the rows themselves; what was right stays as it is.",
        takes=_Rebuild,
        act=_rebuild,
        changes=True,
        final="what was counted is what the rows say",
        long=True,
    ),
)
