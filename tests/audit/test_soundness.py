"""The audit that tests ask for, in a few statements, finds what the product's finds in many."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import event, text

from core.audit.audit import audit
from handlers import MECHANICS
from tests import soundness
from tests.stage import CAMPAIGN, Stage

SPOILS = "UPDATE players SET points = points + 1"


def _found(stage: Stage, audit: Callable[..., Any]) -> tuple[Sequence[Any], int]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_told: Any) -> None:
        asked.append(sql)

    event.listen(stage.database, "before_cursor_execute", note)
    try:
        return list(audit(stage.database, stage.keys, MECHANICS.checks)), len(asked)
    finally:
        event.remove(stage.database, "before_cursor_execute", note)


def test_it_finds_the_same_in_fewer_statements(stage: Stage) -> None:
    stage.publish(CAMPAIGN)
    stage.say(stage.codes(1)[0])
    for _ in range(4):  # it learns what every audit asks
        assert not any(faults for _, faults in soundness.audit(stage.database, stage.keys, MECHANICS.checks))
    (sound, many), (quickly, few) = _found(stage, audit), _found(stage, soundness.audit)
    assert (quickly, few < many / 2) == (sound, True)
    with stage.database.begin() as connection:
        connection.execute(text(SPOILS))
    assert _found(stage, soundness.audit)[0] == _found(stage, audit)[0] != sound
