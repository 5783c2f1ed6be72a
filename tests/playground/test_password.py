"""Behind a password: one cookie for all processes, one answer to all wrong guesses."""

from datetime import timedelta

import pytest

from bots.playground.guard import COOKIE, WRONG_TRIES_PER_MINUTE
from tests.playground.rig import Door
from tests.stage import Stage

pytestmark = pytest.mark.reading

AWAY = {"Host": "huoju.example"}


def _carry(door: Door, value: str) -> int:
    client = door.app.test_client(use_cookies=False)
    headers = {**AWAY, "Cookie": f"{COOKIE}={value}"}
    return client.get("/playground/news?demo=anna:0", headers=headers).status_code


def _open(door: Door) -> str:
    client = door.app.test_client()
    answer = client.post("/playground/sign-in", data={"password": "open sesame"}, headers=AWAY)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/playground/"
    return answer.headers["Set-Cookie"]


def test_the_password_opens_every_door(locked: Door) -> None:
    assert _carry(locked, "") == 403
    cookie = _open(locked)
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Strict", "Path=/playground"))
    assert _carry(locked, cookie.partition("=")[2].partition(";")[0]) == 200
    page = locked.app.test_client().get("/playground/", headers=AWAY)
    assert b'name="password"' in page.data
    assert b'id="phones"' not in page.data


def test_the_doors_refuse_without_it(locked: Door) -> None:
    answer = locked.app.test_client().post("/playground/say", json={}, headers=AWAY)
    assert (answer.status_code, answer.json) == (403, {"error": "sign in first: open /playground/"})


def test_wrong_passwords_are_all_told_the_same(locked: Door) -> None:
    client = locked.app.test_client()
    wrong = ["", "open", "OPEN SESAME", "open sesame ", "\x00", "密码", "x" * 5000]
    told = [client.post("/playground/sign-in", data={"password": guess}, headers=AWAY) for guess in wrong]
    told.append(client.post("/playground/sign-in", headers=AWAY))
    assert {answer.status_code for answer in told} == {401}
    assert len({answer.data for answer in told}) == 1
    assert not any("Set-Cookie" in answer.headers for answer in told)


def test_guessing_is_slowed_down_without_saying_so(locked: Door) -> None:
    client = locked.app.test_client()

    def tries(password: str) -> int:
        return client.post("/playground/sign-in", data={"password": password}, headers=AWAY).status_code

    assert {tries("wrong") for _ in range(WRONG_TRIES_PER_MINUTE)} == {401}
    assert tries("open sesame") == 401
    locked.stage.wait(minutes=1)
    assert tries("open sesame") == 303


def test_another_page_cannot_sign_in(locked: Door) -> None:
    client = locked.app.test_client()
    answer = client.post(
        "/playground/sign-in", data={"password": "open sesame"}, headers={**AWAY, "Origin": "http://evil.example"}
    )
    assert answer.status_code == 403


def test_a_cookie_holds_for_every_process_and_for_a_week(locked: Door, stage: Stage) -> None:
    value = _open(locked).partition("=")[2].partition(";")[0]
    other, changed = Door(stage, "open sesame"), Door(stage, "another")
    assert [_carry(other, value), _carry(changed, value)] == [200, 403]
    stage.now += timedelta(days=6, hours=23)
    assert _carry(locked, value) == 200
    stage.now += timedelta(hours=1)
    assert _carry(locked, value) == 403
    other.engine.close()
    changed.engine.close()


def test_a_forged_cookie_opens_nothing(locked: Door) -> None:
    value = _open(locked).partition("=")[2].partition(";")[0]
    until, _, mac = value.partition(".")
    forged = [f"9{until}.{mac}", f"{until}.{mac[:-1]}", f"{until}.", f".{mac}", mac, "é.é", f"{until}.{mac}.x", "x.y"]
    assert [_carry(locked, each) for each in forged] == [403] * len(forged)


def test_a_proxy_with_tls_gets_a_secure_cookie(locked: Door) -> None:
    client = locked.app.test_client()
    headers = {**AWAY, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    answer = client.post("/playground/sign-in", data={"password": "open sesame"}, headers=headers)
    assert "Secure" in answer.headers["Set-Cookie"]
