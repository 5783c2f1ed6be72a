"""`huoju draws`: reveal the seed of an ended campaign, verify every draw, and export them for others to verify."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import click

from core.audit.faults import Books
from core.campaign.live import kept_seed
from core.campaign.publishing import get_campaign, reveal
from core.database import read_only
from core.operators import Refused
from handlers.draws.audit import wrong_draws
from handlers.draws.export import export_draws
from handlers.draws.latest import latest_draws
from huoju.cli.console import installation, out, table

_CAMPAIGN = click.argument("campaign")
_SHOWN = 20


@click.group()
def draws() -> None:
    """Reveal seeds, verify and export draws."""


@draws.command("reveal")
@_CAMPAIGN
def reveal_seed(campaign: str) -> None:
    """Publish the draw seed of an ended CAMPAIGN, for everybody to verify; the rules answer shows it from now on."""
    here = installation()
    with here.runtime().sessions.begin() as session:
        seed = reveal(session, campaign, here.clock(), here.keys)
    out.print(f"Seed of {campaign}: {seed}")


@draws.command()
@_CAMPAIGN
@click.option("--seed", help="The seed in hex, as it was revealed; without it, the one that is kept here.")
def verify(campaign: str, seed: str | None) -> None:
    """Compute every draw of CAMPAIGN again with a second, independent implementation; exit 1 when one differs."""
    here = installation()
    with read_only(here.runtime().sessions) as session:
        one = get_campaign(session, campaign)
        raw = bytes.fromhex(_checked(seed)) if seed else kept_seed(one, here.keys)
        if hashlib.sha256(raw).hexdigest() != one.seed_commitment:
            raise Refused(f"this seed is not the one that {campaign} committed to: {one.seed_commitment}")
        faults = 0
        for fault in wrong_draws(Books(session, here.keys), one, raw):
            faults += 1
            if faults <= _SHOWN:
                out.print(f"{fault.row}: {fault.wrong}", markup=False)
    if faults:
        raise Refused(f"{faults} draws do not follow from the seed")
    out.print(f"The seed matches its commitment, and every draw of {campaign} follows from it.")


def _checked(seed: str) -> str:
    try:
        bytes.fromhex(seed)
    except ValueError:
        raise Refused("--seed: give the seed in hex, as `huoju draws reveal` prints it") from None
    return seed


@draws.command()
@_CAMPAIGN
@click.option("--out", "path", type=click.Path(path_type=Path), required=True, help="A new file, JSON by line.")
def export(campaign: str, path: Path) -> None:
    """Write all that anybody needs to verify CAMPAIGN, whose seed is revealed: its seed, rules and every draw.

    It names no player and no code. `python verify.py FILE` checks it (handlers/draws/verify.py needs only Python).
    """
    here = installation()
    with read_only(here.runtime().sessions) as session:
        _write_new(path, export_draws(session, campaign, here.keys))
    out.print(f"Every draw of {campaign} is in {path}. Anybody can check it: python verify.py {path}", markup=False)


def _write_new(path: Path, lines: Iterable[str]) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            try:
                file.writelines(lines)
            except BaseException:
                path.unlink()
                raise
    except FileExistsError:
        raise Refused(f"{path} exists; choose another name") from None
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror}") from None


@draws.command()
@click.option("--count", type=click.IntRange(1, 1000), default=20, help="How many.")
def latest(count: int) -> None:
    """The last draws of all campaigns."""
    rows = table("at (UTC)", "campaign", "odds", "prize")
    runtime = installation().runtime()
    for one in latest_draws(runtime.sessions, runtime.shelf, count):
        prize = one.prize["zh"] if one.prize else "-"
        rows.add_row(f"{one.at:%Y-%m-%d %H:%M:%S}", one.campaign["zh"], str(one.odds), prize)
    out.print(rows)
