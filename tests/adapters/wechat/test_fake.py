"""The fake platform does what the real one is documented to do."""

import http.client
import json
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tests.adapters.wechat.rig import NOW, Door
from tests.fakes import wechat
from tests.fakes.wechat import APP_ID, SECRET, Delivering, Platform, decrypt, encrypt, text


def post(platform: Platform, path: str, sent: object, token: str | None = "token-1") -> dict:
    split = urlsplit(platform.url)
    connection = http.client.HTTPConnection(split.hostname, split.port, timeout=60)
    try:
        connection.request(
            "POST", f"/cgi-bin{path}?access_token={token}", json.dumps(sent, ensure_ascii=False).encode()
        )
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def say(platform: Platform, words: str = "hi") -> int:
    sent = {"touser": "u", "msgtype": "text", "text": {"content": words}}
    return post(platform, "/message/custom/send", sent)["errcode"]


def test_it_takes_only_its_token(platform: Platform) -> None:
    assert say(platform) == 0
    platform.end_token()
    assert say(platform) == 40001
    asked = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
    assert post(platform, "/stable_token", asked)["access_token"] == "token-2"
    assert post(platform, "/stable_token", asked)["access_token"] == "token-2"
    assert post(platform, "/stable_token", {**asked, "force_refresh": True})["access_token"] == "token-3"
    assert post(platform, "/stable_token", {**asked, "secret": "x"})["errcode"] == 40125
    assert post(platform, "/unknown", {}, "token-3")["errcode"] == 40066


def test_it_counts_rights() -> None:
    now = NOW
    with wechat.running(lambda: now, counts_rights=True) as platform:
        assert say(platform) == 45015
        platform.spoke("u")
        assert [say(platform) for _ in range(6)] == [0] * 5 + [45047]
        platform.tapped("u")
        assert [say(platform) for _ in range(4)] == [0] * 3 + [45047]
        platform.tapped("u")
        now += timedelta(minutes=1)
        assert say(platform) == 45015
        platform.spoke("u")
        now += timedelta(hours=48)
        assert say(platform) == 45015


def test_it_takes_no_long_text(platform: Platform) -> None:
    assert say(platform, "x" * 2048) == 0
    assert say(platform, "x" * 2049) == 45002


@pytest.mark.parametrize(
    ("how", "error"), [("cut", http.client.RemoteDisconnected), ("half", http.client.IncompleteRead)]
)
def test_it_loses_answers(platform: Platform, how: str, error: type[Exception]) -> None:
    platform.misbehave("/custom/send", how, 45009)
    with pytest.raises(error):
        say(platform)
    assert len(platform.sent) == 1
    assert [say(platform), say(platform)] == [45009, 0]


def test_its_cipher_is_its_own_inverse() -> None:
    for length in range(70):
        assert decrypt(encrypt(b"x" * length)) == b"x" * length


def test_it_delivers_three_times_and_then_gives_up() -> None:
    delivering = Delivering(lambda: NOW, url="http://127.0.0.1:9/wechat/main", patience_s=0.2)
    heard = delivering.deliver(text("u", "hi"))
    assert (heard.status, heard.tries, heard.words) == (0, 3, None)


def test_a_reply_with_a_wrong_signature_is_noticed() -> None:
    door = Door()
    reply = door.deliver(text("u", "hi")).data
    assert door.delivering.words(reply) == "ok"
    with pytest.raises(AssertionError):
        door.delivering.words(reply.replace(b"<TimeStamp>1", b"<TimeStamp>2"))
