"""What operators do with broadcasts: write one, look at it, try it, send it, hold it, stop it, and read its report."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import bulk, database
from core.answers import (
    Answer,
    AnswerPart,
    ArgumentName,
    Change,
    Column,
    ColumnFormat,
    Reach,
    Table,
    Value,
    Verbatim,
    VerbName,
    line,
    listing,
)
from core.arguments import Arguments, Given, LanguageArgument, NoArguments
from core.campaign.findings import Unfit
from core.campaign.live import LiveCampaign
from core.campaign.quantities import Moment, Money
from core.campaign.unasked import read_quiet
from core.database import read_only
from core.engine.replies import State, say
from core.engine.unit_of_work import unit_of_work
from core.messages import Reply
from core.models import Address, Broadcast, Campaign, OutboundJob
from core.models.base import table_of
from core.operators import Role, VerbRefused
from core.places import Place, overlaps
from core.randomness import new_id
from core.results.conversation import OPT_OUTS
from core.results.result import Tally
from core.sending.outbound import STALE, Category
from core.texts.languages import language_of
from core.texts.previews import whole as untouched
from core.verbs import Desk, Group, Previews, Verb
from handlers.broadcasts import report
from handlers.broadcasts.beginning import begin
from handlers.broadcasts.freezing import members
from handlers.broadcasts.in_files import InFile, in_file, in_files
from handlers.broadcasts.routes import RankedRoute, chosen, counts, routes_of
from handlers.broadcasts.standings import standings
from handlers.broadcasts.versions import Version, its_test, spoken, versions_of

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_AT = re.compile(r"(?:(\d{4})-(\d\d?)-(\d\d?)[T\s]\s*)?(\d\d?):(\d\d)")
_LONGEST = 500
_TO = ("to ", "给", "对")
_SHOWN = 20


def _good_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise PydanticCustomError("name", "write 1 to 32 of a-z, 0-9 and -, beginning with a letter")
    return name


def _good_text(said: str) -> str:
    told = said.strip()
    if not 1 <= len(told) <= _LONGEST or not all(each.isprintable() or each == "\n" for each in told):
        raise PydanticCustomError("text", "give 1 to 500 signs that can be read")
    return told


def _segment(said: str) -> str:
    told = said.strip()
    for begins in _TO:
        told = told.removeprefix(begins).strip()
    return " ".join(told.split())


def _good_hours(said: str | None) -> str | None:
    try:
        return None if said is None else str(read_quiet(said))
    except Unfit:
        raise PydanticCustomError("hours", "write two times of a day, for example 10:00-20:00") from None


NameArgument = Annotated[str, AfterValidator(_good_name)]
TextArgument = Annotated[str, AfterValidator(_good_text)]


class Named(Arguments):
    """A broadcast by its name."""

    name: str = Field(description="What the broadcast is called.", examples=["spring"])


class _New(Arguments):
    name: NameArgument = Field(description="What you call it.", examples=["spring"])
    campaign: str = Field(description="The name of a campaign.", examples=["snack"])
    segment: Annotated[str, AfterValidator(_segment)] = Field(
        description="To whom, in the words of campaign files.", examples=["to everybody"]
    )


class _Text(Named):
    language: Annotated[LanguageArgument | None, Given.BY_NAME] = Field(
        None, description="Of which language of the campaign the text is; by its letters where that is not said."
    )
    text: TextArgument = Field(description="What is said, word for word.", examples=["Double points this weekend!"])


class _Send(Named):
    at: str | None = Field(
        None, description="From when on, in the campaign's zone: 18:00, or 2026-12-02T18:00; without it, at once."
    )
    until: str | None = Field(
        None, description="Until when it is news, in the campaign's zone; without it, for seven days."
    )
    hours: Annotated[str | None, AfterValidator(_good_hours)] = Field(
        None, description="The hours of a day in which it goes, where its readers are: 10:00-20:00."
    )
    channels: Annotated[tuple[str, ...], Given.BY_NAME] = Field(
        (), description="By which channels, in this order; without it, by all of the campaign, the cheapest first."
    )
    edits: int | None = Field(None, description="Only while it was changed so often: what the plan was made of.")


class _Report(Named):
    days: Annotated[int, Field(ge=1, le=30)] = Field(
        2, description="Within how many days after its text what somebody does counts as its result."
    )


def find(session: Session, name: str, *, lock: bool = False) -> Broadcast:
    """The broadcast called ``name``. Raises VerbRefused."""
    named = select(Broadcast).where(Broadcast.name == name)
    found = session.scalars(database.locked(named, Broadcast.id, Broadcast) if lock else named).one_or_none()
    if found is None:
        raise VerbRefused("there is no broadcast {name}; {verb} lists them", name=name, verb=VerbName("broadcast"))
    return found


def draft(session: Session, name: str, *, lock: bool = True) -> Broadcast:
    """The broadcast called ``name``, which was not confirmed yet. Raises VerbRefused."""
    found = find(session, name, lock=lock)
    if found.state != "draft":
        raise VerbRefused("{name} was confirmed before, and stays as it is", name=name)
    return found


def _is_there(session: Session, name: str) -> bool:
    return session.scalar(select(Broadcast.id).where(Broadcast.name == name)) is not None


def _planned(desk: Desk, session: Session, name: str) -> InFile | None:
    """The broadcast of that name which stands in a campaign file and was not confirmed yet."""
    return None if _is_there(session, name) else in_file(desk.runtime.shelf.look(session), name)


def refuse_planned(desk: Desk, session: Session, name: str) -> None:
    """Raises VerbRefused for a broadcast that stands in a campaign file and of which nothing was sent."""
    if (found := _planned(desk, session, name)) is not None:
        told = "{name} stands in the file of {campaign}, and nothing of it was sent; change it there"
        raise VerbRefused(told, name=name, campaign=found.campaign.rules.name)


def _row_of(desk: Desk, found: InFile) -> dict[str, Any]:
    """The row of a draft that is as the file says. A plan of it is of the version of the campaign."""
    rules = found.rules
    return {
        "id": new_id(desk.at, desk.runtime.randomness),
        "campaign_id": found.campaign.id,
        "name": rules.name,
        "segment": rules.to,
        "words": dict(rules.say.by_language),
        "channels": list(rules.channels),
        "hours": None if rules.hours is None else str(rules.hours),
        "edits": found.campaign.published.version,
        "state": "draft",
        "paused": False,
        "made_by": desk.operator,
        "made_at": desk.at,
        "after_id": 0,
        "members": 0,
        "incomplete": False,
        "routes": [],
    }


def _seen(desk: Desk, session: Session, name: str) -> Broadcast:
    """The broadcast called ``name``, which may stand in a file alone: then as a row that nobody keeps."""
    found = _planned(desk, session, name)
    return find(session, name) if found is None else Broadcast(**_row_of(desk, found))


def campaign_of(desk: Desk, session: Session, campaign_id: int) -> LiveCampaign:
    """The campaign as it is now."""
    campaigns = desk.runtime.shelf.look(session)
    campaigns.meet(campaign_id)
    return campaigns[campaign_id]


def _new(desk: Desk, given: _New) -> Answer:
    with unit_of_work(desk.runtime, desk.at) as work:
        session = work.session
        found = session.scalars(select(Campaign).where(Campaign.name == given.campaign)).one_or_none()
        if found is None:
            raise VerbRefused("there is no campaign {campaign}", campaign=given.campaign)
        campaign = campaign_of(desk, session, found.id)
        if campaign.why_closed(desk.at) == "campaign.over":
            raise VerbRefused("{campaign} is over; nothing is said in it any more", campaign=given.campaign)
        if _is_there(session, given.name) or in_file(work.rows.campaigns, given.name) is not None:
            raise VerbRefused("there is a broadcast {name} already; call it otherwise", name=given.name)
        broadcast = Broadcast(
            id=new_id(desk.at, desk.runtime.randomness),
            campaign_id=campaign.id,
            name=given.name,
            segment=given.segment,
            words={},
            channels=[],
            hours=None,
            edits=0,
            state="draft",
            paused=False,
            made_by=desk.operator,
            made_at=desk.at,
            after_id=0,
            members=0,
            routes=[],
        )
        members(work.rows.segments, campaign.rules, broadcast, desk.at)  # refuses what is no segment
        session.add(broadcast)
        session.flush()
    told = line(
        "{name} speaks to {segment} of {campaign}. Write its text: {verb}",
        name=given.name,
        segment=Verbatim(given.segment),
        campaign=given.campaign,
        verb=VerbName(f"broadcast text {given.name}"),
    )
    return Answer([told], changes=[Change("broadcast", None, "draft", given.name)])


def language_meant(campaign: LiveCampaign, said: str | None, text: str) -> str:
    """Of which language of the campaign ``text`` is. Raises VerbRefused for one that it does not speak."""
    spoken = sorted(campaign.published.texts)
    language = said or language_of(text) or campaign.rules.language
    if language not in spoken:
        raise VerbRefused(
            "{language} is no language of the campaign: {known}", language=language, known=", ".join(spoken)
        )
    return language


def _text(desk: Desk, given: _Text) -> Answer:
    with desk.runtime.sessions.begin() as session:
        refuse_planned(desk, session, given.name)
        broadcast = draft(session, given.name)
        campaign = campaign_of(desk, session, broadcast.campaign_id)
        language = language_meant(campaign, given.language, given.text)
        before = broadcast.words.get(language)
        broadcast.words = {**broadcast.words, language: given.text}
        broadcast.edits += 1
        session.flush()
        parts: list[AnswerPart] = [
            line("{name}, {language}: {text}", name=given.name, language=language, text=Verbatim(given.text)),
            previews(desk, campaign, {language: given.text}),
        ]
        if missing := _missing(campaign, broadcast):
            told = "Still without a text: {languages}; write it: {verb} {language}"
            verb, tongue = VerbName(f"broadcast text {given.name}"), ArgumentName(f"language={missing[0]}")
            parts.append(line(told, languages=", ".join(missing), verb=verb, language=tongue))
    return Answer(parts, changes=[Change("text", before, given.text, f"{given.name} {language}")])


def _missing(campaign: LiveCampaign, broadcast: Broadcast) -> list[str]:
    return sorted(campaign.published.texts.keys() - broadcast.words.keys())


_PREVIEW = tuple(map(Column, ("language", "where", "length", "parts", "price of one")))


def previews(desk: Desk, campaign: LiveCampaign, words: Mapping[str, str]) -> Table:
    """How each text arrives on each channel, in how many parts, and what one costs there."""
    found, rows = desk.runtime.setting(Previews), list[tuple[Value, ...]]()
    for language, said in sorted(words.items()):
        for name in campaign.rules.channels:
            each = {name: untouched(said)} if found is None else found.at(name, said)
            rows += [
                (language, where, preview.length, len(preview.parts), _price(desk, where, said))
                for where, preview in each.items()
            ]
    return Table("previews", _PREVIEW, rows, empty="")


def _price(desk: Desk, where: str, said: str) -> str | None:
    costs = [
        limits.tariff.cost("", said)
        for place, limits in sorted(desk.runtime.limits.items())
        if Place(*place).is_among([where])
    ]
    return next((f"{one.micros / 1_000_000:.4g} {one.currency}" for one in costs), None)


_LIST = (
    Column("broadcast"),
    Column("campaign"),
    Column("state"),
    Column("begins", ColumnFormat.MINUTE),
    Column("members"),
)


def _list(desk: Desk, _given: NoArguments) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        newest = select(Broadcast, Campaign.name).join(Campaign, Campaign.id == Broadcast.campaign_id)
        found = session.execute(newest.order_by(Broadcast.id.desc()).limit(_SHOWN)).all()
        planned = [one for one in in_files(desk.runtime.shelf.look(session)) if not _is_there(session, one.rules.name)]
    rows: list[tuple[Value, ...]] = [
        (one.rules.name, one.campaign.rules.name, "in the file", _begins_at(one), 0) for one in planned
    ]
    rows += [(one.name, name, _state(one, desk.at), one.starts_at, one.members) for one, name in found]
    return Answer([Table("broadcasts", _LIST, rows, empty="There is no broadcast yet.")])


def _begins_at(planned: InFile) -> datetime | None:
    """From when on it goes if it is confirmed by then, where the file says so."""
    published, moment = planned.campaign.published, planned.rules.at
    return None if moment is None else moment.resolve(published.opens_at, published.opens_at)


def _state(broadcast: Broadcast, at: datetime) -> str:
    if broadcast.paused and broadcast.state in {"freezing", "running"}:
        return "paused"
    if broadcast.state == "running" and broadcast.starts_at is not None and broadcast.starts_at > at:
        return "scheduled"
    if broadcast.incomplete and broadcast.state in {"running", "done"}:
        return "incomplete"
    return broadcast.state


def _show(desk: Desk, given: Named) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        broadcast = _seen(desk, session, given.name)
        campaign, test = campaign_of(desk, session, broadcast.campaign_id), its_test(session, broadcast)
        told: list[AnswerPart] = [
            line(
                "{name} to {segment} of {campaign}: {state}",
                name=broadcast.name,
                segment=Verbatim(broadcast.segment),
                campaign=campaign.rules.name,
                state=_state(broadcast, desk.at),
            ),
            *(
                line("{language}: {text}", language=language, text=Verbatim(said))
                for language, said in spoken(broadcast, test).items()
            ),
            previews(desk, campaign, spoken(broadcast, test)),
        ]
        if broadcast.state == "draft":
            routes = routes_of(desk.runtime, campaign, broadcast.words, broadcast.channels)
            told += _reach(desk, versions_of(broadcast, test), _counted(desk, session, campaign, broadcast, routes))[0]
    return Answer(told)


_REASONS = {
    "blocked": "blocked by an operator",
    "broadcast_paused": "the broadcast is paused",
    "campaign_not_open": "the campaign is not open yet",
    "campaign_over": "the campaign is over",
    "campaign_paused": "the campaign is paused",
    "erased": "erased at their wish",
    "expired": "it came too late to be news",
    "gone": "gone: left or blocked us",
    "hold_out": "hears nothing, to compare",
    "limit": "heard enough for a day or a week",
    "must_speak_first": "the platform lets us speak only when they have",
    "no_address": "no address on these channels",
    "no_route": "no channel of the broadcast",
    "opted_out": "opted out",
    "quiet_hours": "quiet hours",
    "reserved": "waits for the best version",
    "stopped": "stopped by an operator",
}
"""Why a text is not sent yet, or never, as operators read it; what a platform says of one stays as it says it."""


def _reasons(found: Mapping[str, int]) -> list[tuple[Value, ...]]:
    return [(line(_REASONS[why]) if why in _REASONS else Verbatim(why), count) for why, count in sorted(found.items())]


_ROUTE = (Column("where"), Column("people"), Column("cost"))
_LEFT_OUT = (Column("left out"), Column("people"))


def _reach(
    desk: Desk, versions: Sequence[Version], found: Sequence[tuple[str | None, str | None, str, str | None, int]]
) -> tuple[list[AnswerPart], int, dict[str, int]]:
    """What is told of whom it reaches where, how many that are, and what it costs in millionths by currency.

    Of several versions it is what the dearest one costs.
    """
    people: dict[str, int] = {}
    micros: dict[str, dict[str, int]] = {}
    left_out: dict[str, int] = {}
    for channel, account, language, reason, count in found:
        if reason is not None:
            left_out[reason] = left_out.get(reason, 0) + count
            continue
        where = f"{channel}/{account}"
        people[where] = people.get(where, 0) + count
        limits = desk.runtime.limits.get((channel or "", account or ""))
        each = [one.words.get(language) or next(iter(one.words.values()), "") for one in versions]
        if limits is not None and any(each):
            cost = max((limits.tariff.cost("", said) for said in each if said), key=lambda one: one.micros)
            spent = micros.setdefault(where, {})
            spent[cost.currency] = spent.get(cost.currency, 0) + count * cost.micros
    total = dict[str, int]()
    for spent in micros.values():
        for currency, amount in spent.items():
            total[currency] = total.get(currency, 0) + amount
    rows = [(where, count, report.money(micros.get(where, {}))) for where, count in sorted(people.items())]
    parts: list[AnswerPart] = [Table("routes", _ROUTE, rows, empty="It reaches nobody.")]
    if left_out:
        parts.append(Table("left_out", _LEFT_OUT, _reasons(left_out)))
    return parts, sum(people.values()), total


_Counts = Sequence[tuple[str | None, str | None, str, str | None, int]]


def _counted(
    desk: Desk, session: Session, campaign: LiveCampaign, broadcast: Broadcast, routes: Sequence[RankedRoute]
) -> _Counts:
    """How many it reaches now: by channel, account, language, and reason why not."""
    who = members(desk.runtime.mechanics.segments, campaign.rules, broadcast, desk.at)
    return counts(session, chosen(campaign, routes, desk.at, *who))


class _Known(NamedTuple):
    """Whom a broadcast reached at the instant of the desk, as it stood at so many edits."""

    edits: int
    found: _Counts


def _known(desk: Desk, given: _Send) -> _Known:
    """Counting a million takes its time: nobody waits for it here."""
    with read_only(desk.runtime.sessions) as session:
        planned = _planned(desk, session, given.name)
        broadcast = draft(session, given.name, lock=False) if planned is None else Broadcast(**_row_of(desk, planned))
        campaign = campaign_of(desk, session, broadcast.campaign_id)
        channels = given.channels or tuple(broadcast.channels)
        _refuse(campaign, broadcast, channels, desk.at)
        routes = routes_of(desk.runtime, campaign, broadcast.words, channels)
        return _Known(broadcast.edits, _counted(desk, session, campaign, broadcast, routes))


def _send(desk: Desk, given: _Send) -> Answer:
    known = desk.known if isinstance(desk.known, _Known) else _known(desk, given)
    with unit_of_work(desk.runtime, desk.at) as work:
        session = work.session
        planned = _planned(desk, session, given.name)
        if planned is not None:
            bulk.claim(session, table_of(Broadcast), [_row_of(desk, planned)], table_of(Broadcast).c.name)
        broadcast = draft(session, given.name)
        campaign = campaign_of(desk, session, broadcast.campaign_id)
        if broadcast.edits != known.edits or given.edits not in {None, broadcast.edits}:
            raise VerbRefused("{name} was changed since it was planned; look at it, and plan it again", name=given.name)
        broadcast.channels = list(given.channels) or broadcast.channels
        broadcast.hours = given.hours or broadcast.hours
        _refuse(campaign, broadcast, broadcast.channels, desk.at)
        _schedule(broadcast, campaign, _times(given, planned), desk.at)
        routes = routes_of(desk.runtime, campaign, broadcast.words, broadcast.channels)
        broadcast.routes = [list(one) for one in routes]
        test = its_test(session, broadcast)
        parts, people, micros = _reach(desk, versions_of(broadcast, test), known.found)
        if not people:
            rows = [row for one in parts[1:] if isinstance(one, Table) for row in one.rows]
            why = listing([line("{reason} {count}", reason=row[0], count=row[1]) for row in rows], " · ")
            raise VerbRefused(
                "{name} reaches nobody now: {why}", name=given.name, why=why if rows else broadcast.segment
            )
        currency, amount = max(micros.items(), key=lambda one: one[1], default=("", 0))
        assert broadcast.starts_at is not None
        told = line(
            "{name} goes from {at:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} (UTC).",
            name=given.name,
            at=broadcast.starts_at,
            until=broadcast.expires_at,
        )
        tested = [] if test is None else begin(desk.runtime, campaign, broadcast, test, people)
        edits = broadcast.edits
        session.flush()
    return Answer(
        [told, *tested, previews(desk, campaign, spoken(broadcast, test)), *parts],
        changes=[Change("broadcast", "draft", "running", given.name)],
        reach=Reach(people, report.cents(amount), campaign.rules.name, currency),
        pinned={"edits": edits},
        afterwards=[
            line(
                "{verb} tells how far it is; {stop} ends it.",
                verb=VerbName(f"broadcast report {given.name}"),
                stop=VerbName(f"broadcast stop {given.name}"),
            ),
        ],
    )


def _refuse(campaign: LiveCampaign, broadcast: Broadcast, channels: Sequence[str], at: datetime) -> None:
    """Raises VerbRefused for what cannot go."""
    if campaign.why_closed(at) == "campaign.over":
        raise VerbRefused("{campaign} is over; nothing is said in it any more", campaign=campaign.rules.name)
    if missing := _missing(campaign, broadcast):
        raise VerbRefused(
            "{name} has no text yet in {languages}; write it: {verb} {language}",
            name=broadcast.name,
            language=ArgumentName(f"language={missing[0]}"),
            languages=", ".join(missing),
            verb=VerbName(f"broadcast text {broadcast.name}"),
        )
    for name in channels:
        if not overlaps(name, campaign.rules.channels):
            known = ", ".join(campaign.rules.channels)
            raise VerbRefused("{channel} is none of the campaign's channels: {known}", channel=name, known=known)


class _Times(NamedTuple):
    """From when to when, as a verb says it or else a file; None for what neither does."""

    at: str | Moment | None
    until: str | Moment | None


def _times(given: _Send, planned: InFile | None) -> _Times:
    begins, ends = (None, None) if planned is None else (planned.rules.at, planned.rules.until)
    return _Times(given.at or begins, given.until or ends)


def _schedule(broadcast: Broadcast, campaign: LiveCampaign, times: _Times, at: datetime) -> None:
    """Set its times. Raises VerbRefused for times that cannot be, or that have passed."""
    zone = campaign.rules.zone
    starts_at = _instant(times.at, campaign, at) or at
    if starts_at < at:
        raise VerbRefused("{at} has passed in {zone}; say a time that comes", at=str(times.at), zone=zone.key)
    closes_at = campaign.closes_at
    until = _instant(times.until, campaign, at) or min(starts_at + STALE, closes_at)
    if until <= starts_at or starts_at >= closes_at:
        raise VerbRefused("it would be over before it begins; say other times")
    broadcast.frozen_at, broadcast.starts_at, broadcast.expires_at = at, starts_at, until
    broadcast.state, broadcast.version = "freezing", campaign.published.version


def _instant(said: str | Moment | None, campaign: LiveCampaign, at: datetime) -> datetime | None:
    """A time of the campaign's zone; one without a day is the next that comes. Raises VerbRefused."""
    if said is None:
        return None
    if isinstance(said, Moment):
        return said.resolve(campaign.published.opens_at, campaign.published.opens_at)
    zone = campaign.rules.zone
    found = _AT.fullmatch(said.strip())
    today = at.astimezone(zone)
    try:
        assert found is not None
        year, month, day, hour, minute = found.groups()
        days = (int(year), int(month), int(day)) if year else (today.year, today.month, today.day)
        local = datetime(*days, int(hour), int(minute), tzinfo=zone)
    except (AssertionError, ValueError):
        raise VerbRefused("{said} is no time; write 18:00, or 2026-12-02T18:00", said=said) from None
    if not year and local < at:
        local += timedelta(days=1)
    return local.astimezone(UTC)


