"""Whoever reads README.md or docs finds what it says: links lead somewhere, in both languages; no page is lost."""

import re
import unicodedata
from pathlib import Path

import pytest

from huoju.settings import Settings
from tests.repository import ROOT, written

PAPERS = list(written(".md"))
FRONT = [ROOT / "README.md", ROOT / "README.zh.md"]
READERS = [*FRONT, *sorted((ROOT / "docs").glob("*.md"))]
"""What people read who use Huoju: each page in both languages. docs/engineering is English."""

_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")


def _prose(paper: Path) -> str:
    return _FENCED.sub("", paper.read_text(encoding="utf-8"))


def _links(paper: Path) -> list[str]:
    """What the paper links to in this repository, as it is written there."""
    found = ("".join(each) for each in _LINK.findall(re.sub(r"`[^`]*`", "", _prose(paper))))
    return [link for link in found if not re.match(r"https?:|mailto:", link)]


def _anchors(paper: Path) -> set[str]:
    """What GitHub calls the headings of the paper."""
    slugs: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", _prose(paper), re.MULTILINE):
        said = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        kept = "".join(c for c in said if c in " -_" or unicodedata.category(c)[0] in "LNM")
        slugs.add(kept.strip().replace(" ", "-"))
    return slugs


def _leads(paper: Path, link: str) -> tuple[Path, str]:
    path, _, anchor = link.partition("#")
    return ((paper.parent / path).resolve() if path else paper), anchor


def _twin(page: Path) -> Path:
    name = page.name
    return page.with_name(name.replace(".zh.md", ".md") if name.endswith(".zh.md") else name.replace(".md", ".zh.md"))


def test_every_link_leads_somewhere() -> None:
    led = [(paper, link, *_leads(paper, link)) for paper in PAPERS for link in _links(paper)]
    assert len(led) > 150
    lost = [
        f"{paper.relative_to(ROOT)}: {link}"
        for paper, link, to, anchor in led
        if not to.exists() or (anchor and to.suffix == ".md" and anchor not in _anchors(to))
    ]
    assert lost == []


def test_every_page_is_there_in_both_languages_which_link_to_each_other() -> None:
    assert len(READERS) > 30
    assert [page.name for page in READERS if not _twin(page).exists()] == []
    assert [page.name for page in READERS if _twin(page).name not in _links(page)] == []


def test_a_chinese_page_leads_to_chinese_pages() -> None:
    strays = [
        f"{page.name}: {link}"
        for page in READERS
        if page.name.endswith(".zh.md")
        for link in _links(page)
        if _leads(page, link)[0] in READERS
        and not _leads(page, link)[0].name.endswith(".zh.md")
        and _leads(page, link)[0] != _twin(page)
    ]
    assert strays == []


def test_no_page_is_an_orphan() -> None:
    for front in FRONT:
        found, waiting = {front}, [front]
        while waiting:
            paper = waiting.pop()
            for link in _links(paper):
                to, _ = _leads(paper, link)
                if to.suffix == ".md" and to not in found and to.exists():
                    found.add(to)
                    waiting.append(to)
        known = {page for page in READERS if page.name.endswith(".zh.md") == front.name.endswith(".zh.md")}
        known |= set((ROOT / "docs" / "engineering").rglob("*.md"))
        assert sorted(page.name for page in known - found) == []


@pytest.mark.parametrize("front", FRONT, ids=lambda front: front.name)
def test_the_front_page_is_read_in_a_minute(front: Path) -> None:
    assert len(front.read_bytes()) <= 8192


def test_pictures_are_there_in_both_languages_and_small() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    assert {each.name.split(".")[1] for each in pictures} == {"en", "zh"}
    assert sum(each.stat().st_size for each in pictures) <= 200 * 1024


@pytest.mark.parametrize("ending", [".md", ".zh.md"])
def test_every_setting_is_told_of(ending: str) -> None:
    text = (ROOT / "docs" / f"settings{ending}").read_text(encoding="utf-8")
    names = [f"HUOJU_{name.upper()}" for name in Settings.model_fields]
    assert names
    assert [name for name in names if name not in text] == []
