"""First words: what people really send to a brand's chat gets an answer with sense, from newcomers and players."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.engine.routes import recognise
from core.messages import InboundMessage
from core.models import Guesses
from core.speech.answers import number_in, yes_or_no
from core.speech.keywords import Means, plain
from core.speech.sentences import sentences
from handlers import MECHANICS
from tests.snack import SNACK
from tests.stage import START, Stage

pytestmark = pytest.mark.reading

# by the route that answers: the text that a newcomer and a player get
ANSWERS = {
    "help": ("help.answer", "help.answer"),
    "rules": ("rules.answer", "rules.answer"),
    "prizes": ("prizes.none", "prizes.none"),
    "points": ("points.balance", "points.balance"),
    "gifts": ("gifts.list", "gifts.choose"),
    "ask": ("redeem.ask", "redeem.ask"),
    "invite": ("invite.word", "invite.word"),
    "contact": ("contact.answer", "contact.answer"),
    "privacy": ("privacy.answer", "privacy.answer"),
    "erase": ("erase.confirm", "erase.confirm"),
    "language": ("language.changed", "language.changed"),
    "cancel": ("cancel.nothing", "cancel.nothing"),
    "talk": ("welcome.answer", "talk.answer"),
    "nothing": ("welcome.answer", "unknown.answer"),
    "near": ("welcome.answer", "unknown.meant"),
}
SAID = {
    "help": [
        *("hi", "Hello!", "hey there", "hiya", "good morning", "anyone there?", "how do I play", "hi, how do i play?"),
        *(
            "how can i join",
            "i want to play",
            "count me in",
            "sign me up",
            "what's this",
            "who are you",
            "who's this??",
        ),
        *("are you a bot?", "what?", "huh", "I don't understand", "help me", "main menu", "test", "i dont have a code"),
        *(
            "?",
            "在吗",
            "亲，在吗",
            "有人吗",
            "有人在吗？",
            "你好",
            "您好！！",
            "怎么玩",
            "这个怎么玩呀",
            "请问怎么玩",
            "你好 我想参加",
        ),
        *("我要参加活动", "报名", "玩法", "怎么参加活动", "你们是谁", "你是机器人吗", "看不懂", "什么意思", "没有码"),
        *("zenme wan", "you ren ma", "wo yao canjia", "nihao", "zaima"),
    ],
    "rules": [
        *("what are the prizes?", "what can I win", "when is the draw?", "when does it end", "is this real", "legit?"),
        *(
            "is it still on?",
            "T&C",
            "what are the odds",
            "how do I win",
            "奖品是什么",
            "有什么奖品？",
            "你好 请问一下奖品是什么",
        ),
        *(
            "什么时候开奖",
            "开奖了吗",
            "活动什么时候结束",
            "还能参加吗",
            "真的假的",
            "是真的吗？",
            "靠谱吗",
            "中奖率多少",
        ),
        *("怎么获得积分", "shenme shihou kaijiang", "jiangpin shi shenme", "zhende jiade"),
    ],
    "prizes": [
        *("where is my prize", "Where's my prize??", "did i win?", "I won!", "how do I claim my prize", "claim"),
        *(
            "i haven't received my prize",
            "change my address",
            "我的奖品呢",
            "我的奖品在哪",
            "中奖了吗",
            "我中奖了",
            "怎么领奖",
        ),
        *("奖品什么时候到", "还没收到奖品", "查快递", "我要改地址", "wo de jiangpin ne", "lingjiang"),
    ],
    "points": ["how many points do I have?", "check my points", "my balance", "我有多少积分", "查看积分", "积分怎么查"],
    "gifts": ["what can i buy with points", "how do i use my points", "积分有什么用", "积分能换什么", "怎么兑换礼品"],
    "ask": [
        "where is the code?",
        "how do I redeem",
        "enter code",
        "抽奖",
        "码在哪里",
        "如何抽奖",
        "我有码",
        "choujiang",
    ],
    "invite": ["how do I invite friends", "refer a friend", "share", "怎么邀请好友", "分享"],
    "contact": [
        *(
            "客服",
            "人工客服在吗",
            "在吗 我要退款",
            "我要找客服",
            "投诉",
            "我要投诉你们",
            "12315",
            "退款",
            "怎么退款",
            "是不是骗子",
        ),
        *(
            "骗人的吧",
            "多少钱",
            "要钱吗？",
            "怎么买",
            "地址",
            "门店地址",
            "电话",
            "扫不出来",
            "码无效",
            "没反应",
            "傻逼",
        ),
        *("can I talk to a person", "customer service", "live agent", "call me", "complaint", "I want a refund!"),
        *("is this a scam?", "scam", "price?", "how much is it", "is it free", "where can i buy it", "address"),
        *(
            "opening hours",
            "my code doesn't work",
            "invalid code",
            "I lost my code",
            "wtf",
            "kefu",
            "tuikuan",
            "pianzi",
        ),
        "duoshao qian",
    ],
    "privacy": ["how did you get my number", "你们怎么有我的号码"],
    "erase": ["delete my data", "delete everything", "删除我的信息", "注销"],
    "language": ["speak english", "中文", "说中文", "can you speak english?"],
    "cancel": ["cancel", "back", "返回"],
    "talk": [
        *(
            "thanks",
            "Thanks a lot!!",
            "ok",
            "OK 👍",
            "好的",
            "收到",
            "谢谢啦",
            "3q",
            "xie xie",
            "haode",
            "666",
            "哈哈哈哈",
            "lol",
        ),
        *("👍", "🎁🎁", "[强]", "[微笑][玫瑰]", "👋", "love it", "太棒了", "恭喜发财", "bye"),
    ],
    "nothing": ["1", "2", "...", "yes", "no thanks", "是的", "不是", "how is the weather", "今天天气怎么样"],
    "near": ["jifen", "bangzhu", "guize", "pionts"],
}
ROWS = [(text, *ANSWERS[route]) for route, texts in SAID.items() for text in texts]
MOST = 128
"""Messages of one turn."""


def _keys(stage: Stage, texts: list[str], channel: str, who: str) -> list[str]:
    """The key of the answer to each of ``texts``, said by somebody else each."""
    said = [stage.delivery(text, by=f"{who}{at}", channel=channel) for at, text in enumerate(texts)]
    answers = [answer for at in range(0, len(said), MOST) for answer in stage.take(*said[at : at + MOST])]
    return [answer.texts[0].split(" ")[0] for answer in answers]


def test_first_words_get_an_answer_with_sense(stage: Stage) -> None:
    stage.publish(SNACK + "contact: {zh: '请拨打 400-820-8820。', en: Call 400-820-8820.}\n")
    texts = [text for text, _, _ in ROWS]
    newcomers = _keys(stage, texts, "test", "new")
    assert set(_keys(stage, stage.codes(len(texts)), "second", "player")) == {"redeem.points"}
    players = _keys(stage, texts, "second", "player")
    assert [*zip(texts, newcomers, players, strict=True)] == ROWS
    with stage.sessions() as session:
        assert session.scalars(select(Guesses)).all() == []


def test_where_no_code_is_taken_none_is_asked_for(stage: Stage) -> None:
    stage.publish(SNACK.split("budget:")[0] + "relay: {window: 10m, qualify: [quota], quota_per_day: 5}\n")
    assert set(_keys(stage, ["抽奖", "how do I redeem", "开奖"], "test", "new")) == {"help.relay"}


ASKED = list(sentences())
BY = {
    each.recognise.asked: each.name
    for each in MECHANICS.routes
    if isinstance(each.recognise, Means) and each.recognise.asked
}


def test_every_sentence_is_written_as_it_is_compared_and_means_one_thing() -> None:
    assert len(ASKED) > 10_000
    assert {route for _, route in ASKED} == set(BY)
    means: dict[str, str] = {}
    assert [text for text, route in ASKED if means.setdefault(text.replace(" ", ""), route) != route] == []
    assert [text for text in means if len(text) > 40 or plain(text) != text] == []
    assert [text for text, _ in ASKED if yes_or_no(text) is not None or number_in(text)] == []


@given(
    st.sampled_from(ASKED),
    st.sampled_from(["{}", "{}？", "你好，{}", "在吗 {}", "Hi! {}", "{} 🙏", "请问{}", "{}[呲牙]", "{} please"]),
)
def test_a_sentence_means_what_it_is_listed_under(asked: tuple[str, str], around: str) -> None:
    code_formats = frozenset((length, checked) for length in range(6, 17) for checked in (True, False))
    said = InboundMessage.received(("test", "main", "u"), "1", around.format(asked[0]), START, waits=True)
    greeted = "help" if asked[1] == "talk" and not around.startswith("{") else None  # 你好，啊
    assert recognise(said, code_formats, MECHANICS.routes).route.name in {BY[asked[1]], greeted}
