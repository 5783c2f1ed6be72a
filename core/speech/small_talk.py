"""Small talk: thanks, good-byes and smiles, by which nothing is asked."""

import re
import unicodedata

from core.speech.decoration import is_smileys, parts
from core.speech.keywords import Words

_THANKS = re.compile("[多感太真谢您你们了 ]*谢[多感太真谢您你们了 ]*")

TALK = Words(
    "thanks",
    "thank you",
    "thank you so much",
    "thanks a lot",
    "thx",
    "ty",
    "cheers",
    "ok thanks",
    "k",
    "got it",
    "great",
    "nice",
    "cool",
    "awesome",
    "wow",
    "lol",
    "haha",
    "good",
    "perfect",
    "bye",
    "goodbye",
    "good bye",
    "good night",
    "see you",
    "happy new year",
    "merry christmas",
    "谢谢",
    "谢谢你",
    "谢谢您",
    "谢了",
    "多谢",
    "感谢",
    "好吧",
    "嗯嗯",
    "哦",
    "收到",
    "知道了",
    "明白",
    "明白了",
    "太好了",
    "太棒了",
    "厉害",
    "哈哈",
    "哈哈哈",
    "呵呵",
    "再见",
    "拜拜",
    "晚安",
    "辛苦了",
    "新年快乐",
    asked="talk",
)
AGREES = Words("ok", "okay", "好的", "好", "嗯")
"""A yes, where something was asked."""


def is_smile(text: str) -> bool:
    """Whether ``text`` is smileys alone, or thanks in any number of words."""
    said = parts(text)
    smiles = is_smileys(text) or (not said and any(unicodedata.category(each) == "So" for each in text))
    return smiles or _THANKS.fullmatch(said) is not None


def is_talk(text: str) -> bool:
    """Whether ``text`` is small talk and nothing else, by the words alone."""
    return TALK.lists(text) or AGREES.lists(text) or is_smile(text)
