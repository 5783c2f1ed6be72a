"""The online torch relay whole, as `examples/torch-relay.yaml` tells it: seven people on four channels, an operator."""

import re
from pathlib import Path

import pytest

from handlers.relay.rollup import roll_up
from tests.office import Office, sit_down
from tests.stage import Stage

EXAMPLE = Path(__file__).parents[2] / "examples" / "torch-relay.yaml"
LAN, HUA = ("sms", "+8613800000001"), ("sms", "+8613800000003")
MING, ANNA, TOM = ("telegram", "4711"), ("playground", "anna"), ("playground", "tom")
JIA, WEI = ("telegram", "4712"), ("wechat", "openid-wei")

Who = tuple[str, str]


class People:
    """Who says what where, and what they were told; the clock ticks as time passes."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def say(self, who: Who, text: str, id: str | None = None) -> str:
        return self.stage.say(text, by=who[1], channel=who[0], id=id)

    def told(self, who: Who) -> list[str]:
        return self.stage.told(who[1], channel=who[0])

    def wait(self, **length: float) -> None:
        self.stage.wait(**length)
        self.stage.turn_page()
        self.stage.tick()
        roll_up(self.stage.runtime)


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    stage.public_url = "https://torch.example"
    stage.publish(EXAMPLE.read_text(encoding="utf-8"), spelled=False)
    monkeypatch.setattr("huoju.bootstrap.system_clock", lambda: stage.now)
    return sit_down(stage, database_url, monkeypatch, capsys)


def word_in(said: str) -> str:
    """The invite word in an answer, which stands in its link, too."""
    found = re.findall(r"https://torch\.example/t/(\w{4}-\w{4})", said)
    assert found, said
    assert said.count(found[0]) == 2
    return found[0]


def test_the_check_says_where_torches_are_not_handed_on(office: Office) -> None:
    said = office("campaign", "check", str(EXAMPLE))
    assert "torch-relay.yaml: good." in said
    assert re.search(r"Note: the relay on wechat: .*forbids.*; off there\.", said)


def test_from_hand_to_hand(office: Office) -> None:
    people = People(office.stage)
    _lan_lights_hers(people)
    _staff_check_the_perk(office, people)
    _mings_goes_out_and_a_friend_is_late(people)
    _ming_lights_it_anew(people)
    _a_code_begins_another_chain(people)
    _everybody_looks_at_the_board(office, people)
    _the_evening_and_the_day_after(people)
    assert office.faults() == []
    assert "Every guarantee holds." in office("audit")


def _lan_lights_hers(people: People) -> None:
    """Lan asks for one of the day's torches; Ming comes from another channel with seconds to spare, and twice."""
    said = people.say(LAN, "火炬")
    assert said.startswith("“在线火炬传递”：您拿到火炬了，第1棒！请在10分钟内")
    people.wait(minutes=5)
    assert people.told(LAN)[-1].startswith("只剩5分钟了！")
    people.wait(minutes=4, seconds=58)
    assert people.told(LAN)[-1].startswith("只剩2秒了！")
    taken = people.say(MING, word_in(said).lower(), id="update-1")
    assert "第2棒！您点燃了一位朋友的火炬。" in taken
    assert people.say(MING, word_in(said).lower(), id="update-1") == taken
    assert "您的火炬点燃了，第1棒！" in people.told(LAN)[-1]
    people.wait(seconds=2)
    assert "正在燃烧" in people.say(LAN, "我的火炬")


def _staff_check_the_perk(office: Office, people: People) -> None:
    shown = re.search(r"火炬专属皮肤。使用时出示此码：(\S+)", people.say(LAN, "特权"))
    assert shown is not None
    said = office("relay", "perk", shown[1])
    assert "Good: 火炬专属皮肤 / The torch skin" in said
    assert "burns since 2026-12-01 12:09:58 (Asia/Shanghai), leg 1." in said
    assert "火炬点燃后就有特权" in people.say(MING, "特权")


def _mings_goes_out_and_a_friend_is_late(people: People) -> None:
    """Nobody comes in Ming's ten minutes; Anna comes two minutes later, and is told the truth in her language."""
    word = word_in(people.say(MING, "火炬"))
    people.wait(minutes=10)
    assert "熄灭了：没有好友及时到来" in people.told(MING)[-1]
    people.wait(minutes=2)
    assert people.say(ANNA, "hello").startswith("The online torch relay")
    said = people.say(ANNA, word)
    assert "leg 3! The torch of a friend went out 2 minutes before you came and stays out" in said
    assert "late" not in people.told(MING)[-1]
    assert "您的火炬已经熄灭2分钟了" in people.told(MING)[-1]
    assert "现在开始" in people.told(MING)[-1]
    assert people.say(WEI, "火炬") == "这里没有火炬传递。"
    assert people.say(WEI, word) == people.say(WEI, word_in(people.say(LAN, "火炬")))


def _ming_lights_it_anew(people: People) -> None:
    assert people.say(MING, "重燃").startswith("您的火炬刚刚熄灭。")
    people.wait(hours=1)
    assert people.told(MING)[-1].startswith("现在可以重新点燃您的火炬了")
    word = word_in(people.say(MING, "重燃"))
    people.wait(minutes=3)
    assert "第3棒！您点燃了一位朋友的火炬。" in people.say(HUA, word)
    assert "您的火炬点燃了，第2棒" in people.told(MING)[-1]


def _a_code_begins_another_chain(people: People) -> None:
    first, second = people.stage.codes(2, "torch-relay")
    said = people.say(TOM, first)
    assert "您拿到火炬了，第1棒！" in said
    assert people.say(TOM, second) == "谢谢，您的码已登记。"


def _everybody_looks_at_the_board(office: Office, people: People) -> None:
    """Lan's chain is the longest; Hua's name has to go."""
    people.say(LAN, "我叫小兰")
    word = word_in(people.say(HUA, "火炬"))
    people.say(HUA, "我叫坏话")
    people.wait(minutes=1)
    said = people.say(ANNA, "board")
    assert re.search(r"^1\. 小兰: .*3", said, re.MULTILINE)
    assert re.search(r"Your chain .*3.*place 1\.", said)
    said = office("relay", "boards", "torch-relay")
    assert re.search(r"^1 +小兰 +\w{4}-\w{4} +3\s*$", said, re.MULTILINE)
    assert "removed" in office("relay", "forget-name", word)
    assert "坏话" not in people.say(JIA, word)
    people.wait(minutes=20)
    said = office("relay", "numbers", "torch-relay")
    assert "Torch ambassadors: 6, with 7 torches" in said
    assert "Lit: 3, out: 4, still waiting for a friend: 0." in said


def _the_evening_and_the_day_after(people: People) -> None:
    """At eight the calendar speaks to all who hold a torch; a day after hers went out, Jia is asked to come again."""
    people.wait(hours=6, minutes=20)
    assert people.stage.now.hour == 12  # eight in Shanghai
    for who in (LAN, MING, HUA):
        assert people.told(who)[-1].startswith("今晚谁的火炬链最长？"), who
    assert people.told(ANNA)[-1].startswith("Whose chain is the longest tonight?")
    for _ in range(2):
        people.wait(hours=20)
    assert any("可以再来" in text for text in people.told(JIA))
    assert not any("可以再来" in text for text in people.told(LAN))  # hers burns
    people.wait(hours=20)
    assert any("您的火炬还在燃烧" in text for text in people.told(MING))  # silent since it was lit
    assert not any("you may try again" in text for text in people.told(ANNA))  # she looked at the board since
