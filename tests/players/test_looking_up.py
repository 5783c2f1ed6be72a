"""Players are found by whatever people call them, and shown as far as the role of whoever looks goes."""

import pytest

from core.operators import Role
from core.words import Mark, read_row_number
from tests.beginnings import begin
from tests.snack import SNACK
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, link_up, play, word_of

PHONE = "+8613800138000"
RELAY = "relay: {window: 10m, qualify: [code]}\n"
CHANNELS = ("[test, second]", "[test, second, sms/main, wechat]")


def play_and_appoint(stage: Stage) -> None:
    stage.publish(SNACK.replace(*CHANNELS) + RELAY)
    play(stage, "anna")
    stage.say("name Anna Lee", by="anna")
    stage.say(stage.codes(1)[0], by=PHONE, channel="sms")
    stage.appoint(Role.SUPPORT)
    stage.appoint(Role.AUDITOR, by="auditor", name="Wang Wu")


@pytest.fixture
def office(stage: Stage) -> Stage:
    return begin(stage, play_and_appoint)


def number_in(text: str) -> str:
    return next(
        word.strip("·,.") for word in text.split() if read_row_number(Mark.PLAYER, word.strip("·,.")) is not None
    )


@pytest.mark.parametrize(
    "said",
    [
        "138 0013 8000",
        "＋86 138-0013-8000",
        "13800138000",
        "(+86) 13800138000",
        "sms/main/+8613800138000",
        "短信/main/+8613800138000",
        "008613800138000",
    ],
)
def test_a_phone_is_found_however_it_is_spelt(office: Stage, said: str) -> None:
    told = office.command(f"/player find {said}", by="boss")
    assert "sms/main" in told
    assert told.count("snack ·") == 1
    assert "8000" not in office.command(f"/player show {number_in(told)} words=0", by="boss").replace("138****8000", "")


def test_a_player_is_found_by_address_word_number_and_user(office: Stage) -> None:
    number = number_in(office.command("/player find test/main/anna", by="boss"))
    word = word_of(office, "anna")
    for said in (word, word.lower().replace("-", " "), number, number.lower(), "F" + number[1:]):
        assert number in office.command(f"/找玩家 {said}", by="boss"), said
        assert number in office.command(f"/player show {said}", by="boss"), said
    assert "Nobody here is called so." in office.command("/player find nobody", by="boss")
    assert "nobody here has the phone" in office.command("/player show 13900139000", by="boss")
    assert "a symbol is wrong or missing" in office.command(f"/player show {number[:-1]}", by="boss")
    assert "name the player by number" in office.command("/player show anna", by="boss")


def test_names_are_looked_through_as_far_as_that_is_cheap(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    office.say(office.codes(1)[0], by="bo", channel="second")
    office.say("name Bo", by="bo", channel="second")
    assert "looked through" not in office.command("/player find bo", by="boss")
    monkeypatch.setattr("handlers.relay.profile.MOST_READ", 1)
    told = office.command("/player find bo", by="boss")
    assert told.endswith("Shown names are sealed, and only 1 of them were looked through.")
    assert told.count("snack ·") + office.command("/player find anna lee", by="boss").count("snack ·") == 1


def test_of_many_who_are_called_so_a_few_are_shown_and_the_rest_is_counted(office: Stage) -> None:
    for number in range(7):
        office.say(office.codes(1)[0], by=f"p{number}", channel="second")
        office.say(f"name Bo {'abcdefg'[number]}", by=f"p{number}", channel="second")
    told = office.command("/player find bo", by="boss")
    assert told.count("snack ·") == 5
    assert "and 2 more" in told
    assert office.command("/player find ＢＯ Ｃ", by="boss").count("snack ·") == 1


def test_what_is_shown_is_what_happened(office: Stage) -> None:
    word = word_of(office, "anna")
    office.say(word, by="bo")
    office.say(office.codes(1)[0], by="bo")
    office.wait(seconds=1)
    office.say("STOP", by="anna")
    told = office.command("/查玩家 test/main/anna", by="boss")
    for part in (
        "Points: 30",
        "Codes redeemed on",
        "brought something: 1",
        "Friends brought in: 1",
        "opted out",
        "'STOP'",
    ):
        assert part in told, part
    brought = office.command("/player show test/main/bo words=0", by="boss")
    assert f"Brought in by {number_in(told)}; that invite is rewarded." in brought
    assert "Last words" not in brought
    assert not faults(office)


def test_who_audits_sees_numbers_and_states(office: Stage) -> None:
    number = number_in(office.command("/player find test/main/anna", by="boss"))
    told = office.command(f"/player show {number}", by="auditor")
    assert "Points: 10" in told
    assert "test/main" in told
    for hidden in ("anna", "Anna", "Last words", "user"):
        assert hidden not in told, hidden
    assert "only support" in office.command("/player show test/main/anna", by="auditor")
    assert "only support" in office.command("/player show 13800138000", by="auditor")
    assert "no verb like that for you" in office.command("/player find anna", by="auditor")


def test_linked_addresses_are_one_person(office: Stage) -> None:
    play(office, "anna", channel="second")
    link_up(office, ("anna", "second"), ("anna", "test"))
    by_one, by_other = (office.command(f"/player show {where}/main/anna", by="boss") for where in ("test", "second"))
    assert number_in(by_one) == number_in(by_other)
    assert "test/main" in by_one
    assert "second/main" in by_one


@pytest.mark.parametrize("said", ["13800138000", "sms/main/+8613800138000"])
def test_points_are_corrected_however_the_player_is_named(office: Stage, said: str) -> None:
    office.appoint(Role.OWNER, by="owner", name="Zhao")
    number = number_in(office.command(f"/player find {said}", by="boss"))
    for named in (said, number):
        assert "Corrected by +5" in office.command(f"/points correct {named} snack 5 reason=late", by="owner")
    assert "snack · 20" in office.command(f"/points show {number}", by="boss")
    assert not faults(office)


def test_two_people_of_one_phone_are_told_apart(stage: Stage) -> None:
    stage.publish(
        CAMPAIGN.replace("[test, second]", "[test, sms/main, sms/other]").replace("zone:", "region: CN\nzone:", 1)
    )
    stage.appoint(Role.SUPPORT)
    for account in ("main", "other"):
        stage.say(stage.codes(1)[0], by=PHONE, channel="sms", account=account)
    told = stage.command("/player show 13800138000", by="boss")
    assert "several people have this phone" in told
    assert "snack" in stage.command(f"/player show {number_in(told)}", by="boss")
