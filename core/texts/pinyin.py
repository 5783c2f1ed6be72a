"""Pinyin: how Chinese characters are read, for those who chose a wrong one that sounds the same, or write letters."""

import re
from functools import cache
from pathlib import Path

_MERGED = re.compile(r"(?<=[zcs])h|(?<=[aeio]n)g")
"""What many do not tell apart, neither by ear nor in their keyboards: zh and z, ang and an."""


def sound(text: str) -> str:
    """``text`` in letters, tones and what sounds nearly the same left out; its other characters stay as they are."""
    readings = _readings()
    return merged("".join(readings.get(each, each) for each in text))


def merged(letters: str) -> str:
    """``letters`` of pinyin without what sounds nearly the same."""
    return _MERGED.sub("", letters)


@cache
def _readings() -> dict[str, str]:
    lines = (Path(__file__).parent / "pinyin.txt").read_text("utf-8").splitlines()
    return {each: line.split(" ")[0] for line in lines if not line.startswith("#") for each in line.split(" ")[1]}
