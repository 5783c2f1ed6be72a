"""Whoever is blocked plays nothing, is told so once, and keeps the right to be left alone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from core.models import Address, Inbox, Join, OutboundJob, Player
from core.operators import Role
from core.words import Mark, row_number
from handlers.codes.tables import Redemption
from handlers.operators.tables import LogEntry
from tests.beginnings import begin
from tests.operators.test_chat import word_in
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import faults, invites, link_up, play, word_of

BLOCK = '/player block test/main/anna reason="buys stolen cards"'
FOLLOW_UP = "follow_ups:\n  - {name: nudge, when: 1h after first contact, say: {zh: 来玩, en: Come and play}}\n"


def play_and_appoint(stage: Stage) -> None:
    stage.publish(SNACK + FOLLOW_UP)
    play(stage, "anna")
    stage.appoint(Role.SUPPORT)


@pytest.fixture
def office(stage: Stage) -> Stage:
    return begin(stage, play_and_appoint)


def redeemed(stage: Stage) -> int:
    with stage.sessions() as session:
        return session.scalar(select(func.count()).select_from(Redemption)) or 0


def blocked(stage: Stage, channel: str = "test") -> bool:
    with stage.sessions() as session:
        return session.get_one(Address, stage.key("anna", channel=channel)).blocked_at is not None


def test_a_blocked_player_plays_nothing_is_told_once_and_is_still_heard(office: Stage) -> None:
    assert "is blocked (addresses: 1)" in office.command(BLOCK, by="boss")
    code = office.codes(1)[0]
    assert [office.say(said, by="anna") for said in (code, code, "points", "invite")] == [
        "blocked.told",
        "new",
        "new",
        "new",
    ]
    assert redeemed(office) == 1
    with office.sessions() as session:
        mine = (Inbox.address_key == office.key("anna")) & Inbox.withheld
        assert session.scalar(select(func.count()).select_from(Inbox).where(mine)) == 3
    assert office.say("HELP", by="anna") == "blocked.told"
    assert office.say("STOP", by="anna").startswith("stop.done")
    assert "may play again (addresses: 1)" in office.command("/player unblock test/main/anna", by="boss")
    assert office.say(code, by="anna").startswith("redeem.points")
    assert not faults(office)


def test_what_friends_bring_to_somebody_blocked_waits_for_a_review(office: Stage) -> None:
    word = word_of(office, "anna")
    before, told = _points(office), office.told("anna")
    office.command(BLOCK, by="boss")
    office.say(word, by="ben")
    play(office, "ben")
    (invite,) = invites(office)
    assert (invite.state, invite.signs) == ("held", "blocked")
    assert _points(office) == before
    assert office.told("anna") == told
    office.command("/player unblock test/main/anna", by="boss")
    office.appoint(Role.OPERATOR)
    planned = office.command(f"/invites release {row_number(Mark.FRIEND, invite.player_id)}", by="boss")
    office.command(f"/confirm {word_in(planned)}", by="boss")
    assert _points(office) == before + invite.inviter_points
    assert invite.inviter_points > 0
    assert not faults(office)


def _points(stage: Stage) -> int:
    """What anna has."""
    with stage.sessions() as session:
        mine = select(Player.points).join(Join, Join.player_id == Player.id)
        return session.scalars(mine.where(Join.address_key == stage.key("anna"))).one()


def test_a_repeated_delivery_gets_what_it_got(office: Stage) -> None:
    office.command(BLOCK, by="boss")
    first = office.delivery(office.codes(1)[0], by="anna")
    assert office.dealt(first) == "blocked.told"
    office.command("/player unblock test/main/anna", by="boss")
    assert office.dealt(first) == "blocked.told"
    assert redeemed(office) == 1
    assert not faults(office)


def test_a_question_that_waits_buys_nothing_any_more(office: Stage) -> None:
    office.give(50, by="anna")
    for said in ("gifts", "mug"):
        office.say(said, by="anna")
    office.command(BLOCK, by="boss")
    assert office.say("yes", by="anna") == "blocked.told"
    office.command("/player unblock test/main/anna", by="boss")
    office.say("yes", by="anna")
    with office.sessions() as session:
        assert session.scalars(select(Player.points).order_by(Player.joined_at)).first() == 60
    assert not faults(office)


def test_who_blocked_whom_and_why_is_kept_and_can_be_taken_back(office: Stage) -> None:
    office.command(BLOCK, by="boss")
    assert "is blocked already" in office.command(BLOCK, by="boss")
    assert "by Li Na: buys stolen cards" in office.command("/player show test/main/anna", by="boss")
    assert "blocked" in office.command("/player find test/main/anna", by="boss")
    office.appoint(Role.SUPPORT, by="other", name="Wang Wu")
    office.command('/player block second/main/bo reason="x"', by="other")
    office.command("/player unblock test/main/anna", by="other")
    assert not blocked(office)
    assert "blocked" in office.command("/undo", by="other")
    assert blocked(office)
    assert "may play again" in office.command("/player unblock test/main/anna", by="boss")
    assert "is not blocked" in office.command("/player unblock test/main/anna", by="boss")
    with office.sessions() as session:
        verbs = session.scalars(
            select(LogEntry.verb).where(LogEntry.changes_sealed.is_not(None)).order_by(LogEntry.number)
        ).all()
    assert verbs == ["player block", "player unblock", "undo", "player unblock"]
    assert not faults(office)


def test_all_linked_addresses_are_blocked_and_what_is_linked_later_is_too(office: Stage) -> None:
    play(office, "anna", channel="second")
    link_up(office, ("anna", "second"), ("anna", "test"))
    assert "(addresses: 2)" in office.command(BLOCK, by="boss")
    assert play(office, "anna", channel="second") == "blocked.told"
    assert play(office, "anna") == "blocked.told"
    office.command("/player unblock second/main/anna", by="boss")
    assert not blocked(office)
    assert not faults(office)


def test_whoever_links_with_a_blocked_person_becomes_the_blocked_person(office: Stage) -> None:
    word = office.say("link", by="anna").split("word=")[1].split()[0]
    office.command(BLOCK, by="boss")
    assert office.say(word, by="anna", channel="second").startswith("link.")
    assert blocked(office, "second")
    assert play(office, "anna", channel="second") == "blocked.told"
    assert not faults(office)


def test_nothing_unasked_is_said_to_somebody_who_is_blocked(office: Stage) -> None:
    office.command(BLOCK, by="boss")
    office.wait(hours=2)
    office.tick()
    with office.sessions() as session:
        mine = OutboundJob.address_key == office.key("anna")
        assert session.scalars(select(OutboundJob.ref).where(mine, OutboundJob.category >= 2)).all() == []
    assert not faults(office)


def test_an_instant_before_the_block_is_before_it(office: Stage) -> None:
    """What was received before and is dealt with after it is refused as well: the block is what counts."""
    before = office.delivery(office.codes(1)[0], by="anna")
    office.now += timedelta(minutes=1)
    office.command(BLOCK, by="boss")
    assert office.dealt(before) == "blocked.told"
    assert redeemed(office) == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "two\nlines"])
def test_a_block_needs_a_reason(office: Stage, reason: str) -> None:
    assert "reason: give 1 to 200 signs" in office.command(f'/player block test/main/anna reason="{reason}"', by="boss")
    assert "nobody has ever written" in office.command("/player block test/main/nobody reason=x", by="boss")
    assert not blocked(office)


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ({"blocked_by": None}, "is blocked in part"),
        ({"blocked_why_sealed": b"\x01nothing"}, "is blocked in part"),
        ({"blocked_at": None, "blocked_by": None, "blocked_why_sealed": None}, "may play at others"),
    ],
)
def test_the_audit_finds_half_a_block(office: Stage, broken: dict[str, object], fault: str) -> None:
    play(office, "anna", channel="second")
    link_up(office, ("anna", "second"), ("anna", "test"))
    office.command(BLOCK, by="boss")
    with office.sessions.begin() as session:
        session.execute(update(Address).where(Address.key == office.key("anna")).values(**broken))
    assert any(fault in found for found in faults(office))
