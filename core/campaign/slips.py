"""Slips that make a file unreadable as YAML: which one it is, found by mending a line and reading on.

A mended line explains the trouble when the reader comes further with it. What is read is never the mended file.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from core.answers import Line
from core.campaign.findings import remedy

_LARGE = 1 << 16
"""Characters; a larger file is not read again and again."""
_LOOKED_BACK = 3
"""Lines above the one at which the reader stopped."""
_TWICE = re.compile(r'found duplicate key "?(.*?)"? with value')
_KEY = re.compile(r"\s*(?:- )*(\w[\w-]*)\s*:")
_OPENED = {"{": "}", "[": "]"}
_BLANKS = "\u00a0\u3000\u2002\u2003\u2009\u200b\ufeff"


class Slip(NamedTuple):
    """A line (1-based) and what to do there."""

    line: int
    why: Line


class _Mended(NamedTuple):
    line: str
    why: Line


def slip_in(text: str, error: YAMLError) -> Slip:
    """What made the reader stop at ``error`` in ``text``."""
    if not isinstance(error, MarkedYAMLError):
        return _unseen(text, error)
    stopped_at = error.problem_mark.line if error.problem_mark else 0
    if found := _TWICE.match(error.problem or ""):
        return Slip(stopped_at + 1, remedy("{key} stands here a second time; keep one of them", key=found[1]))
    if "another document" in (error.problem or ""):
        return Slip(stopped_at + 1, remedy("a second file begins here, at the ---; one file holds one campaign"))
    lines = text.split("\n")
    begun_at = error.context_mark.line if error.context_mark else stopped_at
    nearby = [*range(stopped_at, max(stopped_at - _LOOKED_BACK, -1), -1), begun_at]
    if len(text) <= _LARGE:
        for mend in _MENDS:
            for at in dict.fromkeys(each for each in nearby if each < len(lines)):
                for mended in mend(lines, at):
                    if _read_until(_with(lines, at, mended.line)) > max(stopped_at, at):
                        return Slip(at + 1, mended.why)
    told = "neither this line nor the ones above it can be read; look at colons, quotes, brackets and blanks"
    return Slip(min(stopped_at, len(lines) - 1) + 1, remedy(told))


def _unseen(text: str, error: YAMLError) -> Slip:
    position = getattr(error, "position", None)
    if not isinstance(position, int) or position >= len(text):
        return Slip(1, remedy("this cannot be read; look at colons, quotes, brackets and blanks"))
    told = "a sign that nobody can see stands here (U+{number}); delete it, or type the line anew"
    return Slip(text.count("\n", 0, position) + 1, remedy(told, number=f"{ord(text[position]):04X}"))


def _with(lines: Sequence[str], at: int, line: str) -> str:
    return "\n".join([*lines[:at], line, *lines[at + 1 :]])


def _read_until(text: str) -> int:
    """The line at which the reader stops; one behind the last where it comes through."""
    try:
        for _ in YAML(typ="rt", pure=True).parse(text):
            pass
    except MarkedYAMLError as error:
        return int(error.problem_mark.line) if error.problem_mark else 0
    except (YAMLError, ValueError, RecursionError):
        return 0
    return text.count("\n") + 2


def _swapped(pattern: str, instead: str, told: str) -> "_Mend":
    """What looks alike is typed right."""

    def mend(lines: Sequence[str], at: int) -> Iterator[_Mended]:
        line = re.sub(pattern, instead, lines[at])
        if line != lines[at]:
            yield _Mended(line, remedy(told))

    return mend


_Mend = Callable[[Sequence[str], int], Iterator[_Mended]]


def _commented(lines: Sequence[str], at: int) -> Iterator[_Mended]:
    """A # within brackets, which ends the line for the reader."""
    for found in re.finditer(r": +([^\s:,{}\[\]\"'][^,{}\[\]\"']* #[^,{}\[\]\"']*)", lines[at]):
        yield _quoted(lines[at], found.start(1), found.end(1))


def _value(lines: Sequence[str], at: int) -> Iterator[_Mended]:
    """A text that looks like more than one."""
    for begins in (r": +", r"[-,{\[] *"):
        for found in re.finditer(rf"{begins}([^\s{{}}\[\],\"'][^{{}}\[\],\"]*)", lines[at]):
            yield _quoted(lines[at], found.start(1), found.end(1))
    if whole := re.match(r"\s*(?:- )*[\w-]+: +(\S.*?)\s*$", lines[at]):
        yield _quoted(lines[at], whole.start(1), whole.end(1))


