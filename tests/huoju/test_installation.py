"""What the doctor looks at in an installation, on both databases."""

from datetime import timedelta

import pytest

from core.campaign.place_checks import KnownPlaces
from core.times import system_clock
from huoju.doctor import installation_findings, looks
from huoju.settings import read_settings
from tests.office import sit_down
from tests.stage import Stage


@pytest.mark.parametrize("ahead_s", [0, 60])
def test_an_installation_and_its_clock(
    stage: Stage,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    ahead_s: int,
) -> None:
    sit_down(stage, database_url, monkeypatch, capsys)
    (stage.directory / "test.keys").chmod(0o600)
    known = KnownPlaces({"test", "second"}, None)
    clock = lambda: system_clock() + timedelta(seconds=ahead_s)  # noqa: E731
    found = list(installation_findings(read_settings(), clock, called=True, known=known))
    wrong = {one.what: one.remedy for one in found if not one.well}
    assert wrong.pop("the public address").endswith("set HUOJU_PUBLIC_URL")
    is_off = ahead_s > 0 and stage.database.dialect.name == "postgresql"  # a file has no clock of its own
    assert list(wrong.values()) == ["it differs by 60 s: let NTP set this machine's clock"] * is_off
    assert {one.about for one in looks(read_settings())} >= {"installation"}
