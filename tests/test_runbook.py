"""Whatever the product warns of is in the runbook, in both languages, with what to do."""

import re

import pytest

from tests.repository import ROOT

_ROOMS = ("core", "handlers", "bots", "pages", "scheduler", "huoju")
_EVENT = re.compile(r'\blog(?:ger)?\.(?:error|exception|warning|critical)\(\s*"([a-z_.]+)"')
_NUMBER = re.compile(r'f?"(huoju_[a-z_{}]+)"')


def _product() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for room in _ROOMS for path in sorted((ROOT / room).rglob("*.py"))
    )


@pytest.mark.parametrize("page", ["RUNBOOK.md", "RUNBOOK.zh.md"])
def test_every_alarm_has_an_entry(page: str) -> None:
    told = (ROOT / "docs" / page).read_text(encoding="utf-8")
    events = {*_EVENT.findall(_product()), "calendar.missed"}
    assert len(events) > 40
    headings = re.findall(r"^### (.+)$", told, re.MULTILINE)
    named = [name for heading in headings for name in re.findall(r"`([a-z_.]+)`", heading)]
    assert sorted(named) == sorted(events)  # each once, and none that there is not
    numbers = set(_NUMBER.findall((ROOT / "huoju" / "metrics.py").read_text(encoding="utf-8")))
    assert len(numbers) > 15
    spelt = {one.replace("{what}", what) for one in numbers for what in ("texts", "parts", "micros")}
    assert [name for name in sorted(spelt) if f"`{name}`" not in told] == []
