"""How verbs are spelt in a chat: a slash of any keyboard, English or Chinese, with arguments in place or by name."""

import re
import shlex
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from rapidfuzz import fuzz, process

from core.answers import VerbName
from core.arguments import Argument, ArgumentKind
from core.operators import Misspoken
from core.phrasebook import Phrasebook
from core.verbs import Verb, by_name

_SLASHES = "/／、⁄∕"
_QUOTES = str.maketrans(dict.fromkeys("“”„«»「」『』＂〝〞", '"'))
_DASHES = str.maketrans(dict.fromkeys("—–－−", "-"))
_SEPARATORS = re.compile(r"[\s._-]+")
_BY_NAME = re.compile(r"(?:--?)?([^\W\d][\w-]*)\s*[=:：＝](.*)", re.DOTALL)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:,|$))")
_NEAR_DAYS = {"前天": -2, "昨天": -1, "yesterday": -1, "今天": 0, "today": 0, "明天": 1, "tomorrow": 1}
_DAY = re.compile(
    rf"(?:(?:(\d{{4}})年)?(\d{{1,2}})月(\d{{1,2}})[日号]|({'|'.join(_NEAR_DAYS)}))"
    r"\s*(?:(\d{1,2})(?:[:点时](\d{1,2})?分?))?"
)
_NEAR = 70
"""Of 100: how near a word must be to be asked about."""
_MOST_ASKED = 3


@dataclass(frozen=True, slots=True)
class Spoken:
    """A verb as it was said: what it is given by name, and whether only its plan is wanted."""

    verb: Verb[Any]
    given: Mapping[str, object]
    only_plan: bool


def is_command(text: str) -> bool:
    """Whether ``text`` begins as a verb does."""
    return bool(text) and text.lstrip()[:1] in tuple(_SLASHES)


def plain(name: str) -> str:
    """A name of a verb in the one spelling in which names are compared."""
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip()


class Tongue:
    """All verbs of a product by how they may be said."""

    def __init__(self, verbs: Iterable[Verb[Any]]) -> None:
        self.verbs = tuple(verbs)
        self._named = {plain(name): verb for name, verb in by_name(self.verbs).items()}
        self._most = max(len(name.split()) for name in self._named)

    def named(self, name: str) -> Verb[Any] | None:
        """The verb that is called ``name``, however that is spelt."""
        return self._named.get(plain(name))

    def group(self, name: str) -> Sequence[Verb[Any]]:
        """The verbs of the group ``name``."""
        return [verb for verb in self.verbs if plain(verb.group.name) == plain(name)]

    def begins(self, text: str) -> tuple[Verb[Any], str] | None:
        """The verb with which ``text`` (behind its slash) begins, the longest one, and what stands behind it."""
        words = text.split()
        for count in range(min(self._most, len(words)), 0, -1):
            if (verb := self._named.get(plain(" ".join(words[:count])))) is not None:
                return verb, _behind(text, count)
        return None

    def near(self, text: str, verbs: Iterable[Verb[Any]]) -> list[str]:
        """The names among ``verbs`` that ``text`` may have meant, the nearest first."""
        names = {plain(name): name for verb in verbs for name in (verb.name, verb.chinese, *verb.aliases)}
        words = text.split()
        said = {plain(" ".join(words[:count])) for count in range(1, min(self._most, len(words)) + 1)}
        found: dict[str, float] = {}
        for one in said:
            for name, score, _ in process.extract(one, list(names), scorer=fuzz.ratio, score_cutoff=_NEAR):
                found[name] = max(score, found.get(name, 0.0))
        best = sorted(found, key=lambda name: (-found[name], name))
        return [names[name] for name in best[:_MOST_ASKED]]


@lru_cache(maxsize=4)
def tongue_of(verbs: tuple[Verb[Any], ...]) -> Tongue:
    """How ``verbs`` may be said; put together once."""
    return Tongue(verbs)


def _behind(text: str, count: int) -> str:
    return "".join(text.split(maxsplit=count)[count:])


def without_slash(text: str) -> str:
    """What stands behind the slash; all of it where a platform took that away."""
    said = text.strip()
    return said[1:].lstrip() if is_command(said) else said


def only_plan(text: str) -> tuple[str, bool]:
    """``text`` without the question mark at its end, and whether there was one."""
    said = text.rstrip()
    return (said[:-1].rstrip(), True) if said.endswith(("?", "？")) else (said, False)


