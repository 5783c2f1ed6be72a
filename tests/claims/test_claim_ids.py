"""A claim's id is nobody else's: the database says so, a turn draws another one, and old databases are mended."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core import schema
from core.campaign.live import Campaigns
from core.context import TurnRows
from core.database import open_database
from core.randomness import SeededRandomness
from handlers.claims.details import DETAILS_COLUMN, claim_row
from handlers.claims.vouchers import serve_waiting, take_in
from tests import postgres
from tests.snack import SNACK
from tests.stage import Stage, keyring
from tests.talking import buy, claims, faults, play, states


class _Again(SeededRandomness):
    """A stream that begins anew when it is told to, as that of another process with the same seed."""

    def begin_anew(self) -> None:
        self._taken = 0


def test_an_id_that_another_claim_has_is_drawn_anew(stage: Stage) -> None:
    stage.randomness = randomness = _Again("stage")
    stage.publish(SNACK)
    for by in ("u1", "u2"):
        play(stage, by)
        for said in ("gifts", "ticket"):
            stage.say(said, by=by)
    for by in ("u1", "u2"):
        randomness.begin_anew()
        assert stage.say("yes", by=by).startswith("gifts.bought")
    first, second = claims(stage)
    assert first.id != second.id
    with stage.sessions.begin() as session:
        take_in(session, stage.keys, "snack", "gift:ticket", [(1, "A"), (2, "B")])
    assert serve_waiting(stage.runtime, stage.now) == 2
    assert faults(stage) == []


class _Stutters(SeededRandomness):
    """Says everything twice."""

    _said: bytes | None = None

    def take(self, length: int) -> bytes:
        said, self._said = self._said, None
        if said is None:
            said = self._said = super().take(length)
        return said


def test_no_two_new_rows_of_a_turn_share_an_id(stage: Stage) -> None:
    rows = TurnRows(Campaigns(), stage.keys, _Stutters("stage"), 0)
    made = [rows.new_id(stage.now) for _ in range(20)]
    assert len(set(made)) == len(made)


def test_the_database_refuses_an_id_twice(stage: Stage) -> None:
    stage.publish(SNACK)
    for by in ("u1", "u2"):
        play(stage, by)
        buy(stage, "ticket", by=by)
    with pytest.raises(IntegrityError), stage.database.begin() as connection:
        connection.execute(text("UPDATE claims SET id = (SELECT min(id) FROM claims)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A database that may be brought back to the revision before, in which claims may share an id."""
    with postgres.new_database() as address:
        url = address if request.param == "postgresql" else f"sqlite:///{tmp_path / 'old.db'}"
        database = open_database(url)
        schema.upgrade(database, keyring())
        yield Stage(database, tmp_path)
        database.dispose()


def _share_an_id(stage: Stage) -> None:
    """Give the claims of all players the id of the first, as two processes with the same seed did."""
    keys = stage.keys
    first, *others = claims(stage)
    with stage.database.begin() as connection:
        connection.execute(text("DROP INDEX uq_claims_id"))
        connection.execute(text("CREATE INDEX ix_claims_id ON claims (id)"))
        for other in others:
            known = {"old": other.id, "new": first.id, "said": str(other.id), "says": str(first.id)}
            for change in _RENAMED:
                names = {name: known[name] for name in known if f":{name}" in change}
                connection.execute(text(change), names)
            if other.details_sealed:
                details = keys.unseal(DETAILS_COLUMN, claim_row(other.player_id, other.id), other.details_sealed)
                sealed = keys.seal(DETAILS_COLUMN, f"{other.player_id}/{first.id}".encode(), details)
                mine = {"sealed": sealed, "player": other.player_id}
                connection.execute(text("UPDATE claims SET details_sealed = :sealed WHERE player_id = :player"), mine)


def _migrate(stage: Stage) -> None:
    """Run the one migration over a database that is what it left but for the ids, and the one that moves questions."""
    with stage.database.begin() as connection:
        for change in _ASKED_PLAYERS:
            connection.execute(text(change))
        config = schema.migrations(connection, stage.keys)
        script = ScriptDirectory.from_config(config)
        for name in ("ids_of_claims", "questions_of_addresses"):
            (migration,) = (each for each in script.walk_revisions() if name in each.path)
            step = RevisionStep.upgrade_from_script(script.revision_map, migration)
            command.stamp(config, str(migration.down_revision))
            with EnvironmentContext(config, script, fn=lambda *_, step=step: [step]):
                script.run_env()
        command.stamp(config, "head")


_OF_PLAYER = "FROM addresses JOIN joins ON joins.address_key = addresses.key WHERE joins.player_id = players.id"
_ASKED_PLAYERS = (
    "ALTER TABLE players ADD COLUMN question VARCHAR(120)",
    "ALTER TABLE players ADD COLUMN question_until TIMESTAMP WITH TIME ZONE",
    "ALTER TABLE players ADD COLUMN question_again BOOLEAN DEFAULT false NOT NULL",
    "ALTER TABLE players ADD COLUMN question_count INTEGER DEFAULT 7 NOT NULL",
    # without the 16 letters that say as of which details it was asked
    f"UPDATE players SET question = (SELECT substr(question, 1, length(question) - 17) {_OF_PLAYER})",
    f"UPDATE players SET question_until = (SELECT question_until {_OF_PLAYER})",
    *(
        f"ALTER TABLE addresses DROP COLUMN question{rest}"
        for rest in ("", "_campaign_id", "_until", "_again", "_number")
    ),
)
"""As it was while questions waited at players."""


_RENAMED = (
    "UPDATE timers SET subject = :says WHERE subject = :said",
    "UPDATE transfers SET ref = replace(ref, :said, :says)",
    "UPDATE claims SET id = :new, ref = replace(ref, :said, :says) WHERE id = :old",
    "UPDATE addresses SET question = replace(question, :said, :says)",
    "UPDATE vouchers SET claim_id = :new WHERE claim_id = :old",
)


def test_claims_that_share_an_id_are_told_apart_and_go_on(old: Stage) -> None:
    old.publish(SNACK)
    for by, gift in (("u1", "ticket"), ("u2", "mug"), ("u3", "ticket"), ("u4", "mug")):
        play(old, by)
        play(old, by)
        buy(old, gift, by=by)
    for said in ("Anna Lee", "13800138000", "12 King Street"):
        old.say(said, by="u2")
        old.say(said, by="u4")
    with old.sessions.begin() as session:
        take_in(session, old.keys, "snack", "gift:ticket", [(1, "A")])
    assert serve_waiting(old.runtime, old.now) == 1
    before = {(claim.player_id, claim.item, claim.state) for claim in claims(old)}
    _share_an_id(old)
    _migrate(old)
    assert schema.differences(old.database) == []
    assert len({claim.id for claim in claims(old)}) == 4
    assert {(claim.player_id, claim.item, claim.state) for claim in claims(old)} == before
    assert faults(old) == []
    assert [old.say("yes", by=by).split(" ")[0] for by in ("u2", "u4")] == ["claim.ready"] * 2
    with old.sessions.begin() as session:
        take_in(session, old.keys, "snack", "gift:ticket", [(1, "B")])
    assert serve_waiting(old.runtime, old.now) == 1
    old.wait(days=11)
    old.tick()
    assert sorted(states(old)) == ["ready", "ready", "received", "received"]
    assert faults(old) == []
