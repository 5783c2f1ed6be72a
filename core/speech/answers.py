"""Answers to questions: a number, yes or no, however people type them."""

from collections.abc import Iterable
from typing import TypeVar

from core.campaign.grammar import Phrases
from core.speech.keywords import plain, polite, politely

Thing = TypeVar("Thing")

_CHINESE = "一二三四五六七八九十"
_ENGLISH = ("one first 1st", "two second 2nd", "three third 3rd", "four fourth 4th", "five fifth 5th")
_ENGLISH_NUMBERS = {word: number for number, words in enumerate(_ENGLISH, start=1) for word in words.split()}
_YES = frozenset(
    {
        "yes",
        "y",
        "ok",
        "okay",
        "sure",
        "yeah",
        "yep",
        "correct",
        "right",
        "是",
        "是的",
        "好",
        "好的",
        "对",
        "对的",
        "确认",
        "确定",
        "可以",
        "没错",
        "嗯",
        "行",
    }
)
_NO = frozenset({"no", "n", "nope", "wrong", "否", "不", "不是", "不要", "不对", "错", "错了", "不用"})
_AROUND = ("第", "number", "no", "选", "选择", "我要", "choice")
_MOST = 99


def number_in(text: str) -> int | None:
    """The number that ``text`` is: 2, ２, "2.", 二, 第2个, "no. 2"; None when it is none from 1 to 99."""
    said = plain(text)
    for word in _AROUND:
        said = said.removeprefix(word)
    if (number := _ENGLISH_NUMBERS.get(said.removeprefix("the").removesuffix("one") or said)) is not None:
        return number
    said = said.removesuffix("个").removesuffix("号").removesuffix("项")
    if said.isdecimal() and len(said) <= len(str(_MOST)):
        return int(said) or None
    return _CHINESE.index(said) + 1 if len(said) == 1 and said in _CHINESE else None


def yes_or_no(text: str) -> bool | None:
    """True for yes or 1, False for no or 2, None for anything else."""
    said, number = politely(text), number_in(text)
    if number == 1 or said in _YES:
        return True
    return False if number == 2 or said in _NO else None  # noqa: PLR2004  # the second of two choices


def named(text: str, things: Iterable[tuple[Thing, Phrases, str]]) -> list[Thing]:
    """Those of ``things`` (each with its title and name) that ``text`` names whole, else those named in part."""
    said, known = {plain(text), plain(polite(text))} - {""}, list(things)
    titles = [(thing, {plain(each) for each in title.each}, name) for thing, title, name in known]
    whole = [thing for thing, title, name in titles if said & {*title, name}]
    return whole or [t for t, title, _ in titles if any(s in each for each in title for s in said)]