def _test(desk: Desk, given: Named) -> Answer:
    assert desk.address_key is not None
    with unit_of_work(desk.runtime, desk.at) as work:
        broadcast = _seen(desk, work.session, given.name)
        campaign = campaign_of(desk, work.session, broadcast.campaign_id)
        if not broadcast.words:
            raise VerbRefused(
                "{name} has no text yet; write it: {verb}",
                name=given.name,
                verb=VerbName(f"broadcast text {given.name}"),
            )
        mine = work.session.get_one(Address, desk.address_key)
        person = Address.person == mine.person if mine.person is not None else Address.key == mine.key
        versions = versions_of(broadcast, its_test(work.session, broadcast))
        each = [(language, said) for one in versions for language, said in sorted(one.words.items())]
        keys = list(work.session.scalars(select(Address.key).where(person).order_by(Address.key)))
        where = []
        for key in keys:
            work.lock_address(key)
            address = work.rows.addresses[key]
            where.append(str(address.place))
            for language, said in each:
                ref = f"notice:broadcast-test:{work.rows.new_id(desk.at)}"
                reply = Reply("broadcast.said", {"text": {language: said}})
                say(
                    work.rows,
                    address,
                    campaign,
                    [reply],
                    ref=ref,
                    state=State.QUEUED,
                    at=desk.at,
                    category=Category.NOTICE,
                )
    told = "{name} is on its way to you, in each language, at: {where}"
    return Answer(
        [line(told, name=given.name, where=", ".join(where))], changes=[Change("test", None, "sent", given.name)]
    )


