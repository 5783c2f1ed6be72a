"""Follow-ups: what is said unasked, some time after something happened."""

from pathlib import Path

from core.mechanics import Mechanic
from handlers.follow_ups import audit, measures, restored, schedule
from handlers.follow_ups import react as planting
from handlers.follow_ups import timers as timing
from handlers.follow_ups.known import Known
from handlers.follow_ups.load import ANNOUNCE, ask, is_true
from handlers.follow_ups.rules import FollowUps
from handlers.follow_ups.say import is_over, is_twin, is_welcome, speak, waits

__all__ = [
    "ANNOUNCE",
    "MECHANIC",
    "Known",
    "ask",
    "is_over",
    "is_true",
    "is_twin",
    "is_welcome",
    "speak",
    "waits",
]

MECHANIC = Mechanic(
    name="follow_ups",
    sections=(FollowUps,),
    texts=Path(__file__).parent / "texts",
    triggered=planting.plant,
    timers=timing.KINDS,
    schedule=schedule.SCHEDULE,
    segments=measures.SEGMENTS,
    triggers=measures.TRIGGERS,
    checks=audit.CHECKS,
    restored=restored.drop_overdue,
)
