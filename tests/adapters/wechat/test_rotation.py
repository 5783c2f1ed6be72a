"""Tokens and keys that are changed at the platform while it delivers, and what else it asks of our address."""

import pytest
from pydantic import SecretStr

from tests.adapters.wechat.rig import Door, account
from tests.fakes.wechat import AES_KEY, TOKEN, text

OLD_KEY, OLD_TOKEN = AES_KEY[::-1], "the token of yesterday"


@pytest.mark.parametrize("token", [TOKEN, OLD_TOKEN])
@pytest.mark.parametrize("key", [AES_KEY, OLD_KEY])
def test_both_tokens_and_both_keys_are_good_while_they_change(token: str, key: str) -> None:
    door = Door(account(old_token=SecretStr(OLD_TOKEN), old_aes_key=SecretStr(OLD_KEY)))
    door.delivering.token, door.delivering.aes_key = token, key
    assert door.words(door.deliver(text("u", "hi"))) == "ok", "the answer is closed by what the request was"
    greeting = door.delivering.greeting()
    assert door.client.get(f"/wechat/main{greeting.target}").text == "5838471"


@pytest.mark.parametrize("token", [TOKEN, OLD_TOKEN])
def test_in_plain_mode_both_tokens_are_good(token: str) -> None:
    door = Door(account(mode="plain", aes_key=None, old_token=SecretStr(OLD_TOKEN)))
    door.delivering.token = token
    assert door.words(door.deliver(text("u", "hi"))) == "ok"


def test_without_old_ones_only_those_of_today_are() -> None:
    door = Door(account())
    door.delivering.aes_key = OLD_KEY
    assert (door.deliver(text("u", "hi")).data, door.unread) == (b"success", [("Encrypt", None)])
    door.delivering.token = OLD_TOKEN
    assert door.deliver(text("u", "hi")).status_code == 403
    assert door.taken == []


def test_an_old_key_is_looked_at_as_well() -> None:
    with pytest.raises(ValueError, match="43 characters"):
        account(old_aes_key=SecretStr("short"))


@pytest.mark.parametrize("path", ["/wechat/main", "/wechat/main/"])
def test_a_slash_at_the_end_is_the_same_door(door: Door, path: str) -> None:
    sent = door.delivering.signed(text("u", "hi"))
    assert door.words(door.client.post(f"{path}{sent.target}", data=sent.body)) == "ok"
    assert door.client.get(f"{path}{door.delivering.greeting().target}").text == "5838471"
    assert path in door.doors.fast


def test_the_file_by_which_the_platform_knows_our_address() -> None:
    door = Door(account(verify="MP_verify_aB3dE6gH9.txt"), account(name="second"))
    found = door.client.get("/MP_verify_aB3dE6gH9.txt")
    assert (found.status_code, found.text, found.mimetype) == (200, "aB3dE6gH9", "text/plain")
    assert door.client.get("/MP_verify_other.txt").status_code == 404


@pytest.mark.parametrize("name", ["verify.txt", "MP_verify_a/b.txt", "MP_verify_.txt", "../MP_verify_a.txt"])
def test_no_other_file_is_named(name: str) -> None:
    with pytest.raises(ValueError, match="verify"):
        account(verify=name)