def _going(session: Session, name: str) -> Broadcast:
    found = find(session, name, lock=True)
    if found.state not in {"freezing", "running"}:
        raise VerbRefused("{name} is {state}; it does not go on", name=name, state=found.state)
    return found


def _pause(desk: Desk, given: Named) -> Answer:
    return _set_paused(desk, given.name, paused=True)


def _resume(desk: Desk, given: Named) -> Answer:
    return _set_paused(desk, given.name, paused=False)


def _set_paused(desk: Desk, name: str, *, paused: bool) -> Answer:
    with desk.runtime.sessions.begin() as session:
        refuse_planned(desk, session, name)
        broadcast = _going(session, name)
        if broadcast.paused is paused:
            raise VerbRefused("{name} is {state} already", name=name, state="paused" if paused else "running")
        broadcast.paused = paused
        if not paused:
            _wake(session, broadcast, desk.at)
        session.flush()
        campaign = campaign_of(desk, session, broadcast.campaign_id)
        told = _progress(session, broadcast)
    now = "paused" if paused else "running"
    return Answer(
        [line("{name} is {state} now.", name=name, state=now), *told],
        changes=[Change("broadcast", "running" if paused else "paused", now, name)],
        reach=Reach(campaign=campaign.rules.name),
    )


def _wake(session: Session, broadcast: Broadcast, at: datetime) -> None:
    """What was put off for the pause is judged again at once."""
    waits = (OutboundJob.broadcast_id == broadcast.id) & (OutboundJob.error == "broadcast_paused")
    mine = select(OutboundJob).where(OutboundJob.state == "due", waits)
    for one in session.scalars(database.taken(mine, OutboundJob.address_key, OutboundJob)):
        one.due_at, one.error = at, None
    session.flush()