def arguments(
    verb: Verb[Any], text: str, phrases: Phrasebook | None = None, at: datetime | None = None
) -> dict[str, object]:
    """What ``verb`` is given by ``text``: in place in their order, or by name (``reason=late``, ``--reason late``).

    Names and choices may be Chinese where there are ``phrases``, numbers of any width, and days said from ``at``.

    The last one in place takes all words that are left, where it is one of words; where there is no place, a word may
    be the name of a switch. Raises Misspoken for what is given twice, is too much, or has quotes that do not close.
    """
    takes = [one for one in verb.takes.each() if one.kind is not ArgumentKind.FILE]
    book = phrases or Phrasebook({})
    named = {_name(book.say(one.name.replace("_", " "), "zh")): one for one in takes}
    named |= {_name(one.name): one for one in takes}
    given: dict[str, object] = {}
    placed: list[str] = []
    tokens = _tokens(text)
    while tokens:
        token = tokens.pop(0)
        told = token.translate(_DASHES)
        by_name_given = _BY_NAME.fullmatch(told)
        if by_name_given and (one := named.get(_name(by_name_given[1]))) is not None:
            value = _BY_NAME.fullmatch(token)
            _give(given, one, value[2] if value else by_name_given[2])
        elif told.startswith("--") and (one := named.get(_name(told))) is not None:
            if one.kind is ArgumentKind.SWITCH:
                _give(given, one, True)
            elif not tokens:
                raise Misspoken("{name} needs a value behind it", name=token)
            else:
                _give(given, one, tokens.pop(0))
        elif told.startswith("--"):
            raise Misspoken("{verb} knows no {name}", verb=VerbName(verb.name), name=token)
        else:
            placed.append(token)
    for word in _place(takes, placed, given):
        if (one := named.get(_name(word))) is None or one.kind is not ArgumentKind.SWITCH:
            raise Misspoken("{verb} takes no “{word}”", verb=VerbName(verb.name), word=word)
        _give(given, one, True)
    return {one.name: _read(one, given[one.name], book, at) for one in takes if one.name in given}


def _read(one: Argument, value: object, book: Phrasebook, at: datetime | None) -> object:
    """``value`` in the spelling that the verb itself reads."""
    if isinstance(value, tuple):
        return tuple(_read(one, each, book, at) for each in value)
    if not isinstance(value, str):
        return value
    narrow = unicodedata.normalize("NFKC", value).translate(_DASHES).strip()
    match one.kind:
        case ArgumentKind.NUMBER:
            return _THOUSANDS.sub("", narrow)
        case ArgumentKind.INSTANT:
            return _instant(narrow, at)
        case ArgumentKind.CHOICE | ArgumentKind.SWITCH:
            said = (each for each in one.choices or ("yes", "no") if narrow.casefold() in {each, book.say(each, "zh")})
            return next(said, value)
    return value


def _instant(said: str, at: datetime | None) -> str:
    """A day as people say it, as the day that is meant seen from ``at``; what is none of these as it is."""
    found = _DAY.fullmatch(said)
    if found is None or at is None:
        return said
    year, month, day, near, hour, minute = found.groups()
    try:
        if near:
            meant = (at + timedelta(days=_NEAR_DAYS[near])).date()
        elif year:
            meant = date(int(year), int(month), int(day))
        else:
            years = (date(one, int(month), int(day)) for one in (at.year - 1, at.year, at.year + 1))
            meant = min(years, key=lambda one: abs(one - at.date()))
    except ValueError:
        return said
    return f"{meant} {int(hour or 0):02}:{int(minute or 0):02}"


def _name(told: str) -> str:
    return _SEPARATORS.sub("_", told.strip("-").casefold())


def _give(given: dict[str, object], one: Argument, value: object) -> None:
    if one.many:
        told = given.setdefault(one.name, ())
        assert isinstance(told, tuple)
        given[one.name] = (*told, value)
    elif one.name in given:
        raise Misspoken("{argument} was given twice", argument=one.name.replace("_", " "))
    else:
        given[one.name] = value


def _place(takes: Sequence[Argument], placed: list[str], given: dict[str, object]) -> list[str]:
    """Give each of ``placed`` to whose place it stands in; returns those for which there is none."""
    places = [one for one in takes if one.in_place and one.name not in given]
    # What a terminal wants by its name may stand in its order in a chat: nobody likes to type dashes on a phone.
    places += [one for one in takes if one.required and not one.in_place and one.name not in given]
    for number, one in enumerate(places):
        if not placed:
            break
        last = number == len(places) - 1
        if one.many:
            _give_all(given, one, placed)
            placed = []
        elif last and one.kind is ArgumentKind.WORD:
            _give(given, one, " ".join(placed))
            placed = []
        else:
            _give(given, one, placed.pop(0))
    return placed


def _give_all(given: dict[str, object], one: Argument, values: Sequence[str]) -> None:
    for value in values:
        _give(given, one, value)


def _tokens(text: str) -> list[str]:
    lexer = shlex.shlex(text.translate(_QUOTES).replace("\u3000", " "), posix=True)
    lexer.whitespace_split, lexer.quotes, lexer.escape, lexer.commenters = True, '"', "", ""
    try:
        return list(lexer)
    except ValueError:
        raise Misspoken("a quote does not close") from None
