"""What the invite page says around a campaign's own words, in Chinese and English."""

from collections.abc import Mapping

LANGUAGES = ("en", "zh")
"""The first is for a browser that asks for neither."""

WORDING: Mapping[str, Mapping[str, str]] = {
    "en": {
        "tag": "en",
        "other": "zh",
        "other_tag": "zh-CN",
        "other_name": "中文",
        "invites": "A friend invites you to",
        "by": "by ",
        "word": "Your friend's invite word",
        "copy_word": "Copy",
        "copied": "Copied",
        "steps": "How to join",
        "chat": "Open the chat you use",
        "chat_between": ": ",
        "channel_between": ", ",
        "send": "Send this word: ",
        "code": "Then send the code from your card",
        "playground": "Try it in the playground",
        "closed": "This campaign cannot be played right now. Please look in again later.",
        "qr": "QR code of this page's link",
        "scan": "Scan to open this page on another phone",
        "save": "Save the picture",
    },
    "zh": {
        "tag": "zh-CN",
        "other": "en",
        "other_tag": "en",
        "other_name": "English",
        "invites": "朋友邀请您参加",
        "by": "主办方：",
        "word": "好友的邀请码",
        "copy_word": "复制",
        "copied": "已复制",
        "steps": "如何参加",
        "chat": "打开您常用的聊天应用",
        "chat_between": "：",
        "channel_between": "、",
        "send": "发送这个邀请码：",
        "code": "再发送卡片上的抽奖码",
        "playground": "在演练场里试一试",
        "closed": "这个活动现在不能参加，请稍后再来看看。",
        "qr": "本页链接的二维码",
        "scan": "用另一部手机扫一扫，打开本页",
        "save": "保存图片",
    },
}
