"""What many tests begin with: played once by a worker, and on SQLite copied for all others.

To publish, print codes, redeem and appoint took three times as long as most of what is then looked at.
"""

import itertools
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.randomness import SeededRandomness
from tests.stage import Stage
from tests.watching import plant, planted

Play = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class _Played:
    """All that a play has changed: the rows, what the stage holds in its hand, and what may stand in no log."""

    rows: bytes
    now: datetime
    randomness: SeededRandomness
    said: int
    planted: frozenset[str]


_PLAYED: dict[tuple[str, str, str], _Played] = {}


def begin(stage: Stage, play: Play) -> Stage:
    """``stage``, on which nothing has happened yet, as ``play`` leaves it.

    ``play`` changes rows, and the hour, the randomness and the numbers of messages of the stage; nothing else.
    """
    if stage.database.dialect.name != "sqlite":
        play(stage)
        return stage
    file = Path(stage.database.url.database or "")
    key = (play.__module__, play.__qualname__, repr(stage.now))
    if (played := _PLAYED.get(key)) is None:
        play(stage)
        stage.database.dispose()  # who closes the last connection writes all into the one file
        held = stage.now, copy(stage.randomness), next(stage._ids)
        played = _PLAYED[key] = _Played(file.read_bytes(), *held, planted())
    else:
        stage.database.dispose()
        file.write_bytes(played.rows)
        with stage.sessions() as session:
            stage.shelf.look(session)  # as whoever has played has done
    plant(*played.planted)
    stage.now, stage.randomness, stage._ids = played.now, copy(played.randomness), itertools.count(played.said)
    return stage
