"""A backup is whole or refused; what was restored is as it was, and does nothing once more that may have been done."""

import json
import os
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, update

from core.campaign.place_checks import KnownPlaces
from core.database import open_database
from core.models import Account, Installation, OutboundJob, Player, Timer
from core.operators import Role
from core.times import system_clock
from huoju.backup.archive import new_archive
from huoju.backup.manifest import Manifest
from huoju.backup.restore import Restored, restore
from huoju.doctor import installation_findings
from huoju.metrics import Meter, MetricsFile, database_metrics
from huoju.settings import Settings, read_settings
from tests import postgres
from tests.command_line import Told
from tests.follow_ups.scene import calendar, follow_ups, join, pass_time, say
from tests.office import Office, sit_down
from tests.snack import SNACK
from tests.stage import Stage

FOLLOWED = follow_ups(f"name: hello, when: 1h after first contact, {say('Hello')}", limits="quiet: 22:00-08:00")
MORNING = calendar(f"name: morning, cron: '0 9 * * *', to: everybody, late: 6h, {say('Morning')}")


def quiet(_what: str) -> nullcontext[object]:
    return nullcontext(lambda _done, _of: None)


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    monkeypatch.setenv("PATH", str(postgres.tools()), prepend=os.pathsep)
    return sit_down(stage, database_url, monkeypatch, capsys)


@contextmanager
def elsewhere(office: Office) -> Iterator[Settings]:
    """Settings with a new, empty database of the same kind."""
    if office.stage.database.dialect.name == "sqlite":
        url = f"sqlite:///{office.stage.directory / 'new.db'}"
        office.monkeypatch.setenv("HUOJU_DATABASE_URL", url)
        yield read_settings()
    else:
        with postgres.new_database() as url:
            office.monkeypatch.setenv("HUOJU_DATABASE_URL", url)
            yield read_settings()


@contextmanager
def reopened(office: Office, settings: Settings) -> Iterator[Stage]:
    """The stage goes on, on the database that was restored."""
    database = open_database(settings.database_url)
    yield Stage(database, office.stage.directory, office.stage.now)
    database.dispose()


def backed_up(office: Office) -> Path:
    told = Told.model_validate_json(office("backup", "kept.backup", "--json"))
    return Path(str(told.says[0].values["file"]))


def restored(office: Office, settings: Settings, path: Path) -> Restored:
    return restore(settings, path, [("test", "main"), ("test", "new")], lambda: office.stage.now, quiet)


def test_what_comes_back_is_what_there_was_and_is_held(office: Office) -> None:
    stage = office.stage
    stage.publish(SNACK)
    used, free = stage.codes(2)
    answer = stage.say(used, id="m1")
    path = backed_up(office)
    with stage.sessions() as session:
        assert session.scalar(select(Installation.backed_up_at)) is not None
    assert path.stat().st_mode & 0o077 == 0
    assert b"pepper" not in path.read_bytes()
    stage.say(free)
    told = office("restore", str(path), fails=1)
    assert "nothing is written over" in told
    with elsewhere(office) as settings:
        restored(office, settings, path)
        with reopened(office, settings) as again:
            assert again.say(used, id="m1") == answer
            assert again.say(used, id="m2").startswith("redeem.used")
            assert again.say(free, id="m3").startswith("redeem.")
            with again.sessions() as session:
                accounts = select(Account.channel, Account.account, Account.paused).order_by(Account.account)
                held = session.execute(accounts).all()
            assert [tuple(one) for one in held] == [("test", "main", True), ("test", "new", True)]
        assert "nothing is written over" in office("restore", str(path), fails=1)
    assert [one.name for one in stage.directory.iterdir() if one.name.startswith(".huoju")] == []


