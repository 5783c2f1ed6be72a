"""The log of operators: whatever is done to it from outside is found, and named."""

import json

import pytest
from sqlalchemy import delete, func, select, update

from core.operators import Role
from handlers.operators.log import end_of, verify
from handlers.operators.tables import WORDS_COLUMN, LogEntry, LogHead
from tests.beginnings import begin
from tests.office import sit_down
from tests.stage import Stage
from tests.talking import faults

SAID = ("/campaign list", "/campaign pause snack", "/campaign resume snack", "/campaign list", "/log")


def say_much(stage: Stage) -> None:
    stage.publish()
    stage.appoint(Role.OWNER)
    for said in SAID:
        stage.command(said, by="boss")


@pytest.fixture
def office(stage: Stage) -> Stage:
    return begin(stage, say_much)


def found(stage: Stage) -> list[tuple[int, str]]:
    with stage.sessions() as session:
        return [(fault.number, fault.wrong) for fault in verify(session, stage.keys)]


def test_a_log_that_nobody_touched_is_whole(office: Stage) -> None:
    assert found(office) == []
    assert "All 5 rows" in office.command("/log verify", by="boss")
    assert not faults(office)


@pytest.mark.parametrize("number", range(1, len(SAID) + 1))
def test_a_row_that_is_gone_is_named(office: Stage, number: int) -> None:
    with office.sessions.begin() as session:
        session.execute(delete(LogEntry).where(LogEntry.number == number))
    assert (number, "is gone") in found(office)
    assert f"row {number} is gone" in office.command("/log verify", by="boss")
    assert faults(office)


@pytest.mark.parametrize(
    "change",
    [
        {"operator": "Wang Wu"},
        {"ending": "refused"},
        {"verb": "campaign end"},
        {"place": "terminal"},
        {"words_mac": b"x" * 16},
        {"words_sealed": b"x" * 40},
        {"changes_sealed": b"x" * 40},
    ],
)
def test_a_row_that_was_changed_is_named(office: Stage, change: dict[str, object]) -> None:
    with office.sessions.begin() as session:
        session.execute(update(LogEntry).where(LogEntry.number == 2).values(**change))
    assert [number for number, _ in found(office)][:1] == [2]


def test_words_of_another_row_are_found(office: Stage) -> None:
    """Whoever has the key file as well can seal other words, and no other digest: the row was written with theirs."""
    row = (2).to_bytes(8, "big")
    with office.sessions.begin() as session:
        other = office.keys.seal(WORDS_COLUMN, row, "/campaign end snack")
        session.execute(update(LogEntry).where(LogEntry.number == 2).values(words_sealed=other))
    assert found(office) == [(2, "was changed: its words are not those that were said")]


def test_words_may_be_forgotten(office: Stage) -> None:
    with office.sessions.begin() as session:
        session.execute(update(LogEntry).where(LogEntry.number == 2).values(words_sealed=None))
    assert found(office) == []


def test_the_end_of_the_log_cannot_be_cut_off(office: Stage) -> None:
    with office.sessions.begin() as session:
        before = session.scalars(select(LogEntry.digest).where(LogEntry.number == 4)).one()
        session.execute(delete(LogEntry).where(LogEntry.number == 5))
        session.execute(update(LogHead).values(number=4, digest=before))
    assert found(office) == [(4, "is not the one that the end of the log remembers")]


def test_a_row_of_another_history_is_found(office: Stage) -> None:
    """A database that was put back to a backup goes on otherwise; a row of what was before fits into it nowhere."""
    with office.sessions.begin() as session:
        head = session.execute(select(LogHead.number, LogHead.digest)).one()
    office.command("/campaign pause snack", by="boss")
    with office.sessions.begin() as session:
        table = LogEntry.__table__
        lost = session.execute(select(table).where(table.c.number == 6)).mappings().one()
        session.execute(delete(LogEntry).where(LogEntry.number == 6))
        session.execute(update(LogHead).values(number=head.number, digest=head.digest))
    for said in ("/campaign list", "/log"):
        office.command(said, by="boss")
    assert found(office) == []
    with office.sessions.begin() as session:
        session.execute(update(LogEntry).where(LogEntry.number == 6).values(**lost))
    assert [number for number, _ in found(office)] == [7]


TOUCHED = {
    "touched": (update(LogEntry).where(LogEntry.number == 2).values(verb="campaign end"), "row 2 was changed"),
    "gone": (delete(LogEntry).where(LogEntry.number == 3), "row 3 is gone"),
}


@pytest.mark.parametrize("how", TOUCHED)
def test_a_terminal_names_the_row_and_ends_with_a_code(
    office: Stage,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    how: str,
) -> None:
    huoju = sit_down(office, database_url, monkeypatch, capsys)
    assert "All 5 rows of the log are as they were written." in huoju("audit", "log", "--verify")
    assert "/campaign pause snack" in huoju("audit", "log", "--limit", "4")
    statement, named = TOUCHED[how]
    with office.sessions.begin() as session:
        session.execute(statement)
    assert f"huoju: {named}" in huoju("audit", "log", "--verify", fails=1)
    assert json.loads(huoju("audit", "log", "--verify", "--json", fails=1).partition("huoju: ")[0])["wrong"][0] == named
    assert "guarantees are broken" in huoju("audit", fails=1)


def test_the_log_is_verified_by_every_name_it_has(office: Stage) -> None:
    for said in (
        "/log verify",
        "/log --verify",
        "/audit log --verify",
        "/audit_log verify=yes",
        "/日志 验证",
        "/日志 ——验证",
    ):
        assert "rows of the log are as they were written" in office.command(said, by="boss"), said


def test_from_the_end_of_what_was_verified_the_rest_is(office: Stage) -> None:
    with office.sessions() as session:
        mark = end_of(session)
        assert list(verify(session, office.keys, mark)) == []
    office.command("/campaign list", by="boss")
    with office.sessions.begin() as session:
        assert list(verify(session, office.keys, mark)) == []
        session.execute(update(LogEntry).where(LogEntry.number == 1).values(operator="Wu"))
        assert list(verify(session, office.keys, mark)) == []
        session.execute(update(LogEntry).where(LogEntry.number == 6).values(operator="Wu"))
        assert [one.number for one in verify(session, office.keys, mark)] == [6]
        session.execute(delete(LogEntry).where(LogEntry.number > 4))
        assert [one.number for one in verify(session, office.keys, mark)] == [6]
        session.execute(update(LogHead).values(number=4))
        assert [one.wrong for one in verify(session, office.keys, mark)] == ["was added behind the end of the log"]


def test_rows_are_numbered_without_a_gap(office: Stage) -> None:
    with office.sessions() as session:
        assert session.scalar(select(func.max(LogEntry.number))) == len(SAID)
