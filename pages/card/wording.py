"""What the page of a card says around a campaign's own words, in Chinese and English."""

from collections.abc import Mapping

from pages.serving import Sorry
from pages.wording import SHARED

WORDING: Mapping[str, Mapping[str, str]] = {
    "en": {
        **SHARED["en"],
        "title": "Your code",
        "word": "The code on your card",
        "chat": "Open the chat you use",
        "send": "Send this code: ",
        "over": "This campaign is over.",
        "none": "No campaign takes this code right now. Keep the card, and look in again later.",
    },
    "zh": {
        **SHARED["zh"],
        "title": "您的码",
        "word": "卡片上的码",
        "chat": "打开您常用的聊天应用",
        "send": "发送这个码：",
        "over": "这个活动已经结束。",
        "none": "现在没有可以用这个码参加的活动。请留好卡片，稍后再来看看。",
    },
}
SORRY = Sorry(
    "Code 码",
    "This is no code",
    "Scan the card again, or send the code as it is printed.",
    "这不是一个码",
    "请再扫一次卡片，或照卡片上印的发送。",
)
