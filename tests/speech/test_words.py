"""Words: recognised however they are typed, answered in the language of a player's own first words."""

import pytest

from core.engine.routes import recognise
from core.messages import InboundKind, InboundMessage
from core.speech.keywords import Means
from handlers import MECHANICS
from tests.stage import CAMPAIGN, START, Stage

pytestmark = pytest.mark.reading


ENGLISH, CHINESE = MECHANICS.texts()["en"], MECHANICS.texts()["zh"]

SAID = [
    ("help", "Open a bag by Huoju Foods: send"),
    ("HELP!", "Open a bag by Huoju Foods: send"),
    ("Ｈｅｌｐ", "Open a bag by Huoju Foods: send"),
    ("hi", "Open a bag by Huoju Foods: send"),
    ("/start", "Open a bag by Huoju Foods: send"),
    ("帮助。", "“开袋赢大奖”（火炬食品）：发送"),
    ("你好", "“开袋赢大奖”（火炬食品）：发送"),
    ("", "Open a bag by Huoju Foods: send"),
    ("规则", "开袋赢大奖\n时间"),
    ("rules", "Open a bag\nTuesday 1 December, 12:00 to Monday 1 March 2027, 12:00 (Asia/Shanghai)"),
    ("中文", CHINESE["language.changed"]),
    ("English", ENGLISH["language.changed"]),
    ("英文", ENGLISH["language.changed"]),
    ("who are you", "Open a bag by Huoju Foods: send"),
    ("how is the weather", "Welcome! Open a bag by Huoju Foods: send"),
    ("今天天气怎么样", "欢迎！“开袋赢大奖”（火炬食品）：发送"),
    ("在吗？", "“开袋赢大奖”（火炬食品）：发送"),
    ("🎁🎁", "Welcome! Open a bag by Huoju Foods: send"),
    ("谢谢[呲牙]", "欢迎！“开袋赢大奖”（火炬食品）：发送"),
    ("[呲牙][捂脸]", "欢迎！“开袋赢大奖”（火炬食品）：发送"),
    *((face, "Welcome! Open a bag") for face in ("/::)", "/::T", "/:gift", "/:rose/:handclap", "[Rose]", "/:,@-D")),
    ("[rules]", "Open a bag\nTuesday 1 December"),
    ("Thank you so much!!", "Welcome! Open a bag by Huoju Foods: send"),
    ("我要投诉！", CHINESE["contact.organiser"].format(title="开袋赢大奖", organiser="火炬食品")),
    ("Customer service?", ENGLISH["contact.organiser"].format(title="Open a bag", organiser="Huoju Foods")),
]


@pytest.mark.reading
@pytest.mark.parametrize(("text", "answer"), SAID, ids=[repr(text) for text, _ in SAID])
def test_a_word_gets_its_answer(stage: Stage, text: str, answer: str) -> None:
    stage.publish(spelled=False)
    assert stage.say(text).startswith(answer)


def test_the_rules_publish_what_the_law_asks(stage: Stage) -> None:
    done = stage.publish(spelled=False)
    rules = stage.say("rules")
    for published in ("1 in 1,000,000,000", "A phone (worth ¥2,999): 10", "Huoju Foods", done.rules_hash):
        assert published in rules


def test_the_first_words_decide_and_a_switch_stays(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("language: en", "language: zh"), spelled=False)
    codes = stage.codes(4)
    assert stage.say(codes[0]).startswith("这次没有中奖")  # a code is no words
    assert stage.say("hello").startswith("Open a bag")
    assert stage.say(codes[1]).startswith("No prize")
    assert stage.say("积分").startswith("Open a bag")
    assert stage.say("中文") == CHINESE["language.changed"]
    assert stage.say(codes[2]).startswith("这次没有中奖")
    assert stage.say("抽奖 " + codes[3], by="u2").startswith("这次没有中奖")
    assert stage.say("hello", by="u2").startswith("“开袋赢大奖”")


def test_words_mean_a_campaign_that_is_open(stage: Stage) -> None:
    old = CAMPAIGN.replace("90 days after", "1 days after").replace("Open a bag", "Old")
    stage.publish(old, spelled=False)
    stage.say(stage.codes(1)[0], by="player")
    stage.wait(hours=1)
    stage.publish(CAMPAIGN.replace("name: snack", "name: tea").replace("Open a bag", "New"), spelled=False)
    assert stage.say("help", by="player").startswith("Old")
    stage.wait(days=1)
    assert stage.say("help").startswith("New")
    assert stage.say("help", by="player").startswith("New")


