"""The snack promotion whole, as `examples/snack.yaml` tells it: four people, two channels, an operator, a warehouse."""

import re
from pathlib import Path

import pytest

from tests.office import Office, fill_in, sit_down
from tests.stage import Stage

EXAMPLE = Path(__file__).parents[2] / "examples" / "snack.yaml"
LAN, HUA, TOMS_PHONE = (("sms", f"+861380000000{number}") for number in (1, 3, 4))
MING, TOM = ("playground", "+8613800000002"), ("playground", "tom")
EVERYBODY = (LAN, MING, HUA, TOM)


class People:
    """Who says what where; the codes come from the bags that they buy."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.bags = stage, iter(stage.codes(400))

    def say(self, who: tuple[str, str], text: str) -> str:
        return self.stage.say(text, by=who[1], channel=who[0])

    def buy(self, who: tuple[str, str], bags: int = 1) -> list[str]:
        return [self.say(who, next(self.bags)) for _ in range(bags)]

    def told(self, who: tuple[str, str]) -> list[str]:
        return self.stage.told(who[1], channel=who[0])


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    stage.public_url = "https://snack.example"
    stage.publish(EXAMPLE.read_text(encoding="utf-8"), spelled=False)
    return sit_down(stage, database_url, monkeypatch, capsys)


def test_from_the_printed_card_to_the_parcel(office: Office) -> None:
    people = People(office.stage)
    tickets = "".join(f"TRIP-{number:03}\n" for number in range(20))
    Path("tickets.csv").write_text("code\n" + tickets, encoding="utf-8")
    assert "20" in office("vouchers", "import", "snack", "trip", "tickets.csv")
    _friends_come(people)
    _somebody_wins_at_the_counter(office, people)
    _lan_buys_a_mug(office, people)
    _tom_has_two_phones(people)
    office.stage.wait(days=31)  # what nobody fetched in time is drawn again among the codes that won nothing
    assert office.stage.tick() > 0
    told = [text for who in EVERYBODY for text in people.told(who)]
    assert any("we drew again, and you won" in text or "重新抽了一次，您抽中了" in text for text in told)
    assert office.faults() == []
    assert "Every guarantee holds." in office("audit")


def _friends_come(people: People) -> None:
    """Lan recommends Ming's phone, to which nothing is sent; Ming, known by it elsewhere, invites Hua by word."""
    assert people.buy(LAN) == ["这次没有中奖，送您10积分。您现有10积分。"]
    assert people.say(LAN, "规则").endswith("完整规则和奖品：https://snack.example/rules/snack")
    assert people.say(LAN, "138 0000 0002").startswith("记下了：138****0002")
    assert people.told(MING) == []
    assert people.say(MING, "hello").startswith("Open a bag and win")
    assert people.buy(MING)[0].endswith("Plus 20 points, because a friend invited you. You now have 30.")
    assert people.told(LAN)[-1] == "开袋赢大奖：您邀请的好友参加了，20积分到账！您现有30积分。"
    invitation = people.say(MING, "invite")
    word = re.search(r"invite code: (\S+)", invitation)
    assert word is not None
    assert f"https://snack.example/i/{word[1]}" in invitation
    typed = word[1].lower().replace("-", "")
    assert people.say(HUA, typed).startswith("欢迎参加“开袋赢大奖”！是好友邀请您来的。")
    assert people.buy(HUA)[0].endswith("您受好友邀请，另送您20积分。您现有30积分。")
    assert people.say(MING, "my invites") == "1 friend joined through you so far; 1 counted, for 20 points."


def _somebody_wins_at_the_counter(office: Office, people: People) -> None:
    """Four days of snacks; whoever wins a bag fetches it at the counter, where the code works once."""
    answers = []
    for _ in range(4):
        office.stage.wait(days=1)
        answers += [answer for who in EVERYBODY for answer in people.buy(who, 10)]
    shown = re.compile(r"(?:出示领取码：|by [-0-9]+ [0-9:]+: )([0-9A-Z]{4}-[0-9A-Z]{4})")
    codes = [found[1] for answer in answers if (found := shown.search(answer))]
    assert len(codes) > 1
    assert "A free bag" in office("claims", "pick-up", codes[0])
    assert "was handed over already, at " in office("claims", "pick-up", codes[0], fails=1)


def _lan_buys_a_mug(office: Office, people: People) -> None:
    """One short question at a time, a code in between, another address; then the warehouse, there and back."""
    assert "1. 表情贴纸码" in people.say(LAN, "礼品")
    assert people.say(LAN, "马克杯").startswith("用200积分换“马克杯”？")
    assert "“马克杯”寄给谁？" in people.say(LAN, "好的")
    office.stage.wait(hours=12)
    assert people.buy(LAN)[0].endswith("想以后再填，请发“取消”。")
    assert people.say(LAN, "王兰").startswith("“马克杯”：快递员打哪个电话？就用现在这个号码（138****0001）请回复1。")
    assert people.say(LAN, "1") == "“马克杯”：请用一条消息发来详细地址。"
    assert "=1+1 号" in people.say(LAN, "上海市长宁区 =1+1 号")
    people.say(LAN, "4")
    assert people.say(LAN, "上海市长宁区愚园路 1 号").startswith("“马克杯”将寄给：\n王兰\n")
    assert people.say(LAN, "对").startswith("谢谢！“马克杯”会寄给您。")
    assert "1 parcels" in office("claims", "export", "snack", "--out", "parcels.xlsx")
    office("claims", "ship", "--file", str(fill_in(Path("parcels.xlsx"), ["SF1234567890"])))
    assert people.told(LAN)[-1] == "“马克杯”已经寄出，SF单号：SF1234567890"
    office("claims", "deliver", office.numbers("mug")[0])
    assert people.told(LAN)[-1] == "“马克杯”是您的了，祝您喜欢！"


def _tom_has_two_phones(people: People) -> None:
    """Tom buys a voucher, and links his phone by SMS: it is he there, with all that he has, in his language."""
    people.say(TOM, "gifts")
    people.say(TOM, "sticker code")
    assert "your voucher code is" in people.say(TOM, "1")
    word = people.say(TOM, "link").split("minutes: ")[1].split(".")[0]
    assert people.say(TOMS_PHONE, word).startswith("Linked! You're one player on both apps now")
    assert people.told(TOM)[-1].startswith("This chat has just been linked with another app (sms)")
    line = re.search(r"(\d+)\. A sticker code", people.say(TOMS_PHONE, "prizes"))
    assert line is not None
    assert "your voucher code is" in people.say(TOMS_PHONE, line[1])
