"""Verbs about reports: have the numbers of a campaign come every morning, look at what comes, and end it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, Change, Column, Line, Table, Value, VerbName, line
from core.arguments import Arguments, Given
from core.campaign.live import LiveCampaign
from core.campaign.platforms import rights
from core.database import read_only
from core.measures.comparison import Asked
from core.measures.verbs import only_one, told
from core.models import Address
from core.operators import VerbRefused
from core.verbs import Desk, Group, Verb
from handlers.operators.reports import FOR, due_at, fate, may_be_told, next_day
from handlers.operators.tables import Operator, Report, ReportDay

USUAL = 8 * 60 + 30
"""When a report comes where nobody says: what came late in the night is counted by then."""
MOST = 10
"""Reports of one address."""
_TIME = re.compile(r"(?:早上|上午)?(\d{1,2})(?:[:.](\d{2})|[点时](?:(\d{1,2})分?|(半))?)")
_FILLERS = frozenset({"at", "every", "day", "在", "每天", "每日"})
_HOURS, _MINUTES = 24, 60


class _On(Arguments):
    about: Annotated[tuple[str, ...], Given.IN_PLACE] = Field(
        (),
        description="A campaign and a time of the day in its zone; each may be left out.",
        examples=["snack", "at", "08:30"],
    )


class _Named(Arguments):
    campaign: Annotated[str | None, Given.IN_PLACE] = Field(
        None, description="The name of a campaign; where only one is meant, that one.", examples=["snack"]
    )


def _on(desk: Desk, given: _On) -> Answer:
    key = _here(desk)
    with desk.runtime.sessions.begin() as session:
        campaigns = desk.runtime.shelf.read(session)
        campaign, minute = _asked(list(campaigns.values()), given.about)
        if desk.at >= campaign.closes_at:
            raise VerbRefused("{campaign} is over; there is nothing to report", campaign=campaign.rules.name)
        found = session.get(Report, (key, campaign.id))
        before = None if found is None else found.minute
        minute = minute if minute is not None else before if before is not None else USUAL
        if found is None:
            mine = select(func.count()).select_from(Report).where(Report.address_key == key)
            if (session.scalar(mine) or 0) >= MOST:
                raise VerbRefused("{most} reports come here already; end some first", most=MOST)
            found = Report(address_key=key, campaign_id=campaign.id)
            session.add(found)
        if before != minute:
            found.minute, found.asked_at = minute, desk.at
        session.flush()
        parts: list[AnswerPart] = [_comes(found, campaign, desk.at)]
    if (window := _window(desk)) is not None:
        parts.append(window)
    changed = Change("report", _clock(before), _clock(minute), _whose(desk, campaign))
    return Answer(parts, changes=[changed] if before != minute else ())


def _off(desk: Desk, given: _Named) -> Answer:
    key = _here(desk)
    with desk.runtime.sessions.begin() as session:
        campaigns = desk.runtime.shelf.read(session)
        mine = session.scalars(select(Report).where(Report.address_key == key).order_by(Report.campaign_id)).all()
        named = {campaigns[one.campaign_id].rules.name: one for one in mine if one.campaign_id in campaigns}
        if not named:
            raise VerbRefused("no report comes here; {verb} lets one come", verb=VerbName("report on"))
        if given.campaign is None and len(named) > 1:
            raise VerbRefused("say which campaign: {names}", names=", ".join(named))
        found = next(iter(named.values())) if given.campaign is None else named.get(given.campaign.casefold())
        if found is None:
            raise VerbRefused("no report of {campaign} comes here", campaign=given.campaign)
        campaign, minute = campaigns[found.campaign_id], found.minute
        session.delete(found)
    return Answer(
        [line("No report of {campaign} comes here any more.", campaign=campaign.rules.name)],
        changes=[Change("report", _clock(minute), None, _whose(desk, campaign))],
    )


def _whose(desk: Desk, campaign: LiveCampaign) -> str:
    """Which report it is, for the log: one word, and then whose."""
    return f"{campaign.rules.name} {desk.place} {desk.operator}"


def _back(_given: Arguments, changes: Sequence[Change]) -> tuple[str, Mapping[str, object]]:
    """The report as it was before."""
    campaign, before = changes[0].of.partition(" ")[0], changes[0].before
    return ("report off", {"campaign": campaign}) if before is None else ("report on", {"about": (campaign, before)})


def _here(desk: Desk) -> bytes:
    assert desk.address_key is not None, "a verb of chats alone"
    return desk.address_key


def _clock(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // _MINUTES:02}:{minute % _MINUTES:02}"


def _comes(report: Report, campaign: LiveCampaign, at: datetime) -> Line:
    zone, day = campaign.rules.zone, next_day(report, campaign, at)
    where: dict[str, Value] = {
        "campaign": campaign.rules.name,
        "at": _clock(report.minute),
        "zone": zone.key,
    }
    if day is None:
        return line("{campaign} ends before the next report at {at} ({zone}).", **where)
    first = due_at(day, report.minute, zone).astimezone(zone)
    told_ = "The report of {campaign} comes here every day at {at} ({zone}); the next one on {day}."
    return line(told_, **where, day=f"{first:%Y-%m-%d}")


def _window(desk: Desk) -> Line | None:
    """What the platform's counting means for a report."""
    counted = None if desk.place is None else rights(desk.place.channel)
    if counted is None or desk.place is None:
        return None
    hours = round(counted.typed.lasts.total_seconds() / 3600)
    return line(
        "{channel} lets us write to you for {hours} hours after you wrote. A report that comes later waits until you "
        "write, for a day; {verb} tells what became of the last one.",
        channel=desk.place.channel,
        hours=hours,
        verb=VerbName("report"),
    )