def test_nobody_is_told_twice_what_nobody_asked_for(office: Office) -> None:
    stage = office.stage
    stage.publish(FOLLOWED + MORNING.removeprefix(SNACK))
    join(stage)
    pass_time(stage, hours=2)  # Hello waits for a sender
    join(stage, by="u2")
    path = backed_up(office)
    stage.wait(hours=20)  # u2's Hello, and a morning, came and went without this copy
    with elsewhere(office) as settings:
        told = restored(office, settings, path)
        with reopened(office, settings) as again:
            again.tick()
            with again.sessions() as session:
                waits = session.execute(select(OutboundJob.state, OutboundJob.error).where(OutboundJob.category == 4))
                assert [tuple(one) for one in waits] == [("unknown", "restored")]
                due = session.scalars(select(Timer.state).where(Timer.kind.in_(("follow-up", "announce"))))
                assert sorted(due) == ["dropped", "fired"]
            pass_time(again, days=1)
            with again.sessions() as session:
                new = select(OutboundJob.state).where(OutboundJob.category == 4, OutboundJob.state == "due")
                assert len(session.scalars(new).all()) == 2  # the next morning is new
    assert len(told.settled.lines) == 3


def test_a_job_of_an_operator_does_not_begin_again(office: Office) -> None:
    stage = office.stage
    stage.publish(SNACK)
    stage.appoint(Role.OWNER, by="boss")
    stage.command("/audit", by="boss")
    path = backed_up(office)
    with elsewhere(office) as settings:
        told = restored(office, settings, path)
        assert [each.text for each in told.settled.lines] == [
            "Jobs that were not done: 1. They may have been done since, and are stopped."
        ]


def damaged(path: Path, how: str) -> Path:
    raw, made = path.read_bytes(), path.with_name(f"{how}.backup")
    match how:
        case "cut":
            made.write_bytes(raw[:-100])
        case "flipped":
            middle = len(raw) // 3
            altered = bytes(byte ^ 0xFF for byte in raw[middle : middle + 64])  # one bit may pack the very same data
            made.write_bytes(raw[:middle] + altered + raw[middle + 64 :])
        case "empty":
            made.touch()
        case "a link":
            made.symlink_to(path)
        case _:
            with zipfile.ZipFile(path) as old, zipfile.ZipFile(made, "w") as new:
                for name in old.namelist():
                    content = old.read(name)
                    if name == "manifest.json":
                        document = json.loads(content)
                        document["format" if how == "newer" else "revision"] = 9 if how == "newer" else "0001"
                        content = json.dumps(document).encode()
                    new.writestr(name, content)
    return made


@pytest.mark.reading
def test_what_is_no_sound_backup_is_refused(office: Office) -> None:
    office.stage.publish(SNACK)
    path = backed_up(office)
    with elsewhere(office) as settings:
        for how, why in (
            ("cut", "cut off or was altered"),
            ("flipped", "cut off or was altered"),
            ("empty", "cut off or was altered"),
            ("edited", "cut off or was altered"),
            ("newer", "update the program"),
            ("a link", "name the file itself"),
        ):
            assert why in office("restore", str(damaged(path, how)), fails=1), how
        assert "cannot be read" in office("restore", "nothing.backup", fails=1)
        assert "cannot be read" in office("restore", ".", fails=1)
        office.monkeypatch.setenv("HUOJU_DATABASE_URL", "postgresql://nobody@localhost/nothing")
        assert "leads to PostgreSQL" in office("restore", str(path), fails=1)
    assert not Path(str(make_url(settings.database_url).database)).exists()


@pytest.mark.reading
def test_a_copy_that_lacks_a_row_is_not_put_in_place(office: Office, tmp_path: Path) -> None:
    office.stage.publish(SNACK)
    office.stage.say("hello")
    path, copied, lacking = backed_up(office), tmp_path / "copied.db", tmp_path / "lacking.backup"
    with zipfile.ZipFile(path) as zipped:
        copied.write_bytes(zipped.read("database.sqlite"))
        manifest = Manifest.model_validate_json(zipped.read("manifest.json"))
    with closing(sqlite3.connect(copied, isolation_level=None)) as connection:
        connection.execute("DELETE FROM consents")
        connection.execute("DELETE FROM outbox")
    with new_archive(lacking, office.stage.keys) as archive:
        archive.add("database.sqlite", [copied.read_bytes()], packed=False)
        archive.close(**{key: value for key, value in manifest if key not in {"format", "data_bytes", "data_sha256"}})
    with elsewhere(office) as settings:
        assert "the table outbox has 0 rows, and should have 1" in office("restore", str(lacking), fails=1)
    assert not Path(str(make_url(settings.database_url).database)).exists()


