"""`huoju claims export` and `huoju claims ship`: the list that the warehouse packs by, and what it sends back."""

import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from core.arguments import row_of
from core.database import read_only
from core.operators import VerbRefused
from core.texts.catalogue import LANGUAGES
from core.verbs import patiently
from core.words import Mark, row_number
from handlers.claims import fulfilment
from handlers.claims.fulfilment import ClaimRefused, Parcel
from handlers.claims.shipments import Outgoing, dispatch, find_outgoing, prepare
from handlers.claims.shipping_list import write_list
from huoju.bootstrap import Installation
from huoju.cli.console import complain, installation, out, progress
from huoju.cli.import_options import DRY_RUN, SHEET
from huoju.tables.damage import ENTER_AGAIN
from huoju.tables.shipping_list import ReturnedLine, read_list

_MOST_LINES = 50_000
"""Of one list: with long addresses more would be too large a file to be read again."""
_REVISION = re.compile(r"\d{1,9}")
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("campaign")
@click.option("--out", "path", type=click.Path(path_type=Path), required=True, help="A new .csv or .xlsx.")
@click.option("--all", "again", is_flag=True, help="Everything that is ready, listed before or not.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the headings; the campaign's own where not given.")
def export(campaign: str, path: Path, language: str | None, *, again: bool) -> None:
    """Write the list of parcels of CAMPAIGN that are ready to ship and were not listed as they are now.

    The warehouse fills in carrier and tracking number and sends the same file back: huoju claims ship --file FILE.
    """
    here = installation()
    sessions = here.runtime().sessions
    with read_only(sessions) as session, progress() as bar:
        outgoing = find_outgoing(session, campaign, again=again, most=_MOST_LINES)
        task = bar.add_task("Reading addresses", total=len(outgoing.claim_ids))
        prepared = prepare(session, here.keys, outgoing, lambda done: bar.advance(task, done))
    if not outgoing.claim_ids:
        out.print(f"Nothing of {campaign} is ready that was not listed before; no file was written.")
        return
    is_written = False
    try:
        with sessions.begin() as session:
            parcels = dispatch(session, here.keys, outgoing, prepared)
            count = write_list(path, language or outgoing.rules.language, parcels)
            is_written = True
    except Exception as error:
        if not is_written:
            raise
        raise VerbRefused(
            f"{path} is whole and is kept, but its parcels may or may not be marked as listed ({type(error).__name__});"
            " the next list may hold them again: give the warehouse one of both"
        ) from error
    _tell(outgoing, path, count)


def _tell(outgoing: Outgoing, path: Path, count: int) -> None:
    out.print(f"{count} parcels are in {path}. It holds names and addresses: delete it when they have arrived.")
    if outgoing.left:
        out.print(f"{outgoing.left} more are ready; export them to another file.")
    out.print(f"When carrier and tracking number are filled in: huoju claims ship --file {path}")


@click.command()
@click.argument("number", required=False)
@click.option("--carrier", help="Who brings it.")
@click.option("--tracking", help="Its tracking number.")
@click.option("--untracked", is_flag=True, help="It travels without carrier and tracking number.")
@click.option("--file", "path", type=_FILE, help="The list of the warehouse, filled in: .csv or .xlsx.")
@click.option("--correct", is_flag=True, help="Change carrier and tracking number of what has shipped already.")
@SHEET
@DRY_RUN
def ship(
    number: str | None,
    carrier: str | None,
    tracking: str | None,
    path: Path | None,
    sheet: str | None,
    *,
    untracked: bool,
    correct: bool,
    dry_run: bool,
) -> None:
    """The parcel of the claim NUMBER, or all that have a tracking number in FILE, are on their way; players are told.

    FILE may be read again: what was said before counts as done.
    """
    if (number is None) == (path is None):
        raise click.UsageError("give a NUMBER or --file FILE")
    if path is not None and (carrier is not None or tracking is not None or untracked):
        raise click.UsageError("with --file, carrier and tracking number stand in the file")
    parcel = Parcel((carrier or "").strip(), (tracking or "").strip())
    if path is None and untracked == bool(parcel.carrier or parcel.tracking):
        raise click.UsageError("give --carrier and --tracking, or --untracked for a parcel that has neither")
    if path is None and (sheet is not None or dry_run):
        raise click.UsageError("--sheet and --dry-run are for a list: give --file FILE")
    here = installation()
    if path is not None:
        _ship_list(here, path, read_list(path, sheet), correct=correct, dry_run=dry_run)
        return
    claim_id = row_of(Mark.CLAIM, number or "")
    new = _ship(here, claim_id, parcel, correct=correct)
    told = "has shipped; the player is told" if new else "has shipped already with exactly this; nothing changed"
    out.print(f"{row_number(Mark.CLAIM, claim_id)} {told}.")


def _ship(here: Installation, claim_id: int, parcel: Parcel, *, correct: bool) -> bool:
    """False when exactly this was said before. Raises ClaimRefused, also for a change that is no correction."""
    runtime = here.runtime()

    shipped = replace(parcel, correct=correct)
    return patiently(lambda: fulfilment.ship(runtime, claim_id, shipped, here.clock()))


def _ship_list(here: Installation, path: Path, lines: Sequence[ReturnedLine], *, correct: bool, dry_run: bool) -> None:
    """Ship every line in a transaction of its own, complaining by line; exit 1 when one was refused.

    A ``dry_run`` ships nothing; it finds what is wrong with the list alone.
    """
    done, seen = Counter[str](), dict[int, ReturnedLine]()
    with progress() as bar:
        for line in bar.track(lines, description="Shipping"):
            try:
                found = _checked(line, seen)
                if found is None or dry_run:
                    done["skipped" if found is None else "shipped"] += 1
                else:
                    done["shipped" if _ship(here, *found, correct=correct) else "known"] += 1
            except (ClaimRefused, VerbRefused) as error:
                complain(f"{path} line {line.line}: {error}")
                done["refused"] += 1
    what = "would ship" if dry_run else "shipped"
    before = f"shipped before {done['known']}, " if done["known"] else ""
    out.print(f"{what} {done['shipped']}, {before}skipped {done['skipped']}, refused {done['refused']}")
    if skipped := done["skipped"]:
        out.print(
            "1 line has no tracking number yet." if skipped == 1 else f"{skipped} lines have no tracking number yet."
        )
    sys.exit(1 if done["refused"] else 0)


def _checked(line: ReturnedLine, seen: dict[int, ReturnedLine]) -> tuple[int, Parcel] | None:
    """The claim and its parcel, or None for a line that is not filled in yet. Raises VerbRefused."""
    if not line.tracking:
        return None
    if not line.number:
        raise VerbRefused("the claim number is empty; copy it from the list")
    claim_id = row_of(Mark.CLAIM, line.number)
    if line.damage is not None:
        raise VerbRefused(
            f"{line.tracking} is {line.damage}; {ENTER_AGAIN}"
            " (or, if it is right: huoju claims ship NUMBER --tracking …)"
        )
    if not _REVISION.fullmatch(line.revision):
        wrong = f"{line.revision[:20]!r} is no number" if line.revision else "is missing"
        raise VerbRefused(f"the revision {wrong}; keep what the list said")
    first = seen.setdefault(claim_id, line)
    if (first.carrier, first.tracking) != (line.carrier, line.tracking):
        raise VerbRefused(f"line {first.line} ships the same claim with another tracking number; keep one of both")
    return claim_id, Parcel(line.carrier, line.tracking, int(line.revision))
