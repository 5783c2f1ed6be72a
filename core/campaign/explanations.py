"""Explain what does not follow the grammar of a campaign file: in plain words, with what was probably meant."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, reduce
from operator import getitem
from typing import Any, get_args

from core.answers import Line
from core.campaign.findings import Unfit, either, meant, remedy
from core.campaign.grammar import Part, SectionList
from core.campaign.rules import Rules
from core.spelling import nearest

Place = tuple[str | int, ...]

_NEARLY, _ROUGHLY = 0.8, 0.6
"""How alike a key must be to one that may stand here: where the very same one may stand elsewhere, and else."""
_NAMED = "use 1 to 32 of a-z, 0-9 and -, beginning with a letter"
_CHANNEL = "name a channel, such as wechat, or one account of ours, such as wechat/main"
_COLON = "use a plain colon and a space (: ), not the full-width ："
_OTHER = ""
_SPELT = {"value_error", "literal_error", "string_pattern_mismatch"}
"""Errors of what is spelt in one way only."""
_NUMBER = "write a whole number, for example 50"
PLAIN = {
    "missing": "this is missing; add it",
    "tuple_type": "write a list, such as [one, another]",
    "dict_type": "write what belongs to it as key: value",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_type": _NUMBER,
    "int_parsing": _NUMBER,
    "int_from_float": _NUMBER,
    "greater_than_equal": "write {ge} or more",
    "less_than_equal": "write {le} or less",
    "string_type": "write a text here, in quotes where it looks like something else",
    "string_too_short": "write a text here; it may not be empty",
    "string_too_long": "a text has at most {max_length} characters; write a shorter one",
    "too_short": "list at least {min_length} here",
    "too_long": "list at most {max_length} here",
    _OTHER: "this cannot stand here; the page about campaign files shows how it is written",
}
"""What each kind of error says that pydantic finds by itself; its words are for programmers."""


def explain(errors: Sequence[Mapping[str, Any]], document: Any, grammar: type[Rules]) -> Iterator[tuple[Place, Line]]:
    """Place and remedy of each of pydantic's ``errors`` in ``document``, but for what only follows from another one."""
    places = [_place(error) for error in errors]
    unknown = [place for place, error in zip(places, errors, strict=True) if error["type"] == "extra_forbidden"]
    keys = {place: key for place in unknown if (key := _key(place, document, grammar)) is not None}
    above = {(*place[:-1], key) for place, key in keys.items()}
    for place, error in zip(places, errors, strict=True):
        misspelt = error["type"] == "missing" and place in above
        emptied = error["type"] == "too_short" and any(place == other[: len(place)] != other for other in places)
        if not (misspelt or emptied):
            yield (
                place,
                (_instead(place, keys.get(place), grammar) if place in unknown else _remedy(place, error, grammar)),
            )


def _place(error: Mapping[str, Any]) -> Place:
    return tuple(step for step in error["loc"] if step != "[key]")


def _remedy(place: Place, error: Mapping[str, Any], grammar: type[Rules]) -> Line:
    kind, told, given = error["type"], error.get("ctx", {}), error["input"]
    if isinstance(given, str) and kind in _SPELT and (plain := _half_width(given)) != given:
        is_key = error["loc"][-1:] == ("[key]",) and "：" in given
        told_plain = "write it with plain signs, not with full-width ones: {plain}"
        return remedy(_COLON) if is_key else remedy(told_plain, plain=plain)
    match kind:
        case "literal_error":
            names = re.findall(r"'([^']*)'", told["expected"])
            given = place[-1] if error["loc"][-1] == "[key]" else given
            expected = either([f"'{each}'" for each in names])
            given = given if isinstance(given, str) else remedy("this")
            near = meant(given, names) if isinstance(given, str) else remedy("")
            sentence = "{given} is not known here{meant}; write {expected}"
            return remedy(sentence, given=given, meant=near, expected=expected)
        case "model_type":
            needed = ", ".join(f"{key}: …" for key in _needed(_part_at(place, grammar)))
            return remedy("write what belongs to it: {needed}", needed=f"{{{needed}}}")
        case "string_pattern_mismatch":
            return remedy(_CHANNEL if {"channels", "typed_word"} & set(place) else _NAMED)
        case "value_error" if isinstance(told["error"], Unfit):
            return told["error"].remedy
    plain = PLAIN.get(kind, PLAIN[_OTHER])
    return remedy(plain, **{name: value for name, value in told.items() if f"{{{name}}}" in plain})


def _half_width(text: str) -> str:
    """``text`` with plain signs in the place of full-width ones."""
    wide = "".join(unicodedata.normalize("NFKC", sign) if "\uff00" <= sign <= "\uffef" else sign for sign in text)
    return re.sub(r"(?<=[,:])(?=[^\s\d])", " ", wide) if wide != text else text


def _needed(part: type[Part] | None) -> list[str]:
    """The keys that a part must have, or else may have."""
    fields = part.model_fields if part else {}
    return [key for key, field in fields.items() if field.is_required()] or list(fields)


def _key(place: Place, document: Any, grammar: type[Rules]) -> str | None:
    """The key that may stand at ``place``, does not yet, and was meant by the unknown one there."""
    part, said = _part_at(place[:-1], grammar), re.sub(r"[\s-]+", "_", str(place[-1]).strip()).lower()
    least = _NEARLY if str(place[-1]) in _homes(grammar) else _ROUGHLY
    there = reduce(getitem, place[:-1], document)
    return nearest(said, [key for key in part.model_fields if key not in there], least) if part else None


def _instead(place: Place, near: str | None, grammar: type[Rules]) -> Line:
    """What to write instead of the unknown key, perhaps the one that is ``near``."""
    if "：" in str(place[-1]):
        return remedy(_COLON)
    if near is not None:
        return remedy("this word is not known here (do you mean {near}?)", near=near)
    if (homes := _homes(grammar).get(str(place[-1]))) is not None:
        return remedy("this word is not known here; it belongs to {homes}", homes=either(homes))
    if (part := _part_at(place[:-1], grammar)) is not None:
        return remedy("this word is not known here; there are {known}", known=", ".join(part.model_fields))
    return remedy("this word is not known here; remove it")


def _part_at(place: Place, grammar: type[Rules]) -> type[Part] | None:
    """The part of the grammar to which ``place`` leads."""
    part: type[Part] | None = grammar
    for step in place:
        if isinstance(step, str):
            field = part.model_fields.get(step) if part else None
            part = _part_in(field.annotation) if field else None
    return part


def _part_in(annotation: object) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, SectionList):
        return _part_in(annotation.model_fields["root"].annotation)
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    return next((part for each in get_args(annotation) if (part := _part_in(each)) is not None), None)


@cache
def _homes(grammar: type[Rules]) -> Mapping[str, Sequence[str]]:
    """By each key where it may stand, of the parts that have other keys than those of every phrase."""
    homes: dict[str, list[str]] = {}

    def visit(part: type[Part], path: str) -> None:
        for key, field in part.model_fields.items():
            if path:
                homes.setdefault(key, []).append(path)
            inner = _part_in(field.annotation)
            if inner is not None:
                visit(inner, f"{path}.{key}" if path else key)

    visit(grammar, "")
    return {key: found for key, found in homes.items() if len(found) <= 3}  # noqa: PLR2004  # more say nothing
