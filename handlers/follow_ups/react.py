"""Plant follow-ups: a timer each, in the transaction of what they are counted from."""

from core.context import TurnRows
from core.timers.schedule import set_timer
from core.triggers import Occurrence, Trigger
from handlers.follow_ups.rules import FollowUps

FOLLOW_UP = "follow-up"


def plant(rows: TurnRows, trigger: Trigger, occurrence: Occurrence) -> None:
    """Plant every follow-up that counts from ``trigger``.

    Planted twice for the same occurrence, a timer breaks its primary key and the turn is taken again.
    """
    for follow_up in rows.campaigns[occurrence.campaign_id].rules.section(FollowUps).each:
        if follow_up.when.event == trigger.name:
            set_timer(
                rows,
                occurrence.owner_id,
                FOLLOW_UP,
                subject=subject_of(follow_up.name, trigger.name),
                occurrence=occurrence.number,
                due_at=occurrence.at + follow_up.when.after,
                since=occurrence.at,
            )


def subject_of(name: str, trigger: str) -> str:
    """The subject of a follow-up's timers; a name that counts from something else in a later version is another one."""
    return f"{name}:{trigger}"