def _stop(desk: Desk, given: Named) -> Answer:
    with desk.runtime.sessions.begin() as session:
        refuse_planned(desk, session, given.name)
        broadcast = find(session, given.name, lock=True)
        before = broadcast.state
        if before == "draft":
            if (test := its_test(session, broadcast)) is not None:
                session.delete(test)
                session.flush()
            session.delete(broadcast)
            session.flush()
            told: list[AnswerPart] = [line("{name} was a draft, and is gone.", name=given.name)]
        elif before in {"freezing", "running"}:
            broadcast.state, broadcast.ended_at = "stopped", desk.at
            session.flush()
            told = [line("{name} is stopped: no more of it is sent.", name=given.name), *_progress(session, broadcast)]
        else:
            raise VerbRefused("{name} is {state} already", name=given.name, state=before)
        campaign = campaign_of(desk, session, broadcast.campaign_id)
    return Answer(
        told, changes=[Change("broadcast", before, "stopped", given.name)], reach=Reach(campaign=campaign.rules.name)
    )


_PROGRESS = (Column("members"), *(Column(state.replace("_", " ")) for state in report.STATES))
_REASON = (Column("reason"), Column("members"))


def _progress(session: Session, broadcast: Broadcast) -> list[AnswerPart]:
    return list(_told(report.counted(session, broadcast)))


