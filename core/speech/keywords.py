"""Recognise an intent by a whole message of known words, however they are typed."""

import re
import unicodedata
from functools import lru_cache

from core.engine.routes import CodeFormats, Intent
from core.speech.decoration import parts
from core.speech.sentences import route_of

_LONGEST = 40
_LONGEST_POLITE = 120
_GREETS = r"(?:please|pls|plz|kindly|(?:hi|hello|hey)(?: there)?+|excuse me|good (?:morning|afternoon|evening)) "
_GREETS_ZH = r"(?>[你您]好啊?|请问?|麻烦|问?一下|我?想问|(?:早上|上午|下午|晚上)好|哈喽|(?:在[吗么]|亲)(?= )) ?"
_THANKS = (
    r" (?:please|pls|plz|thanks|thank you|thank u|thx|ty|many thanks|thanks a lot|cheers|"
    r"svp|sil (?:vous|te) pla[iî]t|merci|por favor|gracias|bitte|danke)"
)
_THANKS_ZH = r" ?(?:谢谢你?们?|谢谢您|谢了|多谢|感谢)"
_BEFORE = re.compile(rf"(?:{_GREETS})+|(?:{_GREETS_ZH})+(?=.)")
_AFTER = re.compile(rf"(?:{_THANKS}){{1,4}}$|(?:{_THANKS_ZH}){{1,4}}$|[呢吧啊呀哦啦]$")
_FIRST = re.compile(rf"(?:{_GREETS}|{_GREETS_ZH})(?=.)")
_HI = re.compile(r"(?:hi|hello|hey) (?=there .)")
"""What follows may be a sentence that begins so."""
_LAST = re.compile(rf"(?<=.)(?:{_THANKS}|{_THANKS_ZH}|[呢吧啊呀哦啦])$")
_LOOKS = re.compile(
    r"(?:(?:(?:can|could|may|will|would) (?:you|i|u)|i (?:want|wanna|would like|d like|need)(?: to)?|let me|just) )*"
    r"(?:show|give|tell|send|see|check|view|know|find)(?: me| us)?(?: about)?(?: (?:the|all))* (?=.)|"
    r"(?:我?(?:想要?|要|需要)|能不能|可不可以|能|可以|帮忙|[帮给替]我们?|[你您])*"
    r"(?:查[询看查]?|看看?|了解|显示)(?:一下|下(?!午))? ?(?=.)"
)
"""What somebody says who wants to be shown what is named behind it."""


def plain(text: str) -> str:
    """``text`` in half width and lower case, without spaces, punctuation, smileys, signatures and invisible marks.

    Nothing at all, and a question mark alone, are "?".
    """
    asks = not text.strip() or "?" in unicodedata.normalize("NFKC", text)
    return parts(text).replace(" ", "") or ("?" if asks else "")


@lru_cache(maxsize=64)
def polite(text: str) -> str:
    """The words of ``text``, one space between, without a greeting, please or thanks, unless nothing else is said."""
    said = parts(text)
    said = _AFTER.sub("", said).strip() or said
    begins = _BEFORE.match(said)
    return said[begins.end() :] or said if begins else said


def politely(text: str) -> str:
    """As :func:`plain`, without please or thanks around it."""
    return polite(text).replace(" ", "") or plain(text)


def _readings(said: str) -> list[str]:
    """``said``, and what is left of it without one or more of the polite words around it.

    Where it begins earlier, and then ends later, it comes first: who says hi and thanks says hi.
    """
    found, left = {(0, said)}, [(0, said)] if len(said) <= _LONGEST_POLITE else []
    while left:
        start, each = left.pop()
        begins = [match.end() for match in (_FIRST.match(each), _HI.match(each)) if match]
        shorter = {*((start + end, each[end:]) for end in begins), (start, _LAST.sub("", each))} - found
        found |= shorter
        left += shorter
    return [each for _, each in sorted(found, key=lambda one: (one[0], -len(one[1])))]


def _named(said: str) -> str:
    """What ``said`` names that somebody wants to be shown; all of it where nobody wants that."""
    looks = _LOOKS.match(said)
    return said[looks.end() :].removesuffix("吗") if looks else said


_words = set[str]()
"""Every word of every recogniser: which reading of a text is one is the same for all of them."""


@lru_cache(maxsize=64)  # one text is compared with the words of every route
def _said(text: str) -> str:
    """The word or sentence that ``text`` is as a whole, with as little left out as may be; "" for none."""
    readings = _readings(parts(text))
    words = (each.replace(" ", "") for each in (plain(text), *readings, *map(_named, readings)))
    return next((each for each in words if len(each) <= _LONGEST and (each in _words or route_of(each))), "")


class Words:
    """Words that mean one thing when they are the whole text, whatever decorates it.

    ``asked`` is where the sentences stand that mean the same, and which are long enough to be said without a slip.
    """

    def __init__(self, *words: str, asked: str | None = None) -> None:
        self.words, self.asked = words, asked
        self._known = frozenset(map(plain, words))
        _words.update(self._known)
        _said.cache_clear()

    def mean(self, text: str) -> bool:
        """Whether ``text`` is one of the words, or of the sentences."""
        return (self.asked is not None and route_of(_said(text)) == self.asked) or self.lists(text)

    def lists(self, text: str) -> bool:
        """Whether ``text`` is one of the words themselves."""
        return _said(text) in self._known

    @property
    def known(self) -> frozenset[str]:
        """The words, as they are compared."""
        return self._known


class Means(Words):
    """A recogniser: ``intent`` when the whole text is one of ``words``, or ``asked``, whatever decorates it.

    ``offered`` are those that stand for all others where one of them may have been meant; with () none is.
    """

    def __init__(
        self, intent: Intent, *words: str, offered: tuple[str, ...] | None = None, asked: str | None = None
    ) -> None:
        super().__init__(*words, asked=asked)
        self.intent, self.offered = intent, offered

    def __call__(self, text: str, _shapes: CodeFormats) -> Intent | None:
        """The intent, or None."""
        return self.intent if self.mean(text) else None
