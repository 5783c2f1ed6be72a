"""The calendar: what is said unasked, at times of the campaign."""

from handlers.calendar.mechanic import MECHANIC

__all__ = ["MECHANIC"]
