"""What the database knows of texts, timers, accounts, money and names, as numbers for /metrics; none is of a person."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Engine, case, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.database import read_only, sessions
from core.models import Spending
from core.relay.reviewing import queue
from core.sending.operations import accounts, waiting
from core.timers.listing import standings
from core.times import Clock, hour_number

_WHERE = ("channel", "account")
_DAY_H = 24


def numbers(database: Engine, clock: Clock) -> list[Metric]:
    """All that can be read now: without the database only that it does not answer."""
    try:
        with read_only(sessions(database)) as session:
            found = [*_outbox(session, clock()), *_timers(session, clock()), *_money(session, clock())]
            found.append(_names(session))
    except SQLAlchemyError:
        return [_up(0)]
    return [_up(1), *found]


def _up(value: int) -> Metric:
    return GaugeMetricFamily("huoju_database_up", "1 while the database answers.", value)


def _outbox(session: Session, now: datetime) -> Iterator[Metric]:
    texts = GaugeMetricFamily(
        "huoju_outbox_texts",
        "Texts that are not delivered; the late ones are among the due ones, too.",
        labels=(*_WHERE, "category", "state"),
    )
    not_states = {"channel", "account", "category"}
    for one in waiting(session, now):
        for state, count in one._asdict().items():
            if state not in not_states:
                texts.add_metric((one.channel, one.account, one.category.name.lower(), state), count)
    yield texts
    sends = GaugeMetricFamily(
        "huoju_account_open", "1 unless it is paused, or its platform wants us to wait.", labels=_WHERE
    )
    for account in accounts(session):
        closed = account.closed_until is not None and account.closed_until > now
        sends.add_metric((account.channel, account.account), int(not account.paused and not closed))
    yield sends


def _timers(session: Session, now: datetime) -> Iterator[Metric]:
    timers = GaugeMetricFamily(
        "huoju_timers",
        "Timers that wait or have failed; the late ones are among the due ones, too.",
        labels=("kind", "state"),
    )
    for one in standings(session, now):
        for state in ("later", "due", "late", "failed"):
            timers.add_metric((one.kind, state), getattr(one, state))
    yield timers


def _money(session: Session, now: datetime) -> Iterator[Metric]:
    """This hour is the one that a breaker looks at; today is by UTC."""
    hour = hour_number(now)
    today = hour - hour % _DAY_H
    sums = [
        func.coalesce(func.sum(case((Spending.hour == hour, column), else_=0)), 0) if only else func.sum(column)
        for column in (Spending.texts, Spending.segments, Spending.micros)
        for only in (True, False)
    ]
    place = (Spending.channel, Spending.account)
    found = session.execute(select(*place, *sums).where(Spending.hour >= today).group_by(*place).order_by(*place)).all()
    for offset, what, told in (
        (2, "texts", "Texts that were paid for."),
        (4, "segments", "Segments that were paid for."),
        (6, "micros", "What they cost, in millionths of the account's currency."),
    ):
        family = GaugeMetricFamily(f"huoju_spent_{what}", told, labels=(*_WHERE, "window"))
        for row in found:
            for number, window in enumerate(("hour", "day")):
                family.add_metric((row[0], row[1], window), int(row[offset + number]))
        yield family


def _names(session: Session) -> Metric:
    told = "Names that players chose and that wait for an operator (huoju names)."
    return GaugeMetricFamily("huoju_names_waiting", told, queue(session).names)
