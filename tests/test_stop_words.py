"""The words that stop, decorated, quoted, signed and polite as people type them; and what only mentions one."""

import time

import pytest

from core.campaign.platforms import opt_out_words
from core.engine.routes import Shapes, recognise
from core.messages import InboundMessage
from handlers.routes import ROUTES
from handlers.stop import recognise_carrier_word
from tests.stage import START

SHAPES: Shapes = frozenset({(12, True), (9, True), (8, False), (6, False)})
PHONES = (
    "Sent from my iPhone",
    "发自我的iPhone",
    "Get Outlook for iOS",
    "发自我的 HUAWEI Mate 60",
    "Sent from my Galaxy S24",
)
WORDS = (
    "STOP",
    "Unsubscribe",
    "stop all",
    "opt-out",
    "退订",
    "TD退订",
    "拒收",
    "回复R",
    "取消订阅",
    "Reply STOP to opt out",
)
AROUND = (
    "{}!!!",
    "“{}”",
    "「{}」",
    '"{}"',
    "'{}'",
    "({})",
    "*{}*",
    "{} 🙏",
    "🛑{}🛑",
    "{}👍🏽",
    "{}[呲牙]",
    "{}/:rose",
    "{} please",
    "pls {}",
    "{}\nthanks",
    "{}。谢谢",
    "{}\n\n-- \nJohn Smith\nHead of Nothing",
    "{}\n\nOn Mon, Dec 1, 2026 at 10:00 Huoju wrote:\n> Big sale! Reply STOP to opt out",
    "{}\n----- Original Message -----\nFrom: Huoju\nWin a phone",
    "{}\n> 火炬食品：新活动，拒收请回复R",
    "{}【张三】",
    "【火炬食品】{}",
    "{}\nRegards,\nAnna",
    "\u200e{}\u200f",
    *(f"{{}}\n{phone}" for phone in PHONES),
)
YES = [
    "关闭推送",
    "请关闭消息通知，谢谢",
    "关掉你们的提醒",
    "Reply STOP to opt out",
    "reply stop",
    "Text STOP to end",
    "txt stop 2 end",
    "stop 2 end",
    "STOP2END",
    "stop to quit",
    "STOP to unsubscribe",
    "Send STOP",
    "send stop please",
    "type STOP",
    "Reply with STOP",
    "reply unsubscribe to opt out",
    "stopp",
    "STOPPP",
    "stop pls",
    "stop plz",
    "Stop, thanks",
    "STOP THANK YOU",
    "stop. Kind regards",
    "Stop Sent from my iPhone",
    "STOP - sent from my iPad",
    "Stop\nSent from my iPhone",
    "Stop\r\n\r\nSent from my iPhone",
    "Stop\nSent from Yahoo Mail on Android",
    "Stop\nEnviado desde mi iPhone",
    "Stop\nEnvoyé de mon iPhone",
    "Stop\nVon meinem iPhone gesendet",
    "退订 发自我的iPhone",
    "退订\n来自我的华为手机",
    "退订\n从我的iPhone发送",
    "退订谢谢",
    "退订，谢谢！",
    "退订吧",
    "退订[微笑]",
    "退订/::)",
    "[退订]",
    "【退订】",
    "[STOP]",
    "请退订",
    "我要退订",
    "回复TD",
    "回TD",
    "回T",
    "回复T退订",
    "回复td",
    "回R",
    "回复 R",
    "回复：R",
    "回复N",
    "拒收",
    "拒收。",
    "拒收请回复R",
    "拒收请回R",
    "拒收短信",
    "退订回T",
    "退订请回复TD",
    "退订回复R",
    "退订回N",
    "td退订",
    "stop退订",
    "unsub pls",
    "unsubscribe 🙏🙏",
    "please unsubscribe me",
    "opt out",
    "opt me out",
    "OPT-OUT",
    "Stop it.",
    "stop this",
    "stop texting",
    "STOP TEXTING ME",
    "stop sending me texts!!",
    "don't text me",
    "do not message me again",
    "no more texts",
    "remove me from this list",
    "take me off your list please",
    "leave me alone",
    "不要再发了",
    "别再给我发短信了",
    "别发了",
    "停止发送",
    "不想再收到你们的短信",
    "请勿打扰",
    "取消订阅谢谢",
]
CARRIERS = ["R", "t", "TD", "n", "END", "quit", "Cancel", "remove", "revoke", "ARRET", "arrêt", "baja", "alto"]
CARRIERS_AROUND = ["{}", "{}!", "“{}”", "{} 🙏", "{}[呲牙]", "{}\nSent from my iPhone", "{}\n-- \nJohn", "{}【张三】"]
NO = [
    "关闭",
    "关闭免打扰",
    "活动关闭了吗",
    "don't stop",
    "dont stop",
    "please don't stop",
    "Don’t stop!!!",
    "never stop",
    "when does it stop",
    "where does the bus stop",
    "bus stop",
    "the next stop",
    "next stop please",
    "I can't stop winning",
    "I cannot stop laughing",
    "non-stop",
    "nonstop fun",
    "one stop shop",
    "stop by tomorrow",
    "stop at the shop",
    "stop over in Paris",
    "stop sign",
    "stop and go",
    "pit stop",
    "full stop",
    "full stop.",
    "stop watch",
    "stopwatch",
    "stoplight",
    "stopped",
    "has it stopped",
    "it stopped working",
    "it stops at 8",
    "did the campaign stop?",
    "will you stop at 10 pm?",
    "how do I stop the torch",
    "how to stop worrying",
    "can't stop won't stop",
    "stop loss",
    "doorstop",
    "stop motion",
    "my stop is Main Street",
    "Stop 5, Main Road",
    "12 Bus Stop Lane",
    "I did not say stop",
    "who said stop",
    "what happens when I send STOP?",
    "what does STOP do",
    "if I say stop do I lose my points?",
    "is STOP free?",
    "why stop",
    "why did you stop",
    "you stop",
    "let's not stop",
    "no stop",
    "not stop",
    "stop?? no way",
    "stop kidding",
    "stop kidding me",
    "stop lying",
    "stop joking",
    "stop crying",
    "stop it you two are funny",
    "stop winning",
    "stop the torch",
    "stop my torch",
    "I unsubscribed yesterday",
    "did I unsubscribe?",
    "I don't want to unsubscribe",
    "don't unsubscribe me",
    "never unsubscribe",
    "unsubscribed friends",
    "subscribe",
    "opt in",
    "opt",
    "out",
    "I opted out already, why?",
    "optional",
    "reply",
    "reply to me",
    "reply please",
    "text me",
    "send me the rules",
    "send help",
    "send points",
    "reply HELP",
    "quitting time",
    "the end",
    "weekend",
    "end of the road",
    "The End.",
    "at the end",
    "to the end",
    "in the end I won",
    "cancel my order",
    "cancel the parcel",
    "cancelled?",
    "remove the mug",
    "remove my name",
    "leave",
    "leave it at the door",
    "leave me a message",
    "take me to the prizes",
    "no more codes",
    "no more luck",
    "no more bags left",
    "I want more messages",
    "I need more texts",
    "messages",
    "spam",
    "marketing",
    "Liked “Reply STOP to opt out”",
    "Disliked “Big sale. Reply STOP to opt out”",
    "Laughed at “STOP”",
    "> STOP\nno, that was my friend",
    "hello\n> Reply STOP to opt out",
    "points\nOn Mon Huoju wrote:\n> STOP",
    "help\n-- \nStop",
    "停",
    "不要停",
    "别停",
    "停车",
    "停电了",
    "停不下来",
    "根本停不下来",
    "停车场在哪里",
    "公交停靠站",
    "什么时候停",
    "活动停了吗",
    "不停",
    "停止营业",
    "非诚勿扰",
    "请勿靠近",
    "不要退订",
    "别退订",
    "不想退订",
    "没有退订",
    "我没退订",
    "为什么退订",
    "退订会怎样",
    "退订了还能抽奖吗",
    "退货",
    "退款",
    "退",
    "拒绝",
    "拒收快递",
    "拒收了怎么办",
    "包裹拒收",
    "回复",
    "回复我",
    "回家",
    "回复人工",
    "请回复",
    "R和T",
    "取消",
    "取消订单",
    "怎么取消",
    "取消领奖",
    "不要",
    "不要马克杯",
    "不要发顺丰",
    "别的礼品",
    "发货了吗",
    "发短信给我",
    "收到短信了",
    "没收到短信",
    "怎么还没收到短信",
    "为什么不发短信",
    "短信",
    "打扰了",
    "打扰了，请问怎么玩",
    "不好意思打扰一下",
    "推荐",
    "退出",
    "不想收到奖品",
    "订阅",
]
NO.remove("停")  # it is one of the words


