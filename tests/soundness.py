"""An audit as the product makes it, in less time: what finds nothing is asked for in one statement.

A healthy audit is a hundred statements that find nothing; to build, prepare and fetch each of them was a quarter of the
time of all conversations. Those that every audit asks, and asks for nothing in particular, are put together here:
whether each of them finds a row. One that does is asked by itself as ever, in the same snapshot.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Engine, Result, ScalarResult, Select
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.exc import CompileError
from sqlalchemy.orm import Session

from core.audit.audit import look, snapshot
from core.audit.faults import Books, Check, Fault
from core.keys import Keyring

_LEARNT_IN = 3
"""Audits after which it is known what all of them ask."""


class _Asked:
    """What audits ask on one kind of database, and the statement that asks it all."""

    def __init__(self) -> None:
        self.audits = 0
        self.always: dict[int, Any] = {}
        self.together: str | None = None

    def finding_nothing(self, connection: Connection) -> set[int]:
        """Those of the statements, by their ids, that find nothing now."""
        if self.together is None:
            return set()
        found = connection.exec_driver_sql(self.together).one()
        return {each for each, finds in zip(self.always, found, strict=True) if not finds}

    def learn(self, asked: dict[int, Any], connection: Connection) -> None:
        """Keep what was asked this time, too; in the end, what finds nothing as a rule."""
        self.audits += 1
        self.always = asked if self.audits == 1 else {key: self.always[key] for key in self.always.keys() & asked}
        if self.audits == _LEARNT_IN:
            texts = {key: _spelt(each, connection) for key, each in self.always.items()}
            self._put_together({key: text for key, text in texts.items() if text is not None})
            nothing = self.finding_nothing(connection)
            self._put_together({key: text for key, text in texts.items() if text is not None and key in nothing})

    def _put_together(self, texts: dict[int, str]) -> None:
        self.always = {key: self.always[key] for key in texts}
        self.together = "SELECT " + ", ".join(f"EXISTS ({text})" for text in texts.values())


def _spelt(statement: Any, connection: Connection) -> str | None:
    """``statement`` with its values in it; None where it waits for some, or is not one that only finds rows."""
    if not isinstance(statement, Select | CompoundSelect):
        return None
    try:
        return str(statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    except (CompileError, NotImplementedError):
        return None


_ASKED: dict[str, _Asked] = {}


class _Auditing(Session):
    """A session that knows already what finds nothing."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._connection = connection
        self._all = _ASKED.setdefault(connection.dialect.name, _Asked())
        self._nothing = self._all.finding_nothing(connection)
        self._now: dict[int, Any] = {}

    def execute(self, statement: Any, params: Any = None, **how: Any) -> Result[Any]:  # type: ignore[override]
        """As ever, or nothing where nothing is known to be."""
        if params is None and not how:
            if id(statement) in self._nothing:
                return IteratorResult(SimpleResultMetaData(["nothing"]), iter(()))
            if self._all.together is None:
                self._now[id(statement)] = statement
        return super().execute(statement, params, **how)

    def scalars(self, statement: Any, params: Any = None, **how: Any) -> ScalarResult[Any]:  # type: ignore[override]
        """As execute, the first column alone."""
        return self.execute(statement, params, **how).scalars()

    def close(self) -> None:
        """Learn, as long as there is something to learn."""
        if self._all.together is None:
            self._all.learn(self._now, self._connection)
        super().close()


def audited(connection: Connection, keys: Keyring, checks: Sequence[Check]) -> list[tuple[Check, list[Fault]]]:
    """Every check with what an audit finds, as ``connection`` sees the database."""
    with _Auditing(connection) as session:
        return list(look(Books(session, keys), checks))


def audit(database: Engine, keys: Keyring, checks: Sequence[Check]) -> list[tuple[Check, list[Fault]]]:
    """Every check with what an audit finds."""
    with snapshot(database) as connection:
        return audited(connection, keys, checks)
