"""What the page of rules says, in Chinese and English."""

from collections.abc import Mapping

from pages.serving import Sorry
from pages.wording import SHARED

WORDING: Mapping[str, Mapping[str, str]] = {
    "en": {
        **SHARED["en"],
        "when": "When",
        "play": "How to play",
        "odds": "Your chances",
        "prizes": "Prizes",
        "gifts": "Gifts for points",
        "claims": "Claiming",
        "invites": "Inviting friends",
        "relay": "How it works",
        "conditions": "Who can take part",
        "commitment": "A fair draw",
        "version": "These are the rules as published, version {version}.",
        "boards": "See the boards",
        "share_text": "Rules, prizes and chances of ",
    },
    "zh": {
        **SHARED["zh"],
        "when": "活动时间",
        "play": "怎么参加",
        "odds": "中奖机会",
        "prizes": "奖品",
        "gifts": "积分换礼品",
        "claims": "领取",
        "invites": "邀请好友",
        "relay": "玩法",
        "conditions": "参加条件",
        "commitment": "公平抽奖",
        "version": "以上为已公布的规则，第{version}版。",
        "boards": "看火炬榜",
        "share_text": "规则、奖品和中奖机会：",
    },
}
SORRY = Sorry(
    "Rules 规则",
    "There are no such rules",
    "Check the letters of the link.",
    "没有找到这个活动的规则",
    "请检查链接里的字母和数字。",
)
