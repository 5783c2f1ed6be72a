"""The files that somebody wrote: a fresh clone has them, and no test, server or installer makes or takes them away."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
_MADE = {"var", "build", "dist"}


def written(*suffixes: str) -> Iterator[Path]:
    """All of them that end so, in order; of all folders but hidden ones and those where something is made."""
    for folder, folders, names in os.walk(ROOT):
        at_the_top = Path(folder) == ROOT
        folders[:] = sorted(name for name in folders if name[0] != "." and not (at_the_top and name in _MADE))
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(suffixes))
