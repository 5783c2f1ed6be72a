"""The check of ciphertext: every sealed text opens with the keyring, in the place where it stands."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Row, select

from core.audit.faults import Books, Check, Fault
from core.models.base import table_of
from core.sealed import Sealed

_STREAMED = {"yield_per": 5_000}


def opens(sealed: Sequence[Sealed]) -> Check:
    """Every value of ``sealed`` opens, and is what its row knows of it."""

    def find(books: Books) -> Iterator[Fault]:
        for one in sealed:
            yield from _closed(books, one)

    return Check("every sealed text opens in its own place", find)


def _closed(books: Books, one: Sealed) -> Iterator[Fault]:
    named, known, key = len(one.named_by), len(one.named_by) + len(one.known_by), len(one.key)
    statement = select(*one.key, *(each.label(None) for each in (*one.named_by, *one.known_by, one.column)))
    rows: Iterator[Row[*tuple[object, ...]]] = iter(
        books.session.execute(statement.where(one.column.is_not(None)), execution_options=_STREAMED)
    )
    for row in rows:
        about, value = row[key:-1], row[-1]
        assert isinstance(value, bytes)
        text = books.opened(one.where, one.row(*about[:named]), value)
        if text is None or not one.agrees(books.keys, text, *about[:known]):
            name = " ".join(each.hex() if isinstance(each, bytes) else str(each) for each in row[:key])
            yield Fault(
                f"{table_of(one.table).name} {name}",
                "its {column} does not open, or is another one",
                {"column": one.column.key},
            )
