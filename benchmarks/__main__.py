"""`python -m benchmarks [NAME…]` runs all row groups or those named, and prints one table.

With `--strict` a missed goal is an exit code of 1.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from benchmarks import (
    ageing,
    broadcasts,
    clock,
    door,
    ended,
    engine_postgres,
    engine_sqlite,
    issuing,
    overload,
    polled,
    relay,
    resealing,
    restoring,
    scale,
    screens,
    segments,
    sending,
    smpp,
    statistics,
    wechat,
)
from benchmarks.report import Result, machine, print_table
from benchmarks.servers import Places, postgres_version
from huoju.gc_tuning import collect_seldom

GROUPS: dict[str, Callable[[Places], Iterator[Result]]] = {
    "engine": engine_postgres.run,
    "sqlite": engine_sqlite.run,
    "door": door.run,
    "quiet": door.run_quiet,
    "issue": issuing.run,
    "scale": scale.run,
    "clock": clock.run,
    "ended": ended.run,
    "relay": relay.run,
    "wechat": wechat.run,
    "overload": overload.run,
    "console": screens.run,
    "sending": sending.run,
    "polled": polled.run,
    "smpp": smpp.run,
    "statistics": statistics.run,
    "ageing": ageing.run,
    "broadcasts": broadcasts.run,
    "resealing": resealing.run,
    "restoring": restoring.run,
    "segments": segments.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(GROUPS)}")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a goal is missed")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(GROUPS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    Path("var").mkdir(exist_ok=True)
    collect_seldom()  # as the processes of operators do
    results: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir="var") as directory:
        places = Places(Path(directory).absolute())
        for name in asked.names or GROUPS:
            results += GROUPS[name](places)
    print_table(results, machine(postgres_version()))
    return 1 if asked.strict and not all(result.met for result in results) else 0


if __name__ == "__main__":  # worker processes import this module, too
    sys.exit(main())
