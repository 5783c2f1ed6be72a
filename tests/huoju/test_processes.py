"""The processes with real channels in them: all hear and answer, one's fault stops no other, a stop loses nothing."""

import http.client
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bots.base import Sends
from core.models import OutboundJob, Outbox
from core.sending.outbound import Delivered, Unknown
from core.times import system_clock
from huoju.account_registry import read_registry
from huoju.bootstrap import Installation
from huoju.cli import COMMANDS
from huoju.process import Process, keep_running
from huoju.settings import Settings
from huoju.web.application import create_app
from scheduler.sender import AccountSender, Sender, SenderDependencies
from tests.adapters.telegram.updates import message
from tests.fakes.smsc import Mo, Submitted
from tests.fakes.wechat import Delivering, text
from tests.playground.rig import Served, installed, until
from tests.relay.torchbearers import open_relay
from tests.sending.rig import NOTICE, Platform, queue
from tests.stage import CAMPAIGN, Stage
from tests.three_platforms import Three, three_platforms

PHONE, USER = "8613800138000", "oPlayer_0123456789"
CAMPAIGN_EVERYWHERE = CAMPAIGN.replace("[test, second]", "[wechat, telegram, sms]")


@pytest.fixture
def here(sqlite_template: Path, tmp_path: Path) -> Iterator[Served]:
    with installed(sqlite_template, tmp_path) as served:
        served.stage.publish(CAMPAIGN_EVERYWHERE)
        yield served


@pytest.fixture
def three(here: Served) -> Iterator[Three]:
    with three_platforms(here.stage.directory) as three:
        yield three


