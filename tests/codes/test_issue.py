"""Codes that are issued by a verb: a plan, then a job of steps; none twice, never more than were asked for."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from core.alphabet import is_checked, normalise
from core.models import Batch
from core.operators import Role
from core.verbs import Desk, JobFiles, by_name
from handlers import MECHANICS
from handlers.codes import stepwise
from handlers.codes.tables import Code
from handlers.operators.jobs import JobWatch, Taken, carry_out, take
from handlers.operators.tables import Job
from handlers.operators.terminal import at_terminal
from tests.operators.test_job_files import KEPT, given_by
from tests.operators.test_jobs import beat_stands_still
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults

PLANNED = CAMPAIGN.replace("length: 12", "length: 12, planned: 100")
CHUNK = 4


class Killed(BaseException):
    """Nothing that is caught: as if the process were gone."""


@pytest.fixture
def office(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """An owner who reads English, a folder for files, and chunks of four codes."""
    monkeypatch.setattr(stepwise, "CHUNK", CHUNK)
    stage.settings = (JobFiles(stage.directory / "files", KEPT),)
    stage.publish(PLANNED)
    stage.appoint(Role.OWNER)
    stage.say("english", by="boss")
    return stage


def begin(stage: Stage, said: str = "/codes issue snack 10", by: str = "boss") -> None:
    """Say it, and confirm the plan."""
    word = stage.command(said, by=by).split("/confirm ")[1][:4]
    assert "has begun" in stage.command(f"/confirm {word}", by=by)


def taken(stage: Stage) -> Taken:
    found = take(stage.runtime, JobWatch(), stage.now)
    assert found is not None
    return found


def batch(stage: Stage, number: int = 1) -> Batch:
    with stage.sessions() as session:
        return session.get_one(Batch, number)


def stored(stage: Stage) -> int:
    with stage.sessions() as session:
        return session.scalar(select(func.count()).select_from(Code)) or 0


def printed(raw: bytes) -> list[str]:
    return [line.split(",")[1] for line in raw.decode().split()[1:]]


def proven(stage: Stage, raw: bytes, count: int, number: int = 1) -> list[str]:
    """The codes of the file: all of the batch, each once, and nothing else is stored."""
    codes, found = printed(raw), batch(stage, number)
    assert len(set(codes)) == len(codes) == count == found.codes_count
    assert all(is_checked(normalise(code)) for code in codes)
    with stage.sessions() as session:
        hashes = set(session.scalars(select(Code.hash).where(Code.batch_id == number)))
    assert hashes == {stage.keys.code_hash(normalise(code)) for code in codes}
    assert found.file_sha256 == hashlib.sha256(raw).hexdigest()
    assert not faults(stage)
    return codes


def killed_at(monkeypatch: pytest.MonkeyPatch, name: str, time: int) -> Callable[[], None]:
    """Let the process die at the ``time``-th call of a function of the steps; returns what lets it live."""
    acts, calls = getattr(stepwise, name), iter(range(1, 10**6))

    def dying(*given: Any) -> Any:
        if next(calls) == time:
            raise Killed
        return acts(*given)

    monkeypatch.setattr(stepwise, name, dying)
    return lambda: monkeypatch.setattr(stepwise, name, acts)


def test_codes_are_planned_made_and_fetched_once(office: Stage) -> None:
    told = office.command("/codes issue snack 10", by="boss")
    assert "10 codes for snack; nobody can use them until they are activated." in told
    assert "With them 10 codes can cost at most" in told
    assert "Amount: 10." in told
    assert stored(office) == 0
    begin(office)
    assert office.work() == 1
    told = office.told("boss")[-1]
    assert "Batch 1: 10 codes, inert until you activate it." in told
    assert "When the printed cards are safe: /codes activate 1" in told
    codes = proven(office, given_by(office), 10)
    assert "codes issued 1: - → 10; file 1: - → " in office.command("/log limit=2", by="boss")
    assert office.say(codes[9], by="anna") == "redeem.unknown"
    assert office.command("/codes activate 1", by="boss") == "Batch 1 is active."
    assert "redeem.points" in office.say(codes[9], by="anna")
    with office.sessions() as session:
        assert session.get_one(Job, 1).kept_sealed is None, "nobody keeps the seed"


def test_a_second_operator_confirms_many(office: Stage) -> None:
    office.publish(PLANNED + "approve: {codes: over 5}\n")
    assert "A second operator confirms" in office.command("/codes issue snack 6", by="boss")
    assert "Confirm within" in office.command("/codes issue snack 5", by="boss")


@pytest.mark.parametrize("time", [1, 2, 3])
def test_an_issue_that_was_killed_between_two_steps_goes_on(
    office: Stage, monkeypatch: pytest.MonkeyPatch, time: int
) -> None:
    begin(office)
    lives = killed_at(monkeypatch, "store", time)
    with pytest.raises(Killed):
        carry_out(office.runtime, taken(office), lambda: office.now)
    lives()
    assert stored(office) == (time - 1) * CHUNK
    assert "is not whole" in office.command("/codes activate 1", by="boss")
    assert "being issued" in office.command("/codes status", by="boss")
    assert not faults(office)
    assert office.work(beat_stands_still(office)) == 1
    proven(office, given_by(office), 10)


def test_an_issue_that_was_killed_behind_its_last_step_leaves_the_same_file(
    office: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(office)
    monkeypatch.setattr("handlers.operators.jobs._settle", lambda *_: (_ for _ in ()).throw(Killed))
    with pytest.raises(Killed):
        carry_out(office.runtime, taken(office), lambda: office.now)
    monkeypatch.undo()
    sha256 = batch(office).file_sha256
    assert office.work(beat_stands_still(office)) == 1
    proven(office, given_by(office), 10)
    assert batch(office).file_sha256 == sha256


def test_a_worker_that_was_thought_dead_stores_nothing_more(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(office)
    slow, acts = taken(office), stepwise.made

    def overtaken(*given: Any) -> list[str]:
        monkeypatch.setattr(stepwise, "made", acts)
        with office.sessions.begin() as session:
            session.execute(update(Job).values(worker=b"another!"))
        return acts(*given)

    monkeypatch.setattr(stepwise, "made", overtaken)
    carry_out(office.runtime, slow, lambda: office.now)
    assert (stored(office), batch(office).state) == (0, "inert")
    assert office.work(beat_stands_still(office)) == 1
    proven(office, given_by(office), 10)


def test_codes_that_exist_are_made_anew_and_so_after_a_kill(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second chunk clashes twice; then the process dies at the third one."""
    begin(office)
    acts, breaks = stepwise.store, iter([None, *[IntegrityError("", None, Exception())] * 2, None, Killed()])

    def clashing(*given: Any) -> None:
        acts(*given)
        match next(breaks):
            case None:
                return
            case BaseException() as error:
                raise error

    monkeypatch.setattr(stepwise, "store", clashing)
    with pytest.raises(Killed):
        carry_out(office.runtime, taken(office), lambda: office.now)
    monkeypatch.setattr(stepwise, "store", acts)
    assert stored(office) == 2 * CHUNK
    assert office.work(beat_stands_still(office)) == 1
    proven(office, given_by(office), 10)


