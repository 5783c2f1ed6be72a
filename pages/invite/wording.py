"""What the invite page says around a campaign's own words, in Chinese and English."""

from collections.abc import Mapping

from pages.serving import Sorry
from pages.wording import SHARED

WORDING: Mapping[str, Mapping[str, str]] = {
    "en": {
        **SHARED["en"],
        "invites": "A friend invites you to",
        "before_name": "",
        "after_name": " invites you to",
        "you_get": "You get {count:,} points as soon as you have sent your first code. ",
        "you_get_one": "You get 1 point as soon as you have sent your first code. ",
        "both_get": "You get {count:,} points as soon as you have sent your first code, your friend {theirs:,}. ",
        "they_get": "Your friend gets {count:,} points as soon as you have sent your first code. ",
        "they_get_one": "Your friend gets 1 point as soon as you have sent your first code. ",
        "word": "Your friend's invite code",
        "share_text": "Come and join in. The invite code: ",
        "save_poster": "Save the poster",
        "chat": "Open the chat you use",
        "code": "Then send the code from your card",
    },
    "zh": {
        **SHARED["zh"],
        "invites": "朋友邀请您参加",
        "before_name": "",
        "after_name": " 邀请您参加",
        "you_get": "您发送第一个码后，可得 {count:,} 积分。",
        "you_get_one": "您发送第一个码后，可得 1 积分。",
        "both_get": "您发送第一个码后，可得 {count:,} 积分，朋友也可得 {theirs:,} 积分。",
        "they_get": "您发送第一个码后，朋友可得 {count:,} 积分。",
        "they_get_one": "您发送第一个码后，朋友可得 1 积分。",
        "word": "好友的邀请码",
        "share_text": "一起来参加！邀请码：",
        "save_poster": "保存海报",
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
