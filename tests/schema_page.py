"""The page of the tables, written from the models: ``python -m tests.schema_page``. A test tells when it is old."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from core import models
from core.engine import locks
from core.models.base import Base, table_of
from handlers import MECHANICS
from tests.repository import ROOT

PAGE = ROOT / "docs" / "engineering" / "tables.md"

OWNERS: dict[str, tuple[type[Base], ...]] = {
    "core/campaign": (models.Campaign, models.CampaignVersion),
    "core/engine": (models.Address, models.Player, models.Join, models.Inbox, models.Outbox),
    "core/consent.py": (models.Consent,),
    "core/permissions.py": (models.Permission,),
    "core/guesses.py": (models.Guesses,),
    "core/heartbeat.py": (models.Heartbeat,),
    "core/ledger.py": (models.Transfer,),
    "core/measures": (models.MeasuredDay, models.DailyMeasure),
    "core/parts.py": (models.MessagePart,),
    "core/retention": (models.Ageing,),
    "core/resealing.py": (models.Resealing,),
    "core/scenes.py": (models.SceneDay,),
    "core/schema.py": (models.Installation,),
    "core/sending": (
        models.Account,
        models.OutboundJob,
        models.NoticeRight,
        models.Receipt,
        models.Spending,
        models.Touch,
    ),
    "core/timers": (models.Timer,),
}

HEAD = """# Tables

Written by `python -m tests.schema_page` from `core/models` and `handlers/*/tables.py`; a test fails when it is not
up to date.

**Owner**: the mechanic, or the part of `core`, that writes the table and answers for it in the audit.
**Lock**: where a turn locks its rows, in the order in which everybody does: addresses, players, then what each mechanic
loads, by its `rank`. Rows of any other table are appended only, or are safe behind the lock of their address or player,
or have a transaction of their own (sending, the clock). **Sealed**: the columns that hold ciphertext.

| table | what a row is | owner | lock | sealed |
| --- | --- | --- | --- | --- |
"""


OWNERS.update(
    (f"handlers/{each.name}", tuple(each.tables)) for each in sorted(MECHANICS.each, key=lambda one: one.name)
)


def _locked_in(source: Path) -> Iterator[str]:
    """The models whose rows a file of a turn locks: the last argument of ``locked(…)``."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "locked":
            yield ast.unparse(node.args[-1])


def ranks() -> dict[str, str]:
    """Where in the order of locks a turn locks the rows of each model."""
    found = {"Address": "addresses", "Player": "players"}
    assert set(_locked_in(Path(inspect.getfile(locks)))) == set(found)
    for mechanic in sorted(MECHANICS.each, key=lambda one: one.rank):
        if mechanic.load is not None:
            names = _locked_in(Path(inspect.getfile(mechanic.load)))
            found.update((name, f"rank {mechanic.rank}") for name in names)
    return found


def page() -> str:
    """The whole page."""
    order = ranks()
    rows = []
    for owner, owned in OWNERS.items():
        for model in owned:
            table = table_of(model)
            says = " ".join((inspect.getdoc(model) or "").partition("\n\n")[0].split()).replace("``", "`")
            sealed = ", ".join(f"`{column.name}`" for column in table.columns if column.name.endswith("sealed"))
            rows.append(f"| `{table.name}` | {says} | `{owner}` | {order.get(model.__name__, '')} | {sealed} |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
