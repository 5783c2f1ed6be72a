"""The repository keeps its own rules."""

import ast
import inspect
import re
import sys
import tomllib
from pathlib import Path

import pytest

from handlers import MECHANICS
from tests.repository import ROOT, written

PRODUCT = sorted(
    path
    for folder in ("huoju", "scheduler", "bots", "pages", "handlers", "core")
    for path in (ROOT / folder).rglob("*.py")
)

# what only some files may say, and which
OWNERS = [
    (r"(?<![.\w])print\(", {"handlers/draws/verify.py"}),
    (r"datetime\.now\(|time\.time\(|date\.today\(", {"core/times.py"}),
    (r"\bimport random\b|\bfrom random\b|\bimport secrets\b", set()),
    (r"os\.urandom|token_bytes", {"core/randomness.py"}),
    (r"os\.environ|os\.getenv", set()),
    (r"with_for_update|on_conflict", {"core/bulk.py", "core/database.py"}),
    (r"\bfloat\(|: float\b.*(?:cents|money|points)", set()),
]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_is_a_product_to_look_at() -> None:
    assert len(PRODUCT) > 50


def test_what_is_installed_has_every_file() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    installed = {path for package, globs in told.items() for glob in globs for path in (ROOT / package).glob(glob)}
    packages = {_name(path).partition("/")[0] for path in PRODUCT}
    data = [
        path
        for path in written("")
        if _name(path).partition("/")[0] in packages and path.suffix != ".py" and path.parent.name != "__pycache__"
    ]
    assert len(data) > 50
    assert [_name(each) for each in data if each not in installed] == []


@pytest.mark.parametrize(("pattern", "owners"), OWNERS, ids=[pattern for pattern, _ in OWNERS])
def test_only_the_owner_says_it(pattern: str, owners: set[str]) -> None:
    said = {_name(path) for path in PRODUCT if re.search(pattern, path.read_text(encoding="utf-8"))}
    assert said <= owners
    assert owners <= said


def test_every_module_says_what_it_is() -> None:
    silent = [_name(path) for path in PRODUCT if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


def test_no_channel_is_named_outside_the_adapters() -> None:
    named = re.compile(r"""["'](?:wechat|telegram|sms|playground|terminal)["']""")
    said = {_name(path) for path in PRODUCT if named.search(path.read_text(encoding="utf-8"))}
    assert any(name.startswith("bots/") for name in said)
    assert {name for name in said if not name.startswith("bots/")} == {"pages/wording.py"}  # a button is called so


def test_every_route_is_spoken_to_in_a_test() -> None:
    """Of what the file of a handler says, a test knows one text at least."""
    handlers = {route.handle.__module__ for route in MECHANICS.routes}
    said = {
        name: set(re.findall(r'Reply\(\s*"([a-z_]+\.[a-z_]+)"', inspect.getsource(sys.modules[name])))
        for name in handlers
    }
    told = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert len([texts for texts in said.values() if texts]) > 15
    assert [name for name, texts in said.items() if texts and not any(text in told for text in texts)] == []


def test_no_machine_and_no_host_is_named() -> None:
    hosts = "|".join(("py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.(?:org|com)", "deb" + r"\.debian\.org"))
    paths = "|".join(f"/{folder}/" for folder in ("wor" + "k", "ro" + "ot", "far" + "m"))
    wrong = re.compile(rf"(?:{hosts})|(?:^|[\s\"'=(:])(?:{paths})", re.MULTILINE)
    files = list(written(".py", ".toml", ".md", ".yaml", ".lock", ".js", ".html", ".css"))
    assert len(files) > 50
    assert [_name(path) for path in files if wrong.search(path.read_text(encoding="utf-8"))] == []


def test_the_papers_name_what_there_is() -> None:
    papers = [ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    rooms = "huoju|scheduler|bots|pages|handlers|core|tests|docs|examples|benchmarks"
    path = re.compile(rf"(?<![\w/.])(?:{rooms})/[\w./-]*[.]\w+|(?<=`)(?:{rooms})/[\w./-]*(?=`)")
    named = [(paper.name, name) for paper in papers for name in path.findall(paper.read_text(encoding="utf-8"))]
    assert len(named) > 60
    assert [(paper, name) for paper, name in named if not (ROOT / name).exists()] == []


def test_the_glossary_names_what_there_is() -> None:
    said = re.findall(
        r"`([A-Z][A-Za-z]+)`", (ROOT / "docs" / "engineering" / "glossary.md").read_text(encoding="utf-8")
    )
    code = "".join(path.read_text(encoding="utf-8") for path in (*PRODUCT, ROOT / "tests" / "stage.py"))
    classes = set(re.findall(r"^class (\w+)", code, re.MULTILINE))
    assert len(said) > 40
    assert [name for name in said if name not in classes] == []
