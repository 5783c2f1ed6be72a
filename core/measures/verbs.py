"""Verbs about measures: what a campaign came to, what each number means, and counting its days anew."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field
from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, Column, Line, Table, Value, line, said
from core.arguments import Arguments, Given, NoArguments
from core.campaign.live import LiveCampaign
from core.campaign.platforms import channel_called
from core.campaign.rules import Rules
from core.database import read_only
from core.engine.runtime import Runtime
from core.measures.chart import link_to
from core.measures.comparison import FEW, Asked, Compared, Stretch, change, compare, shown
from core.measures.days import A_DAY
from core.measures.figures import Counts
from core.measures.measure import Sum
from core.measures.rollup import rebuild
from core.operators import Misspoken, Role, VerbRefused
from core.places import place_named
from core.times import local_day
from core.verbs import Desk, Group, Verb

_WHOLE = 100

_CALLED: dict[Stretch, tuple[str, ...]] = {
    "day": ("day", "today", "日", "今天", "今日", "天"),
    "yesterday": ("yesterday", "昨天", "昨日"),
    "week": ("week", "周", "本周", "一周", "星期"),
    "month": ("month", "月", "本月", "一个月"),
    "since": ("since", "all", "全部", "开始", "至今", "总"),
}
_STRETCHES = {word: stretch for stretch, words in _CALLED.items() for word in words}


class _Stats(Arguments):
    about: Annotated[tuple[str, ...], Given.IN_PLACE] = Field(
        (),
        description="A campaign, a stretch of time and a channel; each may be left out.",
        examples=["week"],
    )


def _stats(desk: Desk, given: _Stats) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        campaign, stretch, channel = _meant(desk, session, given.about)
        return Answer(told(desk.runtime, session, campaign, Asked(campaign.id, stretch, channel, desk.at)))


def told(runtime: Runtime, session: Session, campaign: LiveCampaign, asked: Asked) -> list[AnswerPart]:
    """What ``campaign`` came to, as it was ``asked``, beside the same stretch before, with a chart of its days."""
    mechanics, rules, zone = runtime.mechanics, campaign.rules, campaign.rules.zone
    found = compare(Counts(session, mechanics.sections, mechanics.measures), campaign, asked)
    which = {"day": str(local_day(asked.at, zone) - A_DAY)} if asked.stretch == "yesterday" else {}
    rows = [_row(each, rules) for each in found.lines]
    return [
        line(_TITLES[asked.stretch], campaign=rules.name, channel=asked.channel or "all channels", **which),
        Table("measures", (Column("measure"), Column("now"), Column("before"), Column("compared")), rows),
        *_biggest(found.lines),
        line("As of {at} ({zone}).", at=f"{asked.at.astimezone(zone):%Y-%m-%d %H:%M}", zone=zone.key),
        link_to(runtime.keys, found),
    ]


_TITLES: dict[Stretch, str] = {
    "day": "{campaign}, {channel}: today so far, beside the same hours a week before.",
    "yesterday": "{campaign}, {channel}: yesterday, {day}, beside the same day of the week before.",
    "week": "{campaign}, {channel}: the last 7 days, beside the 7 before.",
    "month": "{campaign}, {channel}: the last 28 days, beside the 28 before.",
    "since": "{campaign}, {channel}: since it opened.",
}


def _row(each: Compared, rules: Rules) -> tuple[Value, ...]:
    measure = each.measure
    if each.before is None:
        return measure.name, shown(measure, rules, each.now), None, None
    before = shown(measure, rules, each.before)
    return measure.name, shown(measure, rules, each.now), before, change(measure, rules, each.now, each.before)


def _biggest(lines: Sequence[Compared]) -> list[Line]:
    """One sentence about the biggest change, of those of which there were enough to say so."""
    changes = [(each.now - before, before, each) for each in lines if (before := each.before or 0) >= FEW]
    by, before, most = max(changes, key=lambda one: abs(one[0]) / one[1], default=(0, 1, None))
    if most is None or by == 0:
        return []
    sentence = "The biggest change: {measure}, {percent} % more." if by > 0 else _FEWER
    return [line(sentence, measure=most.measure.name, percent=round(abs(by) / before * _WHOLE))]


_FEWER = "The biggest change: {measure}, {percent} % fewer."


def _meant(desk: Desk, session: Session, words: Sequence[str]) -> tuple[LiveCampaign, Stretch, str | None]:
    """What is asked about, in any order. Raises Misspoken for a word that is nothing of it, or two of a kind."""
    campaigns = list(desk.runtime.shelf.read(session).values())
    named = {each.rules.name: each for each in campaigns}
    channels = {place_named(name).channel for each in campaigns for name in each.rules.channels}
    about, stretches, places = list[LiveCampaign](), list[Stretch](), list[str]()
    for word in words:
        plain = word.casefold()
        if plain in named:
            about.append(named[plain])
        elif plain in _STRETCHES:
            stretches.append(_STRETCHES[plain])
        elif (channel := channel_called(plain)) in channels:
            places.append(channel)
        else:
            raise Misspoken(_NOTHING_OF_IT, word=word)
        if max(len(about), len(stretches), len(places)) > 1:
            raise Misspoken("{word} is one too many; ask about one of them at a time", word=word)
    campaign = about[0] if about else only_one(campaigns)
    return campaign, stretches[0] if stretches else "day", places[0] if places else None


_NOTHING_OF_IT = "{word} is no campaign, no channel and no stretch of time; say day, yesterday, week, month or since"


def only_one(campaigns: Sequence[LiveCampaign]) -> LiveCampaign:
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
        more="In any order: a campaign; day, yesterday, week, month or since; a channel. Today is as of this moment.",
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
