"""What is sent for a text, and what every answer of Telegram makes of it."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from bots.telegram import outbound as sending
from bots.telegram.account import TelegramAccount
from bots.telegram.client import BotRequest, Client
from bots.telegram.outbound import TelegramSends
from core.messages import Button, Rich
from core.sending.outbound import (
    Category,
    Delivered,
    OutboundMessage,
    Outcome,
    Rate,
    Refused,
    TryAgain,
    Unknown,
    unreadable,
)
from tests.adapters.telegram.rig import account, until
from tests.adapters.telegram.updates import ANNA, GROUP
from tests.fakes.telegram import Cut, FakeTelegram, Garbled, Half, Says, Slow, Trouble
from tests.stage import START

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
_numbers = itertools.count(1)


def outbound(text: str = "Well done", *, user: object = ANNA, **more: Any) -> OutboundMessage:
    return OutboundMessage(f"id-{next(_numbers)}", "telegram", "main", str(user), text, START, **more)


@pytest.fixture
def sends(client: Client) -> TelegramSends:
    return TelegramSends(client)


def error(status: int, description: str) -> Says:
    return Says.error(status, description)


BAD = "Bad Request: "
OUTCOMES: list[tuple[str, Trouble, Outcome]] = [
    # id                what Telegram does                                             what becomes of the text
    ("flood", Says.flood(7), TryAgain("flooded", timedelta(seconds=7))),
    ("long flood", Says.flood(10_072), TryAgain("flooded", timedelta(seconds=10_072))),
    ("flood of another kind", Says(429, b"<html>"), TryAgain("flooded", timedelta(seconds=5))),
    ("flood without a number", error(429, "Too Many"), TryAgain("flooded", timedelta(seconds=5))),
    ("flood for ever", Says.flood(10**30), TryAgain("flooded", timedelta(seconds=5))),
    (
        "blocked",
        error(403, "Forbidden: bot was blocked by the user"),
        Refused("blocked", unreachable=True, unwanted=True),
    ),
    ("deactivated", error(403, "Forbidden: user is deactivated"), Refused("deactivated", unreachable=True)),
    ("kicked", error(403, "Forbidden: bot was kicked from the group chat"), Refused("kicked", unreachable=True)),
    (
        "left",
        error(403, "Forbidden: bot is not a member of the supergroup chat"),
        Refused("not_a_member", unreachable=True),
    ),
    (
        "never started",
        error(403, "Forbidden: bot can't initiate conversation with a user"),
        Refused("never_started", unreachable=True),
    ),
    ("forbidden", error(403, "Forbidden: whatever"), Refused("forbidden", unreachable=True)),
    ("no chat", error(400, BAD + "chat not found"), Refused("chat_not_found", unreachable=True)),
    ("no peer", error(400, BAD + "PEER_ID_INVALID"), Refused("peer_id_invalid", unreachable=True)),
    ("no rights", error(400, BAD + "have no rights to send a message"), Refused("no_rights")),
    ("bad request", error(400, BAD + "Well done is no text"), Refused("bad_request")),
    (
        "migrated",
        Says.error(400, BAD + "group chat was upgraded to a supergroup chat", migrate_to_chat_id=GROUP),
        Delivered(conceded=("chat_migrated",)),
    ),
    ("unauthorized", error(401, "Unauthorized"), TryAgain("invalid_token", timedelta(minutes=2))),
    ("not found", error(404, "Not Found"), TryAgain("invalid_token", timedelta(minutes=2))),
    ("conflict", error(409, "Conflict"), TryAgain("conflict")),
    ("too large", error(413, "Request Entity Too Large"), TryAgain("http_413")),
    ("a proxy's 403", Says(403, b"<html>no"), TryAgain("http_403")),
    ("a proxy's 302", Says(302, b""), TryAgain("http_302", timedelta(minutes=2))),
    ("500", error(500, "Internal Server Error"), Unknown("http_500")),
    ("502", Says(502, b"<html>Bad Gateway"), Unknown("http_502")),
    ("503 after it acted", Garbled(503), Unknown("http_503")),
    ("200 of garbage", Garbled(200), unreadable("http_200")),
    ("200 that is no success", Garbled(200, b'{"ok": false}'), unreadable("http_200")),
    ("200 of a list", Garbled(200, b"[]"), unreadable("http_200")),
    ("200 of nothing", Garbled(200, b""), unreadable("http_200")),
    ("200 cut in half", Garbled(200, b'{"ok": true, "resu'), unreadable("http_200")),
    ("200 of a captive portal", Says(200, b"<html>Log in"), unreadable("http_200")),
    ("half an answer", Half(), Unknown("cut_off")),
    ("cut before", Cut(acts=False), Unknown("cut_off")),
    ("cut after", Cut(acts=True), Unknown("cut_off")),
]


@pytest.mark.parametrize(("trouble", "expected"), [row[1:] for row in OUTCOMES], ids=[row[0] for row in OUTCOMES])
def test_outcome(sends: TelegramSends, fake: FakeTelegram, trouble: Trouble, expected: Outcome) -> None:
    fake.bot.trouble("sendMessage", trouble)
    assert sends.send(outbound()) == expected
    assert sends.send(outbound()) == Delivered()


@pytest.mark.parametrize("result", [b"true", b"{}", b"[]", b'{"message_id": "x", "chat": 5}'])
def test_what_was_taken_is_delivered_whatever_it_looks_like(
    sends: TelegramSends, fake: FakeTelegram, result: bytes
) -> None:
    fake.bot.trouble("sendMessage", Garbled(200, b'{"ok": true, "result": ' + result + b"}"))
    assert sends.send(outbound()) == Delivered()


def test_unreachable_is_tried_again() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        client = Client(
            TelegramAccount(
                name="main",
                token=SecretStr("1:a"),
                receive="polling",
                api_url=f"http://127.0.0.1:{nobody.getsockname()[1]}",
            )
        )
        try:
            assert TelegramSends(client).send(outbound()) == TryAgain("not_reached")
        finally:
            client.close()


def test_slow_is_unknown(sends: TelegramSends, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow()
    fake.bot.trouble("sendMessage", slow)
    monkeypatch.setattr(sending, "LIMIT_S", 0.2)
    assert sends.send(outbound()) == Unknown("timed_out")
    slow.until.set()
    assert fake.bot.texts() == ["Well done"]


def test_slow_to_the_library_is_unknown(fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.telegram.client.BotRequest", lambda connections: BotRequest(connections, read_s=0.1))
    slow, client = Slow(), Client(account(fake))
    fake.bot.trouble("sendMessage", slow)
    try:
        assert TelegramSends(client).send(outbound()) == Unknown("timed_out")
    finally:
        slow.until.set()
        client.close()


def test_a_crowded_pool_is_tried_again(fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.telegram.client.CONNECTIONS", 1)
    monkeypatch.setattr("bots.telegram.client.POOL_S", 0.1)
    slow, client = Slow(), Client(account(fake))
    fake.bot.trouble("sendMessage", slow)
    sends = TelegramSends(client)
    first: list[Outcome] = []
    thread = threading.Thread(target=lambda: first.append(sends.send(outbound("one"))))
    thread.start()
    try:
        until(lambda: fake.bot.sent)
        assert sends.send(outbound("two")) == TryAgain("not_reached")
    finally:
        slow.until.set()
        thread.join(60)
        client.close()
    assert first == [Delivered()]


def test_hung_up_is_unknown(fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bots.telegram.client._LAST_S", 0.05)
    slow, client = Slow(), Client(account(fake))
    fake.bot.trouble("sendMessage", slow)
    outcomes: list[Outcome] = []
    thread = threading.Thread(target=lambda: outcomes.append(TelegramSends(client).send(outbound())))
    thread.start()
    until(lambda: fake.bot.sent)
    client.close()
    slow.until.set()
    thread.join(60)
    assert outcomes == [Unknown("hung_up")]


def test_no_code_repeats_a_text_or_a_token(sends: TelegramSends, fake: FakeTelegram, capfd: Any) -> None:
    fake.bot.trouble("sendMessage", error(400, BAD + "SECRETTEXT is no text"), Garbled(200, b"SECRETTEXT"), Half())
    codes = [sends.send(outbound("SECRETTEXT")) for _ in range(3)]
    shown = repr(codes) + "".join(capfd.readouterr())
    assert "SECRETTEXT" not in shown
    assert "ABC-DEF" not in shown


@pytest.mark.parametrize("user", ["anna", "", "1.5", "@channel"])
def test_only_numbers_are_chats(sends: TelegramSends, fake: FakeTelegram, user: str) -> None:
    assert sends.send(outbound(user=user)) == Refused("not_a_chat")
    assert fake.bot.calls == []


@pytest.mark.parametrize("thread", ["", "x", "-1", "7.0"])
def test_only_numbers_are_topics(sends: TelegramSends, fake: FakeTelegram, thread: str) -> None:
    assert sends.send(outbound(thread=thread)) == Delivered()
    assert "message_thread_id" not in fake.bot.sent[0]


def test_plain_text(sends: TelegramSends, fake: FakeTelegram) -> None:
    assert sends.send(outbound("<b>5 & 6</b> *x* https://example.org", user=GROUP)) == Delivered()
    (sent,) = fake.bot.sent
    assert (sent["chat_id"], sent["text"], sent["reply_markup"]) == (
        GROUP,
        "<b>5 & 6</b> *x* https://example.org",
        None,
    )
    assert sent["link_preview_options"] == '{"is_disabled": true}'
    assert "parse_mode" not in sent


def labels(sent: dict[str, Any]) -> list[list[str]]:
    return [[button["text"] for button in row] for row in sent["reply_markup"]["inline_keyboard"]]


LAYOUTS = [
    ("short ones side by side", ["Yes", "No"], [["Yes", "No"]]),
    ("three in a row at most", ["1", "2", "3", "4"], [["1", "2", "3"], ["4"]]),
    ("long ones below each other", ["A voucher for coffee", "A mug"], [["A voucher for coffee"], ["A mug"]]),
    ("Chinese is wide", ["查看积分余额", "兑换礼品", "帮助"], [["查看积分余额", "兑换礼品"], ["帮助"]]),
]


@pytest.mark.parametrize(("given", "expected"), [row[1:] for row in LAYOUTS], ids=[row[0] for row in LAYOUTS])
def test_buttons(sends: TelegramSends, fake: FakeTelegram, given: list[str], expected: list[list[str]]) -> None:
    rich = Rich("Choose", tuple(Button(f"say {label}", label) for label in given))
    assert sends.send(outbound("Choose\n1 …", rich=rich)) == Delivered()
    (sent,) = fake.bot.sent
    assert (sent["text"], labels(sent)) == ("Choose", expected)
    shown = [button["callback_data"] for row in sent["reply_markup"]["inline_keyboard"] for button in row]
    assert shown == [f"=say {label}" for label in given]


def test_words_too_long_for_a_button_are_numbered(sends: TelegramSends, fake: FakeTelegram) -> None:
    rich = Rich("Choose", (Button("换" * 22, "Change"), Button("no", "No")), "https://example.org/a.png")
    assert sends.send(outbound("Choose\n1 Change\n2 No", rich=rich)) == Delivered()
    assert [(one["text"], one["reply_markup"]) for one in fake.bot.sent] == [("Choose\n1 Change\n2 No", None)]


LONG = "\n".join(f"line {number} " + "x" * 90 for number in range(60))
SPLITS = [
    ("at lines", LONG, 2),
    ("at words", "word " * 1000, 2),
    ("anywhere", "x" * 8193, 3),
    ("emoji count twice", "🔥" * 2049, 2),
    ("as long as it may be", "x" * 4096, 1),
]


@pytest.mark.parametrize(("text", "count"), [row[1:] for row in SPLITS], ids=[row[0] for row in SPLITS])
def test_long_texts(sends: TelegramSends, fake: FakeTelegram, text: str, count: int) -> None:
    rich = Rich(text, (Button("yes", "Yes"),))
    assert sends.send(outbound("…", rich=rich)) == Delivered()
    parts = fake.bot.texts()
    assert len(parts) == count
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert [one["reply_markup"] is not None for one in fake.bot.sent] == [False] * (count - 1) + [True]
    if text is LONG:
        assert all(part.startswith("line ") for part in parts)


PICTURE = "https://play.example/p/1.png"


@pytest.mark.parametrize("length", [0, 9, 1024])
def test_a_picture_with_a_caption(sends: TelegramSends, fake: FakeTelegram, length: int) -> None:
    rich = Rich("x" * length, (Button("yes", "Yes"),), PICTURE)
    assert sends.send(outbound(rich=rich)) == Delivered()
    (sent,) = fake.bot.sent
    assert (sent["photo"], sent.get("caption", ""), labels(sent)) == (PICTURE, "x" * length, [["Yes"]])


@pytest.mark.parametrize("text", ["x" * 1025, "🔥" * 513])
def test_a_picture_above_a_long_text(sends: TelegramSends, fake: FakeTelegram, text: str) -> None:
    assert sends.send(outbound(rich=Rich(text, (Button("yes", "Yes"),), PICTURE))) == Delivered()
    photo, said = fake.bot.sent
    assert (photo["photo"], photo["reply_markup"]) == (PICTURE, None)
    assert (said["text"], labels(said)) == (text, [["Yes"]])


@pytest.mark.parametrize("picture", ["/etc/passwd", "file:///etc/passwd", "AgACfile_id"])
def test_only_addresses_are_pictures(sends: TelegramSends, fake: FakeTelegram, picture: str) -> None:
    assert sends.send(outbound(rich=Rich("Look", (), picture))) == Delivered()
    assert [method for method, _ in fake.bot.calls] == ["sendMessage"]


Gallery = Callable[[bytes, int], str]


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    """Serves one picture; gives its address."""
    servers = []

    def hang(picture: bytes, status: int = 200) -> str:
        class Hall(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.end_headers()
                self.wfile.write(picture)

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Hall)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}/1.png"

    yield hang
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_picture_that_telegram_cannot_fetch_is_brought(
    sends: TelegramSends, fake: FakeTelegram, gallery: Gallery
) -> None:
    fake.bot.fetches_pictures = False
    rich = Rich("Look", (Button("yes", "Yes"),), gallery(PNG, 200))
    assert sends.send(outbound(rich=rich)) == Delivered()
    (sent,) = fake.bot.sent
    assert (sent["photo"], sent["caption"], labels(sent)) == (PNG, "Look", [["Yes"]])


PICTURELESS = Delivered(conceded=("picture",))
UNFIT = [("a page", b"<html>", 200), ("missing", PNG, 404), ("huge", PNG + b"x" * 6_000_000, 200), ("empty", b"", 200)]


@pytest.mark.parametrize(("picture", "status"), [row[1:] for row in UNFIT], ids=[row[0] for row in UNFIT])
def test_what_is_no_picture_becomes_its_address(
    sends: TelegramSends, fake: FakeTelegram, gallery: Gallery, picture: bytes, status: int
) -> None:
    fake.bot.fetches_pictures = False
    address = gallery(picture, status)
    assert sends.send(outbound(rich=Rich("Look", (Button("yes", "Yes"),), address))) == PICTURELESS
    (sent,) = fake.bot.sent
    assert (sent["text"], labels(sent)) == (f"Look\n{address}", [["Yes"]])


def test_a_picture_that_telegram_does_not_take_becomes_its_address(
    sends: TelegramSends, fake: FakeTelegram, gallery: Gallery
) -> None:
    fake.bot.fetches_pictures = fake.bot.takes_pictures = False
    address = gallery(PNG, 200)
    assert sends.send(outbound(rich=Rich("Look", (), address))) == PICTURELESS
    assert fake.bot.texts() == [f"Look\n{address}"]


def test_a_picture_for_nobody_is_not_fetched(sends: TelegramSends, fake: FakeTelegram) -> None:
    fake.bot.refusing[ANNA] = "Bad Request: chat not found"
    assert sends.send(outbound(rich=Rich("Look", (), PICTURE))) == Refused("chat_not_found", unreachable=True)
    assert [method for method, _ in fake.bot.calls] == ["sendPhoto"]


@pytest.mark.parametrize("trouble", [Says.flood(3), Cut(acts=False)], ids=["flood", "cut"])
def test_the_next_try_goes_on_where_the_last_one_ended(
    sends: TelegramSends, fake: FakeTelegram, trouble: Trouble
) -> None:
    message = outbound(rich=Rich("x" * 1500, (), PICTURE))
    fake.bot.trouble("sendMessage", trouble)
    assert not isinstance(sends.send(message), Delivered)
    assert sends.send(message) == Delivered()
    assert [("photo" in one) for one in fake.bot.sent] == [True, False]


def test_marketing_of_which_a_part_arrived_is_not_sent_by_others(sends: TelegramSends, fake: FakeTelegram) -> None:
    fake.bot.trouble("sendMessage", Says.flood(3))
    message = outbound(rich=Rich("x" * 1500, (), PICTURE), category=Category.MARKETING)
    assert sends.send(message) == Unknown("flooded")


def test_many_threads_send_over_one_line(sends: TelegramSends, fake: FakeTelegram) -> None:
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(sends.send(outbound()))) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes == [Delivered()] * 24
    assert len(fake.bot.sent) == 24


def test_a_line_opens_again_after_it_was_closed(client: Client, sends: TelegramSends) -> None:
    client.close()
    assert sends.send(outbound()) == Delivered()
    client.close()
    client.close()


def test_the_outlet_says_how_fast(fake: FakeTelegram) -> None:
    assert TelegramSends(Client(account(fake))).outlet.rate == Rate(30, timedelta(seconds=1), burst=30)
    assert TelegramSends(Client(account(fake, rate=5, burst=2))).outlet.rate == Rate(5, timedelta(seconds=1), burst=2)
