"""Follow-ups: what is said unasked, some time after something happened."""

from core.mechanics import Mechanic
from handlers.follow_ups import audit, planting, replanting, timing

MECHANIC = Mechanic(
    name="follow_ups",
    on=planting.REACTIONS,
    timers={**timing.KINDS, **replanting.KINDS},
    published=replanting.replant,
    checks=audit.CHECKS,
)
