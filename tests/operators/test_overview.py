"""What operators ask first: what waits and is stuck, which accounts send, and whether all runs."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.models import Inbox, OutboundJob, Timer
from core.operators import Role
from core.sending.outbound import Rate, SendingAccount
from core.verbs import Platforms
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import play

pytestmark = pytest.mark.reading


@pytest.fixture
def office(stage: Stage) -> Stage:
    outlet = SendingAccount("test", "main", Rate(10, timedelta(seconds=1), 10))
    stage.outlets, stage.settings = (outlet,), (Platforms(lambda error: f"it says {error}"),)
    stage.publish(SNACK)
    play(stage, "anna")
    stage.appoint(Role.SUPPORT)
    return stage


def test_where_all_is_well_it_is_said_so(office: Stage) -> None:
    office.appoint(Role.AUDITOR, by="auditor", name="Wang Wu")
    told = office.command("/health", by="auditor")
    for part in (
        "0 of them late by more than a minute, 0 failed.",
        "Texts: 0 wait",
        "Messages that failed: 0.",
        "Database: ",
        "Last backup: none",
    ):
        assert part in told, part
    assert "⚠" not in told
    assert office.command("/outbox", by="boss") == "Everything was delivered."
    assert "test/main · sending · 0" in office.command("/查账号", by="boss")


def test_what_is_late_and_what_failed_is_said_with_what_to_do(office: Stage) -> None:
    office.give(5, by="anna")
    with office.sessions.begin() as session:
        session.execute(
            update(Inbox).where(Inbox.address_key == office.key("anna")).values(state="failed", error="KeyError")
        )
        session.add(
            Timer(
                kind="claim.remind",
                subject="1",
                occurrence=0,
                owner_id=1,
                due_at=office.now,
                state="due",
            )
        )
    office.wait(minutes=2)
    told = office.command("/体检", by="boss")
    for part in (
        "does a clock run?",
        "does a sender run?",
        "Texts: 1 wait, 1 of them late",
        "messages failed; /inbox failed lists them",
    ):
        assert part in told, part


def test_why_texts_wait_is_told_in_words_of_their_platform(office: Stage) -> None:
    office.give(5, by="anna")
    with office.sessions.begin() as session:
        session.execute(update(OutboundJob).values(state="dead", error="45168"))
    told = office.command("/outbox", by="boss")
    assert "given up: it says 45168" in told
    assert "test/main · notice · dead" in told
    office.appoint(Role.OWNER, by="owner", name="Zhao")
    office.command("/outbox pause test/main", by="owner")
    assert "test/main is paused; let it go on: " in office.command("/outbox", by="boss")
    assert "test/main · paused" in office.command("/accounts list", by="boss")
    assert "Li Na" not in told