@contextmanager
def huoju(here: Served, *words: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """`huoju WORDS` in the folder of ``here``; it has ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "huoju", *words],
        cwd=here.stage.directory,
        env={**here.environment, "HUOJU_LOG_LEVEL": "debug", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def stop(process: subprocess.Popen[str]) -> str:
    """Tell it to stop; all that it has said."""
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return said


def test_everything_in_one_place(here: Served, three: Three) -> None:
    (code,) = here.stage.codes(1)
    official = Delivering(system_clock, f"http://127.0.0.1:{here.port}/wechat/main")
    with huoju(here, "run", "--port", str(here.port), **three.secrets) as process:
        until(lambda: process.poll() is not None or here.ready())
        assert "redeem.points" in (official.deliver(text(USER, code, "1")).words or "")
        three.bot.post(message("help"))
        until(lambda: any("help.answer" in said for said in three.bot.texts()))
        three.smsc.bound()
        three.smsc.say(Mo(PHONE, b"help"))
        three.smsc.until(lambda: three.smsc.submits)
        assert b"help.answer" in three.smsc.submits[0].octets

        three.smsc.close()  # the link goes down: nobody else notices
        official.token = "forged"
        assert official.deliver(text(USER, "help", "2")).status == 403
        three.bot.post(message("points"))
        until(lambda: len(three.bot.texts()) > 1)
        numbers = _until_counted(here, "huoju_messages_total", ("telegram", 2))
        assert re.search(r'huoju_messages_total\{.*channel="wechat".*role="web"\} 1.0', numbers)
        assert re.search(r'huoju_messages_total\{.*channel="sms".*role="run"\} 1.0', numbers)
        assert re.search(r'huoju_links\{account="bot",channel="telegram".*\} 1.0', numbers)
        said = stop(process)
    assert "wechat.forged" in said
    assert "smpp.lost" in said
    for planted in (PHONE, USER, code, *three.secrets.values()):
        assert planted not in said


def _until_counted(here: Served, name: str, wanted: tuple[str, int]) -> str:
    """The page of numbers, once ``name`` of a channel has come to what is wanted."""
    found: list[str] = []

    def counted() -> bool:
        found[:] = [_numbers(here)]
        channel, count = wanted
        return re.search(rf'{name}\{{.*channel="{channel}".*\}} {count}\.0', found[0]) is not None

    until(counted)
    return found[0]


def _numbers(here: Served) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", here.port, timeout=60)
    connection.request("GET", "/metrics")
    with connection.getresponse() as response:
        page = response.read().decode()
    connection.close()
    return page


def test_a_stop_finishes_what_the_link_has_in_hand(here: Served, three: Three) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(_submitted: Submitted) -> int:
        begun.set()
        assert go_on.wait(60)
        return 0

    three.smsc.submit_status = slowly
    with huoju(here, "sms", **three.secrets) as process:
        three.smsc.say(Mo(PHONE, b"help"))
        three.smsc.bound()
        three.smsc.pump()
        assert begun.wait(60)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        go_on.set()
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
    assert three.smsc.unbinds == 1
    with here.stage.sessions() as session:
        assert session.scalar(select(func.count()).select_from(OutboundJob)) == 0
        assert session.scalars(select(Outbox.state)).all() == ["sent"]


@pytest.mark.parametrize("command", ["sms", "telegram"])
def test_a_process_without_work_says_so_and_waits(here: Served, command: str) -> None:
    with huoju(here, command) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said == f"No account in huoju.toml needs `huoju {command}`; it waits for nothing.\n"
        assert process.poll() is None
        stop(process)


ACCOUNTS = """
[names]
blocked = ["durian"]
[wechat.main]
app_id = "wx1"
mode = "plain"
title = "火炬零食"
[telegram.bot]
username = "SnackBot"
[telegram.polled]
receive = "polling"
[sms.kannel]
kind = "kannel"
sender = "12345"
username = "huoju"
[sms.smpp]
kind = "smpp"
sender = "12345"
host = "127.0.0.1"
system_id = "huoju"
"""
SECRETS = {
    "WECHAT_MAIN_TOKEN": "token",
    "WECHAT_MAIN_SECRET": "secret",
    "TELEGRAM_BOT_TOKEN": "1:token",
    "TELEGRAM_BOT_WEBHOOK_SECRET": "secret",
    "TELEGRAM_POLLED_TOKEN": "2:token",
    "SMS_KANNEL_SECRET": "sixteen-letters-",
    "SMS_KANNEL_PASSWORD": "password",
    "SMS_SMPP_PASSWORD": "password",
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_account_has_its_doors_and_its_halves(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "huoju.toml").write_text(ACCOUNTS, encoding="utf-8")
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"HUOJU_{name}", value)
    settings = Settings(config_file=tmp_path / "huoju.toml", metrics_folder=tmp_path / "metrics")
    installation = Installation(settings, stage.database, stage.keys, system_clock, stage.randomness)
    process = Process(installation, "web", read_registry(settings))
    doors = process.registry.routes(process.dependencies, process.sink())
    assert process.engine is not None
    client = create_app(installation, process.engine, playground=False, platforms=doors).test_client()
    statuses = {
        path: client.post(path).status_code
        for path in ("/wechat/main", "/telegram/bot", "/sms/kannel", "/sms/kannel/receipt")
    }
    assert statuses == {"/wechat/main": 403, "/telegram/bot": 403, "/sms/kannel": 403, "/sms/kannel/receipt": 403}
    for path in ("/wechat/other", "/telegram/polled", "/sms/smpp", "/sms/other/receipt"):
        assert client.post(path).status_code == 404, path

    def names(adapters: Sequence[Sends]) -> list[str]:
        return [f"{one.outlet.channel}/{one.outlet.account}" for one in adapters]

    sending = ["playground/demo", "playground/relay", "wechat/main", "telegram/bot", "telegram/polled", "sms/kannel"]
    assert names(process.registry.senders(process.dependencies)) == sending
    linked = process.registry.links(process.dependencies, process.sink())
    assert [(str(account), link.sends is None) for account, link in linked] == [
        ("telegram/polled", True),
        ("sms/smpp", False),
    ]
    assert [f"{one.channel}/{one.account}" for one in process.registry.outlets()] == [*sending, "sms/smpp"]
    reached = [
        tuple(one)[1:]
        for channel in ("wechat", "telegram", "sms")
        for one in process.registry.contacts(channel, "W0RD")
    ]
    assert reached == [
        ("火炬零食", None),
        ("@SnackBot", "https://t.me/SnackBot?start=W0RD"),
        (None, None),
        ("12345", "sms:12345?&body=W0RD"),
        ("12345", "sms:12345?&body=W0RD"),
    ]
    open_relay(stage)
    said = [process.engine.submit(stage.message(f"call me {name}")).result(10).texts for name in ("Durian", "Hitler")]
    assert [text.split(" ")[0] for (text,) in said] == ["name.blocked", "name.taken"]
    process.stop()


def test_every_process_is_in_the_procfile() -> None:
    lines = (Path(__file__).parents[2] / "Procfile").read_text().splitlines()
    commands = {name: line.split("huoju ")[1].split()[0] for name, line in (each.split(": ", 1) for each in lines)}
    assert commands == {name: name for name in ("web", "sms", "telegram", "sender", "clock")}
    assert set(commands) <= set(COMMANDS)


def test_a_part_that_fails_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping, restarts, pauses, runs = threading.Event(), [], [], iter([ValueError, None, ValueError, None])

    def run(_stopping: threading.Event) -> None:
        if (fault := next(runs, KeyError)) is not None:
            raise fault
        if len(restarts) == 3:
            stopping.set()

    monkeypatch.setattr(stopping, "wait", pauses.append)
    keep_running("link", run, stopping, restarts.append)
    assert (restarts, pauses) == (["link"] * 3, [1.0, 2.0, 4.0])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_said_in_this_process_is_sent_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.sender.POLL", timedelta(hours=1))
    platform, rested = Platform(), threading.Event()
    sender = Sender(SenderDependencies(stage.sessions, stage.keys, stage.randomness, lambda: stage.now), [platform])
    (account,) = sender._accounts
    looked = account._is_due
    monkeypatch.setattr(account, "_is_due", lambda: looked() or rested.set())
    sender.wake([("test", "other"), account.place])
    assert rested.wait(60)
    queue(stage, "u1", NOTICE)
    sender.wake([account.place])
    until(lambda: bool(platform.sent))
    sender.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_waits_while_another_text_is_on_its_way(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.sender.POLL", timedelta(hours=1))
    platform, go_on = Platform(), threading.Event()
    platform.says = lambda message: Delivered() if message.user == "u2" or go_on.wait(60) else Unknown("too late")
    queue(stage, "u1", NOTICE)
    queue(stage, "u2")
    sender = Sender(SenderDependencies(stage.sessions, stage.keys, stage.randomness, lambda: stage.now), [platform])
    (account,) = sender._accounts
    settling = threading.Event()
    gather = account._gather
    monkeypatch.setattr(account, "_gather", lambda patience_s: (patience_s > 1 and settling.set(), gather(patience_s)))
    try:
        assert settling.wait(60)
        queue(stage, "u2", NOTICE)
        sender.wake([account.place])
        until(lambda: [user for user, _ in platform.sent] == ["u1", "u2"])
    finally:
        go_on.set()
        sender.stop()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_sender_that_hangs_keeps_nobody_from_stopping(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    hangs, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(AccountSender, "_is_due", lambda _: hangs.set() or not go_on.wait(60))
    sender = Sender(SenderDependencies(stage.sessions, stage.keys, stage.randomness, lambda: stage.now), [Platform()])
    try:
        assert hangs.wait(60)
        with capture_logs() as lines:
            sender.stop(0.05)
        assert [line["event"] for line in lines] == ["sender.left"]
        assert all(thread.daemon for thread in sender._threads)  # or the interpreter would wait for it
    finally:
        go_on.set()
    with capture_logs() as lines:
        sender.stop()
    assert not lines
