"""Moderation: whether a name that a player chose is shown to others, waits for somebody to look, or is refused.

English is compared by whole words, so that nobody from Scunthorpe is refused; Chinese has no words, so anywhere. Before
that, what makes one word look like another is folded: width, case, accents, Cyrillic and Greek letters, digits for
letters, traditional characters, signs and spaces between letters, letters that are said again and again, and stars.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from core.campaign.rules import Rules
from handlers.relay.rules import NameRules

Verdict = Literal["shown", "waits", "blocked"]

_LOOK_ALIKE = (
    "аa вb еe ёe иu йu кk мm нh оo пn рp сc тt уy хx ѕs іi їi јj һh ԁd ԛq ԝw αa βb εe ηn ιi κk νv οo ρp τt υu χx ωw "
    "ıi øo đd łl ɑa ɡg 媽妈 幹干 強强 姦奸 亂乱 倫伦 雞鸡 陰阴 莖茎 愛爱 約约 腦脑 殘残 廢废 滾滚 納纳 黃黄 賣卖 "
    "賤贱 貨货 騙骗 殺杀 職职 單单 貸贷 發发 賭赌 槍枪 員员 統统 獎奖 進进 瑪玛 妳你 馬马 圍围 羣群"
)
_BOXED = {first + place: chr(97 + place) for first in (0x1F150, 0x1F170, 0x1F1E6) for place in range(26)}
"""Letters in black circles, in black boxes, and those that flags are made of."""
_FOLDED = str.maketrans({pair[0]: pair[1] for pair in _LOOK_ALIKE.split()} | {"¢": "c"}) | _BOXED
_DIGITS = str.maketrans("01345789$", "oieastbgs")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_UNSPACED = "\u0e00-\u0eff\u1000-\u11ff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
"""Chinese, kana, Thai, Lao, Burmese, Khmer, and the Korean that takes endings: no sign shows where a word ends."""
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_WORD = re.compile(rf"(?:[^\W_{_UNSPACED}]|[$*])+")
_SPELT_OUT = re.compile(r"(?<![a-z0-9])(?:[a-z0-9][\W_]+){2,}[a-z0-9](?![a-z0-9])")
_AGAIN, _AGAIN_AND_AGAIN = re.compile(r"(.)\1+"), re.compile(r"(.)\1{2,}")
_LEAST_PAIR, _LEAST_ORGANISER, _LEAST_SHOWN = 4, 2, 2
_LONGEST_WORD = 120
"""Of 40 letters of a list, folded."""


@dataclass(frozen=True, slots=True)
class _Words:
    """One part of a list. A name is short and a list may be long, so parts of names are looked up in it."""

    whole: frozenset[str]
    anywhere: frozenset[str]
    """Also within a longer word."""
    unspaced: frozenset[str]
    """Of Chinese and the like: anywhere in the name."""
    by_length: Mapping[int, Sequence[str]]
    """Those of ``whole`` and ``anywhere``."""

    def __contains__(self, name: "_Folded") -> bool:
        if self._within(name.together, self.unspaced):
            return True
        return any(
            word in self.whole or self._within(word, self.anywhere) or self._starred(word) for word in name.words
        )

    def pairs(self, name: "_Folded") -> bool:
        """Whether two words of ``name``, or all, are one of the list when they stand together."""
        return any(len(pair) >= _LEAST_PAIR and (pair in self.whole or pair in self.anywhere) for pair in name.pairs)

    def _within(self, text: str, words: frozenset[str]) -> bool:
        ends = range(1, _LONGEST_WORD + 1) if words else ()
        return any(text[start : start + length] in words for start in range(len(text)) for length in ends)

    def _starred(self, word: str) -> bool:
        if "*" not in word or sum(map(str.isalpha, word)) < _LEAST_SHOWN:
            return False
        hidden = re.compile(word.replace("*", "."))
        return any(map(hidden.fullmatch, self.by_length.get(len(word), ())))


class BlockedWords(NamedTuple):
    """A list of words as names are compared with it."""

    refused: _Words
    doubtful: _Words


class _Folded(NamedTuple):
    """A name as it is compared."""

    words: frozenset[str]
    pairs: frozenset[str]
    together: str
    """All letters and digits, nothing between."""


def judge(name: str, rules: Rules, installed: BlockedWords | None = None) -> Verdict:
    """What becomes of ``name``, which is clean, by the campaign's rules for names.

    The campaign's own list of words counts, or else the one of the whole installation, or else the shipped one.
    """
    own = rules.section(NameRules)
    if own is not None and own.review == "none":
        return "shown"
    words = _compiled_once(own.blocked) if own is not None and own.blocked is not None else installed or _shipped()
    folded = _fold(name)
    if folded in words.refused:
        return "blocked"
    organisers = (_fold(each).together for each in rules.organiser.each)
    poses = any(len(each) >= _LEAST_ORGANISER and each in folded.together for each in organisers)
    reviewed = own is not None and own.review == "all"
    waits = reviewed or poses or folded in words.doubtful or words.refused.pairs(folded)
    return "waits" if waits else "shown"


def compiled(lines: Iterable[str]) -> BlockedWords:
    """The list of these words, each in the spelling of the shipped list; they are folded as names are."""
    words = [word for line in lines if (word := _folded(line)).strip("~*")]
    return BlockedWords(
        _sorted(each for each in words if each[0] != "~"), _sorted(each[1:] for each in words if each[0] == "~")
    )


@cache
def _shipped() -> BlockedWords:
    text = (Path(__file__).parent / "blocked_names.txt").read_text("utf-8")
    return compiled(line for line in text.split("\n") if line and not line.startswith("#"))


@cache
def _compiled_once(lines: tuple[str, ...]) -> BlockedWords:
    return compiled(lines)


def _sorted(words: Iterable[str]) -> _Words:
    unspaced: set[str] = set()
    others: set[str] = set()
    for each in words:
        (unspaced if _IS_UNSPACED.search(each) else others).add(each)
    anywhere = frozenset(each[1:] for each in others if each[0] == "*")
    by_length: dict[int, list[str]] = defaultdict(list)
    for each in {each.removeprefix("*") for each in others}:
        by_length[len(each)].append(each)
    return _Words(frozenset(others), anywhere, frozenset(each.lstrip("*") for each in unspaced), by_length)


def _fold(name: str) -> _Folded:
    said = re.sub(r"[!|](?=[^\W\d_])", "i", _folded(_HUMP.sub(" ", name)))
    words = _WORD.findall(said)
    spelt_out = ["".join(filter(str.isalnum, run[0])) for run in _SPELT_OUT.finditer(said)]
    together = "".join(filter(str.isalnum, said))
    pairs = frozenset({"".join(words), *(one + other for one, other in pairwise(words))})
    return _Folded(frozenset(form for word in (*words, *spelt_out) for form in _forms(word)), pairs, together)


def _folded(text: str) -> str:
    """``text`` in the letters that it looks like."""
    seen = unicodedata.normalize("NFKD", text)
    kept = "".join(each for each in seen if unicodedata.category(each) not in {"Mn", "Me", "Cf"})
    return kept.casefold().translate(_FOLDED)


def _forms(word: str) -> Iterator[str]:
    """``word`` as it may be meant: with letters for digits, without what is said again, without a number behind it."""
    for each in {word, word.translate(_DIGITS) if any(map(str.isalpha, word)) else word, word.rstrip("0123456789")}:
        yield each
        yield _AGAIN_AND_AGAIN.sub(r"\1", each)
        yield _AGAIN_AND_AGAIN.sub(r"\1\1", each)
        yield _AGAIN.sub(r"\1", each)
