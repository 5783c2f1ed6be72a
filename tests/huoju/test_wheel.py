"""The wheel, as an installer puts it into an empty environment: all that Huoju reads is in it, and it plays."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest
from PIL import Image

import huoju
from tests.repository import ROOT, written

PACKAGES = ("bots", "core", "handlers", "huoju", "pages", "scheduler")
BESIDE = ("examples", "deploy")
_STORY = """
import contextlib, csv, io, sys
from pathlib import Path
from PIL import Image
from huoju.cli import cli

def say(*words):
    with contextlib.suppress(SystemExit):
        cli.main([*words], standalone_mode=False)

examples = Path(sys.modules["huoju"].__file__).parent / "examples"
say("db", "upgrade")
say("campaign", "publish", str(examples / "snack.yaml"))
say("campaign", "publish", str(examples / "torch-relay.yaml"))
say("codes", "issue", "snack", "--count", "3", "--out", "cards.csv")
say("codes", "activate", "1", "--file", "cards.csv")
code = list(csv.reader(open("cards.csv")))[1][1]
sys.stdin = io.StringIO(f"hello\\n{code}\\n{code}\\n")
say("chat")
from handlers.relay.views import TorchState
from pages.pictures.badge import Badge, badge
from pages.pictures.fonts import find_fonts
Path("badge.png").write_bytes(badge(Badge(TorchState.LIT, 1, "火炬手"), "zh", find_fonts()))
print("from", sys.modules["huoju"].__file__, sys.modules["core"].__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built of what was written, so that nothing of an older build gets into it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for name in (*PACKAGES, *BESIDE):
        copytree(ROOT / name, source / name, symlinks=True, ignore=ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    build = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=source, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_all_that_was_written_is_in_the_wheel(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {str(path.relative_to(ROOT)) for path in written("") if path.relative_to(ROOT).parts[0] in PACKAGES}
    wanted = {name for name in wanted if "__pycache__" not in name}
    wanted |= {f"huoju/{path.relative_to(ROOT)}" for path in written("") if path.is_relative_to(ROOT / "examples")}
    wanted |= {f"huoju/deploy/systemd/{unit.name}" for unit in (ROOT / "deploy" / "systemd").iterdir()}
    assert len(wanted) > 500
    assert sorted(wanted - held) == []


def test_it_is_installed_and_plays(wheel: Path, tmp_path: Path) -> None:
    place, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    install = ("pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", "--no-compile")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HUOJU"))}
    environment |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
    subprocess.run([sys.executable, "-m", *install, str(wheel)], env=environment, check=True, cwd=empty)
    (site,) = (place / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(str(Path(Image.__file__).parent.parent), encoding="utf-8")

    def run(*words: str | Path) -> str:
        told = subprocess.run(
            words, env=environment, cwd=empty, capture_output=True, text=True, check=False, encoding="utf-8"
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    assert run(place / "bin" / "huoju", "--version") == f"huoju, version {huoju.__version__}\n"
    told = run(python, "-c", _STORY)
    assert f"from {site}/huoju/__init__.py {site}/core/__init__.py" in told
    assert "newest schema" in told
    assert "Published snack, version 1" in told
    assert "Published torch-relay, version 1" in told
    with Image.open(empty / "badge.png") as badge:
        assert badge.size == (600, 600)
    assert "You've already used this code" in told, told
