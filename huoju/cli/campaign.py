"""`huoju campaign`: its verbs, and what needs the file of a campaign."""

import json
from pathlib import Path

import click

from bots import CHANNELS
from core.alphabet import code_space
from core.answers import Verbatim
from core.campaign.checks import check_campaign, liability
from core.campaign.platforms import notes
from core.campaign.publication import publish
from core.campaign.reader import read_campaign
from core.campaign.schema import json_schema
from core.campaign.templates import from_template, templates_told, write_new
from core.times import system_clock
from handlers import MECHANICS
from handlers.codes.rules import CodeRules, most_codes
from huoju.account_registry import known_places
from huoju.cli.console import installation, out, table
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
def check(file: Path) -> None:
    """Say what is wrong in a campaign FILE, by line, or that nothing is. Needs no database."""
    known = known_places(read_settings())
    rules = check_campaign(
        read_campaign(file, MECHANICS.sections), MECHANICS.texts(), system_clock(), known=known, words=MECHANICS.titles
    )
    out.print(f"{file}: good. Runs from {rules.opens} to {rules.closes}.")
    if rules.budget:
        owed = liability(rules, rules.planned_codes)
        out.print(f"It can cost at most {owed} of a budget of {rules.budget}.")
    out.print(f"At most {most_codes(rules, code_space(rules.section(CodeRules).length))} codes can live safely.")
    for note in notes(rules):
        out.print(f"Note: {note}.")


@campaign.command("publish")
@FILE
def publish_file(file: Path) -> None:
    """Freeze the rules in FILE and start: a new campaign, or a new version of one."""
    here = installation()
    with here.runtime().sessions.begin() as session:
        known, now = known_places(here.settings), here.clock()
        done = publish(
            session,
            read_campaign(file, MECHANICS.sections),
            now,
            here.keys,
            here.randomness,
            mechanics=MECHANICS,
            known=known,
            words=MECHANICS.titles,
        )
    if not done.changed:
        out.print(f"{done.name} version {done.version} has exactly these rules already; nothing changed.")
        return
    out.print(f"Published {done.name}, version {done.version}.")
    out.print(f"Rules (SHA-256): {done.rules_hash}")
    out.print(f"Commitment to the draw seed (SHA-256): {done.seed_commitment}")
