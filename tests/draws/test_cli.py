"""What operators see of draws: every one computed again, and which of them somebody changed."""

import json

import pytest
from sqlalchemy import update

from handlers.draws.tables import Draw
from tests.draws.test_draws import LIVELY
from tests.office import sit_down
from tests.stage import Stage


def test_draws_that_somebody_changed_are_named(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.publish(LIVELY)
    for number, code in enumerate(stage.codes(12)):
        stage.say(code, by=f"p{number % 3}")
    office = sit_down(stage, database_url, monkeypatch, capsys)
    assert "every draw of snack follows" in office("draws", "verify", "snack")
    with stage.sessions.begin() as session:
        session.execute(update(Draw).values(roll="f" * 16, prize=None))
    said = office("draws", "verify", "snack", fails=1)
    assert "huoju: 12 draws do not follow from the seed" in said
    assert said.count("draw ") >= 12
    found = json.loads(office("draws", "verify", "snack", "--json", fails=1).rpartition("huoju: ")[0])
    assert (found["ending"], len(found["tables"]["faults"])) == ("not good", 12)
    assert found["wrong"] == ["12 draws do not follow from the seed"]
