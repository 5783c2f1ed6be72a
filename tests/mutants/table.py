"""All mutants: what stands in the YAML files beside this, by what it would break."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from tests.mutants.mutant import Mutant

LISTS = sorted(Path(__file__).parent.glob("*.yaml"))


def _read(path: Path) -> Iterator[Mutant]:
    for name, told in YAML(typ="safe").load(path).items():
        yield Mutant(name, **{**told, "tests": tuple(told["tests"])})


@cache
def mutants() -> Sequence[Mutant]:
    """All of them; read where they are asked for, as that takes seconds."""
    return [mutant for path in LISTS for mutant in _read(path)]
