"""Files of jobs: a link gives each once, to whoever comes first; what is over, foreign or taken back gives nothing."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.links import signed
from core.operators import Role
from core.verbs import JobFiles
from handlers.operators import log
from handlers.operators.job_files import Fetched, Offered, Taken, fetch, look, sweep
from handlers.operators.jobs import JobWatch, take
from handlers.operators.tables import Job, LogEntry
from tests.stage import Stage
from tests.talking import faults

KEPT = timedelta(hours=24)


@pytest.fixture
def office(stage: Stage) -> Stage:
    """An owner who reads English, and a folder for files."""
    stage.settings = (JobFiles(stage.directory / "files", KEPT),)
    stage.publish()
    stage.appoint(Role.OWNER)
    stage.say("english", by="boss")
    return stage


def link_in(told: str) -> str:
    """What the link in a message ends in."""
    return told.split("/file/")[1].split(maxsplit=1)[0]


def exported(stage: Stage) -> str:
    """What the link ends in that an export of the log was told with."""
    stage.command("/audit export", by="boss")
    assert stage.work() == 1
    return link_in(stage.told("boss")[-1])


def given_by(stage: Stage, by: str = "boss") -> bytes:
    """What the link in the last message to an operator gives."""
    found = fetch(stage.runtime, link_in(stage.told(by)[-1]), stage.now)
    assert isinstance(found, Fetched)
    with found.file as file:
        return file.read()


def gives(stage: Stage, link: str) -> bool:
    """Whether a link gives its file."""
    found = fetch(stage.runtime, link, stage.now)
    if not isinstance(found, Fetched):
        return False
    found.file.close()
    return True


def job(stage: Stage, number: int = 1) -> Job:
    with stage.sessions() as session:
        return session.get_one(Job, number)


def test_a_link_gives_nothing_once_its_operators_role_is_over(office: Stage) -> None:
    stage = office
    stage.appoint(Role.AUDITOR, by="anna", name="anna")
    stage.command("/audit export", by="anna")
    assert stage.work() == 1
    link = link_in(stage.told("anna")[-1])
    assert isinstance(look(stage.runtime, link, stage.now), Offered)
    stage.command("/operator remove test/main/anna", by="boss")
    assert look(stage.runtime, link, stage.now) is None
    assert not gives(stage, link)


def test_a_link_is_looked_at_as_often_as_one_likes_and_gives_its_file_once(office: Stage) -> None:
    link = exported(office)
    told = office.told("boss")[-1]
    assert "Job 1 is done: /audit export" in told
    assert "until 2026-12-02 04:00 (UTC); /job link 1" in told
    for _ in range(3):
        offered = look(office.runtime, link, office.now)
        assert isinstance(offered, Offered)
    office.wait(minutes=5)
    given = fetch(office.runtime, link, office.now)
    assert isinstance(given, Fetched)
    assert (given.name, given.bytes_count) == ("operator-log.jsonl", offered.bytes_count)
    with given.file as file:
        assert json.loads(file.readlines()[0])["words"] == "/audit export"
    assert fetch(office.runtime, link, office.now) == look(office.runtime, link, office.now) == Taken(office.now)
    assert "fetched (UTC): 2026-12-01 04:05:00" in office.command("/job 1", by="boss")
    assert "/file/" not in office.command("/job 1", by="boss"), "the link stands in its message alone"
    assert "file 1: operator-log.jsonl → fetched" in office.command("/log", by="boss")
    assert not faults(office)


def test_a_new_link_ends_the_one_before_and_gives_the_file_again(office: Stage) -> None:
    first = exported(office)
    assert gives(office, first)
    second = link_in(office.command("/job link 1", by="boss"))
    assert look(office.runtime, first, office.now) is None
    assert gives(office, second)


def test_what_is_foreign_over_or_taken_back_gives_nothing(office: Stage) -> None:
    link = exported(office)
    other = signed(office.keys, "console", "1.00", office.now + KEPT)
    forged = signed(office.keys, "job file", "1.00", office.now + KEPT)
    for wrong in ("", "x", "../huoju.keys", "..%2fhuoju.keys", "1-0000000000000000-x", link[:-1], link + "A", other):
        assert look(office.runtime, wrong, office.now) is None
        assert fetch(office.runtime, wrong, office.now) is None
    assert fetch(office.runtime, forged, office.now) is None, "signed by us, and given out to nobody"
    assert fetch(office.runtime, link, office.now + KEPT) is None
    assert office.command("/job discard 1", by="boss").startswith("The file of job 1 is gone")
    assert fetch(office.runtime, link, office.now) is None
    assert "has no file that is still there" in office.command("/job link 1", by="boss")


def test_a_name_that_is_none_of_ours_leads_nowhere(office: Stage) -> None:
    link = exported(office)
    (office.directory / "secret").write_bytes(b"secret")
    for name in ("../secret", "/etc/passwd", "secret"):
        with office.sessions.begin() as session:
            session.execute(update(Job).values(file=name))
        assert look(office.runtime, link, office.now) is None
        assert fetch(office.runtime, link, office.now) is None


def test_a_link_is_given_to_its_operator_alone_and_while_the_role_lasts(office: Stage) -> None:
    office.appoint(Role.OPERATOR, by="wang", name="Wang Wu")
    office.appoint(Role.AUDITOR, by="eve", name="Eve")
    for by in ("wang", "eve"):
        office.say("english", by=by)
    office.command("/claims export snack", by="wang")
    office.work()
    assert "no file was written" in office.told("wang")[-1]
    exported(office)
    for by in ("wang", "eve"):
        assert "there is no job 2 of yours" in office.command("/job link 2", by=by)
        assert "there is no job 2 of yours" in office.command("/job discard 2", by=by)
    with office.sessions.begin() as session:
        session.execute(update(Job).where(Job.id == 2).values(operator="Eve", verb="claims export"))
    assert "is not for your role" in office.command("/job link 2", by="eve")


def test_what_is_over_or_unknown_is_swept_and_what_is_written_or_foreign_stays(office: Stage) -> None:
    link = exported(office)
    folder = office.directory / "files"
    (kept,) = folder.iterdir()
    assert (kept.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)
    office.command("/audit export", by="boss")
    taken = take(office.runtime, JobWatch(), office.now)
    assert taken is not None
    written = folder / f"2-{taken.worker.hex()}-operator-log.jsonl.part"
    dead = [folder / f"2-{bytes(8).hex()}-operator-log.jsonl{end}" for end in ("", ".part")]
    torn = folder / f".2-{bytes(8).hex()}-parcels-snack.xlsx.abc123"
    for path in (written, *dead, folder / "notes.txt"):
        path.write_bytes(b"")
    (torn / "xl").mkdir(parents=True)
    assert sweep(office.runtime, office.now) == len([*dead, torn])
    assert set(folder.iterdir()) == {kept, written, folder / "notes.txt"}
    assert isinstance(look(office.runtime, link, office.now), Offered)
    assert sweep(office.runtime, office.now + KEPT) == 1
    assert not kept.exists()
    assert (job(office).file, job(office).file_until, job(office).link_hash) == (None, None, None)


def test_a_file_that_is_not_there_spends_no_link(office: Stage) -> None:
    link = exported(office)
    (path,) = (office.directory / "files").iterdir()
    hidden = path.rename(office.directory / "hidden")
    assert fetch(office.runtime, link, office.now) is None
    hidden.rename(path)
    assert gives(office, link)


def test_without_a_folder_a_job_says_so(office: Stage) -> None:
    office.settings = ()
    office.command("/audit export", by="boss")
    office.work()
    assert office.told("boss")[-1].endswith("no file can be left here; say it in a terminal")


def test_a_log_that_was_exported_shows_what_is_done_to_it_by_the_keys_alone(office: Stage) -> None:
    office.command("/campaign pause snack", by="boss")
    office.command("/campaign resume snack", by="boss")
    with office.sessions() as session:
        lines = list(log.exported(session, office.keys))
    assert list(log.verify_file(lines, office.keys)) == []
    row = json.loads(lines[0])
    touched = {
        "a word": [json.dumps(row | {"words": "/campaign end snack"}), *lines[1:]],
        "a name": [json.dumps(row | {"operator": "Eve"}), *lines[1:]],
        "a change": [json.dumps(row | {"changes": []}), *lines[1:]],
        "a row gone": lines[1:],
        "the last gone": [*lines[:-2], lines[-1]],
        "its end gone": lines[:-1],
        "turned round": [lines[1], lines[0], *lines[2:]],
        "no row": [lines[0], "[]", *lines[1:]],
        "nothing": [],
    }
    for what, changed in touched.items():
        assert list(log.verify_file(changed, office.keys)), what
    office.command("/campaign pause snack", by="boss")
    with office.sessions() as session:
        later = list(log.exported(session, office.keys))
        assert len(later) == session.query(LogEntry).count() + 1
    assert later[: len(lines) - 1] == lines[:-1], "an older file is how a newer one begins"


def test_the_rows_of_a_file_that_was_fetched_can_be_undone_by_nobody(office: Stage) -> None:
    office.command("/campaign pause snack", by="boss")
    assert gives(office, exported(office))
    assert office.command("/undo", by="boss").startswith("Taken back: /campaign pause")
    with office.sessions() as session:
        fetched = session.scalars(select(LogEntry).where(LogEntry.place == "web")).one()
    assert (fetched.operator, fetched.verb, fetched.ending) == (None, "job link", "done")
