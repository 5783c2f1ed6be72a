"""The calendar: what is said unasked, at times of the campaign."""

from core.mechanics import Mechanic
from core.models import CalendarRun
from handlers.calendar import timers as timing
from handlers.calendar.rules import Calendar
from handlers.calendar.ticks import miss_all
from handlers.calendar.verbs import VERBS

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="calendar",
    sections=(Calendar,),
    tables=(CalendarRun,),
    timers=timing.KINDS,
    verbs=VERBS,
    restored=miss_all,
)
