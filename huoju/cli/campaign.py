"""`huoju campaign`: its verbs, and what needs the file of a campaign."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from bots import CHANNELS
from core.alphabet import code_space
from core.answers import Answer, AnswerPart, Column, ColumnFormat, Table, Verbatim, line, said
from core.campaign.checks import check_campaign, liability
from core.campaign.platforms import notes
from core.campaign.publication import CampaignRefused, Publication, publish
from core.campaign.reader import BadCampaign, CampaignFile, Violation, read_campaign
from core.campaign.schema import json_schema
from core.campaign.templates import from_template, templates_told, write_new
from core.engine.campaign_changes import changes_told
from core.engine.missing_texts import missing
from core.models import CampaignVersion
from core.times import system_clock
from handlers import MECHANICS
from handlers.codes.rules import CodeRules, most_codes
from handlers.operators.say import Teller
from huoju.account_registry import known_places
from huoju.bootstrap import Installation
from huoju.cli.console import (
    Telling,
    command_name,
    complain,
    confirmed,
    counted,
    if_stopped,
    installation,
    json_option,
    out,
    print_document,
    tell,
)
from huoju.cli.language import in_language
from huoju.cli.verbs import group_of
from huoju.cli.wording import teller
from huoju.settings import read_settings

FILE = click.argument("file", type=click.Path(path_type=Path))


campaign = group_of("campaign")


@campaign.command()
@click.argument("template", default="")
@click.argument("name", default="")
@json_option
@in_language
def new(template: str, name: str, language: str, *, as_json: bool) -> None:
    """Write NAME.yaml from a TEMPLATE; without one, list them all. A file that exists is never written over."""
    name = name.removesuffix(".yaml") or template
    told = Telling(language, as_json=as_json)
    if template:
        path = Path(f"{name}.yaml")
        write_new(path, from_template(template, name, language))
        told("{path} is there; make it yours, and then:", path=Verbatim(path))
        told("  huoju campaign check {path}", path=Verbatim(path))
        told("  huoju campaign publish {path}", path=Verbatim(path))
    else:
        told.parts([Table("templates", _TEMPLATES, list(templates_told(language)))])
        told("To begin with one: huoju campaign new TEMPLATE NAME")
    told.end()


_TEMPLATES = (Column("template", ColumnFormat.COPIED), Column("about"))


@campaign.command()
@json_option
@in_language
def schema(language: str, *, as_json: bool) -> None:
    """The JSON Schema of campaign files, which editors complete and check them with as you type."""
    channels = [channel.name for channel in CHANNELS]
    made = json_schema(MECHANICS.sections, channels, MECHANICS.words(), teller(language).word)
    if as_json:
        tell(said("{schema}", schema=Verbatim(json.dumps(made, ensure_ascii=False))), as_json=True)
    else:
        out.print(json.dumps(made, ensure_ascii=False, indent=2))


@campaign.command()
@FILE
@json_option
@in_language
def check(file: Path, language: str, *, as_json: bool) -> None:
    """Say what is wrong in a campaign FILE, by line, or that nothing is. Needs no database.

    For scripts, each finding has its line and column, its place in the file, the sentence and what to do.
    """
    says, known = teller(language), known_places(read_settings())
    with told_in(says, as_json=as_json):
        read = read_campaign(file, MECHANICS.sections)
        rules = check_campaign(read, MECHANICS.texts(), system_clock(), known=known, words=MECHANICS.titles)
    good = "{file}: good. Runs from {opens} to {closes}."
    parts: list[AnswerPart] = [
        line(good, file=str(file), opens=Verbatim(rules.opens), closes=Verbatim(rules.closes)),
    ]
    if rules.budget:
        owed = liability(rules, rules.planned_codes)
        told = "It can cost at most {owed} of a budget of {budget}."
        parts.append(line(told, owed=Verbatim(owed), budget=Verbatim(rules.budget)))
    most = most_codes(rules, code_space(rules.section(CodeRules).length))
    parts.append(line("At most {count} codes can live safely.", count=most))
    parts += [line("Note: {note}.", note=note) for note in notes(rules)]
    for lacks in missing(MECHANICS, rules):
        if lacks.keys:
            parts.append(lacks.told)
            command = f"huoju texts --missing {lacks.language} {file}"
            parts.append(line("To list them, ready to be translated: {command}", command=Verbatim(command)))
    tell(Answer([*parts, *([_findings(())] if as_json else [])]), as_json=as_json, language=language)


_FINDINGS = [Column(name) for name in ("line", "column", "place", "sentence", "remedy")]


def _findings(violations: Sequence[Violation]) -> Table:
    """What is wrong in a file, for scripts."""
    rows = [(one.line or None, one.column or None, one.place or None, one.told, one.why) for one in violations]
    return Table("findings", _FINDINGS, rows)


@contextmanager
def told_in(says: Teller, *, as_json: bool) -> Iterator[None]:
    """What is wrong in a file is told in a language, a line each; the command ends with exit code 1."""
    try:
        yield
    except BadCampaign as error:
        if as_json:
            answer = Answer([_findings(error.violations)], wrong=[one.told for one in error.violations])
            print_document(command_name(), answer.document(says.line))
        complain("\n".join(says.line(one.told) for one in error.violations))
        raise SystemExit(1) from None


@campaign.command("publish")
@FILE
@click.option("--dry-run", is_flag=True, help="Say what would change, and publish nothing.")
@click.option("--yes", is_flag=True, help="Publish a new version without asking.")
@json_option
@in_language
def publish_file(file: Path, language: str, *, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Freeze the rules in FILE and start: a new campaign, or a new version of one.

    Says what a new version changes before, and asks where somebody sits at the terminal.
    """
    told, here = Telling(language, as_json=as_json), installation()
    with told_in(told.says, as_json=as_json):
        read = read_campaign(file, MECHANICS.sections)
        with counted("Looking at what it changes") as progressed:
            foreseen, changes = _published(here, read, progressed, keep=False)
    if not foreseen.changed:
        same = "{campaign} version {version} has exactly these rules already; nothing changed."
        told(same, campaign=foreseen.name, version=foreseen.version)
        told.end()
        return
    told.parts(changes)
    if dry_run:
        told("Nothing was published.")
        told.end()
        return
    if changes and not yes and sys.stdin.isatty():
        confirmed("Players play by it at once. Publish it?")
    with (
        told_in(told.says, as_json=as_json),
        counted("Publishing") as progressed,
        if_stopped("nothing was published"),
    ):
        done, _ = _published(here, read, progressed, over=foreseen.version - 1)
    told("Published {campaign}, version {version}.", campaign=done.name, version=done.version)
    told("Rules (SHA-256): {hash}", hash=done.rules_hash)
    if not changes:
        told("Commitment to the draw seed (SHA-256): {hash}", hash=done.seed_commitment)
    told.end()


def _published(
    here: Installation,
    file: CampaignFile,
    told: Callable[[int, int], None],
    *,
    keep: bool = True,
    over: int | None = None,
) -> tuple[Publication, list[AnswerPart]]:
    """Publish ``file``, or see what would come of it, and what that changes; nothing where it is the first version.

    Raises BadCampaign, and CampaignRefused where the version is not that after ``over`` any more.
    """
    with here.runtime().sessions() as session:
        done = publish(
            session,
            file,
            here.clock(),
            here.keys,
            here.randomness,
            mechanics=MECHANICS,
            known=known_places(here.settings),
            words=MECHANICS.titles,
            told=told,
        )
        changes: list[AnswerPart] = []
        if done.changed and done.version > 1:
            before, after = (
                session.get_one(CampaignVersion, (done.campaign_id, version)).rules
                for version in (done.version - 1, done.version)
            )
            changes = list(changes_told(before, after, MECHANICS.sections))
        if over is not None and done.version != over + 1:
            late = "{campaign} is at version {version} by now: somebody published meanwhile; say this once more"
            raise CampaignRefused(late, campaign=done.name, version=done.version - 1)
        session.commit() if keep else session.rollback()
    return done, changes
