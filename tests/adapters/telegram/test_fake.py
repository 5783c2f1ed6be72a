"""The fake Bot API behaves as the documents say, and misbehaves as it is told."""

import json
import threading
from typing import Any

import httpx
import pytest

from tests.adapters.telegram.rig import until
from tests.fakes.telegram import SECRET, TOKEN, Cut, FakeTelegram, Garbled, Half, Says, Slow


def ask(fake: FakeTelegram, method: str, token: str = TOKEN, **params: Any) -> tuple[int, Any]:
    response = httpx.post(f"{fake.url}/bot{token}/{method}", data=params, timeout=60)
    return response.status_code, response.json()


def result(fake: FakeTelegram, method: str, **params: Any) -> Any:
    status, told = ask(fake, method, **params)
    assert (status, told["ok"]) == (200, True)
    return told["result"]


def test_only_a_known_token_is_served(fake: FakeTelegram) -> None:
    assert ask(fake, "getMe", "1:no") == (401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
    assert result(fake, "getMe")["username"] == "HuojuBot"
    assert ask(fake, "getMoon")[0] == 404


def test_parameters_come_as_form_json_and_files(fake: FakeTelegram) -> None:
    url = f"{fake.url}/bot{TOKEN}"
    assert httpx.post(f"{url}/sendMessage", json={"chat_id": 1, "text": "json"}).is_success
    assert httpx.post(f"{url}/sendPhoto", data={"chat_id": "1"}, files={"photo": b"png"}).is_success
    assert result(fake, "sendMessage", chat_id=1, text="form")["message_id"] == 3
    assert fake.bot.texts() == ["json", "", "form"]
    assert fake.bot.sent[1]["photo"] == b"png"


LONG = json.dumps({"inline_keyboard": [[{"text": "x", "callback_data": "x" * 65}]]})
REFUSED = [
    ("empty", "sendMessage", {"text": " "}, "message text is empty"),
    ("long", "sendMessage", {"text": "x" * 4097}, "message is too long"),
    ("long data", "sendMessage", {"text": "x", "reply_markup": LONG}, "BUTTON_DATA_INVALID"),
    ("long caption", "sendPhoto", {"photo": "https://x.example", "caption": "x" * 1025}, "caption is too long"),
]


@pytest.mark.parametrize(("method", "params", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_limits(fake: FakeTelegram, method: str, params: dict[str, Any], why: str) -> None:
    status, told = ask(fake, method, chat_id=1, **params)
    assert (status, why in told["description"], fake.bot.sent) == (400, True, [])


def test_players_who_are_gone(fake: FakeTelegram) -> None:
    fake.bot.refusing = {1: "Forbidden: bot was blocked by the user", 2: "Bad Request: chat not found"}
    assert [ask(fake, "sendMessage", chat_id=chat, text="x")[0] for chat in (1, 2, 3)] == [403, 400, 200]


def test_updates_are_kept_until_a_later_one_is_asked_for(fake: FakeTelegram) -> None:
    fake.bot.post({"update_id": 5}, {"update_id": 6})
    assert [one["update_id"] for one in result(fake, "getUpdates")] == [5, 6]
    assert [one["update_id"] for one in result(fake, "getUpdates", limit=1)] == [5]
    assert [one["update_id"] for one in result(fake, "getUpdates", offset=6)] == [6]
    assert result(fake, "getUpdates", offset=7) == []
    assert fake.bot.updates == []


def test_a_poll_waits_for_an_update_and_ends_for_another_poll(fake: FakeTelegram) -> None:
    answers: list[Any] = []
    first = threading.Thread(target=lambda: answers.append(ask(fake, "getUpdates", timeout=50)))
    first.start()
    until(lambda: fake.bot.fetching == 1)
    second = threading.Thread(target=lambda: answers.append(result(fake, "getUpdates", timeout=50)))
    second.start()
    first.join(60)
    fake.bot.post({"update_id": 5})
    second.join(60)
    assert (answers[0][0], answers[1]) == (409, [{"update_id": 5}])


def test_a_webhook_excludes_polling(fake: FakeTelegram) -> None:
    assert ask(fake, "setWebhook", url="http://plain.example")[0] == 400
    assert result(fake, "setWebhook", url="https://play.example/telegram/main", secret_token=SECRET)
    assert ask(fake, "getUpdates")[0] == 409
    assert result(fake, "getWebhookInfo")["url"] == "https://play.example/telegram/main"
    assert SECRET not in str(result(fake, "getWebhookInfo"))
    assert result(fake, "deleteWebhook")
    assert result(fake, "getUpdates") == []


def test_updates_are_delivered_until_they_are_taken(fake: FakeTelegram) -> None:
    fake.bot.webhook = {"url": "https://play.example", "secret_token": SECRET}
    seen: list[tuple[bytes, str | None]] = []

    def reach(_url: str, body: bytes, headers: Any) -> int:
        seen.append((body, headers.get("X-Telegram-Bot-Api-Secret-Token")))
        return 503 if len(seen) < 3 else 200

    assert fake.bot.deliver([{"update_id": 2}, {"update_id": 1}], reach, copies=2) == [503, 503, 200, 200, 200, 200]
    assert seen == [(b'{"update_id": 2}', SECRET)] * 4 + [(b'{"update_id": 1}', SECRET)] * 2
    assert result(fake, "getWebhookInfo")["last_error_message"] == "Wrong response: 503"


def test_a_flood_says_how_long(fake: FakeTelegram) -> None:
    fake.bot.trouble("sendMessage", Says.flood(9))
    status, told = ask(fake, "sendMessage", chat_id=1, text="x")
    assert (status, told["parameters"], fake.bot.sent) == (429, {"retry_after": 9}, [])


def test_a_cut_may_come_before_or_after(fake: FakeTelegram) -> None:
    fake.bot.trouble("sendMessage", Cut(acts=False), Cut(acts=True), Half())
    for text in ("before", "after", "half"):
        with pytest.raises(httpx.ReadError if text != "half" else httpx.RemoteProtocolError):
            ask(fake, "sendMessage", chat_id=1, text=text)
    assert fake.bot.texts() == ["after", "half"]


def test_garbage_and_slowness(fake: FakeTelegram) -> None:
    slow = Slow()
    fake.bot.trouble("getMe", Garbled(502), slow)
    assert httpx.post(f"{fake.url}/bot{TOKEN}/getMe").content == b"<html>oops"
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{fake.url}/bot{TOKEN}/getMe", timeout=httpx.Timeout(60, read=0.05))
    slow.until.set()
    assert result(fake, "getMe")
