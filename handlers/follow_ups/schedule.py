"""The follow-ups that today's rules have for what has happened to a player."""

from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from core.campaign.rules import Rules
from core.context import TurnRows
from core.models import Player
from core.timers.reschedule import Due, Schedule
from handlers.follow_ups.react import FOLLOW_UP, subject_of
from handlers.follow_ups.rules import FollowUps


def _load(session: Session, rows: TurnRows, rules: Rules, people: Mapping[int, Player]) -> None:
    triggers = [rows.triggers[name] for name in sorted({each.when.event for each in rules.section(FollowUps).each})]
    for load in dict.fromkeys(trigger.load for trigger in triggers if trigger.load is not None):
        load(session, rows, people)


def _due(rows: TurnRows, player: Player) -> Iterator[list[Due]]:
    for rule in rows.campaigns[player.campaign_id].rules.section(FollowUps).each:
        trigger, subject = rows.triggers[rule.when.event], subject_of(rule.name, rule.when.event)
        for occurrence in trigger.before(rows, player):
            counted = trigger.moves_to(rows.preferred_addresses[player.id]) if trigger.moves_to else occurrence.at
            due_at = counted + rule.when.after
            yield [Due(occurrence.owner_id, FOLLOW_UP, subject, occurrence.number, due_at, occurrence.at)]


SCHEDULE = Schedule(kinds=(FOLLOW_UP,), timed=lambda rules: rules.section(FollowUps), load=_load, due=_due)
