"""`huoju draws`: its verbs, and exporting draws for others to verify."""

from collections.abc import Iterable
from pathlib import Path

import click

from core.database import read_only
from core.operators import VerbRefused
from handlers.draws.export import export_draws
from huoju.cli.console import installation, out
from huoju.cli.verbs import group_of

draws = group_of("draws")


@draws.command()
@click.argument("campaign")
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
        raise VerbRefused(f"{path} exists; choose another name") from None
    except OSError as error:
        raise VerbRefused(f"{path} cannot be written: {error.strerror}") from None
