"""What a benchmark yields, the machine it ran on, and the one table of all results."""

import os
import platform
import sqlite3
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

console = Console(width=None if os.isatty(1) else 160, highlight=False)
_began = time.monotonic()


def say(line: str) -> None:
    """Show progress: one line, with the seconds since the start."""
    console.print(f"[dim]{time.monotonic() - _began:6.1f} s[/]  {line}")


@dataclass(frozen=True, slots=True)
class Result:
    """One row. ``figure`` is judged against ``goal``; without a goal the row is there to be compared with."""

    what: str
    ours: str
    baseline: str
    figure: float
    unit: str
    goal: float | None = None
    at_least: bool = True

    @property
    def met(self) -> bool:
        """True when the goal is reached, or there is none."""
        if self.goal is None:
            return True
        return self.figure >= self.goal if self.at_least else self.figure <= self.goal

    def cells(self) -> tuple[str, ...]:
        """The row as text."""
        if self.goal is None:
            return self.what, self.ours, self.baseline, _number(self.figure, self.unit), "", ""
        goal = ("≥ " if self.at_least else "≤ ") + _number(self.goal, self.unit)
        verdict = "[green]met[/]" if self.met else "[red]missed[/]"
        return self.what, self.ours, self.baseline, _number(self.figure, self.unit), goal, verdict


def _number(value: float, unit: str) -> str:
    if unit == "×":
        return f"{value:.2f}×"
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"


def interleaved(rounds: int, sides: Mapping[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Run all sides once to warm up, then ``rounds`` times in turn, so that a busy machine slows every side.

    Each side returns its rate; these are returned by side, in the order of the rounds.
    """
    for measure in sides.values():
        measure()
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(1, rounds + 1):
        for name, measure in sides.items():
            rates[name].append(measure())
        say(f"  round {number}: " + ", ".join(f"{name} {found[-1]:,.0f}/s" for name, found in rates.items()))
    return rates


def compared(what: str, ours: list[float], baseline: list[float], **goal: float | bool) -> Result:
    """A row of two rates: medians of each side, and the median of the rounds' own ratios."""
    ratio = statistics.median(mine / theirs for mine, theirs in zip(ours, baseline, strict=True))
    return Result(what, rate(ours), rate(baseline), ratio, "×", **goal)  # type: ignore[arg-type]  # goal, at_least


def rate(found: list[float]) -> str:
    """The median of some rates, as a cell."""
    return f"{statistics.median(found):,.0f}/s"


def machine(postgres: str) -> str:
    """Where and on what these figures were measured."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} cores, {memory_gb:.0f} GB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, {postgres}, SQLite {sqlite3.sqlite_version}, commit {_commit()}"
    )


def _commit() -> str:
    asked = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def print_table(results: list[Result], footer: str) -> None:
    """Print all results, and the machine beneath."""
    table = Table(caption=footer, caption_justify="left", show_lines=False)
    table.add_column("what", overflow="fold")
    for heading in ("ours", "baseline", "measured", "goal", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for result in results:
        table.add_row(*result.cells())
    console.print(table)
