"""What failed is taken again by what it has in common, in the order in which it was received."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from core.attachments import Attachment, ContactCard, Location, Media, MediaKind
from core.context import Context
from core.engine.delivery import delivery
from core.engine.routes import Requires, Route
from core.inbox import failed_messages
from core.messages import Reply
from core.models import Address, Inbox, Timer
from core.speech.keywords import Means
from handlers import MECHANICS
from tests.office import Office, sit_down
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import faults, link_up


class _Bad:
    requires = Requires()


def _explode(_ctx: object, _intent: object) -> list[object]:
    raise ZeroDivisionError


def _break(_ctx: object, _intent: object) -> list[object]:
    raise KeyError


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    return sit_down(stage, database_url, monkeypatch, capsys)


@pytest.fixture
def failed(stage: Stage) -> Stage:
    """Four messages that failed: an hour apart, by two errors, on two channels."""
    stage.publish(SNACK)
    stage.routes = (
        Route("bad", Means(_Bad(), "boom"), _explode),
        Route("worse", Means(_Bad(), "bang"), _break),
        *MECHANICS.routes,
    )
    with capture_logs():
        for text, by, channel in (
            ("boom", "u1", "test"),
            ("bang", "u2", "test"),
            ("boom", "u3", "second"),
            ("boom", "u1", "test"),
        ):
            stage.say(text, by=by, channel=channel)
            stage.wait(hours=1)
    stage.routes = MECHANICS.routes
    return stage


ATTACHED = (
    Media(MediaKind.PHOTO, "file-1", "bag.jpg", "image/jpeg", 2048),
    Location(Decimal("31.230416"), Decimal("121.473701"), "Shanghai"),
    ContactCard("+8613800138000", "Anna", own=True),
)


def test_what_came_along_with_a_message_is_there_when_it_is_replayed(stage: Stage) -> None:
    stage.publish(SNACK)
    seen: list[tuple[Attachment, ...]] = []

    def look(ctx: Context, _intent: object) -> list[Reply]:
        seen.append(ctx.message.attachments)
        if len(seen) == 1:
            raise ZeroDivisionError
        return [Reply("help.answer")]

    stage.routes = (Route("look", Means(_Bad(), "look"), look), *MECHANICS.routes)
    with capture_logs():
        stage.take(delivery(replace(stage.message("look"), attachments=ATTACHED), stage.keys))
    with stage.sessions() as session:
        (sealed,) = session.scalars(select(Inbox.attachments_sealed))
        (failed,) = failed_messages(session, stage.keys)
    assert b"file-1" not in sealed
    stage.take(failed.delivery)
    assert seen == [ATTACHED, ATTACHED]
    assert faults(stage) == []


def _left(stage: Stage) -> int:
    with stage.sessions() as session:
        return len(session.scalars(select(Inbox.external_id).where(Inbox.state == "failed")).all())


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (("--all",), 0),
        (("--error", "KeyError"), 3),
        (("--error", "ZeroDivision"), 1),
        (("--error", "%"), 4),
        (("--channel", "second"), 3),
        (("--utc", "--since", "2026-12-01 05:00"), 1),
        (("--utc", "--until", "2026-12-01 05:00"), 3),
        (("--utc", "--since", "2026-12-01 05:00", "--until", "2026-12-01 06:30", "--channel", "test"), 3),
        (("--since", "2026-12-02"), 4),
        (("--campaign", "other"), 4),
        (("--all", "--dry-run"), 4),
    ],
)
def test_what_is_replayed_is_what_was_asked_for(
    failed: Stage, office: Office, words: tuple[str, ...], left: int
) -> None:
    printed = office("inbox", "replay", "--yes", *words)
    assert _left(failed) == left
    assert ("4 would be taken again" if "--dry-run" in words else f"{4 - left} are done") in printed
    assert faults(failed) == []


def test_they_are_replayed_in_the_order_of_their_receipt(failed: Stage, office: Office) -> None:
    before = len(failed.told("u1"))
    office("inbox", "replay", "--yes", "--all")
    assert len(failed.told("u1")) == before + 2
    with failed.sessions() as session:
        rows = session.scalars(select(Inbox).order_by(Inbox.received_at)).all()
    assert [row.state for row in rows] == ["done"] * 4


def test_what_failed_is_told_oldest_first(failed: Stage) -> None:
    with failed.sessions() as session:
        told = [message.received_at for message in failed_messages(session, failed.keys)]
    assert told == sorted(told)


@pytest.mark.parametrize("linked", [False, True], ids=["alone", "linked"])
@pytest.mark.parametrize("failing", [0, 1, 2], ids=["first fails", "second fails", "last fails"])
@pytest.mark.parametrize("said", [("stop", "start", "stop"), ("start", "stop", "start")], ids="-".join)
def test_an_old_wish_that_is_replayed_stands_where_it_was_said(
    stage: Stage, office: Office, said: tuple[str, ...], failing: int, linked: bool
) -> None:
    """The last wish counts: what is dealt with days later changes nothing that was wished since."""
    stage.publish(SNACK)
    stage.say("invite")
    if linked:
        link_up(stage, ("u1", "test"), ("other", "second"))
    for place, text in enumerate(said):
        stage.wait(hours=1)
        stage.routes = (
            (Route("bad", Means(_Bad(), text), _explode), *MECHANICS.routes) if place == failing else MECHANICS.routes
        )
        with capture_logs():
            stage.say(text)
    stage.routes = MECHANICS.routes
    stage.wait(days=3)
    before = _out(stage)
    office("inbox", "replay", "--yes", "--all")
    wants_nothing = said[-1] == "stop"
    assert before == (wants_nothing if failing < 2 else not wants_nothing)
    assert (_left(stage), _out(stage)) == (0, wants_nothing)
    assert faults(stage) == []


def _out(stage: Stage) -> bool:
    with stage.sessions() as session:
        return session.get_one(Address, stage.key()).opted_out_at is not None


@pytest.mark.parametrize("words", [(), ("--all", "--error", "Key"), ("0", "--all")])
def test_what_is_not_said_clearly_is_refused(failed: Stage, office: Office, words: tuple[str, ...]) -> None:
    assert "say which" in office("inbox", "replay", "--yes", *words, fails=1)
    assert _left(failed) == 4


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ((), 0),
        (("--kind", "claim.remind"), 1),
        (("--kind", "claim.deadline"), 1),
        (("--error", "Operational"), 1),
        (("--error", "_perational"), 2),
        (("--since", "2026-12-10"), 1),
        (("--dry-run",), 2),
    ],
)
def test_timers_are_tried_again_by_what_they_have_in_common(
    stage: Stage, office: Office, words: tuple[str, ...], left: int
) -> None:
    stage.publish(SNACK.replace("price: 20 points, stock: 2", "price: 10 points, stock: 200"))
    stage.take(*(stage.delivery(text) for text in (stage.codes(1)[0], "gifts", "mug", "yes")))
    with stage.sessions.begin() as session:
        for timer in session.scalars(select(Timer)):
            timer.state, timer.error = "failed", f"{'Operational' if timer.kind == 'claim.remind' else 'Key'}Error at x"
    assert any("no timer has failed" in found for found in faults(stage))
    office("timers", "retry", *words)
    with stage.sessions() as session:
        assert len(session.scalars(select(Timer.kind).where(Timer.state == "failed")).all()) == left


def test_the_audit_tells_of_failed_messages_and_late_timers(failed: Stage, office: Office) -> None:
    failed.take(
        *(failed.delivery(text, by="u9") for text in (failed.codes(1)[0], failed.codes(1)[0], "gifts", "mug", "yes"))
    )
    printed = office("audit")
    assert "Messages that failed: 4" in printed
    assert "Every guarantee holds" in printed
