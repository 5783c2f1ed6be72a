"""Menus and webhooks as Telegram has them after the setup, accounts, and what an operator is told."""

import socket
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError
from werkzeug.serving import make_server

from bots.base import Finding
from bots.telegram import doctor
from bots.telegram.account import TelegramAccount
from bots.telegram.client import Client
from bots.telegram.commands import configure, set_commands, set_webhook
from bots.telegram.doctor import findings
from tests.adapters.telegram.rig import PUBLIC, Door, account
from tests.fakes.telegram import SECRET, TOKEN, Cut, FakeTelegram, Garbled, Says

COMMANDS = {"": [("points", "Your points")], "en": [("points", "Your points")], "zh": [("points", "我的积分")]}
OPERATORS = {"": [("points", "Your points"), ("report", "Today in numbers")]}
NOW = datetime.now(UTC)


def well(found: Finding) -> bool:
    return found.well


def wrong(found: Iterator[Finding]) -> dict[str, str]:
    every = list(found)
    assert every
    return {one.what: one.remedy for one in every if not one.well}


def test_a_webhook_and_menus_are_set(fake: FakeTelegram) -> None:
    client = Client(account(fake))
    fake.bot.commands["7", ""] = [{"command": "log", "description": "What operators said"}]
    try:
        found = list(configure(client, PUBLIC + "/", COMMANDS))
    finally:
        client.close()
    assert all(map(well, found))
    assert [one.what for one in found] == [
        "webhook",
        "commands (other languages)",
        "commands (en)",
        "commands (zh)",
    ]
    assert fake.bot.webhook == {
        "url": f"{PUBLIC}/telegram/main",
        "secret_token": SECRET,
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
        "max_connections": "40",
    }
    assert fake.bot.commands == {
        ("default", ""): [{"command": "points", "description": "Your points"}],
        ("default", "en"): [{"command": "points", "description": "Your points"}],
        ("default", "zh"): [{"command": "points", "description": "我的积分"}],
        ("7", ""): [{"command": "log", "description": "What operators said"}],
    }, "whose menu is kept by a process that runs"
    assert {"setMyName", "setMyDescription"}.isdisjoint(method for method, _ in fake.bot.calls)


def test_for_polling_the_webhook_is_taken_away(fake: FakeTelegram) -> None:
    fake.bot.webhook = {"url": "https://old.example"}
    client = Client(account(fake, receive="polling"))
    try:
        assert wrong(configure(client, None, {})) == {}
    finally:
        client.close()
    assert fake.bot.webhook == {}


@pytest.mark.parametrize("public_url", [None, "http://play.example"])
def test_without_https_there_is_no_webhook(client: Client, fake: FakeTelegram, public_url: str | None) -> None:
    found = set_webhook(client, public_url)
    assert (found.well, "HUOJU_PUBLIC_URL" in found.remedy) == (False, True)
    assert fake.bot.calls == []


def test_an_operator_who_never_started_the_bot_is_told_of(client: Client, fake: FakeTelegram) -> None:
    fake.bot.refusing[7] = "Bad Request: chat not found"
    (found,) = set_commands(client, OPERATORS, 7)
    assert found.remedy == "Telegram says chat_not_found; the operator has to start the bot first"


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (Says.error(401, "Unauthorized"), "invalid_token"),
        (Says.error(400, "Bad Request: bad webhook"), "bad_request"),
        (Cut(acts=False), "cut_off"),
        (Garbled(502), "http_502"),
    ],
    ids=["token", "bad", "cut", "502"],
)
def test_a_setup_that_fails_says_why(client: Client, fake: FakeTelegram, trouble: Any, code: str) -> None:
    fake.bot.trouble("setWebhook", trouble)
    found = set_webhook(client, PUBLIC)
    assert (found.well, code in found.remedy) == (False, True)
    assert SECRET not in found.remedy


@pytest.fixture
def site(client: Client) -> Iterator[str]:
    """The web process of the same account, served on loopback; its public address."""

    def submit(_message: object) -> Any:
        raise AssertionError("a check is nobody's message")

    server = make_server("127.0.0.1", 0, Door(client, submit).http.application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(60)
    server.server_close()


@pytest.fixture
def hooked(fake: FakeTelegram, site: str) -> str:
    fake.bot.webhook = {
        "url": f"{site}/telegram/main",
        "allowed_updates": ["message", "edited_message", "callback_query", "my_chat_member"],
    }
    return site


def check(fake: FakeTelegram, public_url: str | None, **fields: Any) -> dict[str, str]:
    return wrong(findings(account(fake, **fields), public_url, lambda: datetime.now(UTC)))


def test_a_bot_that_works(fake: FakeTelegram, hooked: str) -> None:
    found = list(findings(account(fake), hooked, lambda: datetime.now(UTC)))
    assert [one.what for one in found if one.well] == [
        "reach Telegram",
        "token",
        "our clock agrees with Telegram's",
        "webhook",
        "kinds of updates",
        "updates that wait",
        "last delivery",
        "webhook secret",
        "webhook door",
    ]
    assert [one for one in found if not one.well] == []


def test_a_bot_that_polls(fake: FakeTelegram) -> None:
    assert check(fake, None, receive="polling") == {}
    fake.bot.webhook = {"url": "https://old.example"}
    assert set(check(fake, None, receive="polling")) == {"webhook"}


ELSEWHERE = {"url": "https://old.example", "allowed_updates": list(doctor.KINDS)}
FAULTS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("no webhook", {"webhook": {}}, {"webhook", "kinds of updates"}),
    (
        "another webhook",
        {"webhook": {"url": "https://old.example", "allowed_updates": list(doctor.KINDS)}},
        {"webhook"},
    ),
    ("many wait", {"updates": [{"update_id": 1}] * 101}, {"updates that wait"}),
    (
        "a late error",
        {"failed": {"last_error_date": int(NOW.timestamp()), "last_error_message": "Wrong response: 502"}},
        {"last delivery"},
    ),
    ("an early error", {"failed": {"last_error_date": 1, "last_error_message": "Wrong response: 502"}}, set()),
]


