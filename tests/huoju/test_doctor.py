"""`huoju doctor` and `huoju accounts`: what is not well is found, and what to do is said."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from core.engine.engine import Engine
from core.engine.routes import recognise
from core.keys import add_sealing_key, remove_sealing_key
from core.times import system_clock
from handlers import MECHANICS
from huoju.bootstrap import Installation
from huoju.settings import Settings
from huoju.web.application import create_app
from tests.office import Office, sit_down
from tests.stage import CAMPAIGN, Stage
from tests.three_platforms import Three, three_platforms

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    office = sit_down(stage, database_url, monkeypatch, capsys)
    Path("test.keys").chmod(0o600)
    return office


@pytest.fixture
def served(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address at which the web process of the stage answers, set as the public one."""
    stage, engine = office.stage, Engine(office.stage.runtime)
    here = Installation(Settings(), stage.database, stage.keys, system_clock, stage.randomness)
    server = make_server("127.0.0.1", 0, create_app(here, engine, playground=False))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("HUOJU_PUBLIC_URL", f"http://127.0.0.1:{server.server_port}")
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    engine.close()


EVER = ["help", "privacy", "stop"]


def wrong(printed: str) -> list[str]:
    """What is not well, each with what to do."""
    lines = printed.splitlines()
    return [f"{line[4:]} -> {lines[place + 1].strip()}" for place, line in enumerate(lines) if line.startswith("!!")]


