"""What the invite page says around a campaign's own words, in Chinese and English."""

from collections.abc import Mapping

from pages.serving import Sorry
from pages.wording import SHARED

WORDING: Mapping[str, Mapping[str, str]] = {
    "en": {
        **SHARED["en"],
        "invites": "A friend invites you to",
        "word": "Your friend's invite word",
        "chat": "Open the chat you use",
        "code": "Then send the code from your card",
    },
    "zh": {
        **SHARED["zh"],
        "invites": "朋友邀请您参加",
        "word": "好友的邀请码",
        "chat": "打开您常用的聊天应用",
        "code": "再发送卡片上的抽奖码",
    },
}
SORRY = Sorry(
    "Invitation 邀请",
    "This invitation is not known",
    "Check the letters of the link, or ask your friend to send it again.",
    "没有找到这个邀请",
    "请检查链接里的字母和数字，或请朋友再发一次。",
)
