"""Sealed columns: where ciphertext stands, and what each value is bound to.

Whatever is sealed is stated by whom it belongs to (``Mechanic.sealed``, in its ``rights.py``), so that it can be opened
without knowing what it is: an audit opens all of it, and a rotation of keys seals it anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from core.keys import Keyring
from core.models.base import Base, table_of

Column = InstrumentedAttribute[Any]


def by_key(key: bytes) -> bytes:
    """The row, where its key says it."""
    return key


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sealed:
    """One column of ciphertext; NULL where there is none."""

    column: Column
    where: str
    """The column, as :meth:`core.keys.Keyring.seal` was told; it is part of what a value is bound to, for ever."""
    named_by: Sequence[Column]
    """The columns of the same row that its values are bound to; a row keeps them."""
    row: Callable[..., bytes]
    """The row as :meth:`core.keys.Keyring.seal` was told, by the values of ``named_by``."""
    locked: bool = False
    """Whether turns lock its rows, long after they were written: who writes them keeps players waiting."""
    known_by: Sequence[Column] = ()
    """What else the row knows of the text."""
    agrees: Callable[..., bool] = lambda _keys, _text, *_known: True
    """Whether a text, once opened, is the one that the row knows: by the keyring, it, ``named_by`` and ``known_by``."""

    @property
    def table(self) -> type[Base]:
        """Where it stands."""
        return cast(type[Base], self.column.class_)

    @property
    def name(self) -> str:
        """Table and column, as the database calls them."""
        return f"{table_of(self.table).name}.{self.column.key}"

    @property
    def key(self) -> Sequence[ColumnElement[Any]]:
        """The columns of the primary key, by which its rows are paged."""
        return list(table_of(self.table).primary_key.columns)

    def open(self, keys: Keyring, named: Sequence[Any], value: bytes) -> str:
        """The text behind ``value`` of the row whose ``named_by`` are ``named``.

        Raises KeysUnusable, or ValueError for what is too short to be one.
        """
        return keys.unseal(self.where, self.row(*named), value)
