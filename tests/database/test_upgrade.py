"""A database that an older version filled: migrated forward, everything in it is there and goes on."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Date, DateTime, MetaData, insert, select, update

from core import schema
from core.database import open_database
from core.inbox import failed_messages
from core.keys import Keyring
from core.measures.rollup import roll_up
from core.messages import Answered
from core.models import Address, Inbox, Join, OutboundJob, Player
from core.operators import Role
from core.randomness import SeededRandomness
from core.resealing import reseal, values_by_key
from core.retention.ageing import age
from core.retention.keep import KEEPABLE, Keep
from core.sending.outbound import Category
from handlers import MECHANICS
from handlers.invites.verbs import release
from handlers.operators.reports import send_reports
from tests import postgres
from tests.relay.torchbearers import count
from tests.sending.rig import Desk, Platform, dispatches
from tests.stage import Stage, keyring
from tests.talking import faults, invites, states

FIXTURES = Path(__file__).parents[1] / "fixtures"


@dataclass(frozen=True)
class Release:
    """A fixture that a version wrote itself, and the revision of its schema."""

    name: str
    revision: str

    @cached_property
    def filled(self) -> dict[str, Any]:
        """Its tables, and what the test must know of what was said."""
        found: dict[str, Any] = json.loads((FIXTURES / f"{self.name}.json").read_text(encoding="utf-8"))
        return found


# Three players, nine codes, two prizes won, one correction.
FIRST = Release("first_release", "0001")
# A shop and its claims in many states, a voucher, friends rewarded and held, two channels linked, timers that wait, a
# question that nobody has answered, and a notice that nobody has fetched.
SECOND = Release("second_release", "0002")
# A chain of three torches, one lit by a scan; follow-ups and a morning's announcement: some were given up, some wait
# for another try, two are in the hands of a sender that was killed.
THIRD = Release("third_release", "0003")
# Two campaigns: a gift that is asked about, somebody who said stop and was linked then, another one who came back, a
# friend rewarded, a torch handed on over two channels and lit, names, and a notice in the hands of a killed sender.
FOURTH = Release("fourth_release", "0004")


def _read(value: Any) -> Any:
    match value:
        case {"hex": text}:
            return bytes.fromhex(text)
        case {"at": text}:
            return datetime.fromisoformat(text)
        case {"on": text}:
            return date.fromisoformat(text)
        case _:
            return value


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, without any schema."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'first.db'}"
    else:
        with postgres.new_database() as address:
            yield address


@pytest.fixture
def upgraded(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> Iterator[Stage]:
    """The database of a release, filled by it and migrated since; in the end, every guarantee still holds."""
    release: Release = request.param
    database = open_database(url)
    with database.begin() as connection:
        command.upgrade(schema.migrations(connection), release.revision)
        tables = MetaData()
        tables.reflect(connection)
        filled = set(release.filled["tables"])
        assert filled <= set(tables.tables)
        for table in tables.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, DateTime) and not isinstance(column.type, Date):
                    column.type = DateTime(timezone=True)
            if rows := release.filled["tables"].get(table.name):
                connection.execute(insert(table), [{key: _read(value) for key, value in row.items()} for row in rows])
    schema.upgrade(database, keyring())
    assert schema.differences(database) == []
    stage = Stage(database, tmp_path)
    stage.now = max(_read(row["received_at"]) for row in release.filled["tables"]["inbox"])
    stage._ids = itertools.count(1000)  # a message of today is none of the old ones
    assert faults(stage) == []
    yield stage
    assert faults(stage) == []
    database.dispose()


@pytest.mark.parametrize("upgraded", [FIRST], indirect=True, ids=["0.1"])
def test_the_first_version_goes_on(upgraded: Stage) -> None:
    (again,) = upgraded.take(upgraded.delivery(FIRST.filled["first_code"], by="p0", id="m0"))
    assert (again.how, again.texts) == (Answered.REPEATED, (FIRST.filled["first_answer"],))
    assert "you have 25 points" in upgraded.say("points", by="p0")
    assert upgraded.say("gifts", by="p0") == "There are no gifts to choose from in this campaign."
    assert upgraded.say("prizes", by="p0") == "No prizes or gifts yet. Good luck!"
    assert upgraded.say(FIRST.filled["unused"][0], by="p1").startswith("No prize this time, but here are 10 points")
    word = upgraded.say("link", by="p0").split("minutes: ")[1].split(".")[0]
    assert upgraded.say(word, by="p2").startswith("Linked")


@pytest.mark.parametrize("upgraded", [SECOND], indirect=True, ids=["0.2"])
def test_the_second_version_goes_on_with_what_was_queued_asked_and_due(upgraded: Stage) -> None:
    (again,) = upgraded.take(upgraded.delivery(SECOND.filled["first_code"], by="lan", id="m0"))
    assert (again.how, "\n".join(again.texts)) == (Answered.REPEATED, SECOND.filled["first_answer"])
    with upgraded.sessions() as session:
        (waits,) = session.scalars(select(OutboundJob))
    assert (waits.address_key, waits.state, waits.category) == (
        upgraded.key("tom", channel="second"),
        "due",
        Category.NOTICE,
    )
    assert waits.ref.endswith(":cancelled")
    assert any("broken" in text for text in upgraded.told("tom", channel="second"))
    with upgraded.sessions() as session:
        assert session.scalars(select(OutboundJob)).all() == []
    assert upgraded.say("yes", by="lan").startswith("It's yours: Mug! You have 250 points left.")
    _friends_and_timers_go_on(upgraded)


def _friends_and_timers_go_on(upgraded: Stage) -> None:
    code, another = SECOND.filled["unused"][:2]
    assert upgraded.say(code, by="lena").endswith("Plus 5 points, because a friend invited you. You now have 15.")
    (held,) = (invite for invite in invites(upgraded) if invite.state == "held")
    release(upgraded.runtime, held.player_id, "Wang", upgraded.now)
    assert "A phone: on its way" in upgraded.say("prizes", by="tom", channel="second")
    upgraded.wait(days=11)
    assert upgraded.tick() > 0
    assert states(upgraded) == ["shipped", "lapsed", "cancelled", "received", "lapsed", "lapsed", "open"]
    assert upgraded.say(another, by="hua").startswith("No prize this time")


@pytest.mark.parametrize("upgraded", [THIRD], indirect=True, ids=["0.3"])
def test_the_third_version_goes_on_with_what_was_on_its_way(upgraded: Stage) -> None:
    (again,) = upgraded.take(upgraded.delivery(THIRD.filled["first_code"], by="anna", id="m0"))
    assert (again.how, "\n".join(again.texts), again.here) == (Answered.REPEATED, THIRD.filled["first_answer"], 2)
    desk = Desk(upgraded, Platform())
    desk.wait(days=1, hours=1)  # the last words were said a day before the announcement
    for _ in range(4):  # what the killed sender had in hand is found after a minute, and due again a moment later
        desk.rounds()
        desk.wait(minutes=2)
    assert {one.state for one in dispatches(upgraded)} == {"dead", "unknown"}
    assert "Your torch is burning, leg 2" in upgraded.say("torch", by="bob")
    assert upgraded.say(THIRD.filled["unused"][0], by="dora").startswith("No prize this time, but here are 10 points")
    assert "Your torch, leg 3, went out" in upgraded.say("torch", by="cleo")


@pytest.mark.parametrize("upgraded", [FOURTH], indirect=True, ids=["0.4"])
def test_the_fourth_version_goes_on_with_what_was_asked_and_wished(upgraded: Stage) -> None:
    with upgraded.sessions.begin() as session:  # what failed then came without anything that is kept now
        session.execute(update(Inbox).where(Inbox.external_id == "m0").values(state="failed", error="KeyError"))
        assert [each.delivery.message.attachments for each in failed_messages(session, upgraded.keys)] == [()]
        session.execute(update(Inbox).values(state="done", error=None))
    (again,) = upgraded.take(upgraded.delivery(FOURTH.filled["first_code"], by="anna", id="m0"))
    assert (again.how, "\n".join(again.texts)) == (Answered.REPEATED, FOURTH.filled["first_answer"])
    assert upgraded.say("yes", by="bob").startswith("It's yours: Mug! You have 110 points left.")
    assert upgraded.say(FOURTH.filled["unused"][0], by="cleo").endswith("You now have 25.")
    with upgraded.sessions() as session:
        silent = session.scalars(select(Address.key).where(Address.opted_out_at.is_not(None))).all()
    assert set(silent) == {upgraded.key("anna"), upgraded.key("anna2", channel="second")}
    assert "Your torch is burning" in upgraded.say("torch", by="emil")
    count(upgraded)
    assert "Emil" in upgraded.say("board", by="fay", channel="second")


@pytest.mark.parametrize("upgraded", [FOURTH], indirect=True, ids=["0.4"])
def test_players_of_before_are_of_the_channel_by_which_they_joined(upgraded: Stage) -> None:
    with upgraded.sessions() as session:
        players = session.scalars(select(Player)).all()
        joins = {
            (joined_at, channel)
            for joined_at, channel in session.execute(
                select(Join.joined_at, Address.channel).join(Address, Address.key == Join.address_key)
            )
        }
    assert len({player.channel for player in players}) > 1
    assert {(player.joined_at, player.channel) for player in players} <= joins


@pytest.mark.parametrize("upgraded", [FOURTH], indirect=True, ids=["0.4"])
def test_a_campaign_of_before_is_reported(upgraded: Stage) -> None:
    upgraded.appoint(Role.AUDITOR)
    assert "comes here every day at 08:30" in upgraded.command("/report on torch", by="boss")
    upgraded.wait(days=1)
    assert [send_reports(upgraded.runtime, upgraded.now) for _ in range(2)] == [1, 0]
    assert any("yesterday" in said for said in upgraded.told("boss"))
    assert not faults(upgraded)


@pytest.mark.parametrize("upgraded", [FIRST, FOURTH], indirect=True, ids=["0.1", "0.4"])
def test_what_an_older_version_sealed_is_sealed_anew(upgraded: Stage) -> None:
    upgraded.keys = Keyring(b"p" * 32, b"i" * 32, {1: b"s" * 32, 2: b"n" * 32}, SeededRandomness("anew"))
    assert reseal(upgraded.runtime, upgraded.now) > 5
    with upgraded.sessions() as session:
        assert list(values_by_key(session, MECHANICS.sealed)) == [2]


@pytest.mark.parametrize("upgraded", [FIRST, FOURTH], indirect=True, ids=["0.1", "0.4"])
def test_what_an_older_version_wrote_goes_when_it_is_old(upgraded: Stage) -> None:
    upgraded.settings = (Keep({one.word: one.least for one in KEEPABLE}),)
    for length in (32, 3):
        upgraded.wait(days=length)
        upgraded.tick()
        roll_up(upgraded.runtime, upgraded.now)
    assert age(upgraded.runtime, upgraded.now) > 5
