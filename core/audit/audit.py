"""Run every check on one consistent snapshot."""

from collections.abc import Iterator
from itertools import islice

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from core.audit import (
    board_checks,
    chat_checks,
    claim_checks,
    code_checks,
    draw_checks,
    invite_checks,
    ledger_checks,
    limit_checks,
    piece_checks,
    reward_checks,
    seal_checks,
    second_checks,
    sending_checks,
    timer_checks,
    torch_checks,
    transfer_checks,
)
from core.audit.faults import Books, Check, Fault
from core.keys import Keyring

CHECKS: tuple[Check, ...] = (
    *ledger_checks.CHECKS,
    *transfer_checks.CHECKS,
    *code_checks.CHECKS,
    *limit_checks.CHECKS,
    *draw_checks.CHECKS,
    *piece_checks.CHECKS,
    *claim_checks.CHECKS,
    *second_checks.CHECKS,
    *invite_checks.CHECKS,
    *reward_checks.CHECKS,
    *torch_checks.CHECKS,
    *board_checks.CHECKS,
    *timer_checks.CHECKS,
    *chat_checks.CHECKS,
    *sending_checks.CHECKS,
    *seal_checks.CHECKS,
)

SHOWN = 20
"""Faults of one check that are returned; there may be more."""


def audit(database: Engine, keys: Keyring) -> Iterator[tuple[Check, list[Fault]]]:
    """Yield every check with the first of the rows that break it; all checks see the same instant."""
    with database.connect() as connection:
        if database.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        else:
            connection.execution_options(read_only=True)
        with Session(connection) as session:
            books = Books(session, keys)
            for check in CHECKS:
                yield check, list(islice(check.find(books), SHOWN))