def test_all_is_well(office: Office) -> None:
    printed = office("doctor")
    assert printed.splitlines()[-1] == "All is well."
    assert "no public address is set, and no platform needs one" in printed
    assert {line[:4] for line in printed.splitlines()[:-1]} == {"ok  "}
    assert not Path("var").exists()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("HUOJU_KEYS_FILE", "none.keys", "the key file -> none.keys: no key file here; restore it or set"),
        ("HUOJU_DATABASE_URL", "sqlite:///none.db", "the database answers -> its file is not there yet; run: huoju db"),
        ("HUOJU_DATABASE_URL", "sqlite:///empty.db", "-> this database is empty; run: huoju db upgrade"),
        ("HUOJU_DATABASE_URL", "postgresql://x@127.0.0.1:1/x", "the database answers -> connection"),
        ("HUOJU_FONT_FILE", "none.ttf", "pictures have a font with Chinese -> none.ttf is not a font file"),
        ("HUOJU_PUBLIC_URL", "http://127.0.0.1:1", "is https -> platforms and players need https"),
        ("HUOJU_PUBLIC_URL", "http://127.0.0.1:1", "leads to this program -> ConnectError: start the web"),
        ("HUOJU_CONFIG_FILE", "none.toml", "the file -> there is no such file; see HUOJU_CONFIG_FILE"),
        ("HUOJU_METRICS_FOLDER", "/proc/huoju", "/proc/huoju -> /proc cannot be written: see HUOJU_METRICS_FOLDER"),
    ],
)
def test_what_is_not_well_is_told_with_its_remedy(
    office: Office, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    if "METRICS" in name:
        monkeypatch.setattr("os.access", lambda path, _how: not str(path).startswith("/proc"))  # root may write there
    Path("empty.db").touch()
    monkeypatch.setenv(name, value)
    assert told in "\n".join(wrong(office("doctor", fails=1)))


def test_a_key_file_that_others_can_read_is_not_well(office: Office) -> None:
    Path("test.keys").chmod(0o644)
    (found,) = wrong(office("doctor", fails=1))
    assert found == "installation: nobody else can read the key file -> run: chmod 600 test.keys"
    assert "本机：别人读不到密钥文件 -> 请运行：chmod 600 test.keys" in wrong(
        office("doctor", "--language", "zh", fails=1)
    )


def test_a_rotation_of_keys_is_told_and_not_well_when_it_stands_still(office: Office) -> None:
    now = system_clock()
    add_sealing_key(Path("test.keys"), office.stage.randomness, now)
    assert "ok  installation: Keys: 0% is sealed with key 2; 0 values were sealed anew so far." in office("doctor")
    remove_sealing_key(Path("test.keys"), 1)
    add_sealing_key(Path("test.keys"), office.stage.randomness, now - timedelta(hours=1))
    (found,) = wrong(office("doctor", fails=1))
    assert "is sealed with key 3; 0 values were sealed anew so far. -> sealing anew stands still since" in found


@pytest.fixture
def platforms(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Three]:
    with three_platforms(office.stage.directory) as three:
        for name, value in three.secrets.items():
            monkeypatch.setenv(name, value)
        yield three


def test_accounts_are_looked_at_by_their_adapters(
    office: Office, served: str, platforms: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = office("doctor", fails=1)
    assert [line.partition(" -> ")[0] for line in wrong(printed)] == [
        f"installation: the public address {served} is https",
        f"wechat/main: the port of {served}/wechat/main is one that WeChat calls",
        f"wechat/main: WeChat can reach us at {served}/wechat/main",  # this web process began without the account
    ]
    for told in ("wechat/main: the platform gives us an access token", "telegram/bot: token", "sms/code: bind"):
        assert f"ok  {told}\n" in printed
    monkeypatch.setenv("HUOJU_SMS_CODE_PASSWORD", "wr0ng")
    printed = office("doctor", "sms/code", fails=1)
    assert wrong(printed)[0].startswith("sms/code: bind -> ")
    assert all("sms/code" in line for line in printed.splitlines() if line.startswith(("ok", "!!")))
    assert "wr0ng" not in printed


def test_one_look_that_fails_hides_no_other(office: Office, platforms: Three, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Iterator[None]:
        yield from ()
        raise ZeroDivisionError

    monkeypatch.setattr("bots.wechat.doctor.findings", fail)
    monkeypatch.delenv("HUOJU_SMS_CODE_PASSWORD")
    printed = office("doctor", fails=1)
    assert "wechat/main: it can be looked at -> the look failed (ZeroDivisionError)" in "\n".join(wrong(printed))
    assert "huoju.toml: sms.code.password -> set HUOJU_SMS_CODE_PASSWORD, or name a file" in "\n".join(wrong(printed))
    assert "ok  telegram/bot: token\n" in printed


def test_an_account_that_there_is_not_is_refused(office: Office, platforms: Three) -> None:
    said = office("doctor", "sms/cod", fails=1)
    assert said == "huoju: sms/cod is no account of ours; these are: wechat/main, telegram/bot, sms/code\n"


def test_accounts_are_listed_without_their_secrets(
    office: Office, platforms: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUOJU_PUBLIC_URL", "https://play.example/")
    lines = [line.split() for line in office("accounts").splitlines()]
    assert ["sms/code", "smpp", "password", "yes", "-"] in lines
    assert ["telegram/bot", "-", "token", "yes,", "webhook_secret", "no", "-"] in lines
    monkeypatch.delenv("HUOJU_TELEGRAM_BOT_TOKEN")
    said = office("accounts", fails=1)
    assert "https://play.example/wechat/main" in said
    assert "huoju: huoju.toml: telegram.bot.token: set HUOJU_TELEGRAM_BOT_TOKEN, or name a file" in said
    for secret in platforms.secrets.values():
        assert secret not in said


@pytest.mark.parametrize("command", ["run", "web", "sms", "telegram", "sender"])
def test_no_process_begins_with_an_account_that_is_wrong(office: Office, command: str) -> None:
    Path("huoju.toml").write_text("[wechat.main]\napp_id = 1\n[sms.code]\n", encoding="utf-8")
    said = office(command, fails=1)
    assert said.startswith("huoju: huoju.toml: wechat.main.app_id: write a text in quotes\n")
    assert said.splitlines()[-1] == "huoju.toml: sms.code.kind: say which: smpp, kannel, twilio, gateway"


def test_the_words_that_no_name_holds_are_told(office: Office) -> None:
    Path("huoju.toml").write_text("[names]\nblocked = ['durian', '~kiwi']\n", encoding="utf-8")
    assert "ok  huoju.toml: 2 words of its own that no name may hold, in place of the shipped list" in office("doctor")
    Path("huoju.toml").write_text("[names]\nblocked_file = 'words'\n", encoding="utf-8")
    Path("words").write_text("durian\n~ kiwi\n", encoding="utf-8")
    (told,) = wrong(office("doctor", fails=1))
    assert told.startswith("huoju.toml: names.blocked_file -> words, line 2: “~ kiwi” is no word of such a list")
    said = office("accounts", fails=1)
    assert said.startswith("There are no accounts")
    assert "huoju: huoju.toml: names.blocked_file: words, line 2" in said


def test_a_menu_has_the_words_of_the_campaigns(
    office: Office, platforms: Three, monkeypatch: pytest.MonkeyPatch
) -> None:
    official, bot = platforms.official, platforms.bot
    office("telegram", "setup")
    assert [entry["command"] for entry in bot.commands["default", ""]] == EVER
    office.stage.publish(CAMPAIGN.replace("[test, second]", "[telegram, wechat]"), spelled=False)
    assert "telegram/bot: commands (zh) is set." in office("telegram", "setup", "bot")
    assert [entry["command"] for entry in bot.commands["default", "en"]] == ["points", "link", "rules", *EVER]
    assert "wechat/main has this menu now." in office("wechat", "menu", "main")
    assert official.menu is not None
    assert [item["name"] for item in official.menu] == ["积分", "绑定", "更多"]
    assert "It lasts until" in office("wechat", "qr", "main", "torch ABC")
    assert "counted as (personal)" in office("wechat", "qr", "main", "13800138000")
    official.misbehave("/qrcode/create", 48001)
    assert "WeChat says no: " in office("wechat", "qr", "main", "torch ABC", fails=1)
    assert "no official account of ours; these are: main" in office("wechat", "menu", "mian", fails=1)


def test_a_menu_speaks_the_language_of_a_campaign(office: Office, platforms: Three) -> None:
    official, bot = platforms.official, platforms.bot
    office.stage.publish(
        re.sub(r"\{zh: ([^,{}]+), en: ([^{}]+)\}", r"{fr: \2}", CAMPAIGN)
        .replace("[test, second]", "[telegram, wechat]")
        .replace("language: en", "language: fr")
        + "words: {fr: {points: mes points}}\ntexts:\n  fr: {menu.points: Voir vos points, menu.more: Plus}\n",
        spelled=False,
    )
    office("telegram", "setup", "bot")
    for language in ("fr", ""):
        assert bot.commands["default", language][0] == {"command": "points", "description": "Voir vos points"}
    assert bot.commands["default", "zh"][0]["description"] == "查看我的积分"
    office("wechat", "menu", "main", "--language", "fr")
    assert official.menu is not None
    assert [item["name"] for item in official.menu] == ["Mes points", "Link", "Plus"]
    assert "no campaign there speaks de; these are spoken: zh, en, fr" in office(
        "wechat", "menu", "main", "--language", "de", fails=1
    )


def test_every_word_of_a_menu_is_understood(stage: Stage) -> None:
    assert len(MECHANICS.menu) > 5
    for word in MECHANICS.menu:
        assert (
            recognise(stage.message(f"/{word.says}"), frozenset(), MECHANICS.routes).route is not MECHANICS.routes[-1]
        ), word.says
        assert len(word.label["zh"].encode()) <= 16
        assert len(word.label["en"].encode()) <= 16
