"""What operators do with versions of a broadcast: write some, say how they are compared, look at it, choose one."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, Change, Reach, Verbatim, VerbName, line
from core.arguments import Given, LanguageArgument
from core.campaign.live import LiveCampaign
from core.chances import MOST_LOOKS
from core.database import read_only
from core.engine.unit_of_work import unit_of_work
from core.models import Broadcast, BroadcastTest
from core.operators import Role, VerbRefused
from core.results.result import Result
from core.shares import MILLION
from core.verbs import Desk, Verb
from handlers.broadcasts import versions
from handlers.broadcasts.looks import lock
from handlers.broadcasts.standings import standings
from handlers.broadcasts.verbs import (
    BROADCASTS,
    NameArgument,
    Named,
    TextArgument,
    campaign_of,
    draft,
    find,
    language_meant,
    previews,
    refuse_planned,
)
from handlers.broadcasts.versions import its_test, planned_test, reserved, versions_of

_PERCENT, _PER_MILLE = MILLION // 100, MILLION // 1000
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_LEAST_H, _MOST_H = 4, 14 * 24


def _version_name(name: str) -> str:
    if name == versions.FIRST:
        raise PydanticCustomError("version", "a is the text that it has anyway; broadcast text writes that")
    return name


class _Version(Named):
    version: Annotated[NameArgument, AfterValidator(_version_name)] = Field(
        description="What you call this way of saying it; a is the text that it has anyway.", examples=["b"]
    )
    language: Annotated[LanguageArgument | None, Given.BY_NAME] = Field(
        None, description="Of which language of the campaign the text is; by its letters where that is not said."
    )
    text: TextArgument = Field(
        description="What is said instead, word for word.", examples=["Your second pack counts double!"]
    )


class _OneVersion(Named):
    version: NameArgument = Field(description="Which one of its versions.", examples=["b"])


class _Compare(Named):
    result: str = Field(description="What counts: codes, claims, answers or purchases.", examples=["codes"])
    days: Annotated[int, Field(ge=1, le=30)] = Field(2, description="Within how many days after its text it counts.")
    lasts: Annotated[int, Field(ge=_LEAST_H, le=_MOST_H)] = Field(
        24, description="How many hours after it begins the best version is known, and goes to the rest."
    )
    size: Annotated[int | None, Field(ge=1)] = Field(
        None, description="How many people hear each version before that; without it, as many as earn most altogether."
    )
    hold_out: Annotated[int, Field(ge=0, le=50)] = Field(
        0, description="Of 100 people, how many hear nothing, so that you see what would have come without it."
    )
    looks: Annotated[int, Field(ge=1, le=MOST_LOOKS)] = Field(
        1, description="How often it is looked at until then whether one version is far ahead, and goes out sooner."
    )
    expected: Annotated[int, Field(ge=1, le=900)] = Field(
        50, description="Of 1000 people who hear it, about how many you expect to do it: the size depends on it."
    )


def _drafted(desk: Desk, session: Session, name: str) -> tuple[Broadcast, BroadcastTest]:
    """A draft and its test, which it has from now on."""
    refuse_planned(desk, session, name)
    broadcast = draft(session, name)
    test = its_test(session, broadcast)
    if test is None:
        test = planned_test(broadcast.id, desk.runtime.randomness)
        session.add(test)
    return broadcast, test


def _version(desk: Desk, given: _Version) -> Answer:
    with desk.runtime.sessions.begin() as session:
        broadcast, test = _drafted(desk, session, given.name)
        campaign = campaign_of(desk, session, broadcast.campaign_id)
        language = language_meant(campaign, given.language, given.text)
        others = {one.name: dict(one.words) for one in versions_of(broadcast, test)[1:]}
        if given.version not in others and len(others) + 1 >= versions.MOST:
            raise VerbRefused("{name} has {count} versions; that is enough", name=given.name, count=versions.MOST)
        words = others.setdefault(given.version, {})
        before = words.get(language)
        words[language] = given.text
        test.versions = [[name, said] for name, said in others.items()]
        broadcast.edits += 1
        session.flush()
        told = "{name}, version {version}, {language}: {text}"
        parts: list[AnswerPart] = [
            line(told, name=given.name, version=Verbatim(given.version), language=language, text=Verbatim(given.text)),
            previews(desk, campaign, {language: given.text}),
            *_still_missing(campaign, broadcast, test),
        ]
    return Answer(parts, changes=[Change("text", before, given.text, f"{given.name} {given.version} {language}")])


def _still_missing(campaign: LiveCampaign, broadcast: Broadcast, test: BroadcastTest) -> Iterator[AnswerPart]:
    """What is to be said yet before it can be sent."""
    spoken = campaign.published.texts.keys()
    for one in versions_of(broadcast, test):
        if missing := sorted(spoken - one.words.keys()):
            told = "Version {version} has no text yet in: {languages}"
            yield line(told, version=Verbatim(one.name), languages=", ".join(missing))
    if test.result is None:
        verb = VerbName(f"broadcast compare {broadcast.name}")
        yield line("Then say what counts: {verb} codes", verb=verb)


def _drop(desk: Desk, given: _OneVersion) -> Answer:
    with desk.runtime.sessions.begin() as session:
        refuse_planned(desk, session, given.name)
        broadcast = draft(session, given.name)
        test = its_test(session, broadcast)
        others = [] if test is None else [one for one in test.versions if one[0] != given.version]
        if test is None or len(others) == len(test.versions):
            raise VerbRefused(
                "{name} has no version {version} but the first", name=given.name, version=Verbatim(given.version)
            )
        test.versions = others
        broadcast.edits += 1
        session.flush()
    told = line("{name} has no version {version} any more.", name=given.name, version=Verbatim(given.version))
    return Answer([told], changes=[Change("version", given.version, None, given.name)])


def _compare(desk: Desk, given: _Compare) -> Answer:
    with desk.runtime.sessions.begin() as session:
        broadcast, test = _drafted(desk, session, given.name)
        campaign = campaign_of(desk, session, broadcast.campaign_id)
        result = result_called(desk, campaign, given.result)
        before, test.result = test.result, result.name
        terms = versions.Terms(
            given.days * _DAY,
            given.lasts * _HOUR,
            given.looks,
            given.expected * _PER_MILLE,
            given.size,
            given.hold_out * _PERCENT,
        )
        terms.set_on(test)
        broadcast.edits += 1
        session.flush()
        told = [terms_told(test), *_still_missing(campaign, broadcast, test)]
    return Answer(told, changes=[Change("compared by", before, result.name, given.name)])


def result_called(desk: Desk, campaign: LiveCampaign, said: str) -> Result:
    """The result that is spelt so. Raises VerbRefused for none, and for one that nobody can have in the campaign."""
    each = desk.runtime.mechanics.results.values()
    found = next((one for one in each if said.casefold() in one.spellings), None)
    if found is None:
        known = ", ".join(one.name for one in each)
        raise VerbRefused("{said} is nothing that is counted; there are: {known}", said=Verbatim(said), known=known)
    if (why := found.absent(campaign.rules)) is not None:
        raise VerbRefused("nobody can do that in {campaign}: {why}", campaign=campaign.rules.name, why=why)
    return found


def terms_told(test: BroadcastTest) -> AnswerPart:
    """How versions are compared."""
    told = "{result} within {days} d after the text count; the best version is known {hours} h after it begins."
    within, wait = timedelta(seconds=test.within_s), timedelta(seconds=test.wait_s)
    return line(told, result=test.result, days=within // _DAY, hours=wait // _HOUR)


def _standings(desk: Desk, given: Named) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        broadcast = find(session, given.name)
        test = its_test(session, broadcast)
        if test is None or test.state == "planned":
            raise VerbRefused("{name} has no test that has begun", name=given.name)
        rules = campaign_of(desk, session, broadcast.campaign_id).rules
        return Answer(list(standings(desk.runtime, session, broadcast, test, rules)))


def _choose(desk: Desk, given: _OneVersion) -> Answer:
    with unit_of_work(desk.runtime, desk.at) as work:
        session = work.session
        broadcast = find(session, given.name)
        test = None if its_test(session, broadcast) is None else lock(session, broadcast.id)[1]
        if test is None or test.state not in {"testing", "asking"} or broadcast.state not in {"freezing", "running"}:
            raise VerbRefused("{name} has nobody who waits for the best version", name=given.name)
        names = [one.name for one in versions_of(broadcast, test)]
        if given.version not in names:
            known = ", ".join(names)
            raise VerbRefused(
                "{version} is none of its versions: {known}", version=Verbatim(given.version), known=known
            )
        before = test.state
        test.state, test.winner = "decided", names.index(given.version) + 1
        test.decided_at, test.decided_by, test.told_at = desk.at, desk.operator, desk.at
        waits = reserved(session, broadcast.id)
        session.flush()
        campaign = campaign_of(desk, session, broadcast.campaign_id)
    told = line("{version} goes to the {count} people who waited.", version=Verbatim(given.version), count=waits)
    return Answer(
        [told],
        changes=[Change("test", before, given.version, given.name)],
        reach=Reach(waits, campaign=campaign.rules.name),
    )


VERSION_VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=BROADCASTS,
        word="version",
        chinese="群发版本",
        role=Role.OPERATOR,
        says="Write another version of a broadcast that was not sent yet, to see which one does better.",
        more=(
            "Some people hear each version first, by lot; the rest waits a day and hears the one that did best, by"
            " itself."
        ),
        takes=_Version,
        act=_version,
        changes=True,
        final="write the text that it should have instead, or take the version away",
    ),
    Verb(
        group=BROADCASTS,
        word="drop",
        chinese="去掉版本",
        role=Role.OPERATOR,
        says="Take a version away from a broadcast that was not sent yet.",
        takes=_OneVersion,
        act=_drop,
        changes=True,
        final="write it again",
    ),
    Verb(
        group=BROADCASTS,
        word="compare",
        chinese="群发对比",
        role=Role.OPERATOR,
        says="Say by what the versions of a broadcast are compared, how many hear them first, and who hears nothing.",
        takes=_Compare,
        act=_compare,
        changes=True,
        final="say it again, with what should hold instead",
    ),
    Verb(
        group=BROADCASTS,
        word="standings",
        chinese="对比结果",
        role=Role.AUDITOR,
        says="Show what each version of a broadcast has come to, what chance has to do with it, and what follows.",
        takes=Named,
        act=_standings,
    ),
    Verb(
        group=BROADCASTS,
        word="choose",
        chinese="选定版本",
        role=Role.OPERATOR,
        says="Choose which version the rest hears, without waiting for the best one.",
        takes=_OneVersion,
        act=_choose,
        changes=True,
        confirm="What has arrived cannot be taken back. Let it go to the rest?",
        final="broadcast stop ends it; whoever had it already keeps it",
    ),
)
