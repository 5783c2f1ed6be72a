"""The list of seeded mistakes fits the code as it is; `make mutants` says whether the tests see each of them."""

import ast
from pathlib import Path

import pytest

from tests.mutants.mutant import Mutant, Outdated
from tests.mutants.table import LISTS, mutants
from tests.repository import ROOT

# What a newer list must still have, by the first part of its names.
AREAS = {"codes", "draws", "ledger", "invites", "torches", "timers", "calendar", "sender", "outbox", "consent", "keys"}


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    names = [mutant.name for mutant in mutants()]
    assert len(LISTS) >= 5
    assert len(set(names)) == len(names) > 100
    assert {name.split(".")[0] for name in names} >= AREAS


def test_each_can_be_made_once_and_names_a_test_that_is_there() -> None:
    assert [(mutant.name, wrong) for mutant in mutants() if (wrong := _wrong(mutant)) is not None] == []


def _wrong(mutant: Mutant) -> str | None:
    try:
        ast.parse(mutant.source())
    except (Outdated, SyntaxError) as error:
        return str(error)
    if not mutant.why or mutant.before == mutant.after or not mutant.tests:
        return "says no reason, no change or no test"
    for test in mutant.tests:
        path, _, name = test.partition("::")
        if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8"):
            return f"there is no {test}"
    return None


@pytest.mark.parametrize(
    ("file", "before", "says"),
    [
        ("core/nowhere.py", "x", "there is no core/nowhere.py any more"),
        ("core/__init__.py", "nothing of this", "is not there in core/__init__.py; the line has changed"),
        ("core/keys.py", "def ", "times in core/keys.py"),
    ],
)
def test_one_that_fits_no_more_says_where_to_mend(file: str, before: str, says: str) -> None:
    with pytest.raises(Outdated, match=f"some.name: .*{says}"):
        Mutant("some.name", file, before, "", ("tests",), "because").source()


def test_it_is_made_in_a_copy_only(tmp_path: Path) -> None:
    mutant = mutants()[0]
    original = (ROOT / mutant.file).read_text(encoding="utf-8")
    copy = tmp_path / mutant.file
    copy.parent.mkdir(parents=True)
    copy.write_text(original, encoding="utf-8")
    assert mutant.source(tmp_path) != original
    assert (ROOT / mutant.file).read_text(encoding="utf-8") == original
