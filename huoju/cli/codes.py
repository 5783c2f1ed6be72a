"""`huoju codes`: its verbs, and what needs a file: issuing for a printer, importing, activating by the file."""

from pathlib import Path
from typing import Any

import click
from rich.progress import Progress
from sqlalchemy.orm import Session

from core.campaign.publication import get_campaign
from core.campaign.published import newest_rules
from core.new_file import NewFile, sha256_of
from handlers import MECHANICS
from handlers.codes import importer as importing
from handlers.codes import issuance as issuing
from handlers.codes.batches import Issue
from handlers.codes.verbs import ACTIVATE
from huoju.bootstrap import Installation
from huoju.cli.console import installation, out, progress
from huoju.cli.import_options import table_options, tell_how_read, tell_what_changed
from huoju.cli.verbs import command_of, group_of, say
from huoju.tables.codes import codes_in, knows_codes
from huoju.tables.reader import open_table
from pages.pictures.fonts import find_fonts

_SURE = " (add --file to make sure it is the right file)"
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


codes = group_of("codes")


def _how(here: Installation, bar: Progress, doing: str, total: int | None) -> Issue:
    task = bar.add_task(doing, total=total)
    return Issue(here.keys, here.randomness, here.clock(), MECHANICS.sections, lambda done: bar.advance(task, done))


@codes.command()
@click.argument("campaign")
@click.option("--count", type=click.IntRange(1, 10**9), required=True, help="How many codes.")
@click.option(
    "--out", "path", type=click.Path(path_type=Path), required=True, help="The printer's new file: .csv, or .pdf."
)
@click.option("--recipient", help="Encrypt the file for this age public key (age1…), see age-encryption.org.")
def issue(campaign: str, count: int, path: Path, recipient: str | None) -> None:
    """Make random codes for CAMPAIGN and write them to a file; only their hashes are kept here. They are inert.

    The file is a list, serial and code, with the link of each card when HUOJU_PUBLIC_URL is set. Named .pdf (or
    .pdf.age) it is sheets to cut: ten cards a page with QR pictures.
    """
    here = installation()
    with NewFile(path, recipient) as file, progress() as bar:
        with here.runtime().sessions.begin() as session:
            is_sheet = ".pdf" in map(str.lower, path.suffixes)
            begin = _links_begin(here, session, campaign)
            cards = _sheets(here, session, campaign, file, count) if is_sheet else issuing.CardList(file, begin)
            done = issuing.issue(session, campaign, count, cards, _how(here, bar, "Issuing codes", count))
            file.keep()
        file.commit()
    out.print(f"Batch {done.batch_id}: {done.codes_count} codes in {path}, inert.")
    what = "of the file once decrypted" if recipient else "of the file"
    out.print(f"SHA-256 {what}: {done.file_sha256}")
    out.print(f"When the printed cards are safe: huoju codes activate {done.batch_id}{_SURE}")


def _sheets(here: Installation, session: Session, campaign: str, file: NewFile, count: int) -> issuing.Cards:
    from huoju.cards import CardSheets  # noqa: PLC0415  # a large library that no other command needs

    rules = newest_rules(session, get_campaign(session, campaign))
    fonts = find_fonts(here.settings.font_file)
    return CardSheets(file, rules, _links_begin(here, session, campaign), fonts, count)


def _links_begin(here: Installation, session: Session, campaign: str) -> str | None:
    public_url = here.settings.links_begin_with
    return issuing.card_links(public_url, get_campaign(session, campaign).id) if public_url else None


@codes.command("import")
@click.argument("campaign")
@table_options
def import_file(
    campaign: str, file: Path, columns: tuple[str, ...], sheet: str | None, *, dry_run: bool, as_is: bool
) -> None:
    """Take codes for CAMPAIGN that were printed elsewhere, from a column of FILE: text, CSV or .xlsx.

    The column is found by its heading (code, 兑换码 and many more), or named with --column. One code that is
    refused refuses the file.
    """
    here = installation()
    values = codes_in(open_table(file, knows_codes, sheet), columns, as_is=as_is)
    tell_how_read(file, values)
    with progress() as bar, here.runtime().sessions() as session:
        how = _how(here, bar, "Importing codes", values.rows_about)
        done = importing.import_codes(session, campaign, values, sha256_of(file), how)
        session.rollback() if dry_run else session.commit()
    tell_what_changed(values)
    if dry_run:
        out.print(f"{done.codes_count} codes are good. Nothing was stored: leave --dry-run out to import them.")
        return
    out.print(f"Batch {done.batch_id}: {done.codes_count} codes from {file}, inert.")
    out.print(f"To let them be redeemed: huoju codes activate {done.batch_id}")


def _activate(sha256: str | None, file: Path | None, **typed: Any) -> None:
    say(ACTIVATE, typed | {"sha256": sha256_of(file) if file else sha256})


_activation = command_of(ACTIVATE)
_activation.params.append(click.Option(["--file"], type=_FILE, help="Activate only for this file."))
_activation.callback = _activate
codes.add_command(_activation)