def _told(found: report.Report) -> Iterator[AnswerPart]:
    yield Table("progress", _PROGRESS, [(found.total, *(found.states[one] for one in report.STATES))], upright=True)
    yield Table("left_out", _REASON, _reasons(found.left_out), title="Left out, by reason:", empty="")
    yield Table("reasons", _REASON, _reasons(found.why), title="What waits, failed or is unknown, and why:", empty="")


def _report(desk: Desk, given: _Report) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        broadcast = _seen(desk, session, given.name)
        if broadcast.state == "draft":
            raise VerbRefused("{name} was not sent yet", name=given.name)
        rules = campaign_of(desk, session, broadcast.campaign_id).rules
        results = [one for one in desk.runtime.mechanics.results.values() if one.absent(rules) is None]
        found, test = (
            report.whole(session, broadcast, results, timedelta(days=given.days)),
            its_test(session, broadcast),
        )
        compared = [] if test is None else list(standings(desk.runtime, session, broadcast, test, rules))
    head = line(
        "{name} of {campaign} is {state}; as of {at:%Y-%m-%d %H:%M} UTC.",
        name=given.name,
        campaign=rules.name,
        state=_state(broadcast, desk.at),
        at=desk.at,
    )
    rows = [(each.name, *_came(each.currency(rules), found.results[each.name])) for each in (*results, OPT_OUTS)]
    after: list[AnswerPart] = [
        *(
            [line("It has not all of its members: its segment could not be read any more.")]
            if broadcast.incomplete
            else []
        ),
        line("What they did within {days} d after their text:", days=given.days),
        Table("results", _RESULT, rows),
        line("Cost: {cost}", cost=report.money(found.costs) or "0"),
        *compared,
    ]
    return Answer([head, *_told(found), *after])


