"""`huoju vouchers`: its verb, and taking in a file."""

from pathlib import Path

import click
from sqlalchemy.orm import Session

from core.answers import Answer, Line, Verbatim, line
from core.campaign.publication import get_campaign
from core.campaign.published import newest_rules
from core.database import read_only
from core.operators import VerbRefused
from handlers.claims.items import pool_name, voucher_pools
from handlers.claims.vouchers import VouchersRefused, take_in
from huoju.cli.console import if_stopped, installation, json_option, patience, tell
from huoju.cli.import_options import rows_named, table_options, tell_how_read, tell_what_changed, with_progress
from huoju.cli.verbs import group_of
from huoju.tables.codes import knows_codes, vouchers_in
from huoju.tables.reader import open_table
from huoju.tables.table import TableRefused

vouchers = group_of("vouchers")


@vouchers.command("import")
@click.argument("campaign")
@click.argument("item")
@table_options
@json_option
def import_file(
    campaign: str,
    item: str,
    file: Path,
    columns: tuple[str, ...],
    sheet: str | None,
    *,
    dry_run: bool,
    as_is: bool,
    as_json: bool,
) -> None:
    """Take in the vouchers in FILE for ITEM of CAMPAIGN: the name of a prize, or gift:NAME.

    FILE is text, CSV or .xlsx. The column is found by its heading (code, 券码 and many more), or named with --column;
    e-cards have two, a number and a secret (卡号, 卡密). One voucher that is refused refuses the file.
    """
    here = installation()
    sessions = here.runtime().sessions
    with read_only(sessions) as session:
        is_wanted = _is_wanted(session, campaign, item)
    try:
        codes: list[tuple[int, str]] = []
        told: list[Line] = []
        if is_wanted:
            values = vouchers_in(open_table(file, knows_codes, sheet), columns, as_is=as_is)
            told += tell_how_read(file, values, as_json=as_json)
            codes = list(with_progress(values, "Reading vouchers"))
            tell_what_changed(values)
        with if_stopped("nothing was imported"), sessions() as session:
            with patience("Storing vouchers"):
                taken = take_in(session, here.keys, campaign, item, codes)
            session.rollback() if dry_run else session.commit()
    except (TableRefused, VouchersRefused) as error:
        why = error.line if isinstance(error, VerbRefused) else Verbatim(error)
        raise VerbRefused("{why}; nothing was imported" if is_wanted else "{why}", why=why) from None
    both = "{item}: {new} vouchers are new, {known} were here already."
    told.append(line(both, item=item, new=taken.new, known=len(taken.known)))
    if taken.known:
        told.append(line("Here already: row {rows}.", rows=rows_named(taken.known)))
    if dry_run:
        told.append(line("Nothing was stored: leave --dry-run out to import them."))
    else:
        told.append(line("Players who wait for one get it from the clock of `huoju run` or `huoju clock`."))
    tell(Answer(told), as_json=as_json)


def _is_wanted(session: Session, campaign: str, item: str) -> bool:
    """True when vouchers of ``item`` are imported. Raises VerbRefused when a gift of that name makes its own."""
    pools = voucher_pools(newest_rules(session, get_campaign(session, campaign)))
    if item not in pools and pools.get(gift := pool_name(item, gift=True)) is False:
        raise VerbRefused("{gift} makes its own vouchers; nothing to import", gift=gift)
    return pools.get(item, False)
