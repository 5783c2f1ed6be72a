"""`huoju campaign`: its verbs, and what needs the file of a campaign."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from bots import CHANNELS
from core.alphabet import code_space
from core.answers import Answer, AnswerPart, Verbatim
from core.campaign.checks import check_campaign, liability
from core.campaign.platforms import notes
from core.campaign.publication import CampaignRefused, Publication, publish
from core.campaign.reader import BadCampaign, CampaignFile, read_campaign
from core.campaign.schema import json_schema
from core.campaign.templates import from_template, templates_told, write_new
from core.engine.campaign_changes import changes_told
from core.models import CampaignVersion
from core.times import system_clock
from handlers import MECHANICS
from handlers.codes.rules import CodeRules, most_codes
from handlers.operators.say import Teller
from huoju.account_registry import known_places
from huoju.bootstrap import Installation
from huoju.cli.console import complain, confirmed, installation, out, print_answer, table
from huoju.cli.language import in_language, teller
from huoju.cli.verbs import group_of
from huoju.settings import read_settings

FILE = click.argument("file", type=click.Path(path_type=Path))


campaign = group_of("campaign")


@campaign.command()
@click.argument("template", default="")
@click.argument("name", default="")
@in_language
def new(template: str, name: str, language: str) -> None:
    """Write NAME.yaml from a TEMPLATE; without one, list them all. A file that exists is never written over."""
    name = name.removesuffix(".yaml") or template
    if template:
        path = Path(f"{name}.yaml")
        write_new(path, from_template(template, name, language))
        out.print(teller(language).sentence("{path} is there; make it yours, and then:", path=Verbatim(path)))
        out.print(f"  huoju campaign check {path}\n  huoju campaign publish {path}")
        return
    listed = table("", "")
    for each, about in templates_told(language):
        listed.add_row(f"huoju campaign new {each} NAME", about)
    listed.show_header = False
    out.print(listed)


@campaign.command()
@in_language
def schema(language: str) -> None:
    """The JSON Schema of campaign files, which editors complete and check them with as you type."""
    channels = [channel.name for channel in CHANNELS]
    made = json_schema(MECHANICS.sections, channels, teller(language).word)
    out.print(json.dumps(made, ensure_ascii=False, indent=2))


@campaign.command()
@FILE
@in_language
def check(file: Path, language: str) -> None:
    """Say what is wrong in a campaign FILE, by line, or that nothing is. Needs no database."""
    tell = teller(language)
    known = known_places(read_settings())
    with _told_in(tell):
        read = read_campaign(file, MECHANICS.sections)
        rules = check_campaign(read, MECHANICS.texts(), system_clock(), known=known, words=MECHANICS.titles)
    told = "{file}: good. Runs from {opens} to {closes}."
    out.print(tell.sentence(told, file=str(file), opens=Verbatim(rules.opens), closes=Verbatim(rules.closes)))
    if rules.budget:
        owed = liability(rules, rules.planned_codes)
        told = "It can cost at most {owed} of a budget of {budget}."
        out.print(tell.sentence(told, owed=Verbatim(owed), budget=Verbatim(rules.budget)))
    most = most_codes(rules, code_space(rules.section(CodeRules).length))
    out.print(tell.sentence("At most {count} codes can live safely.", count=most))
    for note in notes(rules):
        out.print(tell.sentence("Note: {note}.", note=note))


@contextmanager
def _told_in(tell: Teller) -> Iterator[None]:
    """What is wrong in a file is told in a language, a line each; the command ends with exit code 1."""
    try:
        yield
    except BadCampaign as error:
        complain("\n".join(tell.line(one.told) for one in error.violations))
        raise SystemExit(1) from None


@campaign.command("publish")
@FILE
@click.option("--dry-run", is_flag=True, help="Say what would change, and publish nothing.")
@click.option("--yes", is_flag=True, help="Publish a new version without asking.")
@in_language
def publish_file(file: Path, language: str, *, dry_run: bool, yes: bool) -> None:
    """Freeze the rules in FILE and start: a new campaign, or a new version of one.

    Says what a new version changes before, and asks where somebody sits at the terminal.
    """
    tell, here = teller(language), installation()
    with _told_in(tell):
        read = read_campaign(file, MECHANICS.sections)
        foreseen, changes = _published(here, read, keep=False)
    if not foreseen.changed:
        told = "{campaign} version {version} has exactly these rules already; nothing changed."
        out.print(tell.sentence(told, campaign=foreseen.name, version=foreseen.version))
        return
    if changes and language == "en":
        print_answer(Answer(changes))
    elif changes:
        out.print(tell.answer(Answer(changes)))
    if dry_run:
        out.print(tell.sentence("Nothing was published."))
        return
    if changes and not yes and sys.stdin.isatty():
        confirmed(tell.word("Players play by it at once. Publish it?"))
    with _told_in(tell):
        done, _ = _published(here, read, over=foreseen.version - 1)
    told = "Published {campaign}, version {version}."
    out.print(tell.sentence(told, campaign=done.name, version=done.version))
    out.print(tell.sentence("Rules (SHA-256): {hash}", hash=done.rules_hash))
    if not changes:
        seed = "Commitment to the draw seed (SHA-256): {hash}"
        out.print(tell.sentence(seed, hash=done.seed_commitment))


def _published(
    here: Installation, file: CampaignFile, *, keep: bool = True, over: int | None = None
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
        )
        changes: list[AnswerPart] = []
        if done.changed and done.version > 1:
            before, after = (
                session.get_one(CampaignVersion, (done.campaign_id, version)).rules
                for version in (done.version - 1, done.version)
            )
            changes = list(changes_told(before, after, MECHANICS.sections))
        if over is not None and done.version != over + 1:
            told = "{campaign} is at version {version} by now: somebody published meanwhile; say this once more"
            raise CampaignRefused(told, campaign=done.name, version=done.version - 1)
        session.commit() if keep else session.rollback()
    return done, changes
