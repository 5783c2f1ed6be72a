"""/metrics and /readyz: what happened is counted, by process, and only who may read it does."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import text

from core.brake import Brake
from core.engine.engine import Engine
from core.models import Spending
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus
from core.sending.outbound import Delivered, Outcome, Refused, TryAgain, Unknown
from core.times import hour_number
from huoju.bootstrap import Installation
from huoju.metrics import Meter, MetricsFile, metrics_files, open_metrics_file
from huoju.settings import Settings
from huoju.web.application import create_app
from tests.playground.rig import PLAYED, until
from tests.sending.rig import ANSWER, NOTICE, OUTLET, Desk, Platform, queue
from tests.stage import Stage

pytestmark = pytest.mark.reading


class Worker:
    """The doors of a web process over a stage, counting."""

    def __init__(self, stage: Stage, **settings: Any) -> None:
        self.meter, self.folder = Meter("web"), stage.directory / "metrics"
        self.engine = Engine(stage.runtime, observe=self.meter.took_turn)
        given = Settings(metrics_folder=self.folder, **settings)
        here = Installation(given, stage.database, stage.keys, lambda: stage.now, stage.randomness)
        self.metrics_file = open_metrics_file(self.meter, self.folder)
        self.client: FlaskClient = create_app(
            here, self.engine, playground=True, metrics_file=self.metrics_file
        ).test_client()

    def numbers(self, **asked: Any) -> dict[str, int]:
        """Every sample by its name and labels, without those of the process."""
        response = self.client.get("/metrics", **asked)
        assert response.status_code == 200
        found = {}
        for family in text_string_to_metric_families(response.text):
            for sample in family.samples:
                labels = [value for name, value in sorted(sample.labels.items()) if name not in {"role", "pid"}]
                found[" ".join([sample.name, *labels])] = int(sample.value)
        return found

    def close(self) -> None:
        self.engine.close()
        if self.metrics_file:
            self.metrics_file.close()


@pytest.fixture
def worker(stage: Stage) -> Iterator[Worker]:
    stage.brake = Brake()
    stage.publish(PLAYED)
    worker = Worker(stage)
    yield worker
    worker.close()


def test_a_conversation_is_counted(stage: Stage, worker: Worker) -> None:
    (code,) = stage.codes(1)
    for number, words in (("1", code), ("1", code), ("1", "other"), ("2", "help")):
        worker.client.post("/playground/say", json={"phone": "anna", "id": number, "text": words})
    until(lambda: worker.numbers()["huoju_turn_messages_count"] == 4)
    numbers = worker.numbers()
    assert numbers["huoju_messages_total new playground"] == 2
    assert numbers["huoju_messages_total repeated playground"] == 1
    assert numbers["huoju_messages_total tampered playground"] == 1
    assert numbers["huoju_turn_seconds_count"] == numbers["huoju_turn_messages_sum"] == 4
    assert numbers["huoju_database_up"] == 1
    assert numbers["process_start_time_seconds"] > 0
    page = worker.client.get("/metrics").text
    assert code not in page
    assert "anna" not in page


def test_answers_that_are_withheld_are_counted(stage: Stage, worker: Worker) -> None:
    for number in range(Brake().helpless + 3):
        worker.client.post("/playground/say", json={"phone": "anna", "id": str(number), "text": "gibberish"})
    until(lambda: worker.numbers().get("huoju_answers_withheld_total demo playground") == 3)


def test_sending_is_counted_and_what_waits_is_shown(stage: Stage, worker: Worker) -> None:
    desk = Desk(stage, Platform())
    desk.account._needs = replace(desk.needs, observe=worker.meter.sent)
    queue(stage, "a", NOTICE)
    queue(stage, "b", ANSWER)
    desk.platform.says = lambda message: Delivered() if message.user == "a" else Refused("blocked", unreachable=True)
    desk.rounds()
    queue(stage, "c", NOTICE)
    numbers = worker.numbers()
    assert numbers["huoju_sends_total main test delivered"] == 1
    assert numbers["huoju_sends_total main test gone"] == 1
    assert numbers["huoju_outbox_texts main notice test due"] == 1
    assert numbers["huoju_account_open main test"] == 1
    desk.account.close()


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Delivered(), "delivered"),
        (TryAgain("busy"), "again"),
        (TryAgain("busy", OUTLET.rate.per), "told_to_wait"),
        (Refused("bad"), "refused"),
        (Refused("bad", unreachable=True), "gone"),
        (Refused("bad", window_exhausted=True), "spent"),
        (Unknown("cut"), "unknown"),
    ],
    ids=str,
)
def test_every_outcome_has_a_kind(outcome: Outcome, kind: str) -> None:
    meter = Meter("sender")
    meter.sent(OUTLET, outcome)
    labels = {"channel": "test", "account": "main", "outcome": kind}
    assert meter.registry.get_sample_value("huoju_sends_total", labels) == 1


def test_receipts_links_and_restarts_are_counted(tmp_path: Path) -> None:
    meter = Meter("sms")
    meter.received(
        [
            DeliveryReport("sms", "code", fate)
            for fate in (DeliveryStatus.DELIVERED, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)
        ]
    )
    meter.links("sms", "code", lambda: 2)
    meter.restarted("link sms/code")
    read = meter.registry.get_sample_value
    assert read("huoju_receipts_total", {"channel": "sms", "account": "code", "fate": "delivered"}) == 2
    assert read("huoju_links", {"channel": "sms", "account": "code"}) == 2
    assert read("huoju_restarts_total", {"part": "link sms/code"}) == 1


def test_money_is_summed_by_hour_and_day(stage: Stage, worker: Worker) -> None:
    hour = hour_number(stage.now)
    with stage.sessions.begin() as session:
        for at, micros in ((hour, 45_000), (hour - 1, 90_000), (hour - 24, 1)):
            for prefix in ("+8613800", "+8613900"):
                spent = {"texts": 1, "parts": 2, "micros": micros}
                session.add(Spending(channel="sms", account="code", hour=at, prefix=prefix, **spent))
    numbers = worker.numbers()
    assert {name: value for name, value in numbers.items() if "spent" in name} == {
        "huoju_spent_texts code sms hour": 2,
        "huoju_spent_texts code sms day": 4,
        "huoju_spent_parts code sms hour": 4,
        "huoju_spent_parts code sms day": 8,
        "huoju_spent_micros code sms hour": 90_000,
        "huoju_spent_micros code sms day": 270_000,
    }


KILLED = """
import os, signal, sys
from pathlib import Path
from huoju.metrics import Meter, MetricsFile
MetricsFile(Meter("sender"), Path(sys.argv[1])).write()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_page_of_a_killed_process_is_swept_away(tmp_path: Path) -> None:
    page = MetricsFile(Meter("web"), tmp_path)
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)
    page.write()
    assert len(list(tmp_path.glob("*.page"))) == 2
    assert [role for role, _, _ in metrics_files(tmp_path)] == ["web"]
    page.close()
    assert list(tmp_path.iterdir()) == []