_RESULT = (Column("result"), Column("members"), Column("times"), Column("amount"))


def _came(currency: str | None, tallied: Tally) -> tuple[Value, ...]:
    return tallied.did, tallied.times, None if currency is None else str(Money(tallied.cents, currency))


BROADCASTS = Group(
    "broadcast",
    "List what was said once to all players of a segment; its other verbs write, send, stop and report that.",
)
VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=BROADCASTS,
        chinese="群发",
        aliases=("broadcasts",),
        role=Role.AUDITOR,
        says=BROADCASTS.says,
        takes=NoArguments,
        act=_list,
    ),
    Verb(
        group=BROADCASTS,
        word="new",
        chinese="新建群发",
        role=Role.OPERATOR,
        says="Begin a broadcast to the players of a segment; nothing is sent.",
        takes=_New,
        act=_new,
        changes=True,
        undo=lambda given, _changes: ("broadcast stop", {"name": given.name}),
    ),
    Verb(
        group=BROADCASTS,
        word="text",
        chinese="群发内容",
        role=Role.OPERATOR,
        says="Write the text of a broadcast that was not sent yet, one language at a time.",
        takes=_Text,
        act=_text,
        changes=True,
        final="write the text that it should have instead",
    ),
    Verb(
        group=BROADCASTS,
        word="show",
        chinese="看群发",
        role=Role.AUDITOR,
        says="Show a broadcast: its texts as they arrive on each channel, whom it reaches, and what it costs.",
        takes=Named,
        act=_show,
    ),
    Verb(
        group=BROADCASTS,
        word="test",
        chinese="试发",
        role=Role.OPERATOR,
        says="Send a broadcast to your own addresses, in each of its languages, to see how it arrives.",
        takes=Named,
        act=_test,
        changes=True,
        chat_only=True,
        final="what was sent to you stays with you",
    ),
    Verb(
        group=BROADCASTS,
        word="send",
        chinese="发群发",
        role=Role.OPERATOR,
        says="Send a broadcast, at once or from a time on.",
        more=(
            "Whom it speaks to is written down when it is confirmed: who enters or leaves the segment later does not"
            " matter. Each person hears it once. Nobody gets more than one a day and three a week, unless the campaign"
            " file says otherwise."
        ),
        takes=_Send,
        act=_send,
        beforehand=_known,
        changes=True,
        confirm="What has arrived cannot be taken back. Send it?",
        final="broadcast stop ends it; whoever had it already keeps it",
    ),
    Verb(
        group=BROADCASTS,
        word="pause",
        chinese="暂停群发",
        role=Role.OPERATOR,
        says="Hold a broadcast: nothing more of it is sent until it is resumed.",
        takes=Named,
        act=_pause,
        changes=True,
        undo=lambda given, _changes: ("broadcast resume", {"name": given.name}),
    ),
    Verb(
        group=BROADCASTS,
        word="resume",
        chinese="继续群发",
        role=Role.OPERATOR,
        says="Let a broadcast that is paused go on where it was; nobody hears it twice.",
        takes=Named,
        act=_resume,
        changes=True,
        undo=lambda given, _changes: ("broadcast pause", {"name": given.name}),
    ),
    Verb(
        group=BROADCASTS,
        word="stop",
        chinese="停止群发",
        role=Role.OPERATOR,
        says="Stop a broadcast for good, and say how far it came; a draft is thrown away.",
        more="It stops at once. What is on its way at this moment still arrives.",
        takes=Named,
        act=_stop,
        changes=True,
        final="a broadcast that was stopped does not go on; whoever had it already keeps it",
    ),
    Verb(
        group=BROADCASTS,
        word="report",
        chinese="群发报告",
        role=Role.AUDITOR,
        says="What became of a broadcast: sent, delivered, failed, left out and why, answers, opt-outs, and its cost.",
        takes=_Report,
        act=_report,
    ),
)
