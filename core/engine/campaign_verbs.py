"""What operators do with a campaign file that they send: check it, publish it, and see what a version changed."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from core.answers import (
    Answer,
    AnswerPart,
    Change,
    Column,
    ColumnFormat,
    Line,
    Table,
    Verbatim,
    VerbName,
    line,
    listing,
    said,
)
from core.arguments import Arguments, Given, SentFile
from core.campaign.checks import check_campaign
from core.campaign.place_checks import KnownPlaces
from core.campaign.platforms import notes
from core.campaign.publication import find_campaign, get_campaign, lock_campaigns, publish
from core.campaign.reader import BadCampaign, CampaignFile, NotACampaign, read_content
from core.campaign.rules import Rules
from core.campaign.templates import from_template, templates_told
from core.database import read_only
from core.engine.campaign_changes import changes_told
from core.engine.campaign_costs import costs_told, reach_of
from core.engine.campaign_view import campaign_told
from core.engine.missing_texts import missing
from core.engine.verbs import CAMPAIGNS
from core.models import CampaignVersion
from core.operators import Misspoken, Role, VerbRefused
from core.verbs import Desk, Verb

_MOST_WRONG = 8
_OVERTAKEN = "{campaign} is at version {version} by now: somebody published meanwhile; say this once more"


class _File(Arguments):
    file: SentFile | None = Field(None, description="A campaign file, sent here as a document within ten minutes.")


class _Publication(_File):
    version: Annotated[int | None, Field(ge=0, le=2**31 - 1)] = Field(
        None,
        description="Only on top of this version (0: a new campaign); where there is a newer one, nothing is done.",
    )


class _New(Arguments):
    template: Annotated[str, Given.IN_PLACE] = Field(
        "", description="What to begin with; without it all templates are listed.", examples=["stamp-card"]
    )
    name: Annotated[str, Given.IN_PLACE] = Field(
        "", description="What your campaign is called: a to z, 0 to 9 and -. Without it, as the template is."
    )
    language: Literal["zh", "en"] = Field("zh", description="Of its comments, and of its first answer.")


class _Shown(Arguments):
    name: str = Field(description="The name of a campaign.")
    rules: bool = Field(default=False, description="Its rules as they were published, too, word for word.")


class _Versions(Arguments):
    name: str = Field(description="The name of a campaign.")
    version: Annotated[int | None, Field(ge=1, le=2**31 - 1), Given.IN_PLACE] = Field(
        None, description="Which version, compared with the one before it; the newest where not given."
    )


def _read(desk: Desk, given: _File) -> CampaignFile:
    """Raises BadCampaign, and Misspoken where nothing was sent, or something else."""
    if given.file is None:
        raise Misspoken("there is no file: send it here as a document first")
    try:
        return read_content(given.file.name, given.file.content, desk.runtime.mechanics.sections)
    except NotACampaign:
        told = "{file} is no campaign: send the file of one as a document, which begins with lines such as name: snack"
        raise Misspoken(told, file=given.file.name) from None


def _wrong(error: BadCampaign) -> list[Line]:
    """What is wrong, each as `huoju campaign check` says it, and how much more there is."""
    found = [one.told for one in error.violations]
    more = len(found) - _MOST_WRONG
    told = found[:_MOST_WRONG]
    return [*told, line("… and {count} more", count=more)] if more > 0 else told


def _new(_desk: Desk, given: _New) -> Answer:
    if not given.template:
        return Answer([Table("templates", _TEMPLATES, list(templates_told(given.language)))])
    text = from_template(given.template, given.name or given.template, given.language)
    told = "Keep this as a file, make it yours, and send it here; {verb} says what is wrong in it."
    return Answer([line("{text}", text=Verbatim(text)), line(told, verb=VerbName("campaign check"))])


_TEMPLATES = (Column("template", ColumnFormat.COPIED), Column("about", ColumnFormat.COPIED))


def _check(desk: Desk, given: _File) -> Answer:
    runtime = desk.runtime
    try:
        file = _read(desk, given)
        with read_only(runtime.sessions) as session:
            there = find_campaign(session, file.rules.name)
        rules = check_campaign(
            file,
            runtime.mechanics.texts(),
            desk.at,
            there.published_at if there is not None else None,
            runtime.setting(KnownPlaces),
            words=runtime.mechanics.titles,
        )
    except BadCampaign as error:
        return Answer(wrong=_wrong(error))
    first = line(
        "The file is good: {campaign} runs from {opens} to {closes}.",
        campaign=rules.name,
        opens=str(rules.opens),
        closes=str(rules.closes),
    )
    lacks = [each.told for each in missing(runtime.mechanics, rules) if each.keys]
    return Answer([first, *_to_know(rules), *lacks])


def _to_know(rules: Rules) -> Iterator[AnswerPart]:
    yield from costs_told(rules)
    for note in notes(rules):
        yield line("Note: {note}.", note=note)


def _publish(desk: Desk, given: _Publication) -> Answer:
    runtime = desk.runtime
    try:
        file = _read(desk, given)
        with runtime.sessions.begin() as session:
            lock_campaigns(session)  # so that nobody publishes between the look at the version and the next one
            there = find_campaign(session, file.rules.name)
            before = None if there is None else session.get_one(CampaignVersion, (there.id, there.version))
            version_before = 0 if before is None else before.version
            if given.version not in {None, version_before}:
                raise VerbRefused(_OVERTAKEN, campaign=file.rules.name, version=version_before)
            done = publish(
                session,
                file,
                desk.at,
                runtime.keys,
                runtime.randomness,
                mechanics=runtime.mechanics,
                known=runtime.setting(KnownPlaces),
                words=runtime.mechanics.titles,
            )
            after = session.get_one(CampaignVersion, (done.campaign_id, done.version))
            changed = (
                [] if before is None else list(changes_told(before.rules, after.rules, runtime.mechanics.sections))
            )
    except BadCampaign as error:
        raise VerbRefused("this file cannot be published:\n{wrong}", wrong=listing(_wrong(error), "\n")) from None
    if not done.changed:
        raise VerbRefused(
            "{campaign} version {version} has exactly these rules already; nothing changed",
            campaign=done.name,
            version=done.version,
        )
    first = line("Published {campaign}, version {version}.", campaign=done.name, version=done.version)
    rules = file.rules.resolved(desk.at)
    opens = line("It runs from {opens} to {closes}.", opens=str(rules.opens), closes=str(rules.closes))
    told: list[AnswerPart] = [opens] if before is None else changed
    seed = line("Commitment to the draw seed (SHA-256): {hash}", hash=done.seed_commitment)
    return Answer(
        [
            first,
            *told,
            *_to_know(file.rules),
            line("Rules (SHA-256): {hash}", hash=done.rules_hash),
        ],
        afterwards=[seed] if before is None else [],
        changes=[Change("version", version_before or None, done.version, of=done.name)],
        reach=reach_of(file.rules, is_new=before is None),
        pinned={"version": version_before},
    )


def _show(desk: Desk, given: _Shown) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        campaign = get_campaign(session, given.name)
        told = list(campaign_told(desk, session, campaign))
        if given.rules:
            version = session.get_one(CampaignVersion, (campaign.id, campaign.version))
            told.append(line("{rules}", rules=version.rules))
    return Answer(told)


def _diff(desk: Desk, given: _Versions) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        campaign = get_campaign(session, given.name)
        number = given.version or campaign.version
        after = session.get(CampaignVersion, (campaign.id, number))
        before = session.get(CampaignVersion, (campaign.id, number - 1))
    if after is None:
        raise VerbRefused("{campaign} has no version {version}", campaign=given.name, version=number)
    if before is None:
        return said("Version {version} of {campaign} is the first one.", version=number, campaign=given.name)
    told = "Version {version} of {campaign} was published on {at} (UTC)."
    first = line(told, version=number, campaign=given.name, at=f"{after.published_at:%Y-%m-%d %H:%M}")
    return Answer([first, *changes_told(before.rules, after.rules, desk.runtime.mechanics.sections)])


VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=CAMPAIGNS,
        word="show",
        chinese="看活动",
        role=Role.SUPPORT,
        says="One campaign: since when and how long it runs, its codes, prizes, players and texts, and what it costs.",
        takes=_Shown,
        act=_show,
    ),
    Verb(
        group=CAMPAIGNS,
        word="new",
        chinese="新活动",
        role=Role.SUPPORT,
        says="A campaign file to begin with, by a template: stamp card, lottery, promotion or relay.",
        takes=_New,
        act=_new,
        chat_only=True,
    ),
    Verb(
        group=CAMPAIGNS,
        word="check",
        chinese="检查活动",
        role=Role.OPERATOR,
        says="Say what is wrong in the campaign file that you sent, by line, or that nothing is.",
        more="Send the file as a document first; the newest one of the last ten minutes counts.",
        takes=_File,
        act=_check,
        chat_only=True,
    ),
    Verb(
        group=CAMPAIGNS,
        word="publish",
        chinese="发布活动",
        role=Role.OWNER,
        says="Freeze the rules in the campaign file that you sent and start: a new campaign, or a new version of one.",
        more="Send the file as a document first; the newest one of the last ten minutes counts.",
        takes=_Publication,
        act=_publish,
        changes=True,
        final="players play by it from that moment on; publish the file before it once more",
        confirm="What is published is frozen, and players play by it at once. Publish exactly this file?",
        chat_only=True,
    ),
    Verb(
        group=CAMPAIGNS,
        word="diff",
        chinese="比较版本",
        role=Role.SUPPORT,
        says="What a version of a campaign changed in the one before it: in words, and key by key.",
        takes=_Versions,
        act=_diff,
    ),
)
