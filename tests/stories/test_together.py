"""The torch relay and the snack promotion in one database on one chat, as people play both who take them for one."""

import re
from pathlib import Path

import pytest

from core.campaign.publication import change_state
from tests.stage import Stage
from tests.talking import faults

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def both(stage: Stage) -> Stage:
    """Both examples with their own words; tom has a torch, then 410 points."""
    stage.public_url = "https://huoju.example"
    for name in ("torch-relay", "snack"):
        stage.publish((EXAMPLES / f"{name}.yaml").read_text(encoding="utf-8"), spelled=False)
    assert "you hold the torch, leg 1" in tom(stage, "torch")
    assert "You now have 10." in tom(stage, stage.codes(1)[0])
    stage.give(400, "tom", channel="playground")
    return stage


def tom(stage: Stage, text: str, by: str = "tom") -> str:
    return stage.say(text, by=by, channel="playground")


def words(said: str) -> dict[str, str]:
    """The invite words of an answer by the page of their links."""
    return dict(re.findall(r"https://huoju\.example/(\w)/(\w{4}-\w{4})", said))


def test_both_are_played_from_the_first_word_to_the_last(both: Stage) -> None:
    said = tom(both, "help")
    assert all(word in said.lower() for word in ("points", "gifts", "prizes", "invite", "torch", "board"))
    said = tom(both, "invite")
    assert re.findall(r"^[\w ]+:$", said, re.MULTILINE) == ["Open a bag and win:", "The online torch relay:"]
    mine = words(said)
    assert mine.keys() == {"i", "t"}
    assert "第2棒" in tom(both, mine["t"], "ann")
    assert any("lit" in text or "burns" in text for text in both.told("tom", channel="playground"))
    assert "是好友邀请您来的" in tom(both, mine["i"], "bob")
    assert "20积分" in tom(both, both.codes(1)[0], "bob")
    friends = tom(both, "my invites")
    assert friends.count("1 friend joined through you so far") == len(mine)
    assert "430 points" in tom(both, "points")
    assert "your code counts" in tom(both, both.codes(1, "torch-relay")[0])
    assert "430 points" in tom(both, "points")
    assert "A mug" in tom(both, "gifts")
    assert "A mug for 200 points?" in tom(both, "2")
    assert "230 points left" in tom(both, "yes")
    for text in ("Tom Lee", "13800138000", "12 King Street, Luwan", "yes"):
        tom(both, text)
    assert tom(both, "中奖查询").startswith("We'll send it (A mug) to:\nTom Lee")
    assert "leg 1" in tom(both, "torch")
    assert tom(both, "prizes").startswith("We'll send it (A mug) to:\nTom Lee")
    assert faults(both) == []


def test_one_ends_and_the_other_goes_on(both: Stage) -> None:
    mine, code = words(tom(both, "invite")), both.codes(1)[0]
    with both.sessions.begin() as session:
        change_state(session, "snack", "end")
    assert "Thanks for playing!" in tom(both, code)
    assert "谢谢参与" in tom(both, mine["i"], "bob")
    assert "第2棒" in tom(both, mine["t"], "ann")
    assert words(tom(both, "invite")) == {"t": mine["t"]}
    assert "leg 1" in tom(both, "torch")
    assert faults(both) == []


def test_leaving_is_for_both(both: Stage) -> None:
    tom(both, "stop")
    mine = words(tom(both, "invite"))
    both.wait(minutes=6)
    before = both.told("tom", channel="playground")
    both.tick()
    assert both.told("tom", channel="playground") == before
    assert "第2棒" in tom(both, mine["t"], "ann")
    assert faults(both) == []
