"""`python -m tests.mutants [NAME…]` makes one mistake after another, and exits with 1 when the tests miss one.

Each is made in a copy of the working tree, never in the tree itself, and only the tests named beside it are run. NAME
is a part of a mutant's name. First the tests are run without any mistake: what is red anyway proves nothing.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from tests import postgres
from tests.mutants.mutant import Mutant, Outdated
from tests.mutants.table import mutants
from tests.repository import ROOT

AT_ONCE = 2
_PATIENCE_S = 600
_PYTEST = (
    "-m",
    "pytest",
    "-x",
    "-q",
    "--no-header",
    "--tb=short",
    "-p",
    "no:cacheprovider",
    "--hypothesis-seed=0",
    "--timeout=60",
)
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
console = Console()


class Verdict(StrEnum):
    """What became of a mistake."""

    SEEN = "seen"
    SURVIVED = "survived"
    UNFIT = "unfit"
    """The tests did not run, so they said nothing about it."""


class Outcome(NamedTuple):
    """One mistake, what became of it, and which test saw it, or why there was none."""

    mutant: Mutant
    verdict: Verdict
    says: str


class Copy:
    """A copy of the working tree in which a mistake may be made."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (directory / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, directory / name)

    def run(self, tests: Sequence[str], *options: str) -> tuple[int, str]:
        """Run ``tests`` here; pytest's exit code and what it said. One that hangs counts as failed."""
        process = subprocess.Popen(
            [sys.executable, *_PYTEST, *options, *tests],
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": str(self.directory)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            said, _ = process.communicate(timeout=_PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return 1, "FAILED (it hung)"
        return process.returncode, said

    @contextmanager
    def with_mistake(self, mutant: Mutant) -> Iterator[None]:
        """``mutant`` is made here meanwhile."""
        path = self.directory / mutant.file
        right = path.read_text(encoding="utf-8")
        self._write(path, mutant.source(self.directory))
        try:
            yield
        finally:
            self._write(path, right)

    @staticmethod
    def _write(path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        for stale in path.parent.glob(f"__pycache__/{path.stem}.*"):  # a cache is told by second and size alone
            stale.unlink()

    def try_out(self, mutant: Mutant) -> Outcome:
        """Make the mistake, and run its tests."""
        try:
            with self.with_mistake(mutant):
                code, said = self.run(mutant.tests)
        except Outdated as outdated:
            return Outcome(mutant, Verdict.UNFIT, str(outdated))
        if code == 0:
            return Outcome(mutant, Verdict.SURVIVED, mutant.why)
        found = _FAILED.search(said)
        if code == 1 and found:
            return Outcome(mutant, Verdict.SEEN, found[1])
        return Outcome(mutant, Verdict.UNFIT, f"pytest ended with {code}: {said.strip()[-2000:]}")


def _all(mutants: Sequence[Mutant], copies: Sequence[Copy]) -> Iterator[Outcome]:
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)

    def one(mutant: Mutant) -> Outcome:
        copy = free.get()
        try:
            return copy.try_out(mutant)
        finally:
            free.put(copy)

    pool = ThreadPoolExecutor(len(copies))
    try:
        for done in as_completed([pool.submit(one, mutant) for mutant in mutants]):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)  # whoever stops it waits for what is running, and for nothing more


def _chosen(names: Sequence[str]) -> list[Mutant]:
    return [mutant for mutant in mutants() if not names or any(name in mutant.name for name in names)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of the names of the mutants to try")
    parser.add_argument("--trust", action="store_true", help="do not run the tests without a mistake first")
    asked = parser.parse_args()
    mutants = _chosen(asked.names)
    if not mutants:
        parser.error(f"no mutant has such a name; there are: {', '.join(mutant.name for mutant in mutants())}")
    postgres.ensure_started(ROOT / "var" / "test-postgres", careless=True)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, Progress(console=console) as bar:
        copies = [Copy(Path(folder) / str(number)) for number in range(min(AT_ONCE, len(mutants)))]
        if not asked.trust:
            tests = sorted({test for mutant in mutants for test in mutant.tests})
            task = bar.add_task(f"the {len(tests)} tests without a mistake", total=None)
            code, said = copies[0].run(tests, "-n", str(AT_ONCE), "--dist", "loadgroup")
            bar.remove_task(task)
            if code:
                console.print(said, markup=False, highlight=False)
                return 1
        outcomes = []
        for outcome in bar.track(_all(mutants, copies), total=len(mutants), description="mutants"):
            outcomes.append(outcome)
            colour = "green" if outcome.verdict is Verdict.SEEN else "red"
            said = f"[{colour}]{outcome.verdict:8}[/] {outcome.mutant.name}: {escape(outcome.says)}"
            bar.print(said, highlight=False, soft_wrap=True)
    missed = [outcome for outcome in outcomes if outcome.verdict is not Verdict.SEEN]
    console.print(f"{len(outcomes) - len(missed)} of {len(outcomes)} mistakes were seen by the tests")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
