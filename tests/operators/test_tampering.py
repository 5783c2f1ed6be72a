"""What is done to blocks, plans and the log behind our back is found by the audit."""

import pytest

from core.operators import Role
from handlers.operators.reports import send_reports
from tests.operators.tampering import OPERATORS_TAMPERING
from tests.operators.test_chat import word_in
from tests.players.tampering import PLAYERS_TAMPERING
from tests.scenes import BACKENDS, Scenes, broken
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import link_up, play

TAMPERED = [*OPERATORS_TAMPERING, *PLAYERS_TAMPERING]


def play_office(stage: Stage) -> None:
    """Anna talks at two addresses and is blocked; there was a report in the morning; a plan ended the campaign."""
    stage.publish(SNACK)
    for channel in ("test", "second"):
        play(stage, "anna", channel=channel)
    link_up(stage, ("anna", "second"), ("anna", "test"))
    stage.appoint(Role.OWNER)
    stage.command("/report on", by="boss")
    stage.wait(days=1)
    assert send_reports(stage.runtime, stage.now) == 1
    stage.command("/player block test/main/anna reason=cheats", by="boss")
    word = word_in(stage.command("/campaign end snack", by="boss"))
    stage.command(f"/confirm {word}", by="boss")


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_nobody_touched_is_well(scenes: Scenes, backend: str) -> None:
    with scenes.spoiled(backend, play_office) as connection:
        assert broken(connection) == set()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), TAMPERED, ids=[name for name, _, _ in TAMPERED])
def test_tampering_is_found(scenes: Scenes, backend: str, name: str, sql: str, says: str) -> None:
    with scenes.spoiled(backend, play_office, sql) as connection:
        assert any(check.startswith(says) for check in broken(connection))
