"""Plurals: a text as translators write it, with the plural of ICU's messages and no other part of them.

``{n, plural, =0 {no points} one {# point} other {# points}}``: the first form that holds for ``n`` is said, # is its
number, and placeholders may stand in a form. Whole numbers first (=0), then the forms of the CLDR by name.
https://unicode-org.github.io/icu/userguide/format_parse/messages/
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import NamedTuple

from core.texts.languages import plural_forms

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_PLURAL = re.compile(r"\{\s*([a-z_]+)\s*,\s*plural\s*,\s*")
_ALMOST = re.compile(r"\{\s*([a-z_]+)\s*,")
_FORM = re.compile(r"\s*(=\d{1,9}|[a-zA-Z]+)\s*\{")
_CLOSES = re.compile(r"\s*\}")
_NUMBER = "#"
_MILLIONS = frozenset({"fr", "es", "it", "pt"})
"""Languages that say something else of whole millions alone, which may stay unsaid."""


class Slot(NamedTuple):
    """A placeholder."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Plural:
    """What is said of a number, by what the number is. In a form None stands for the number."""

    name: str
    exact: Mapping[int, "Parts"]
    forms: Mapping[str, "Parts"]


Parts = tuple["str | Slot | Plural | None", ...]


class Fault(Enum):
    """What is wrong with a plural."""

    UNREADABLE = auto()
    OPEN = auto()
    """A form has no closing brace."""
    TWICE = auto()
    """A form stands there twice."""
    STRANGE = auto()
    """The language has no such form."""
    LACKS = auto()
    """The language has a form that is not there."""


class Mistake(NamedTuple):
    """What is wrong with the plural of ``name``, and with which of its forms."""

    fault: Fault
    name: str
    form: str = ""


class Parsed(NamedTuple):
    """A text in parts, and what is wrong in it; what cannot be read stands as it is."""

    parts: Parts
    mistakes: tuple[Mistake, ...]


@lru_cache(maxsize=8192)
def parsed(text: str) -> Parsed:
    """``text`` in its parts. Each text is read once."""
    mistakes: list[Mistake] = []
    return Parsed(tuple(_parts(text, mistakes, inside=False)), tuple(mistakes))


def _parts(text: str, mistakes: list[Mistake], *, inside: bool) -> Iterator["str | Slot | Plural | None"]:
    said, at = "", 0
    while at < len(text):
        part: Slot | Plural | None
        if inside and text[at] == _NUMBER:
            part, end = None, at + 1
        elif (slot := _PLACEHOLDER.match(text, at)) is not None:
            part, end = Slot(slot[1]), slot.end()
        elif (plural := _plural(text, at, mistakes)) is not None:
            part, end = plural
        else:
            said, at = said + text[at], at + 1
            continue
        if said:
            yield said
        yield part
        said, at = "", end
    if said:
        yield said


def _plural(text: str, at: int, mistakes: list[Mistake]) -> tuple[Plural, int] | None:
    """The plural that begins at ``at``, and where it ends; None where none does, or it cannot be read."""
    begins = _PLURAL.match(text, at)
    if begins is None:
        if (almost := _ALMOST.match(text, at)) is not None:
            mistakes.append(Mistake(Fault.UNREADABLE, almost[1]))
        return None
    name, at, forms = begins[1], begins.end(), dict[str, Parts]()
    while (form := _FORM.match(text, at)) is not None:
        end = _closing(text, form.end())
        if end is None or form[1] in forms:
            mistakes.append(Mistake(Fault.OPEN if end is None else Fault.TWICE, name, form[1]))
            return None
        forms[form[1]], at = tuple(_parts(text[form.end() : end], mistakes, inside=True)), end + 1
    close = _CLOSES.match(text, at)
    if close is None or "other" not in forms:
        mistakes.append(Mistake(Fault.UNREADABLE if close is None else Fault.LACKS, name, "other"))
        return None
    exact = {int(form[1:]): parts for form, parts in forms.items() if form.startswith("=")}
    return Plural(name, exact, {form: parts for form, parts in forms.items() if form[0] != "="}), close.end()


def _closing(text: str, at: int) -> int | None:
    """Where the brace is that closes what was opened before ``at``."""
    depth = 1
    for place in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return place
    return None


def needed_forms(language: str) -> tuple[str, ...]:
    """The forms that a plural must have in ``language``."""
    return tuple(form for form in plural_forms(language) if form != "many" or language not in _MILLIONS)


def mistakes(text: str, language: str) -> Iterator[Mistake]:
    """What is wrong with the plurals of ``text``, which is in ``language``."""
    yield from parsed(text).mistakes
    for plural in _plurals(parsed(text).parts):
        for form in sorted(plural.forms.keys() - set(plural_forms(language))):
            yield Mistake(Fault.STRANGE, plural.name, form)
        for form in needed_forms(language):
            if form not in plural.forms:
                yield Mistake(Fault.LACKS, plural.name, form)


def _plurals(parts: Parts) -> Iterator[Plural]:
    for part in parts:
        if isinstance(part, Plural):
            yield part
            for form in (*part.exact.values(), *part.forms.values()):
                yield from _plurals(form)


def placeholders(text: str) -> frozenset[str]:
    """The names that ``text`` wants filled."""
    return _names(parsed(text).parts)


@lru_cache(maxsize=8192)
def _names(parts: Parts) -> frozenset[str]:
    found = set[str]()
    for part in parts:
        if isinstance(part, Slot):
            found.add(part.name)
        elif isinstance(part, Plural):
            found.add(part.name)
            found.update(*map(_names, (*part.exact.values(), *part.forms.values())))
    return frozenset(found)


def named(text: str) -> str:
    """``text`` with the name of each placeholder in its place: so it is measured, as nobody knows what will fill it."""
    return _named(parsed(text).parts, "")


def _named(parts: Parts, number: str) -> str:
    said = []
    for part in parts:
        match part:
            case Plural(name, _, forms):
                said.append(_named(forms["other"], name))
            case Slot(name):
                said.append(name)
            case str():
                said.append(part)
            case _:
                said.append(number)
    return "".join(said)