def _asked(campaigns: Sequence[LiveCampaign], words: Sequence[str]) -> tuple[LiveCampaign, int | None]:
    """The campaign and the minute that are meant, in any order. Raises VerbRefused for what is neither."""
    named = {each.rules.name: each for each in campaigns}
    about, minutes = list[LiveCampaign](), list[int]()
    for word in words:
        plain = unicodedata.normalize("NFKC", word).casefold()
        if plain in named:
            about.append(named[plain])
        elif (minute := _minute(plain)) is not None:
            minutes.append(minute)
        elif plain not in _FILLERS:
            raise VerbRefused("{word} is no campaign and no time of the day, such as 08:30", word=word)
        if max(len(about), len(minutes)) > 1:
            raise VerbRefused("{word} is one too many; ask about one of them at a time", word=word)
    return about[0] if about else only_one(campaigns), minutes[0] if minutes else None


def _minute(word: str) -> int | None:
    found = _TIME.fullmatch(word)
    if found is None:
        return None
    hour, minute = int(found[1]), 30 if found[4] else int(found[2] or found[3] or 0)
    return hour * _MINUTES + minute if hour < _HOURS and minute < _MINUTES else None


def _report(desk: Desk, given: _Named) -> Answer:
    """What comes to whoever asks, and what it would say now; a terminal is shown what comes to anybody."""
    with read_only(desk.runtime.sessions) as session:
        campaigns = desk.runtime.shelf.read(session)
        named = {each.rules.name: each for each in campaigns.values()}
        if given.campaign is not None and given.campaign.casefold() not in named:
            raise VerbRefused("there is no campaign {campaign}", campaign=given.campaign)
        meant = None if given.campaign is None else named[given.campaign.casefold()]
        parts = list[AnswerPart]()
        if desk.address_key is None:
            parts.append(_everybodys(desk, session, campaigns))
            if meant is None:
                return Answer(parts)
        else:
            mine = select(Report).where(Report.address_key == desk.address_key).order_by(Report.campaign_id)
            own = [one for one in session.scalars(mine) if one.campaign_id in campaigns]
            meant = meant or (campaigns[own[0].campaign_id] if own else only_one(list(campaigns.values())))
            parts += [each for one in own for each in _stands(desk, session, one, campaigns[one.campaign_id])]
            if meant.id not in {one.campaign_id for one in own}:
                parts.append(line("No report of {campaign} comes here.", campaign=meant.rules.name))
        now = told(desk.runtime, session, meant, Asked(meant.id, "yesterday", None, desk.at))
    return Answer([*parts, line("This is what it says of yesterday:"), *now])


