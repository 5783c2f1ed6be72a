"""docs/campaign-file.md: up to date, and its first recipe works as it is written."""

import re
from pathlib import Path

import pytest

from tests import campaign_page
from tests.command_line import CommandLine


@pytest.mark.reading
@pytest.mark.parametrize("language", campaign_page.PAGES)
def test_the_page_is_up_to_date(language: str) -> None:
    written = campaign_page.PAGES[language].read_text(encoding="utf-8")
    assert written == campaign_page.page(language), "run: python -m tests.campaign_page"
    assert not re.search(r"[a-z]Rules\b|Knowing", written)
    assert all(
        f"| `{key}" in written or f"\n### {key}\n" in written for key in (*campaign_page.FIRST, *campaign_page.SECTIONS)
    )


@pytest.mark.reading
def test_the_recipe_works_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = campaign_page.PAGES["en"].read_text("utf-8").split("## Ten codes")[1].split("**5.")[0]
    commands = re.findall(r"`huoju ([^`]+)`", recipe)
    assert [each.split()[1] for each in commands] == ["new", "check", "upgrade", "publish", "issue", "activate"]
    monkeypatch.chdir(tmp_path)
    command_line, told = CommandLine(monkeypatch, capsys), list[str]()
    for each in commands:  # a sheet of cards takes long, and is looked at elsewhere
        told.append(command_line(*each.replace(".pdf", ".csv").split()).out)
    assert "coffee.yaml: good" in told[1]
    assert "Published coffee, version 1" in told[3]
    shown = re.search(r"```yaml\n(.*?)\n```", recipe, re.DOTALL)
    assert shown is not None
    assert shown[1] + "\n" == (tmp_path / "coffee.yaml").read_text("utf-8")
