"""The bucket of an account: how many texts it may send now (GCRA), and what they book.

``booked_until`` lies as far ahead of now as texts were sent faster than the rate.
"""

from datetime import datetime, timedelta

from core.sending.outbound import Rate


def full(at: datetime, rate: Rate) -> datetime:
    """The furthest that may be booked at ``at``. What lies further ahead was booked before a clock was set back."""
    return at + rate.interval * rate.burst


def free(booked_until: datetime, at: datetime, rate: Rate) -> int:
    """How many texts may go at ``at``: the burst at most, 0 or less when the bucket is full."""
    return (full(at, rate) - max(booked_until, at)) // rate.interval


def booked(booked_until: datetime, at: datetime, rate: Rate, texts: int) -> datetime:
    """``booked_until`` after ``texts`` more went at ``at``."""
    return max(booked_until, at) + rate.interval * texts


def wait(booked_until: datetime, at: datetime, rate: Rate) -> timedelta:
    """How long until one text may go; zero when it may now."""
    return max(booked_until + rate.interval - full(at, rate), timedelta())