def _quoted(line: str, begin: int, end: int) -> _Mended:
    text = line[begin:end].strip()
    plain = text.replace(text[0], "") if text[:1] in {'"', "'"} else text
    said = '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _Mended(line[:begin] + said + line[end:], remedy("put this text in quotes: {text}", text=said))


def _apostrophe(lines: Sequence[str], at: int) -> Iterator[_Mended]:
    """An apostrophe within single quotes."""
    for found in re.finditer(r"'([^\"{}\[\],]*'[^\"{}\[\],]*)'(?=\s*(?:[,}\]]|$))", lines[at]):
        said = f'"{found[1]}"'
        told = "the quotes end at the apostrophe; use double ones: {text}"
        yield _Mended(lines[at][: found.start()] + said + lines[at][found.end() :], remedy(told, text=said))


def _unclosed_quote(lines: Sequence[str], at: int) -> Iterator[_Mended]:
    line = lines[at].rstrip()
    for quote in ('"', "'"):
        if line.count(quote) % 2:
            why = remedy("a quote is opened here and not closed; close it with {quote}", quote=quote)
            end = len(line) - len(line[line.rfind(quote) :]) + len(line[line.rfind(quote) :].rstrip("}] "))
            yield _Mended(line[:end] + quote + line[end:], why)
            yield _Mended(line + quote, why)


def _unclosed_bracket(lines: Sequence[str], at: int) -> Iterator[_Mended]:
    line = lines[at].rstrip()
    for opens, closes in _OPENED.items():
        if line.count(opens) > line.count(closes):
            why = remedy("{opens} is opened here and not closed; close it with {closes}", opens=opens, closes=closes)
            yield _Mended(f"{line}{closes}", why)
        elif line.count(opens) < line.count(closes):
            told = "{closes} closes nothing here; remove it, or put {opens} where it begins"
            cut = line.rfind(closes)
            yield _Mended(line[:cut] + line[cut + 1 :], remedy(told, opens=opens, closes=closes))


def _indented(lines: Sequence[str], at: int) -> Iterator[_Mended]:
    """A line that begins at a place where no other one does."""
    begun = len(lines[at]) - len(lines[at].lstrip(" "))
    tried = {begun}
    for other in range(at - 1, -1, -1):
        found = _KEY.match(lines[other])
        column = len(lines[other]) - len(lines[other].lstrip(" "))
        if found is not None and column not in tried:
            tried.add(column)
            told = "the line begins {begun} blanks in; begin it exactly below {above}, {column} blanks in"
            why = remedy(told, begun=begun, above=found[1], column=column)
            yield _Mended(" " * column + lines[at].lstrip(" "), why)


def _no_colon(lines: Sequence[str], at: int) -> Iterator[_Mended]:
    """A word alone on a line."""
    if found := re.fullmatch(r"(\s*(?:- )*)([a-z_]+)[ ]+(\S.*)", lines[at]):
        told = "a colon is missing: {key}: {text}"
        yield _Mended(f"{found[1]}{found[2]}: {found[3]}", remedy(told, key=found[2], text=found[3]))
    if found := re.fullmatch(r"(\s*(?:- )*)([a-z_]+)\s*", lines[at]):
        yield _Mended(f"{found[1]}{found[2]}:", remedy("a colon is missing: {key}:", key=found[2]))


_MENDS: Sequence[_Mend] = (
    _swapped(r"\t", "", "a tab stands here; use spaces"),
    _swapped(r"\t", "  ", "a tab stands here; use spaces"),
    _swapped(r"\s*：\s*", ": ", "use a plain colon and a space (: ), not the full-width ："),
    _swapped(r"\s*，\s*", ", ", "use a plain comma (,), not the full-width ，"),
    _swapped(f"[{_BLANKS}]", " ", "a blank here is no plain one; delete it and type spaces"),
    _swapped(f"[{_BLANKS}]", "  ", "a blank here is no plain one; delete it and type spaces"),
    _swapped("[“”„]", '"', 'use plain quotes ("), not “ ”'),
    _swapped(r"^(\s*(?:- )*[\w-]+):(?=[^\s:])", r"\1: ", "a blank is missing behind the colon"),
    _swapped(r"^(\s*)-(?=[^\s-])", r"\1- ", "a blank is missing behind the -"),
    _commented,
    _unclosed_quote,
    _unclosed_bracket,
    _apostrophe,
    _value,
    _indented,
    _no_colon,
)
"""Each kind of slip, the plainer ones first."""