@pytest.mark.reading
def test_without_its_keys_it_says_which_it_needs(office: Office) -> None:
    office.stage.publish(SNACK)
    path = backed_up(office)
    told = json.loads(zipfile.ZipFile(path).read("manifest.json"))["keys"]
    with elsewhere(office):
        office.monkeypatch.setenv("HUOJU_KEYS_FILE", "gone.keys")
        assert told["check"] in office("restore", str(path), fails=1)
        document = json.loads(Path("test.keys").read_text(encoding="utf-8"))
        document["sealing"] = {"2": document["sealing"]["1"]}
        Path("gone.keys").write_text(json.dumps(document), encoding="utf-8")
        assert f"the sealing keys 1 ({told['sealing']['1']})" in office("restore", str(path), fails=1)


def test_a_copy_with_faults_is_not_put_in_place(office: Office) -> None:
    stage = office.stage
    stage.publish(SNACK)
    stage.say(stage.codes(1)[0])
    with stage.sessions.begin() as session:
        session.execute(update(Player).values(points=77))
    path = backed_up(office)
    with elsewhere(office) as settings:
        told = office("restore", str(path), fails=1)
        assert "--with-faults" in told
        assert "points" in told
        assert "huoju db upgrade" in office("health", fails=1)  # as empty as it was
        assert restore(settings, path, [], lambda: stage.now, quiet, with_faults=True).faults


def test_no_room_leaves_nothing(office: Office, tmp_path: Path) -> None:
    office.stage.publish(SNACK)
    full = Path("/dev/full")
    assert "exists" in office("backup", str(full), fails=1)
    (tmp_path / "here").mkdir()
    (tmp_path / "link.backup").symlink_to(tmp_path / "here" / "x")
    assert "exists" in office("backup", "link.backup", fails=1)
    office("backup", "here")
    assert len(list((tmp_path / "here").iterdir())) == 1
    assert "No such file" in office("backup", "nowhere/x.backup", fails=1)


def test_it_is_rehearsed(office: Office) -> None:
    office.stage.publish(SNACK)
    assert "every guarantee holds there" in office("backup", "kept.backup", "--verify")
    assert "can be restored" in office("restore", "kept.backup", "--rehearse")
    assert Told.model_validate_json(office("restore", "kept.backup", "--rehearse", "--json")).ending == "done"


def test_where_huoju_runs_nothing_is_restored(office: Office) -> None:
    office.stage.publish(SNACK)
    path = backed_up(office)
    with elsewhere(office) as settings:
        file = MetricsFile(Meter("web"), settings.metrics_folder)
        file.write()
        assert f"Huoju runs on this machine: web ({os.getpid()}); stop it" in office("restore", str(path), fails=1)
        file.close()
        if make_url(settings.database_url).get_backend_name() == "postgresql":
            other = open_database(settings.database_url)
            with other.connect():
                told = office("restore", str(path), fails=1)
            other.dispose()
            assert "others are connected" in told
        else:
            beside = Path(f"{make_url(settings.database_url).database}-wal")
            beside.touch()
            assert "is left of a database" in office("restore", str(path), fails=1)
            beside.unlink()
        restored(office, settings, path)


def test_it_is_told_when_the_last_backup_was_taken(office: Office) -> None:
    office.stage.publish(SNACK)
    path = backed_up(office)
    taken_at = datetime.fromisoformat(json.loads(zipfile.ZipFile(path).read("manifest.json"))["taken_at"])
    assert f"Last backup: {taken_at:%Y-%m-%d %H:%M} UTC." in office("health")
    names = {one.name: one for one in database_metrics(office.stage.database, system_clock)}
    assert names["huoju_backup_timestamp_seconds"].samples[0].value == taken_at.timestamp()
    known = KnownPlaces({"test", "second"}, None)
    for days, well in ((1, True), (3, False)):
        at = taken_at + timedelta(days=days)
        found = installation_findings(read_settings(), lambda at=at: at, called=False, known=known)
        (one,) = [one for one in found if one.what.startswith("the last backup")]
        assert one.well is well