def test_nothing_to_play_is_said_politely(stage: Stage) -> None:
    assert stage.say("hello") == ENGLISH["help.none"]
    assert stage.say("积分", by="u2") == CHINESE["campaign.none"]
    assert stage.say("4711", by="u3") == CHINESE["help.none"]


def test_a_campaign_has_its_own_words(stage: Stage) -> None:
    own = "texts: {en: {redeem.points: 'Yum! {points} crumbs, {balance} in the tin.'}}\n"
    stage.publish(CAMPAIGN + own, spelled=False)
    assert stage.say(stage.codes(1)[0]) == "Yum! 10 crumbs, 10 in the tin."


def test_no_value_is_looked_at_again(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("en: Open a bag", "en: 'Open {balance} {points.__class__} %s'"), spelled=False)
    assert stage.say("points") == "Open {balance} {points.__class__} %s: you have 0 points."


def test_what_is_not_understood_later_is_no_welcome(stage: Stage) -> None:
    stage.publish()
    assert stage.say("how is the weather").startswith("welcome.answer")
    assert stage.say("how is the weather") == "unknown.answer"
    opened = stage.take(stage.delivery("campaign-of-last-year", kind=InboundKind.OPENED))  # a link that nobody knows
    assert opened[0].texts[0].startswith("welcome.answer")


def test_a_file_says_whom_to_ask(stage: Stage) -> None:
    contact = "contact: {zh: '请拨打 400-820-8820。', en: Call 400-820-8820.}\n"
    stage.publish(CAMPAIGN + contact, spelled=False)
    assert stage.say("agent", by="u2") == "Questions about Open a bag? Call 400-820-8820."
    assert stage.say("转人工", by="u3") == "关于“开袋赢大奖”有疑问？请拨打 400-820-8820。"


WORDS = [
    (route, word) for route in MECHANICS.routes if isinstance(route.recognise, Means) for word in route.recognise.words
]


def test_every_word_means_the_intent_that_lists_it() -> None:
    assert len(WORDS) > 300
    code_formats = frozenset((length, checked) for length in range(6, 17) for checked in (True, False))
    said = {word: InboundMessage.received(("test", "main", "u"), "1", word, START, waits=True) for _, word in WORDS}
    meant = {word: recognise(said[word], code_formats, MECHANICS.routes).route.name for _, word in WORDS}
    assert {(word, route.name, meant[word]) for route, word in WORDS if meant[word] != route.name} == {
        (word, "cancel", "carriers_stop")
        for word in ("cancel", "quit")  # what carriers make of them, unless a question waits
    }


SHOWN = [
    ("points", ["points", "my points", "积分", "我的积分", "余额"]),
    ("gifts", ["gifts", "gift shop", "礼品", "礼物"]),
    ("prizes", ["my prizes", "my gifts", "奖品", "我的奖品", "快递"]),
    ("rules", ["rules", "规则", "活动规则"]),
    ("board", ["ranking", "排行榜"]),
    ("invite", ["invite", "邀请码"]),
    ("friends", ["my friends", "我的邀请"]),
    ("contact", ["contact", "客服电话"]),
    ("privacy", ["privacy", "隐私"]),
]
WISHES = {
    True: ["帮我查一下{}", "我想看看{}", "能帮我看下{}吗？", "麻烦你帮我查询{}", "看一下{}", "我要查{}", "给我看{}"],
    False: ["show me {}", "I want to see {}", "can you check {}", "please tell me about {}", "could you send me {}?"],
}


def test_who_wants_to_see_something_names_it() -> None:
    rows = [(route, word, wish) for route, words in SHOWN for word in words for wish in WISHES[word > "一"]]
    said = [wish.format(word) for _, word, wish in rows]
    messages = [InboundMessage.received(("test", "main", "u"), "1", text, START, waits=True) for text in said]
    meant = [recognise(message, frozenset(), MECHANICS.routes).route.name for message in messages]
    assert [(text, name) for text, name, (route, *_) in zip(said, meant, rows, strict=True) if name != route] == []


@pytest.mark.parametrize("text", ["see you", "看我的", "I want to", "查", "can you find it", "我想看", "let me know"])
def test_who_wants_to_see_nothing_of_ours_is_shown_nothing(text: str) -> None:
    message = InboundMessage.received(("test", "main", "u"), "1", text, START, waits=True)
    assert recognise(message, frozenset(), MECHANICS.routes).route.name in {"talk", "unknown"}