def the_route(text: str, channel: str = "sms") -> str:
    message = InboundMessage.received((channel, "main", "u1"), "m1", text, START, waits=True)
    return recognise(message, SHAPES, ROUTES).route.name


def stops(text: str) -> bool:
    """Whether ``text`` opts out on a carrier's channel."""
    carriers = recognise_carrier_word(text, SHAPES)
    return the_route(text) == "stop" or (
        the_route(text) == "carriers_stop" and carriers is not None and carriers.word in opt_out_words("sms")
    )


ALL_YES = [*YES, *(around.format(word) for word in WORDS for around in AROUND)]


def test_there_are_enough_of_both() -> None:
    assert len(set(ALL_YES)) >= 300
    assert len(set(NO)) >= 150


@pytest.mark.parametrize("text", ALL_YES)
def test_these_stop(text: str) -> None:
    assert the_route(text) == "stop"


@pytest.mark.parametrize("text", NO)
def test_these_only_mention_it(text: str) -> None:
    assert the_route(text) != "stop"
    assert recognise_carrier_word(text, SHAPES) is None or text in {"cancel", "quit", "leave"}


@pytest.mark.parametrize("text", [around.format(word) for word in CARRIERS for around in CARRIERS_AROUND])
def test_a_carriers_word_is_known_whatever_is_around_it(text: str) -> None:
    assert recognise_carrier_word(text, SHAPES) is not None


@pytest.mark.parametrize("text", ["reply END", "text QUIT please", "cancel please", "send cancel thanks", "end pls 🙏"])
def test_a_carriers_word_may_be_polite(text: str) -> None:
    assert recognise_carrier_word(text, SHAPES) is not None


@pytest.mark.parametrize(
    "text",
    ["stop " * 400, "please " * 280 + "x", "退订" * 900, "- " * 900, "[a" * 900, "/:" * 900, "sent from my " * 150],
)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    the_route(text)
    assert time.process_time() - began < 0.5
