"""The list of parcels from a chat: a job, whose kill behind the marks leaves no parcel on no list."""

import csv
from pathlib import Path

import pytest

from core.operators import Role
from core.verbs import JobFiles
from handlers.operators.jobs import JobWatch, carry_out, take
from tests.office import win
from tests.operators.test_job_files import KEPT, given_by
from tests.operators.test_jobs import beat_stands_still
from tests.snack import SURE
from tests.stage import Stage
from tests.talking import faults


class Killed(BaseException):
    """Nothing that is caught: as if the process were gone."""


@pytest.fixture
def office(stage: Stage) -> Stage:
    """Two parcels that are ready, the name of one of them a formula, and an operator who reads English."""
    stage.settings = (JobFiles(stage.directory / "files", KEPT),)
    stage.publish(SURE)
    win(stage)
    win(stage, by="u2", name="=cmd()", address="北京市朝阳区一号")
    stage.appoint(Role.OPERATOR)
    stage.say("english", by="boss")
    return stage


def rows(raw: bytes) -> list[list[str]]:
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel in China reads no UTF-8 without its mark"
    return list(csv.reader(raw.decode("utf-8-sig").splitlines()))


def test_a_list_is_left_behind_a_link_and_the_next_one_holds_what_is_new(office: Stage) -> None:
    assert "2 parcels would be in the file." in office.command("/claims export snack?", by="boss")
    office.command("/claims export snack form=csv", by="boss")
    assert office.work() == 1
    assert "2 parcels are in the file" in office.told("boss")[-1]
    headings, *parcels = rows(given_by(office))
    assert [parcel[headings.index("Recipient")] for parcel in parcels] == ["Zhang San", "'=cmd()"]
    office.command("/claims export snack", by="boss")
    office.work()
    assert office.told("boss")[-1].endswith("no file was written.")
    assert "parcels listed snack: - → 2" in office.command("/log limit=4", by="boss")
    office.appoint(Role.SUPPORT, by="eve", name="Eve")
    assert "snack" not in office.command("/claims export snack", by="eve")
    assert not faults(office)


def test_a_kill_behind_the_marks_lists_the_same_once_more(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    office.command("/claims export snack form=csv", by="boss")
    taken = take(office.runtime, JobWatch(), office.now)
    assert taken is not None

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("handlers.operators.jobs._settle", killed)
        with pytest.raises(Killed):
            carry_out(office.runtime, taken, lambda: office.now)
    (lost,) = Path(office.directory / "files").iterdir()
    assert office.work(beat_stands_still(office)) == 1
    assert given_by(office) == lost.read_bytes()
