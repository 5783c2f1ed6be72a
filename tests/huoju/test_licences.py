"""Nothing that Huoju stands on forbids what people do with it, and nobody is surprised by a licence."""

import json
import re
import tomllib

from tests.licences import bill_of_materials, packages, table
from tests.repository import ROOT

FREE = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU", "OFL-1.1"),
    *("PSF-2.0", "Unlicense", "Zlib"),
}
"""They ask to be named, and nothing else."""
FOR_FILES = {"MPL-2.0"}
"""Changes of its own files are to be given on; we change none."""
REPLACEABLE = {"psycopg", "psycopg-binary", "python-telegram-bot", "smpplib"}
"""Of the LGPL: used unchanged and exchangeable, as an installer does. The GPL and the AGPL are not taken at all."""


def _wrong(name: str, licence: str) -> str | None:
    used = set(re.findall(r"[\w.+-]+", re.sub(r" (?:AND|OR|WITH) ", " ", licence)))
    if not used:
        return f"{name} says no licence: look, and write it into tests/licences.py"
    choices = [set(re.findall(r"[\w.+-]+", one)) - {"AND"} for one in re.split(r" OR (?![^(]*\))", licence)]
    taken = FREE | FOR_FILES | ({"LGPL-3.0-only"} if name in REPLACEABLE else set())
    return None if any(one - {"OR"} <= taken for one in choices) else f"{name} is of {licence}"


def test_no_licence_binds_what_people_do_with_it() -> None:
    found = packages()
    assert found[0].licence == "Apache-2.0"
    assert len(found) > 50
    assert [wrong for one in found if (wrong := _wrong(one.name, one.licence))] == []
    assert _wrong("psycopg", "AGPL-3.0-only")
    assert _wrong("new", "LGPL-3.0-only")
    assert _wrong("new", "GPL-2.0-or-later OR MIT") is None
    assert _wrong("new", "MIT AND GPL-3.0-only")
    assert _wrong("new", "")
    for page in ("docs/installing.md", "docs/installing.zh.md"):
        told = (ROOT / page).read_text(encoding="utf-8")
        assert [name for name in REPLACEABLE if name.removesuffix("-binary") not in told] == []


def test_the_bill_of_materials_names_each() -> None:
    found = packages()
    bill = json.loads(bill_of_materials(found))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "huoju"
    assert [one["name"] for one in bill["components"]] == sorted(one["name"] for one in bill["components"])
    assert {(one["name"], one["version"]) for one in bill["components"]} == {
        (one.name, one.version) for one in found[1:]
    }
    assert all(one["licenses"][0]["expression"] for one in bill["components"])
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    ours = next(one for one in bill["dependencies"] if one["ref"].startswith("huoju@"))
    assert len(told) <= len(ours["dependsOn"])
    assert table(found).count("\n") == len(found) + 4
