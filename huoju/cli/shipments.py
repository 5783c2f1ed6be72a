"""`huoju claims ship`: a parcel is on its way, or all of the list that the warehouse packed by and sends back."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from core.answers import Answer, Line, Value, Verbatim, line, said
from core.arguments import row_of
from core.operators import VerbRefused
from core.verbs import patiently
from core.words import Mark, row_number
from handlers.claims import fulfilment
from handlers.claims.fulfilment import ClaimRefused, Parcel
from huoju.bootstrap import Installation
from huoju.cli.console import if_stopped, installation, json_option, progress, spoken, tell
from huoju.cli.import_options import DRY_RUN, SHEET
from huoju.tables.damage import ENTER_AGAIN
from huoju.tables.shipping_list import ReturnedLine, read_list

_REVISION = re.compile(r"\d{1,9}")
_WOULD = "would ship {new}, skipped {skipped}, refused {refused}"
_DONE = "shipped {new}, skipped {skipped}, refused {refused}"
_DONE_BEFORE = "shipped {new}, shipped before {known}, skipped {skipped}, refused {refused}"
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("number", required=False)
@click.option("--carrier", help="Who brings it.")
@click.option("--tracking", help="Its tracking number.")
@click.option("--untracked", is_flag=True, help="It travels without carrier and tracking number.")
@click.option("--file", "path", type=_FILE, help="The list of the warehouse, filled in: .csv or .xlsx.")
@click.option("--correct", is_flag=True, help="Change carrier and tracking number of what has shipped already.")
@SHEET
@DRY_RUN
@json_option
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
    as_json: bool,
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
        answer = _ship_list(here, path, read_list(path, sheet), correct=correct, dry_run=dry_run)
        tell(answer, as_json=as_json)
        return
    claim_id = row_of(Mark.CLAIM, number or "")
    new = _ship(here, claim_id, parcel, correct=correct)
    told = (
        "{number} has shipped; the player is told."
        if new
        else "{number} has shipped already with exactly this; nothing changed."
    )
    tell(said(told, number=row_number(Mark.CLAIM, claim_id)), as_json=as_json)


def _ship(here: Installation, claim_id: int, parcel: Parcel, *, correct: bool) -> bool:
    """False when exactly this was said before. Raises ClaimRefused, also for a change that is no correction."""
    runtime = here.runtime()

    shipped = replace(parcel, correct=correct)
    return patiently(lambda: fulfilment.ship(runtime, claim_id, shipped, here.clock()))


def _ship_list(
    here: Installation, path: Path, lines: Sequence[ReturnedLine], *, correct: bool, dry_run: bool
) -> Answer:
    """Ship every line in a transaction of its own; what was refused is wrong, by line.

    A ``dry_run`` ships nothing; it finds what is wrong with the list alone.
    """
    done, seen, wrong = Counter[str](), dict[int, ReturnedLine](), list[Line]()
    stands = "what was shipped before stands; say it once more, and the rest follows"
    with progress() as bar, if_stopped(stands):
        for one in bar.track(lines, description=spoken().word("Shipping")):
            try:
                found = _checked(one, seen)
                if found is None or dry_run:
                    done["skipped" if found is None else "shipped"] += 1
                else:
                    done["shipped" if _ship(here, *found, correct=correct) else "known"] += 1
            except (ClaimRefused, VerbRefused) as error:
                where: dict[str, Value] = {"file": str(path), "number": one.line}
                wrong.append(line("{file} line {number}: {why}", **where, why=error.line))
                done["refused"] += 1
    told = _WOULD if dry_run else _DONE_BEFORE if done["known"] else _DONE
    counts = {"new": done["shipped"], "skipped": done["skipped"], "refused": done["refused"]}
    parts = [line(told, **counts, **({"known": done["known"]} if told is _DONE_BEFORE else {}))]
    if skipped := done["skipped"]:
        lacking = "1 line has no tracking number yet." if skipped == 1 else "{count} lines have no tracking number yet."
        parts.append(line(lacking, count=skipped))
    return Answer(parts, wrong=wrong)


def _checked(line: ReturnedLine, seen: dict[int, ReturnedLine]) -> tuple[int, Parcel] | None:
    """The claim and its parcel, or None for a line that is not filled in yet. Raises VerbRefused."""
    if not line.tracking:
        return None
    if not line.number:
        raise VerbRefused("the claim number is empty; copy it from the list")
    claim_id = row_of(Mark.CLAIM, line.number)
    if line.damage is not None:
        told = "{tracking} is {damage}; {remedy} (or, if it is right: huoju claims ship NUMBER --tracking …)"
        raise VerbRefused(told, tracking=Verbatim(line.tracking), damage=line.damage, remedy=ENTER_AGAIN)
    if not _REVISION.fullmatch(line.revision):
        if not line.revision:
            raise VerbRefused("the revision is missing; keep what the list said")
        told = "the revision {revision!r} is no number; keep what the list said"
        raise VerbRefused(told, revision=Verbatim(line.revision[:20]))
    first = seen.setdefault(claim_id, line)
    if (first.carrier, first.tracking) != (line.carrier, line.tracking):
        told = "line {number} ships the same claim with another tracking number; keep one of both"
        raise VerbRefused(told, number=first.line)
    return claim_id, Parcel(line.carrier, line.tracking, int(line.revision))
