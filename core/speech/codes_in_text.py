"""Codes in what people type: alone, among words, glued to a word, in groups of whatever, in any script's digits.

A check symbol is right by chance once in 32 times, so what is read here are candidates: which of them exists, the
turn finds out. One that is typed as codes are (letters and digits mixed, no word of a language in it) costs a try
when there is no such code; all others cost nothing, and are looked up for a few texts an hour.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from core.alphabet import is_checked, normalise
from core.engine.routes import CodeFormats
from core.speech.decoration import unsigned
from core.speech.short_words import is_short_word

_LONGEST = 80
_LONGEST_SENTENCE = 500
_MOST = 8
"""Candidates of one text that are looked up."""
_LONGEST_GROUP = 4
"""Letters of a printed group."""
_LETTERS = 1 / 4
"""Fewer of the symbols are letters in one code of a thousand, and in most numbers that people mention."""
_LEADING_WORDS = re.compile(r"^\W*(?:code|redeem|draw|抽奖码|抽奖|兑换码|兑换|兑奖|开奖|码)\W*", re.IGNORECASE)
_CARD = re.compile(r"^\s*(?:https?://)?[^\s/]+(?:/[^\s/]+)*/c/(?:\d+/(?=[^\s/?#]))?([^\s/?#]+)\S*\s*$")
"""The link of a card, which ends in its code; older ones name no campaign before it."""
_WORDS = re.compile(r"[^\W_\u3400-\u9fff]+(?:-[^\W_\u3400-\u9fff]+)*")
"""Runs of letters and digits of any alphabet but the Chinese, hyphens inside."""
_RUNS = re.compile(r"[^\W_\u3400-\u9fff]+")
_PAUSES = re.compile(r"[,.;:!?，。；：！？、…](?=\s)|[，。；：！？、…]")
"""Where a sentence or a part of it ends."""
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_INSIDE = re.compile(r"[^\w\s-]")


@dataclass(frozen=True, slots=True)
class Spelt:
    """A normalised code that a text may hold, and where: from ``start`` to ``end`` of its letters and digits."""

    code: str
    start: int
    end: int
    typed: bool
    """It is typed as codes are, so it costs a try when there is none."""

    def overlaps(self, other: "Spelt") -> bool:
        """Whether both are made of the same letters, in part."""
        return self.start < other.end and other.start < self.end


@lru_cache(maxsize=64)  # several routes look at one text
def whole(text: str) -> tuple[str, ...]:
    """The text as one code, then without a leading word. What a phone wrote below it is left out."""
    text = _bare(text)
    if not text.strip() or len(text) > _LONGEST:
        return ()
    rest = _LEADING_WORDS.sub("", text)
    return (normalise(text),) if rest == text else (normalise(text), normalise(rest))


def words_in(text: str) -> list[str]:
    """The words of a sentence, hyphens inside, each normalised as a code would be."""
    return [normalise(word) for word in _WORDS.findall(unicodedata.normalize("NFKC", text[:_LONGEST_SENTENCE]))]


def _bare(text: str) -> str:
    """``text`` without what a phone wrote below it, and without the rest of a card's link."""
    return _CARD.sub(r"\1", unsigned(text))


def looks_typed(text: str) -> bool:
    """Whether ``text`` as a whole is typed as codes are, after a leading word."""
    said = unicodedata.normalize("NFKC", _LEADING_WORDS.sub("", _bare(text)))
    return _is_typed(_RUNS.findall(said))


def spelt_in(text: str, code_formats: CodeFormats) -> tuple[Spelt, ...]:
    """The codes of these formats that ``text`` may hold, the likeliest first: those typed as codes are, in order."""
    said = _bare(text)
    if (single := alone(text, code_formats)) is not None:
        return (single,)
    found = [*_unchecked(said, code_formats), *(_checked(said, code_formats) or _checked(text, code_formats))]
    likeliest: dict[str, Spelt] = {}
    for each in sorted(found, key=lambda each: not each.typed):
        likeliest.setdefault(each.code, each)
    return tuple(likeliest.values())[:_MOST]


@lru_cache(maxsize=64)  # the first route looks for it, and the one that reads sentences
def alone(text: str, code_formats: CodeFormats) -> Spelt | None:
    """The text as one code that ends in its check symbol, as most texts are: there is no room for another."""
    code = next(iter(whole(text)), "")
    if (len(code), True) not in code_formats or not is_checked(code):
        return None
    said = _bare(text)
    runs = _RUNS.findall(said if said.isascii() else unicodedata.normalize("NFKC", said))
    return Spelt(code, 0, len(code), typed=not _PAUSES.search(_AROUND.sub("", said)) and _is_typed(runs))


def _checked(text: str, code_formats: CodeFormats) -> list[Spelt]:
    """Codes that end in their check symbol: they begin or end where a run of letters and digits does."""
    said = unicodedata.normalize("NFKC", text[:_LONGEST_SENTENCE])
    runs = list(_RUNS.finditer(said))
    folded = [normalise(run[0]) for run in runs]
    line, edges = "".join(folded), [0, *accumulate(map(len, folded))]
    found = []
    for length in sorted(length for length, checked in code_formats if checked):
        starts = {*edges, *(edge - length for edge in edges)}
        for start in sorted(start for start in starts if 0 <= start <= len(line) - length):
            if is_checked(code := line[start : start + length]):
                first, last = bisect_right(edges, start) - 1, bisect_left(edges, start + length) - 1
                cuts = [
                    (run[0], run[0][max(start - edge, 0) : start + length - edge])
                    for run, edge in zip(runs[first : last + 1], edges[first:], strict=False)
                ]
                typed = (
                    not _PAUSES.search(said, runs[first].start(), runs[last].end())
                    and all(_is_cut_well(run, part) for run, part in cuts)
                    and _is_typed([part for _, part in cuts])
                )
                found.append(Spelt(code, start, start + length, typed))
    return found


def _unchecked(said: str, code_formats: CodeFormats) -> Iterator[Spelt]:
    """The whole text as an imported code: without a check symbol only spaces and hyphens may stand between."""
    lengths = {length for length, checked in code_formats if not checked}
    if not lengths:
        return
    folded = unicodedata.normalize("NFKC", said[: _LONGEST + 1])
    inside = _AROUND.sub("", _LEADING_WORDS.sub("", folded))
    if _INSIDE.search(inside):
        return
    runs = _RUNS.findall(inside)
    for code in whole(said):
        if len(code) in lengths and code.isascii() and code.isalnum():
            yield Spelt(
                code, 0, len(code), typed=len(runs) == 1 or inside.replace(" ", "").isdecimal() or _is_typed(runs)
            )


def _is_cut_well(run: str, part: str) -> bool:
    """Whether a run is part of a code whole, or but for a word that is glued to it."""
    return len(part) == len(run) or (run.replace(part, "", 1).isalpha() and not part.isalpha())


def _is_typed(runs: Sequence[str]) -> bool:
    """Whether ``runs`` hold digits and not too few letters, in groups that are no words."""
    line = "".join(runs)
    letters = sum(map(str.isalpha, line))
    if letters == len(line) or letters < _LETTERS * len(line):
        return False
    alone = "ia" if max(map(len, runs)) > 1 else ""
    return not any(
        run.isalpha() and (len(run) > _LONGEST_GROUP or is_short_word(run) or run.lower() in alone) for run in runs
    )
