"""The word of draws for what follow-ups count from."""

from collections.abc import Iterator

from core.context import TurnRows
from core.models import Player
from core.triggers import Occurrence, Trigger
from handlers.codes import CodeHistory, load_history
from handlers.draws.events import Won
from handlers.draws.rules import DrawRules


def _won(won: Won) -> Occurrence:
    return Occurrence(won.player.campaign_id, won.player.id, won.at, won.number)


def _before(rows: TurnRows, player: Player) -> Iterator[Occurrence]:
    wins = [at for reason, at in rows.of(CodeHistory).brought.get(player.id, ()) if reason == "won"]
    for number, at in enumerate(wins, start=1):
        yield Occurrence(player.campaign_id, player.id, at, number)


TRIGGERS = (
    Trigger(
        name="win",
        event=Won,
        occurred=_won,
        before=_before,
        load=load_history,
        misplaced=lambda rules: (
            None if rules.section(DrawRules) else "nothing is drawn; add draw, or choose another event"
        ),
    ),
)