def _stands(desk: Desk, session: Session, report: Report, campaign: LiveCampaign) -> list[Line]:
    """When a report comes, and what became of the last one."""
    comes, last = _comes(report, campaign, desk.at), _last(session, report)
    if last is None:
        return [comes]
    became = _became(session, report, last)
    return [comes, line("The last one, of {day}: {became}.", day=str(last), became=became)]


_BECAME = {
    "sent": "it was sent",
    "due": "it is about to be sent",
    "sending": "it is about to be sent",
    "held": "it waits until you write",
    "expired": "it could not be sent within a day, and was dropped",
    "unwelcome": "nothing arrives there any more, and it was dropped",
    "dead": "it was given up",
    "unknown": "nobody knows whether it arrived",
}


def _became(session: Session, report: Report, day: date) -> str:
    found = fate(session, report.address_key, report.campaign_id, day)
    return _BECAME.get(found, found)


def _last(session: Session, report: Report) -> date | None:
    mine = (ReportDay.address_key == report.address_key) & (ReportDay.campaign_id == report.campaign_id)
    return session.scalar(select(func.max(ReportDay.day)).where(mine))


_COLUMNS = (
    Column("campaign"),
    Column("operator"),
    Column("where"),
    Column("every day at"),
    Column("next on"),
    Column("last of"),
    Column("became of it"),
)


def _everybodys(desk: Desk, session: Session, campaigns: Mapping[int, LiveCampaign]) -> Table:
    wanted = (
        select(Report, Operator, Address)
        .join(Operator, Operator.address_key == Report.address_key)
        .join(Address, Address.key == Report.address_key)
        .order_by(Operator.name, Report.campaign_id, Report.address_key)
    )
    rows = [
        _row(desk, session, report, campaigns[report.campaign_id], (operator, address))
        for report, operator, address in session.execute(wanted)
        if report.campaign_id in campaigns
    ]
    return Table("reports", _COLUMNS, rows, empty="No report comes to anybody.")


def _row(
    desk: Desk, session: Session, report: Report, campaign: LiveCampaign, whose: tuple[Operator, Address]
) -> tuple[Value, ...]:
    (operator, address), zone = whose, campaign.rules.zone
    last, day = _last(session, report), next_day(report, campaign, desk.at)
    following: Value = None if day is None else str(due_at(day, report.minute, zone).astimezone(zone).date())
    return (
        campaign.rules.name,
        operator.name,
        str(address.place),
        f"{_clock(report.minute)} {zone.key}",
        following if may_be_told(session, address, desk.at) else "not while the role sleeps or is gone",
        None if last is None else str(last),
        None if last is None else _became(session, report, last),
    )


_GROUP = Group("report", "Have the numbers of a campaign come every morning.")

VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=_GROUP,
        chinese="日报",
        aliases=("早报",),
        role=FOR,
        says="Which reports come every morning, what became of the last ones, and what one says.",
        takes=_Named,
        act=_report,
    ),
    Verb(
        group=_GROUP,
        word="on",
        chinese="开日报",
        aliases=("订日报",),
        role=FOR,
        says="Let the numbers of yesterday come here every morning.",
        more="At 08:30 in the zone of the campaign, or when you say; as long as the campaign goes on.",
        takes=_On,
        act=_on,
        changes=True,
        chat_only=True,
        undo=_back,
    ),
    Verb(
        group=_GROUP,
        word="off",
        chinese="关日报",
        aliases=("停日报",),
        role=FOR,
        says="Let no report of a campaign come here any more.",
        takes=_Named,
        act=_off,
        changes=True,
        chat_only=True,
        undo=_back,
    ),
)