def test_an_issue_that_is_stopped_is_void_and_makes_room(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(office, "/codes issue snack 90")
    lives = killed_at(monkeypatch, "store", 3)
    with pytest.raises(Killed):
        carry_out(office.runtime, taken(office), lambda: office.now)
    lives()
    assert "there would be 101" in office.command("/codes issue snack 11", by="boss"), "what is under way has its room"
    assert "stops at its next step" in office.command("/job stop 1", by="boss")
    office.work(beat_stands_still(office))
    assert office.told("boss")[-1] == "Job 1 was stopped: /codes issue"
    found_batch = batch(office)
    assert (found_batch.state, found_batch.codes_count, stored(office)) == ("void", 2 * CHUNK, 2 * CHUNK)
    assert "state 1: inert → void" in office.command("/log", by="boss")
    assert list((office.directory / "files").iterdir()) == []
    begin(office, "/codes issue snack 100")
    office.work()
    proven(office, given_by(office), 100, 2)


def test_a_batch_that_was_made_void_takes_no_more(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(office)
    lives = killed_at(monkeypatch, "store", 3)
    with pytest.raises(Killed):
        carry_out(office.runtime, taken(office), lambda: office.now)
    lives()
    word = office.command("/codes void 1", by="boss").split("/confirm ")[1][:4]
    assert office.command(f"/confirm {word}", by="boss") == "Batch 1 is void."
    office.work(beat_stands_still(office))
    assert office.told("boss")[-1].endswith("batch 1 is void; no more codes are issued into it")
    assert (batch(office).codes_count, stored(office)) == (2 * CHUNK, 2 * CHUNK)
    assert not faults(office)


def test_what_cannot_be_issued_is_refused_before_anything_is_planned(office: Stage) -> None:
    for said, why in (
        ("/codes issue tea 10", "there is no campaign"),
        ("/codes issue snack 101", "100 codes are planned"),
        ("/codes issue snack 10 recipient=age1nonsense", "no age public key"),
        ("/codes issue snack 10001 form=pdf", "at most 10000 cards"),
        ("/codes issue snack 0", "write 1 or more"),
    ):
        told = office.command(said, by="boss")
        assert why in told
        assert "/confirm" not in told


def test_a_file_may_be_encrypted_for_the_printer(office: Stage) -> None:
    printer = pyrage.x25519.Identity.generate()
    begin(office, f"/codes issue snack 10 recipient={printer.to_public()}")
    office.work()
    assert "once decrypted" in office.told("boss")[-1]
    sealed = given_by(office)
    assert sealed.startswith(b"age-encryption.org/v1")
    proven(office, pyrage.decrypt(sealed, [printer]), 10)


def test_the_database_lets_no_batch_be_active_whose_file_is_not_whole(office: Stage) -> None:
    begin(office)
    office.work()
    with pytest.raises(IntegrityError), office.sessions.begin() as session:
        session.execute(update(Batch).values(file_sha256="", state="active", activated_at=office.now))


def test_what_breaks_off_in_a_terminal_is_void(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    verb = by_name(MECHANICS.verbs)["codes issue"]
    path: Path = office.directory / "c.csv"
    desk = Desk(office.runtime, office.now, tuple, path_for=lambda _name: path)
    lives = killed_at(monkeypatch, "store", 3)
    with pytest.raises(Killed):
        at_terminal(verb, desk, {"campaign": "snack", "count": 10}, "codes issue", "root")
    lives()
    assert (batch(office).state, batch(office).codes_count, path.exists()) == ("void", 2 * CHUNK, False)
    desk = Desk(office.runtime, office.now, tuple, path_for=lambda _name: path)
    answer = at_terminal(verb, desk, {"campaign": "snack", "count": 10}, "codes issue", "root")
    assert answer.file == path
    proven(office, path.read_bytes(), 10, 2)