@pytest.mark.parametrize(("state", "expected"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_what_telegram_complains_of(
    fake: FakeTelegram, hooked: str, state: Mapping[str, Any], expected: set[str]
) -> None:
    for name, value in state.items():
        setattr(fake.bot, name, value)
    assert set(check(fake, hooked)) == expected


def test_a_token_that_is_not_known(fake: FakeTelegram, hooked: str) -> None:
    other = TelegramAccount(name="main", token=SecretStr("1:no"), webhook_secret=SecretStr(SECRET), api_url=fake.url)
    assert set(wrong(findings(other, hooked, lambda: NOW))) == {"token"}


def test_a_telegram_that_cannot_be_reached(fake: FakeTelegram) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        told = check(fake, PUBLIC, api_url=address)
    assert set(told) == {"reach Telegram"}
    assert TOKEN not in str(told)


def test_a_proxy_in_the_way(fake: FakeTelegram) -> None:
    fake.bot.trouble("getMe", Says(200, b"<html>Sign in to the hotel"))
    assert set(check(fake, PUBLIC)) == {"reach Telegram"}


def test_a_webhook_that_is_not_told(fake: FakeTelegram) -> None:
    fake.bot.trouble("getWebhookInfo", Cut(acts=False))
    assert set(check(fake, PUBLIC)) == {"webhook"}


@pytest.mark.parametrize("minutes", [-1, 1])
def test_a_clock_that_is_off(fake: FakeTelegram, hooked: str, minutes: int) -> None:
    told = wrong(findings(account(fake), hooked, lambda: datetime.now(UTC) + timedelta(minutes=minutes)))
    assert set(told) == {"our clock agrees with Telegram's"}


def test_a_short_secret_and_another_secret_at_the_door(fake: FakeTelegram, hooked: str) -> None:
    told = check(fake, hooked, webhook_secret=SecretStr("short"))
    assert set(told) == {"webhook secret", "webhook door"}
    assert "403, not 200" in told["webhook door"]


def test_a_door_that_is_somewhere_else(fake: FakeTelegram, hooked: str) -> None:
    fake.bot.webhook["url"] = f"{hooked}/other/telegram/main"
    assert "404, not 403" in check(fake, f"{hooked}/other")["webhook door"]


def test_no_public_address(fake: FakeTelegram) -> None:
    assert "HUOJU_PUBLIC_URL" in check(fake, None)["webhook"]


GOOD = {"name": "main", "token": "1:a", "webhook_secret": "s"}
UNFIT: list[tuple[str, dict[str, Any], str]] = [
    ("no secret", {"webhook_secret": None}, "receive by polling"),
    ("a secret with a space", {"webhook_secret": "a b"}, "webhook_secret: use"),
    ("a long secret", {"webhook_secret": "a" * 257}, "webhook_secret: use"),
    ("no token", {"token": ""}, "token"),
    ("a token in two lines", {"token": "1:a\n"}, "token: copy"),
    ("a token with a path", {"token": "1:a/../x"}, "token: copy"),
    ("a name with a slash", {"name": "a/b"}, "name"),
    ("an unknown field", {"tokens": "x"}, "tokens"),
    ("no rate", {"rate": 0}, "rate"),
    ("an address without a scheme", {"api_url": "api.telegram.org"}, "api_url"),
    ("another way to receive", {"receive": "pigeon"}, "receive"),
]


@pytest.mark.parametrize(("fields", "violation"), [row[1:] for row in UNFIT], ids=[row[0] for row in UNFIT])
def test_an_account_that_cannot_be_one(fields: dict[str, Any], violation: str) -> None:
    with pytest.raises(ValidationError, match=violation):
        TelegramAccount.model_validate({**GOOD, **fields})


def test_an_account_by_default() -> None:
    bot = TelegramAccount.model_validate(GOOD)
    assert (bot.base_url, bot.file_url) == ("https://api.telegram.org/bot", "https://api.telegram.org/file/bot")
    assert "1:a" not in repr(bot)
    assert TelegramAccount.model_validate({"name": "m", "token": "1:a", "receive": "polling"}).webhook_secret is None
