"""Run every check on one consistent snapshot."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session, sessionmaker

from core.audit import campaign_checks, chat_checks, ledger_checks, sending_checks, timer_checks
from core.audit.faults import Books, Check, Fault
from core.keys import Keyring

CHECKS: tuple[Check, ...] = (
    *campaign_checks.CHECKS,
    *ledger_checks.CHECKS,
    *timer_checks.CHECKS,
    *chat_checks.CHECKS,
    *sending_checks.CHECKS,
)
"""Of what all mechanics stand on."""

SHOWN = 20
"""Faults of one check that are returned; there may be more."""


@contextmanager
def snapshot(database: Engine) -> Iterator[Connection]:
    """A connection of which every statement sees the same instant; it only reads."""
    with database.connect() as connection:
        connection.execution_options(**_at_one_instant(database.dialect.name))
        yield connection


def _at_one_instant(dialect: str) -> dict[str, Any]:
    """How a connection reads so."""
    if dialect == "postgresql":
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {"read_only": True}


@contextmanager
def seen_at_once(opened: sessionmaker[Session], keys: Keyring) -> Iterator[Books]:
    """What an audit looks at, all of it as it is at one instant."""
    with opened() as session:
        session.connection(execution_options=_at_one_instant(session.get_bind().dialect.name))
        yield Books(session, keys)


def look(books: Books, checks: Sequence[Check]) -> Iterator[tuple[Check, list[Fault]]]:
    """Yield CHECKS and ``checks`` with the first of the rows of ``books`` that break each."""
    for check in (*CHECKS, *checks):
        yield check, list(islice(check.find(books), SHOWN))


def audit(database: Engine, keys: Keyring, checks: Sequence[Check]) -> Iterator[tuple[Check, list[Fault]]]:
    """Yield CHECKS and ``checks`` with the first of the rows that break each; all of them see the same instant."""
    with snapshot(database) as connection, Session(connection) as session:
        yield from look(Books(session, keys), checks)
