"""Sealed columns: each is stated by whom it belongs to, and opens by what is stated of it."""

import pytest
from sqlalchemy import LargeBinary

from core.models.base import Base, table_of
from handlers import MECHANICS
from tests.sealing import seal_everywhere, values_of
from tests.stage import Stage

PLAIN = {"heartbeats.padding", "logos.png"}
"""Bytes of any length that hide nothing."""


@pytest.mark.reading
def test_every_column_of_ciphertext_is_stated() -> None:
    columns = [column for mapper in Base.registry.mappers for column in mapper.local_table.columns]
    named = {str(column) for column in columns if column.name == "sealed" or column.name.endswith("_sealed")}
    long = {str(one) for one in columns if isinstance(one.type, LargeBinary) and one.type.length is None}
    stated = {one.name for one in MECHANICS.sealed}
    assert len(MECHANICS.sealed) == len(stated) == len({one.where for one in MECHANICS.sealed}) >= 19
    assert named == stated
    assert long - PLAIN == stated
    assert long > PLAIN


@pytest.mark.reading
def test_a_mechanic_states_what_stands_in_its_own_tables_or_in_those_of_all() -> None:
    owned = {table: mechanic.name for mechanic in MECHANICS.each for table in mechanic.tables}
    stated = [(mechanic.name, one.table) for mechanic in MECHANICS.each for one in mechanic.sealed]
    assert {name for name, _ in stated} == {"claims", "operators", "purchases", "relay"}
    assert [(name, table_of(table).name) for name, table in stated if owned.get(table, name) != name] == []


@pytest.mark.reading
def test_everything_that_is_sealed_opens_by_what_is_stated_of_it(stage: Stage) -> None:
    seal_everywhere(stage)
    empty = []
    with stage.sessions() as session:
        for one in MECHANICS.sealed:
            found = values_of(session, one)
            for *named, value in found:
                assert isinstance(value, bytes)
                one.open(stage.keys, named, value)
            if not found:
                empty.append(one.name)
    assert empty == ["winner_records.winner_sealed", "purchases.buyer_sealed"], (
        "tests/rights, tests/purchases open these"
    )
