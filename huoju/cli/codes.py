"""`huoju codes`: issue for a printer, import, activate, void, status."""

from pathlib import Path

import click
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.campaign.published import newest_rules
from core.campaign.publishing import get_campaign
from core.database import read_only
from core.models import Batch, Campaign
from handlers import MECHANICS
from handlers.codes import batches
from handlers.codes import importer as importing
from handlers.codes import issuance as issuing
from handlers.codes.batches import Issue
from huoju.bootstrap import Installation
from huoju.cli.console import installation, out, progress, table
from huoju.cli.import_options import table_options, tell_how_read, tell_what_changed
from huoju.code_file import CodeFile, sha256_of
from huoju.tables.codes import codes_in, knows_codes
from huoju.tables.reader import open_table
from pages.pictures.fonts import find_fonts

_SURE = " (add --file to make sure it is the right file)"
_BATCH = click.argument("batch", type=click.IntRange(1, 2**31 - 1))


@click.group()
def codes() -> None:
    """Issue codes for a printer, import, activate and void them."""


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
    with CodeFile(path, recipient) as file, progress() as bar:
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


def _sheets(here: Installation, session: Session, campaign: str, file: CodeFile, count: int) -> issuing.Cards:
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


@codes.command()
@_BATCH
@click.option(
    "--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Activate only for this file."
)
def activate(batch: int, file: Path | None) -> None:
    """Let the codes of BATCH be redeemed."""
    here = installation()
    with here.runtime().sessions.begin() as session:
        batches.activate(session, batch, here.clock(), sha256_of(file) if file else None)
    out.print(f"Batch {batch} is active.")


@codes.command()
@_BATCH
@click.confirmation_option(prompt="Codes of a void batch can never be redeemed again. Void it?")
def void(batch: int) -> None:
    """Make the unused codes of BATCH worthless, for good (stolen or misprinted cards)."""
    here = installation()
    with here.runtime().sessions.begin() as session:
        batches.void(session, batch, here.clock())
    out.print(f"Batch {batch} is void.")


@codes.command()
@click.argument("campaign", required=False)
def status(campaign: str | None) -> None:
    """All batches (of CAMPAIGN): state, how many codes, how many redeemed."""
    rows = table("batch", "campaign", "state", "codes", "redeemed", "made (UTC)", "SHA-256 of the file begins")
    with read_only(installation().runtime().sessions) as session:
        redeemed = batches.redeemed_counts(session)
        statement = select(Batch, Campaign.name).join(Campaign, Campaign.id == Batch.campaign_id).order_by(Batch.id)
        for one, name in session.execute(statement.where(Campaign.name == campaign) if campaign else statement):
            made, used = f"{one.created_at:%Y-%m-%d %H:%M}", str(redeemed.get(one.id, 0))
            rows.add_row(str(one.id), name, one.state, str(one.codes_count), used, made, one.file_sha256[:16])
    out.print(rows)
