"""Issue codes into PostgreSQL in a process of its own, so that its peak memory is that of issuing and nothing else."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from benchmarks.ground import opened
from benchmarks.report import Result, say
from benchmarks.servers import Places
from core.database import sessions
from core.models import Batch
from core.verbs import Desk, by_name
from handlers import MECHANICS
from handlers.codes.batches import activate
from huoju.bootstrap import open_installation
from huoju.settings import Settings

MILLION = 1_000_000
FASTEST_PER_S = 50_000
MEMORY_MB = 200


class Issued(NamedTuple):
    """How it went."""

    count: int
    took_s: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Codes a second, the commit included."""
        return self.count / self.took_s


def run(places: Places) -> Iterator[Result]:
    """Two rows: speed and memory for a million codes."""
    with places.postgres() as url, opened(url, places.directory) as ground:
        issued = issue_apart(ground.settings, MILLION, places.directory / "codes.csv")
    yield from rows(issued)


def rows(issued: Issued) -> Iterator[Result]:
    """Two rows about ``issued``."""
    what = f"issue {issued.count:,} codes into PostgreSQL"
    rate = f"{issued.rate:,.0f}/s"
    yield Result(f"{what}: speed", rate, "", issued.rate, "/s", goal=FASTEST_PER_S)
    memory = f"{issued.peak_mb:.0f} MB"
    yield Result(f"{what}: peak memory", memory, "", issued.peak_mb, "MB", goal=MEMORY_MB, at_least=False)


def issue_apart(settings: Settings, count: int, file: Path) -> Issued:
    """Issue and activate ``count`` codes into ``file`` in a process of its own."""
    say(f"issuing {count:,} codes")
    arguments = [sys.executable, "-m", "benchmarks.issuing", settings.model_dump_json(), str(count), str(file)]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, check=True, text=True)
    issued = Issued(count, *json.loads(done.stdout))
    say(f"  {issued.took_s:.1f} s, {issued.rate:,.0f}/s, peak {issued.peak_mb:.0f} MB")
    return issued


def _main(written: str, count: str, file: str) -> None:
    here = open_installation(Settings.model_validate_json(written))
    verb = by_name(MECHANICS.verbs)["codes issue"]
    began = time.perf_counter()
    desk = Desk(here.runtime(), here.clock(), tuple, path_for=lambda _name: Path(file))
    verb.carry_out(desk, {"campaign": "snack", "count": int(count)})
    with sessions(here.database).begin() as session:
        activate(session, session.scalar(select(func.max(Batch.id))) or 0, here.clock())
    took_s = time.perf_counter() - began
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([took_s, peak_kb / 1024]))


if __name__ == "__main__":
    _main(*sys.argv[1:])
