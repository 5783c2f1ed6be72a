"""`huoju purchases`: its verbs, and taking in the table of a till."""

from pathlib import Path
from typing import Literal

import click

from core.answers import Answer, Line, line
from core.verbs import Desk
from handlers.purchases.verbs import TILL, Choice, TakingIn
from huoju.cli.console import installation, json_option, out, progress, spoken, tell
from huoju.cli.import_options import DRY_RUN, SHEET, TABLE
from huoju.cli.verbs import group_of
from huoju.tables.receipts import open_receipts

purchases = group_of("purchases")


@purchases.command("import")
@click.argument("file", type=TABLE)
@click.option("--campaign", help="The name of a campaign, where several know purchases.")
@click.option("--source", default=TILL, show_default=True, help="Whose receipt numbers these are.")
@click.option(
    "--dates",
    type=click.Choice(["day-first", "month-first"]),
    help="How to read 03/04/2026, where the table does not show it.",
)
@SHEET
@DRY_RUN
@json_option
def import_file(
    file: Path,
    campaign: str | None,
    source: str,
    dates: Literal["day-first", "month-first"] | None,
    sheet: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Take in the receipts in FILE, the export of a till: text, CSV or .xlsx, in whatever order its columns stand.

    It needs receipt number, day, phone and amount (单号, 日期, 手机号, 金额 and many more names). All of it is looked
    through first; one row that is refused refuses the file. What is there already stays as it is, so the same file may
    be taken in again, and goes on where it was ended.
    """
    here = installation()
    given = Choice.read({"campaign": campaign, "source": source, "dates": dates})
    table = open_receipts(file, sheet)
    taking = TakingIn(Desk(here.runtime(), here.clock(), tuple), table, given)
    with progress() as bar:
        task = bar.add_task(spoken().word("Reading receipts"), total=table.rows_about)
        foreseen = taking.look(lambda done: bar.update(task, completed=done))
    if dry_run:
        nothing = line("Nothing was stored: leave --dry-run out to take them in.")
        tell(Answer([*foreseen.parts, nothing]), as_json=as_json)
        return
    if not as_json:
        for part in foreseen.parts:
            out.print(spoken().line(part) if isinstance(part, Line) else "")
    with progress() as bar:
        task = bar.add_task(spoken().word("Taking in"), total=table.rows_about)
        answer = taking.store(lambda _session, done: bar.update(task, completed=done))
    tell(Answer([*(foreseen.parts if as_json else ()), *answer.parts], changes=answer.changes), as_json=as_json)
