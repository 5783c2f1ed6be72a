"""Cut a segment into words of the language, whichever script, width and case they were typed in."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

_KINDS: Mapping[str, Sequence[str]] = {
    "AND": ("and", "&", "&&", "且", "并且", "而且", "同时"),
    "OR": ("or", "|", "||", "或", "或者"),
    "NOT": ("not", "没有", "没", "未", "非", "不"),
    "UNKNOWN": ("unknown", "未知", "不明", "不知道"),
    "IS": ("is", "are", "=", "==", "是", "为", "等于"),
    "ISNT": ("is not", "isn't", "!=", "<>", "≠", "不是", "不为", "不等于"),
    "GE": (">=", "≥", "at least", "至少", "不少于", "不低于"),
    "LE": ("<=", "≤", "at most", "最多", "至多", "不超过", "不多于"),
    "GT": (">", "more than", "over", "above", "超过", "多于", "大于", "高于"),
    "LT": ("<", "less than", "fewer than", "under", "below", "少于", "不到", "小于", "低于", "不足"),
    "EQ": ("exactly", "正好", "恰好", "刚好"),
    "ORMORE": ("or more", "以上"),
    "ORFEWER": ("or fewer", "or less", "以下"),
    "BETWEEN": ("between", "介于"),
    "TO": ("to", "到", "至", "~"),
    "TIMES": ("times", "time", "次", "回"),
    "ONCE": ("once",),
    "TWICE": ("twice",),
    "LAST": ("in the last", "within the last", "in the past", "the last", "last", "past", "近", "最近", "过去"),
    "WITHIN": ("内", "之内", "以内"),
    "BACK": ("ago", "前", "之前", "以前"),
    "BEFORE": ("before", "早于"),
    "AFTER": ("after", "晚于"),
    "SINCE": ("since", "from", "自", "从", "自从"),
    "LATER": ("后", "之后", "以后"),
    "ONWARD": ("以来", "起"),
    "ON": ("on", "在"),
    "OPENING": ("the campaign opened", "the opening", "opening", "活动开始", "活动开场", "开场"),
    "TODAY": ("today", "今天"),
    "YESTERDAY": ("yesterday", "昨天"),
    "COMMA": (",", "、"),
    "LPAR": ("(",),
    "RPAR": (")",),
    "FILLER": ("the", "a", "an", "of", "的", "了", "过"),
}
"""What each kind of word of the grammar is spelt like; the longest one that stands there is meant."""
UNITS: Mapping[str, Sequence[str]] = {
    "minute": ("minutes", "minute", "分钟"),
    "hour": ("hours", "hour", "h", "小时", "个小时"),
    "day": ("days", "day", "d", "天", "日"),
    "week": ("weeks", "week", "周", "星期", "个星期"),
    "month": ("months", "month", "个月", "月"),
}
_DIGITS = {each: number for number, each in enumerate("一二三四五六七八九", start=1)} | {"两": 2}
_BLANKS = re.compile(r"\s+")
_digit = f"[{''.join(_DIGITS)}]"
_NUMERAL = re.compile(rf"({_digit})?(十)?({_digit})?(?=\s*(?:次|回|天|日|周|个|小时|分钟|以))")
_DATE = re.compile(r"(\d{4})(?:-(\d\d?)-(\d\d?)|年(\d\d?)月(\d\d?)日)(?:[ t](\d\d?):(\d\d))?(?!\d)")
_INTEGER = re.compile(r"\d{1,3}(?:,\d{3})+(?!\d)|\d+(?:\.\d{1,2})?(?![\d.])")
_STRING = re.compile(r'"([^"]*)"')
_NAME = re.compile(r"[a-z_][a-z0-9_./-]*|(?:(?![且或与])[^\W\d_a-z])+")
_NOTHING = re.compile(r"(?!)")
_BETWEEN_CLAUSES = frozenset({"AND", "OR", "LPAR", "RPAR"})
_QUOTES = dict.fromkeys("“”„«»「」『』'‘’", '"')


class Spelt(NamedTuple):
    """A word of a segment: its kind in the grammar, what it means, and where it stands."""

    kind: str
    means: str
    begin: int
    end: int


def folded(text: str) -> str:
    """``text`` in plain widths and small letters; each sign stays where it is."""
    return "".join(map(_fold, text))


def _fold(sign: str) -> str:
    if "！" <= sign <= "～":
        sign = chr(ord(sign) - 0xFEE0)
    if sign.isspace():
        return " "
    small = sign.lower()
    return _QUOTES.get(sign, small if len(small) == 1 else sign)


class Spelling:
    """How all words are spelt that may stand in a segment."""

    def __init__(
        self, words: Mapping[str, Iterable[tuple[str, str]]], values: Iterable[str], units: Collection[str]
    ) -> None:
        """Know ``words``, spellings and names by kind, ``values`` of lists, and ``units``, said behind numbers."""
        self._kinds: dict[str, tuple[str, str]] = {}
        for value in values:
            self._kinds[folded(value)] = ("VALUE", value)
        for kind, spellings in _KINDS.items():
            self._kinds.update((each, (kind, each)) for each in spellings)
        for unit, spellings in UNITS.items():
            self._kinds.update((each, ("UNIT", unit)) for each in spellings)
        for kind, each in words.items():
            self._kinds.update((folded(spelling), (kind, name)) for spelling, name in each)
        self._pattern = _any_of(self._kinds)
        self._units = _any_of(map(folded, units)) if units else _NOTHING

    @property
    def known(self) -> Iterable[str]:
        """All spellings."""
        return self._kinds

    def cut(self, text: str, named: Iterable[str] = (), values: Iterable[str] = ()) -> Iterator[Spelt]:
        """The words of ``text``; ``named`` are names of segments, ``values`` what else may be chosen or named.

        What nobody knows is a NAME, or a SIGN.
        """
        more = {folded(each) for each in values}
        found = self._each(folded(text), {folded(each): each for each in named}, _any_of(more) if more else _NOTHING)
        return iter(_listed(list(found)))

    def _each(self, text: str, named: Mapping[str, str], values: re.Pattern[str]) -> Iterator[Spelt]:
        at, measured = 0, False
        while at < len(text):
            if blanks := _BLANKS.match(text, at):
                at = blanks.end()
                continue
            found = self._at(text, at, named, values, measured=measured)
            at, measured = found.end, found.kind == "NUMBER" or (measured and found.kind not in _BETWEEN_CLAUSES)
            if found.kind != "FILLER":
                yield found

    def _unit_ends(self, text: str, at: int, measured: bool) -> int:  # noqa: FBT001
        """Where the unit ends that stands behind a number; where the number does, when there is none."""
        if not measured:
            return at
        blanks = _BLANKS.match(text, at)
        found = self._units.match(text, blanks.end() if blanks else at)
        known = self._pattern.match(text, blanks.end() if blanks else at)
        longer = found is not None and known is not None and known.end() > found.end()
        return at if found is None or longer else found.end()

    def _at(self, text: str, at: int, named: Mapping[str, str], values: re.Pattern[str], *, measured: bool) -> Spelt:  # noqa: PLR0911  # one for each kind
        if date := _DATE.match(text, at):
            year, month, day = date[1], date[2] or date[4], date[3] or date[5]
            clock = f" {int(date[6]):02}:{date[7]}" if date[6] else ""
            return Spelt("DATE", f"{year}-{int(month):02}-{int(day):02}{clock}", at, date.end())
        if number := _INTEGER.match(text, at):
            return Spelt("INTEGER", number[0].replace(",", ""), at, self._unit_ends(text, number.end(), measured))
        numeral = _NUMERAL.match(text, at)
        if numeral and numeral[0] and (numeral[2] or not (numeral[1] and numeral[3])):
            tens = _DIGITS.get(numeral[1] or "一", 1) * 10 if numeral[2] else 0
            ones = _DIGITS.get(numeral[3] or (numeral[1] if not numeral[2] else None) or "", 0)
            return Spelt("INTEGER", str(tens + ones), at, self._unit_ends(text, numeral.end(), measured))
        if string := _STRING.match(text, at):
            return Spelt("STRING", string[1], at, string.end())
        known, name = self._pattern.match(text, at), _NAME.match(text, at)
        if name is not None and name[0] in named and (known is None or known.end() <= name.end()):
            return Spelt("NAMED", named[name[0]], at, name.end())
        value = values.match(text, at)
        if value is not None and (known is None or known.end() < value.end()):
            return Spelt("VALUE", value[0], at, value.end())
        if known is not None:
            return Spelt(*self._kinds[_BLANKS.sub(" ", known[0])], at, known.end())
        return Spelt("NAME", name[0], at, name.end()) if name else Spelt("SIGN", text[at], at, at + 1)


def _any_of(spellings: Iterable[str]) -> re.Pattern[str]:
    """Whichever of them is the longest that stands somewhere, not in the middle of a longer word."""
    in_order = sorted(spellings, key=lambda each: (-len(each), each))
    plain = (re.escape(each).replace("\\ ", r"\s+") + _ending(each) for each in in_order)
    return re.compile("|".join(plain))


def _ending(spelling: str) -> str:
    """What must not stand behind it: more of a word that is written with spaces."""
    return r"(?![a-z0-9_])" if spelling[-1].isascii() and spelling[-1].isalnum() else ""


def _listed(words: list[Spelt]) -> list[Spelt]:
    """An "or" between two values is a comma: what comes behind it is chosen, too."""
    chosen = {"VALUE", "NAME", "STRING"}
    kinds = [each.kind for each in words]
    return [
        each._replace(kind="COMMA")
        if each.kind == "OR" and 0 < at < len(words) - 1 and kinds[at - 1] in chosen and kinds[at + 1] in chosen
        else each
        for at, each in enumerate(words)
    ]
