"""What failed is taken again from a chat: foreseen, confirmed, done by a worker as turns are, and counted once more."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from core.measures.rollup import rebuild, roll_up
from core.models import DailyMeasure, Inbox, MeasuredDay, Player
from core.operators import Role, VerbRefused
from core.sending.outbound import SendingAccount
from core.verbs import MediaFetchers, Outlets
from handlers import MECHANICS
from handlers.relay import name
from handlers.relay.moderation import BlockedWords, compiled
from huoju.cli import run
from tests.office import Office, sit_down
from tests.relay.torchbearers import begin, open_relay
from tests.stage import Stage
from tests.talking import faults


def _explode(_ctx: object, _intent: object) -> list[object]:
    raise ZeroDivisionError


def fails(stage: Stage, say: Callable[[], object]) -> None:
    """Whatever is said meanwhile fails."""
    stage.routes = tuple(replace(route, handle=_explode) for route in MECHANICS.routes)
    with capture_logs():
        say()
    stage.routes = MECHANICS.routes


@pytest.fixture
def failed(stage: Stage) -> Stage:
    """A code each of two players, neither of which could be redeemed, and an owner who reads English."""
    stage.publish()
    stage.appoint(Role.OWNER)
    stage.say("english", by="boss")
    for by, code in zip(("anna", "ben"), stage.codes(2), strict=True):
        fails(stage, lambda by=by, code=code: stage.say(code, by=by))
    return stage


def left(stage: Stage) -> list[str]:
    """Who has a message that failed."""
    with stage.sessions() as session:
        keys = session.scalars(select(Inbox.address_key).where(Inbox.state == "failed")).all()
    return sorted(by for by in ("anna", "ben") if stage.key(by) in keys)


def confirmed(stage: Stage, text: str) -> str:
    told = stage.command(text, by="boss")
    assert "Nothing was done yet" in told, told
    return stage.command(f"/confirm {told.split('/confirm ')[1][:4]}", by="boss")


def test_what_failed_is_foreseen_confirmed_and_taken_again_by_a_worker(failed: Stage) -> None:
    told = failed.command("/inbox replay all=yes", by="boss")
    assert "2 would be taken again" in told
    assert "It reaches 2 people" in told
    assert left(failed) == ["anna", "ben"]
    assert "Job 1 has begun" in confirmed(failed, "/重放消息 --all")
    assert failed.work() == 1
    assert left(failed) == []
    assert failed.told("boss")[-1].startswith("Job 1 is done: /inbox replay\n\n2 are done")
    assert failed.told("anna")[-1].startswith("redeem.points")
    assert "messages replayed: - → 2" in failed.command("/log limit=3", by="boss")
    assert "cannot be taken back" in failed.command("/undo", by="boss")
    assert not faults(failed)


def test_one_is_taken_again_by_its_id_and_a_question_only_asks(failed: Stage) -> None:
    listed = failed.command("/inbox failed", by="boss").splitlines()[1:]
    ids = [row.split(" · ")[0] for row in listed]
    for asked in (
        f"/inbox replay {ids[0]}?",
        f"/inbox replay {ids[0]} dry-run=yes",
        f"/inbox replay {ids[0]} --dry-run",
    ):
        told = failed.command(asked, by="boss")
        assert "1 would be taken again" in told
        assert "/confirm" not in told
    confirmed(failed, f"/inbox replay {ids[0]}")
    failed.work()
    assert len(left(failed)) == 1
    assert f"no failed message has the id {ids[0]}" in failed.command(f"/inbox replay {ids[0]}", by="boss")
    assert "say which" in failed.command("/inbox replay", by="boss")
    assert "请这样说：/重放消息 3f2a91bc" in _in_chinese(failed, "/重放消息")


def _in_chinese(stage: Stage, text: str) -> str:
    stage.say("中文", by="boss")
    return stage.command(text, by="boss")


def test_what_fails_again_stays_and_is_told(failed: Stage) -> None:
    confirmed(failed, "/inbox replay --all")
    fails(failed, failed.work)
    assert left(failed) == ["anna", "ben"]
    assert "⚠ 2 failed again; /inbox failed shows where" in failed.command("/job 1", by="boss")


def test_a_job_that_is_begun_again_takes_what_is_left(failed: Stage) -> None:
    confirmed(failed, "/inbox replay --all")
    with failed.sessions.begin() as session:
        (first, *_) = session.scalars(select(Inbox).where(Inbox.state == "failed").order_by(Inbox.received_at))
        first.state, first.error = "done", None
    failed.work()
    assert failed.told("boss")[-1].endswith("1 are done, their answers are on their way.")


def test_a_day_that_was_final_is_counted_once_more(failed: Stage) -> None:
    failed.wait(days=5)
    roll_up(failed.runtime, failed.now)
    before = _kept(failed)
    confirmed(failed, "/inbox replay --all")
    failed.work()
    assert roll_up(failed.runtime, failed.now) == 1
    after = _kept(failed)
    assert (before.get("codes redeemed", 0), after["codes redeemed"]) == (0, 2)
    rebuild(failed.runtime, 1, failed.now)
    assert _kept(failed) == after
    with failed.sessions() as session:
        assert session.scalar(select(MeasuredDay.next_at).order_by(MeasuredDay.day).limit(1)) is None
    assert not faults(failed)


def _kept(stage: Stage) -> dict[str, int]:
    """What is kept of the first day."""
    with stage.sessions() as session:
        first = session.scalar(select(MeasuredDay.day).order_by(MeasuredDay.day).limit(1))
        rows = session.scalars(select(DailyMeasure).where(DailyMeasure.day == first).order_by(DailyMeasure.measure))
        found: dict[str, int] = {}
        for row in rows:
            found[row.measure] = found.get(row.measure, 0) + row.value
        return found


def test_a_name_is_judged_by_the_words_of_the_installation(stage: Stage) -> None:
    open_relay(stage)
    stage.say(begin(stage, "a"), by="b")
    stage.blocked_words = compiled(["durian"])
    stage.appoint(Role.OWNER)
    stage.say("english", by="boss")
    stage.routes = (replace(name.ROUTE, handle=_explode),)
    with capture_logs():
        stage.say("call me Durian", by="a")
    stage.routes = MECHANICS.routes
    confirmed(stage, "/inbox replay --all")
    stage.work()
    with stage.sessions() as session:
        assert set(session.scalars(select(Player.name_sealed))) == {None}


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    return sit_down(stage, database_url, monkeypatch, capsys)


@pytest.mark.reading
def test_a_clock_knows_words_and_accounts_whatever_others_lack(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "[names]\nblocked = ['durian']\n[sms.code]\n"
    (tmp_path / "huoju.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("HUOJU_CONFIG_FILE", str(tmp_path / "huoju.toml"))
    seen = []

    def begin_to_tick(runtime: object, *_: object) -> object:
        seen.append(runtime)
        raise VerbRefused("it ticks")

    monkeypatch.setattr(run, "run_clock", begin_to_tick)
    assert "it ticks" in office("clock", fails=1)
    (runtime,) = seen
    outlets = runtime.setting(Outlets)
    assert isinstance(outlets.read()[0], SendingAccount)
    assert runtime.setting(BlockedWords) == compiled(["durian"])
    assert runtime.setting(MediaFetchers) is not None
