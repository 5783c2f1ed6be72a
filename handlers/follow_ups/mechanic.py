"""Follow-ups: what is said unasked, some time after something happened."""

from pathlib import Path

from core.mechanics import Mechanic
from handlers.follow_ups import audit, measures, schedule
from handlers.follow_ups import react as planting
from handlers.follow_ups import timers as timing
from handlers.follow_ups.rules import FollowUps

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
)
