"""Run every check on one consistent snapshot."""

from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.audit import chat_checks, ledger_checks, seal_checks, sending_checks, timer_checks
from core.audit.faults import Books, Check, Fault
from core.keys import Keyring

CHECKS: tuple[Check, ...] = (
    *ledger_checks.CHECKS,
    *timer_checks.CHECKS,
    *chat_checks.CHECKS,
    *sending_checks.CHECKS,
    *seal_checks.CHECKS,
)
"""Of what all mechanics stand on."""

SHOWN = 20
"""Faults of one check that are returned; there may be more."""


def audit(database: Engine, keys: Keyring, checks: Sequence[Check]) -> Iterator[tuple[Check, list[Fault]]]:
    """Yield CHECKS and ``checks`` with the first of the rows that break each; all of them see the same instant."""
    with database.connect() as connection:
        if database.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        else:
            connection.execution_options(read_only=True)
        with Session(connection) as session:
            books = Books(session, keys)
            for check in (*CHECKS, *checks):
                yield check, list(islice(check.find(books), SHOWN))