def test_each_process_keeps_its_own_series(tmp_path: Path, worker: Worker) -> None:
    other = MetricsFile(Meter("sender"), worker.folder)
    other.write()
    found = worker.client.get("/metrics").text
    roles = [line for line in found.splitlines() if line.startswith("process_start_time_seconds{")]
    assert [role for role in ("sender", "web") if any(f'role="{role}"' in line for line in roles)] == ["sender", "web"]
    assert found.count("# TYPE process_start_time_seconds gauge") == 1
    other.close()


def test_a_folder_that_cannot_be_written_costs_nothing_but_numbers(stage: Stage) -> None:
    (stage.directory / "metrics").write_text("in the way")
    worker = Worker(stage)
    assert worker.metrics_file is None
    assert worker.numbers()["huoju_database_up"] == 1
    worker.close()


@pytest.mark.parametrize(
    ("token", "asked", "status"),
    [
        (None, {}, 200),
        (None, {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}, 403),
        (None, {"headers": {"X-Forwarded-For": "127.0.0.1"}}, 403),
        ("t0ken", {}, 403),
        ("t0ken", {"headers": {"Authorization": "Bearer t0ke"}}, 403),
        ("t0ken", {"headers": {"Authorization": "Bearer t0ken\u00e9"}}, 403),
        ("t0ken", {"headers": {"Authorization": "Bearer t0ken"}, "environ_base": {"REMOTE_ADDR": "192.0.2.1"}}, 200),
        ("", {"headers": {"Authorization": "Bearer "}}, 403),
    ],
    ids=["here", "elsewhere", "forwarded", "no token", "wrong token", "odd token", "token", "empty token"],
)
def test_who_may_read_the_numbers(stage: Stage, token: str | None, asked: dict[str, Any], status: int) -> None:
    worker = Worker(stage, metrics_token=None if token is None else SecretStr(token))
    assert worker.client.get("/metrics", **asked).status_code == status
    worker.close()


def test_without_the_database_there_are_numbers_and_no_readiness(stage: Stage, worker: Worker) -> None:
    assert worker.client.get("/readyz").status_code == 200
    with stage.database.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    stranger = Worker(stage)
    response = stranger.client.get("/readyz")
    assert (response.status_code, response.json) == (503, {"error": "the database does not fit; see: huoju doctor"})
    with stage.database.begin() as connection:
        for table in ("timers", "dispatches"):
            connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_gone"))
    assert stranger.numbers()["huoju_database_up"] == 0
    assert stranger.client.get("/healthz").status_code == 200
    stranger.close()
