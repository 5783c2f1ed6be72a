"""What the page of boards says, in Chinese and English."""

from collections.abc import Mapping

from pages.serving import Sorry
from pages.wording import SHARED

WORDING: Mapping[str, Mapping[str, str]] = {
    "en": {
        **SHARED["en"],
        "boards": "Boards of the relay",
        "longest": "Longest chains",
        "lit": "Chains with most torches burning",
        "today": "Most friends today",
        "longest_score": "{count:,} legs",
        "longest_score_one": "1 leg",
        "lit_score": "{count:,} burning",
        "today_score": "{count:,} friends",
        "today_score_one": "1 friend",
        "friend": "a friend",
        "begun_by": "A chain stands under the name of whoever began it.",
        "nobody": "Nobody yet.",
        "share_text": "Who has passed the torch on farthest?",
    },
    "zh": {
        **SHARED["zh"],
        "boards": "火炬榜",
        "longest": "最长的传递链",
        "lit": "点燃最多的传递链",
        "today": "今日之星",
        "longest_score": "{count:,} 棒",
        "lit_score": "点燃 {count:,} 支",
        "today_score": "{count:,} 位朋友",
        "friend": "一位朋友",
        "begun_by": "每条链以第一棒的名字上榜。",
        "nobody": "还没有人上榜。",
        "share_text": "看看谁的火炬传得最远！",
    },
}
SORRY = Sorry(
    "Boards 火炬榜",
    "There are no such boards",
    "Check the letters of the link.",
    "没有找到这个火炬榜",
    "请检查链接里的字母和数字。",
)
