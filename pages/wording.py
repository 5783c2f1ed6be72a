"""What every page says in Chinese and English, and which of the two a browser is answered in."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import request

LANGUAGES = ("en", "zh")
"""The first is for a browser that asks for neither, where a page has no better one."""

SHARED: Mapping[str, Mapping[str, str]] = {
    "en": {
        "tag": "en",
        "other": "zh",
        "other_tag": "zh-CN",
        "other_name": "中文",
        "by": "by ",
        "copy_word": "Copy",
        "copied": "Copied",
        "share": "Share",
        "copy_link": "Copy the link",
        "link_copied": "The link is copied",
        "steps": "How to join",
        "chat_between": ": ",
        "channel_between": ", ",
        "send": "Send this code: ",
        "playground": "Try it in the playground",
        "closed": "This campaign cannot be played right now. Please look in again later.",
        "qr": "QR code of this page's link",
        "scan": "Scan to open this page on another phone",
        "save": "Save the picture",
        "rules": "Rules",
        "months": "January February March April May June July August September October November December",
    },
    "zh": {
        "tag": "zh-CN",
        "other": "en",
        "other_tag": "en",
        "other_name": "English",
        "by": "主办方：",
        "copy_word": "复制",
        "copied": "已复制",
        "share": "分享",
        "copy_link": "复制链接",
        "link_copied": "链接已复制",
        "steps": "如何参加",
        "chat_between": "：",
        "channel_between": "、",
        "send": "发送这个邀请码：",
        "playground": "在演练场里试一试",
        "closed": "这个活动现在不能参加，请稍后再来看看。",
        "qr": "本页链接的二维码",
        "scan": "用另一部手机扫一扫，打开本页",
        "save": "保存图片",
        "rules": "活动规则",
        "months": "",
    },
}


def moment(at: datetime, now: datetime, zone: ZoneInfo, spoken: str) -> str:
    """An instant in ``zone`` as people say it: the time of a day that is today, else with its day, and its year."""
    there, here = at.astimezone(zone), now.astimezone(zone)
    time = f"{there:%H:%M}"
    if there.date() == here.date():
        return time
    year = there.year != here.year
    if spoken == "zh":
        return f"{f'{there.year}年' if year else ''}{there.month}月{there.day}日 {time}"
    return f"{there.day} {SHARED['en']['months'].split()[there.month - 1]}{f' {there.year}' if year else ''}, {time}"


def language(of: Iterable[str] = LANGUAGES, otherwise: str | None = None) -> str:
    """The language that the request asks for: by ``?lang=``, else by what the browser prefers, or ``otherwise``.

    ``of`` are the languages of the campaign: a page is never in another one, but for English where it has none of ours.
    """
    known = [each for each in LANGUAGES if each in of] or LANGUAGES[:1]
    asked = request.args.get("lang")
    if asked is not None and asked in known:
        return asked
    usual = otherwise if otherwise is not None and otherwise in known else known[0]
    spoken = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality)  # the best first
    return next((each for each in spoken if each in known), usual)


def titled(titles: Mapping[str, str], spoken: str) -> str:
    """That of ``titles`` which goes with a page in the language ``spoken``."""
    return titles.get(spoken) or next(iter(titles.values()))


def worded(wording: Mapping[str, Mapping[str, str]], spoken: str, of: Iterable[str]) -> Mapping[str, str]:
    """What a page says in the language ``spoken``; no other one is offered where a campaign does not speak it."""
    say = wording[spoken]
    return say if say["other"] in of else {**say, "other": ""}
