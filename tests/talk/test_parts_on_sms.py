"""What every text costs by SMS: one part to greet, three at most for rules, two for other answers."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bots.sms.parts import in_parts
from bots.sms.rendering import rendered
from core.campaign.templates import from_template, templates
from core.messages import Reply
from core.sending.outbound import Category
from core.texts.catalogue import render
from core.texts.plurals import placeholders
from handlers import MECHANICS
from tests.adapters.sms.rig import outbound
from tests.stage import Stage

pytestmark = pytest.mark.reading

SIGNATURE = {"zh": "火炬食品", "en": None}
URL = "https://play.huoju.example"
FILES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(Path("examples").glob("*.yaml"))}
FILES |= {name: from_template(name, name, "en") for name in templates()}

# What fills the places of texts: as long as it gets in earnest, titles of twenty characters, numbers of five digits.
COMMON = {
    "link": f"{URL}/t/7K2M-9QXR",
    "word": "7K2M-9QXR",
    "code": "7K2M-9QXR",
    "phone": "+86 138 0013 8000",
    "tracking": "SF1234567890123",
    "commitment": "",
    "number": "7K2M9QXRB3",
    "names": "ENGLISH",
    "secret": "7K2M9QXRB3",
}
FILLED: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "title": "新春开袋赢大奖火炬食品二十周年庆典活动",
        "organiser": "火炬食品有限公司",
        "item": "双人景区门票",
        "prize": "双人景区门票",
        "perk": "火炬专属皮肤",
        "friend": "爱跑步的小明",
        "carrier": "顺丰速运",
        "contact": "请拨打 400-820-8820（每日 9:00—18:00）。",
        "reason": "地址无法投递",
        "ends": "12月31日星期四 23:59",
        "window": "10分钟",
        "left": "10分钟",
        "late": "12分钟",
        "within": "30天",
        "deadline": "12月31日星期四 23:59",
        "ended": "12月31日星期四 23:59",
        "at": "12月31日星期四 23:59",
        "opens": "12月1日星期二 12:00",
        "closes": "2027年2月28日星期日 23:59",
        "name": "爱跑步的小明",
        "address": "北京市朝阳区建国路88号现代城5号楼1208室",
        "question": "第一次奥运火炬传递是在哪一年？",
        "choice": "1936年",
        "lines": "1. 1896年\n2. 1936年\n3. 1984年",
        "ways": "- 向持有火炬的好友要邀请码，发送到这里。\n- 发送卡片上的码。\n- 每天前几名可以直接领取：发送“火炬”。",
        "odds": "每个码的中奖概率：1/20（5%）。未中奖送10积分。每有100积分再加0.5%，最高10%。\n",
    },
    "en": {
        "title": "Open a bag, win gold",
        "organiser": "Huoju Foods Limited",
        "item": "Two park tickets",
        "prize": "Two park tickets",
        "perk": "The torch skin",
        "friend": "Alexandra",
        "carrier": "DHL Express",
        "contact": "Call 400-820-8820, from 9 to 6 every day.",
        "reason": "it could not be delivered",
        "ends": "Thursday, 31 December, 23:59",
        "window": "10 minutes",
        "left": "10 minutes",
        "late": "12 minutes",
        "within": "30 days",
        "deadline": "Thursday, 31 December, 23:59",
        "ended": "Thursday, 31 December, 23:59",
        "at": "Thursday, 31 December, 23:59",
        "opens": "Tuesday, 1 December, 12:00",
        "closes": "Sunday, 28 February 2027, 23:59",
        "name": "Alexandra",
        "address": "221B Baker Street, London NW1 6XE",
        "question": "In which year was the first Olympic torch relay?",
        "choice": "in 1936",
        "lines": "1. in 1896\n2. in 1936\n3. in 1984",
        "ways": "- Get an invite code from a friend who holds a torch, and send it here.\n- Send the code from a card.",
        "odds": "Chance to win with each code: 1 in 20 (5%). If you don't win, you get 10 points."
        " Every 100 points add 0.5%, up to 10%.\n",
    },
}
# Texts that fill the place of another one, by its key; their own places are filled as above.
INSIDE = {
    "consent": ("help.start",),
    "goods": ("help.goods",),
    "friends": ("help.friends",),
    "torch": ("help.torch",),
    "ask": ("privacy.contact",),
    "whole": ("rules.link",),
    "languages": ("help.languages",),
    "held": ("invite.some_held",),
    "waiting": ("invite.some_wait",),
    "boost": ("points.boost",),
    "expiry": ("points.expiry",),
    "relight": ("relay.relight_later",),
}
FRIENDS = {"relay.granted": "relay.you_lit", "relay.joined": "relay.you_late_only"}
PERKS = {"relay.burns": "relay.perk_line", "relay.lit": "relay.perk_line", "relay.perk": "relay.perk_line"}
LINKS = frozenset(
    {
        "invite.word",
        "relay.word",
        "relay.granted",
        "relay.unlit",
        "relay.remind",
        "relay.burns",
        "relay.lit",
        "relay.relit",
    }
)

MORE = {  # text: parts, why it may take more than two
    "rules.answer": (99, "is told where parts cost nothing; by SMS rules.brief"),
    "rules.claims": (99, "a piece of rules.answer"),
    "rules.odds": (99, "a piece of rules.answer"),
    "rules.odds_only": (99, "a piece of rules.answer"),
    "rules.invites": (99, "a piece of rules.answer"),
    "rules.relay": (99, "a piece of rules.answer"),
    "rules.brief": (3, "the law wants time, odds and organiser in it"),
    "privacy.answer": (3, "says all that is kept, and is asked for once if ever"),
    "erase.confirm": (3, "what goes, what stays and until when: nobody may agree to less"),
    "gifts.list": (9, "as long as the list of gifts"),
    "gifts.choose": (9, "as long as the list of gifts"),
    "gifts.which": (9, "as long as the list of campaigns"),
    "prizes.choose": (9, "as long as the list of prizes"),
    "points.balance": (3, "with the last transfers below it"),
    "quiz.question": (3, "the campaign's own question and choices"),
    "relay.none": (3, "as many ways as the campaign has"),
    "delivery.confirm": (3, "says back an address, which is as long as it is"),
    "delivery.instead": (3, "says back an address, which is as long as it is"),
    "board.answer": (9, "three boards"),
    "relay.granted": (3, "whose torch was lit, until when one's own waits, word and link; two with a shorter title"),
    "relay.burns": (3, "link, code and perk together, once a torch burns"),
}
ONE = ("welcome.answer_brief", "welcome.relay_brief", "welcome.other_brief")


def parts(text: str, language: str, category: Category = Category.ANSWER) -> int:
    user = "+8613800138000" if language == "zh" else "+447700900123"
    message = outbound(text, user=user, category=category, language=language)
    return len(in_parts(rendered(message, SIGNATURE[language], opt_out_line=True)))


def filled(key: str, language: str) -> str:
    texts, values = MECHANICS.texts()[language], {**COMMON, **FILLED[language]}
    shown = {}
    for name in placeholders(texts[key]):
        inside = INSIDE.get(name, ())
        if name == "friend" and key in FRIENDS:
            inside = (FRIENDS[key],)
        if name == "perk" and key in PERKS:
            inside = (PERKS[key],)
        if name == "link" and key in LINKS:
            inside = ("relay.link",)
        shown[name] = "".join(filled(each, language) for each in inside if each != key) or values.get(name, "12345")
    return render(Reply(key, shown), texts)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_takes_more_parts_than_it_may(language: str) -> None:
    counted = {key: parts(filled(key, language), language) for key in MECHANICS.texts()[language]}
    assert len(counted) > 200
    assert {key: count for key, count in counted.items() if count > MORE.get(key, (2, ""))[0]} == {}
    assert not MORE.keys() - counted.keys()
    for key in ONE:
        greeting = render(Reply("welcome.answer", {"help": filled(key, language)}), MECHANICS.texts()[language])
        asked = greeting.replace(filled("help.start", language), filled("help.stop", language))
        assert parts(asked, language) == 1, asked


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", FILES)
def test_campaigns_greet_in_one_part_and_tell_rules_in_three(stage: Stage, name: str, language: str) -> None:
    stage.public_url = URL
    text = re.sub(r"^channels:.*$", "channels: [sms]", FILES[name], flags=re.MULTILINE)
    text = re.sub(r"^language:.*$", f"language: {language}", text, flags=re.MULTILINE)
    stage.publish(text, spelled=False)
    greeting, rules = (
        stage.say(said, channel="sms") for said in (("hello", "rules") if language == "en" else ("你好", "规则"))
    )
    assert parts(greeting, language) == 1, greeting
    assert parts(rules, language) <= 3, rules
    assert rules.endswith(f"{URL}/rules/{stage_campaign(text)}")
    for said in re.findall(r"say: \{zh: (.*?), en: \"?(.*?)\"?\}", text):
        assert parts(said[language == "en"], language, Category.MARKETING) <= 2, said


def stage_campaign(text: str) -> str:
    found = re.search(r"^name: (\S+)$", text, re.MULTILINE)
    assert found is not None
    return found[1]


def test_without_a_public_address_rules_say_where_all_of_them_are_told(stage: Stage) -> None:
    text = re.sub(r"^channels:.*$", "channels: [sms]", FILES["snack"], flags=re.MULTILINE)
    stage.publish(text, spelled=False)
    assert stage.say("规则", channel="sms").endswith("完整规则和奖品：请拨打 400-820-8820（每日 9:00—18:00）。")
