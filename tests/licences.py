"""All that an installed Huoju stands on: `python -m tests.licences FOLDER` writes a table and a CycloneDX file."""

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

BY_CLASSIFIER = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Of packages whose metadata say it in the old way alone."""
SAID_ELSEWHERE = {"pyrage": "MIT"}
"""Of packages whose metadata say nothing: it stands in their repositories."""
NAME = "huoju"


class Package(NamedTuple):
    name: str
    version: str
    licence: str
    """As SPDX writes it."""
    says: str
    needs: tuple[str, ...]


def packages() -> list[Package]:
    """Huoju first, then all that it needs here, by name."""
    found: dict[str, Package] = {}
    waiting = [Requirement(NAME)]
    while waiting:
        wanted = waiting.pop()
        if _key(wanted.name) in found and not wanted.extras:
            continue
        try:
            here = distribution(wanted.name)
        except PackageNotFoundError:
            assert wanted.marker is not None, f"{wanted} is not installed"
            continue
        needs = list(_needs(here, wanted.extras))
        waiting += needs
        before = found[_key(wanted.name)].needs if _key(wanted.name) in found else ()
        all_needs = sorted({*before, *(_key(each.name) for each in needs)})
        summary = here.metadata.get("Summary") or ""
        found[_key(wanted.name)] = Package(here.name, here.version, licence(here), summary, tuple(all_needs))
    own = found.pop(NAME)
    return [own, *(found[name] for name in sorted(found))]


def _key(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _needs(here: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for text in here.requires or ():
        need = Requirement(text)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield need


def licence(here: Distribution) -> str:
    """The licence of a package; "" where it says none."""
    told = here.metadata
    if expression := told.get("License-Expression"):
        return expression
    classifiers = (each.rpartition(" :: ")[2] for each in told.get_all("Classifier", ()) if each.startswith("License"))
    of_these = sorted({BY_CLASSIFIER.get(each, each) for each in classifiers})
    stated = (told.get("License") or "").strip()
    if "\n" not in stated and " " not in stated and stated not in {"", "UNKNOWN"}:
        return stated
    return " OR ".join(of_these) or SAID_ELSEWHERE.get(_key(here.name), "")


def table(found: list[Package]) -> str:
    """For people: a line of Markdown each."""
    rows = "".join(f"| {one.name} | {one.version} | {one.licence} | {one.says} |\n" for one in found)
    return f"# What Huoju stands on\n\n| package | version | licence | what it is |\n| --- | --- | --- | --- |\n{rows}"


def bill_of_materials(found: list[Package]) -> str:
    """For machines: CycloneDX 1.6, in JSON, the same for the same packages."""
    from cyclonedx.model.bom import Bom  # noqa: PLC0415  # nothing else needs it
    from cyclonedx.model.component import Component, ComponentType  # noqa: PLC0415
    from cyclonedx.model.license import LicenseExpression  # noqa: PLC0415
    from cyclonedx.output.json import JsonV1Dot6  # noqa: PLC0415
    from packageurl import PackageURL  # noqa: PLC0415

    made = {
        _key(one.name): Component(
            name=one.name,
            version=one.version,
            type=ComponentType.APPLICATION if one.name == NAME else ComponentType.LIBRARY,
            licenses=[LicenseExpression(one.licence)],
            description=one.says,
            purl=PackageURL("pypi", None, _key(one.name), one.version),
            bom_ref=f"{_key(one.name)}@{one.version}",
        )
        for one in found
    }
    bill = Bom(components=[component for name, component in made.items() if name != NAME])
    bill.metadata.component = made[NAME]
    for one in found:
        bill.register_dependency(made[_key(one.name)], [made[name] for name in one.needs if name in made])
    return JsonV1Dot6(bill).output_as_string(indent=1)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = packages()
    for name, text in (("licences.md", table(found)), ("huoju.cdx.json", bill_of_materials(found))):
        (folder / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"{folder / name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
