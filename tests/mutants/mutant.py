"""One mutant: a line, what it would be by mistake, which tests see that, and why it matters."""

from dataclasses import dataclass
from pathlib import Path

from tests.repository import ROOT


class Outdated(Exception):
    """A mutant does not fit the code any more; the message says where to mend the list."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """``before``, which stands once in ``file``, replaced by ``after``; ``tests`` are what pytest is told to run."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
    why: str

    def source(self, root: Path = ROOT) -> str:
        """The text of the file with the mistake in it. Raises Outdated unless ``before`` stands there exactly once."""
        path = root / self.file
        if not path.is_file():
            raise Outdated(f"{self.name}: there is no {self.file} any more; find where that code went")
        text = path.read_text(encoding="utf-8")
        if (found := text.count(self.before)) != 1:
            times = "not there" if not found else f"there {found} times"
            raise Outdated(
                f"{self.name}: {self.before!r} is {times} in {self.file}; the line has changed, mend the list"
            )
        return text.replace(self.before, self.after)
