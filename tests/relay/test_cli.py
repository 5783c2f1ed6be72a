"""What operators and staff see of a torch relay: numbers, boards, a perk at the counter, a name that has to go."""

import re

import pytest

from tests.office import Office, sit_down
from tests.relay.torchbearers import RELAY, begin, count, open_relay, param, torch_of
from tests.stage import CAMPAIGN, Stage

pytestmark = pytest.mark.reading


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    open_relay(stage)
    return sit_down(stage, database_url, monkeypatch, capsys)


def _play(stage: Stage) -> str:
    """Anna brings two friends in, one of them a third; Eve's torch goes out. Anna's word."""
    word = begin(stage, "a")
    stage.say("my name is Anna", by="a")
    stage.wait(seconds=40)
    friends = param(stage.say(word, by="b"), "word")
    stage.say(word, by="c")
    stage.wait(seconds=60)
    stage.say(friends, by="d")
    begin(stage, "e")
    stage.wait(minutes=11)
    stage.tick()
    return word


def test_the_numbers(office: Office) -> None:
    _play(office.stage)
    assert "events are not counted yet" in office("relay", "numbers", "torch")
    count(office.stage)
    said = office("relay", "numbers", "torch")
    assert "Torch ambassadors: 5, with 5 torches" in said
    assert "Lit: 2, out: 3, still waiting for a friend: 0." in said
    assert "settled: 40.0%" in said
    assert "ambassador): 0.600" in said
    assert "light a torch: 40 s" in said
    assert re.search(r"^1 +2\s*$", said, re.MULTILINE)
    assert re.search(r"^2026-12-01 +5 +2\s*$", said, re.MULTILINE)
    assert "not counted" not in said


def test_nothing_happened_yet(office: Office) -> None:
    assert "nothing is lit yet" in office("relay", "numbers", "torch")
    assert office("relay", "boards", "torch").count("nobody yet") == 3


def test_the_boards_show_names_and_the_words_of_all(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    word = _play(office.stage)
    monkeypatch.setattr("huoju.bootstrap.system_clock", lambda: office.stage.now)
    count(office.stage)
    said = office("relay", "boards", "torch", "--top", "2")
    assert re.search(rf"^1 +Anna +{word} +3\s*$", said, re.MULTILINE)
    assert re.search(rf"^1 +Anna +{word} +2\s*$", said, re.MULTILINE)
    assert re.search(r"^2 +- +\w{4}-\w{4} +1\s*$", said, re.MULTILINE)
    one = office("relay", "boards", "torch", "--top", "1")
    assert not re.search(r"^2 +", one, re.MULTILINE)


@pytest.mark.parametrize("what", ["numbers", "boards"])
def test_only_of_a_relay(office: Office, what: str) -> None:
    office.stage.publish(CAMPAIGN)
    assert "snack has no torch relay" in office("relay", what, "snack", fails=1)
    assert "no campaign 'x'; known: torch, snack" in office("relay", what, "x", fails=1)


def test_staff_check_a_perk(office: Office) -> None:
    word = _play(office.stage)
    code = param(office.stage.say("perk", by="a"), "code")
    said = office("relay", "perk", code.lower().replace("-", " "))
    assert "Good: 火炬皮肤 / Torch skin" in said
    assert "Campaign torch" in said
    assert "since 2026-12-01 12:00:40 (Asia/Shanghai), leg 1." in said
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert "mistyped" in office("relay", "perk", wrong, fails=1)
    assert "invite code" in office("relay", "perk", word, fails=1)
    assert "no torch here has earned it" in office("relay", "perk", "0000-000" + "5", fails=1)


def test_a_perk_of_an_older_version_keeps_its_title(office: Office) -> None:
    _play(office.stage)
    code = param(office.stage.say("perk", by="a"), "code")
    office.stage.publish(
        RELAY.replace("name: torch-skin, title: {zh: 火炬皮肤, en: Torch skin}", "name: x, title: {zh: 甲, en: X}")
    )
    assert "Good: 火炬皮肤 / Torch skin" in office("relay", "perk", code)


def test_an_abusive_name_is_removed(office: Office) -> None:
    stage, word = office.stage, _play(office.stage)
    count(stage)
    assert "Anna" in stage.say("board", by="a")
    assert "The name is removed" in office("relay", "forget-name", word)
    assert "Anna" not in stage.say("board", by="a")
    assert "chosen no name" in office("relay", "forget-name", word.lower())
    assert office.faults() == []
    assert "no invite code" in office("relay", "forget-name", "0000-0000", fails=1)
    stage.say("my name is Anne", by="a")
    assert "Anne" in stage.say("board", by="a")


def test_a_name_from_before_a_link_goes_too(office: Office) -> None:
    stage = office.stage
    word = begin(stage, "a")
    stage.say("my name is Bad One", by="a")
    begin(stage, "x", channel="second")
    stage.say("my name is Bad Two", by="x", channel="second")
    stage.say(param(stage.say("link", by="a"), "word"), by="x", channel="second")
    count(stage)
    assert "Bad" in stage.say("board", by="a")
    office("relay", "forget-name", word)
    assert "Bad" not in stage.say("board", by="a")
    assert torch_of(stage, "a").leg == 1


def test_an_unknown_word(office: Office) -> None:
    word = begin(office.stage, "a")
    with office.stage.sessions.begin() as session:
        session.connection().exec_driver_sql("DELETE FROM invite_words")
    assert "nobody has this invite code" in office("relay", "forget-name", word, fails=1)
