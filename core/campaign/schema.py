"""The JSON Schema (2020-12) of a campaign file, made from the grammar that reads it, for editors to complete with.

It refuses no file that the grammar takes; what depends on other lines, such as a budget, it cannot see.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from core.campaign.grammar import Section
from core.campaign.reader import grammar_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_DEFS = "#/$defs/"
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))


class _Generator(GenerateJsonSchema):
    """As pydantic makes it, without the titles that it makes of names, and with values as people write them."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False

    def encode_default(self, dft: Any) -> Any:
        return as_written(dft)


def as_written(value: object) -> Any:
    """A value of the grammar as a campaign file says it."""
    match value:
        case timedelta():
            return length_as_written(value)
        case BaseModel():
            return value.model_dump(mode="json", exclude_none=True)
        case tuple() | list():
            return [as_written(each) for each in value]
        case None | bool() | int() | str() | dict():
            return value
    return str(value)


def length_as_written(length: timedelta) -> str:
    """A length of time in the largest unit that divides it: "30 days"."""
    seconds = int(length.total_seconds())
    name, unit = next((each for each in _UNITS if seconds and seconds % each[1] == 0), ("second", 1))
    count = seconds // unit
    return f"{count} {name}{'' if count == 1 else 's'}"


def json_schema(
    sections: Sequence[type[Section]],
    channels: Collection[str],
    words: Collection[str],
    say: Callable[[str], str] = str,
) -> dict[str, Any]:
    """The schema of a file in which ``sections`` may stand, played at ``channels``; ``say`` tells what people read.

    ``words`` are those of ours for which a file may have its own.
    """
    made = grammar_of(*sections).model_json_schema(schema_generator=_Generator)
    definitions: dict[str, Any] = made.pop("$defs")
    for section in sections:
        _spell_words(section, definitions)
    made["properties"]["channels"]["items"] = _places(channels)
    _list_words(made["properties"]["words"], words, definitions)
    names = {name: _name_of(name) for name in definitions}
    assert len(set(names.values())) == len(names), names
    whole = {
        "$schema": DIALECT,
        "title": "Huoju campaign file",
        **{key: value for key, value in made.items() if key not in {"title", "description"}},
        "$defs": {names[name]: _untitled(each) for name, each in sorted(definitions.items())},
    }
    told: dict[str, Any] = _told(whole, names, say)
    return told


def _spell_words(section: type[Section], definitions: dict[str, Any]) -> None:
    """Put in which words are known in a section where words of others may stand."""
    for key, spelt in section.spelling().items():
        of_section = definitions[section.__name__]
        if not key:
            of_section.update(spelt)
            continue
        items = of_section["items"]["$ref"].removeprefix(_DEFS)
        field = definitions[items]["properties"][key]
        kept = {name: field[name] for name in ("description", "default") if name in field}
        definitions[items]["properties"][key] = {**spelt, **kept}


def _list_words(field: dict[str, Any], words: Collection[str], definitions: dict[str, Any]) -> None:
    """Put in for which words of ours there may be own ones."""
    (by_language,) = (each for each in field["anyOf"] if each.get("type") == "object")
    (of_language,) = by_language["patternProperties"].values()
    definitions["OwnWord"] = of_language.pop("additionalProperties")
    of_language["properties"] = {word: {"$ref": f"{_DEFS}OwnWord"} for word in sorted(words)}
    of_language["additionalProperties"] = False


def _places(channels: Collection[str]) -> dict[str, Any]:
    known = sorted(channels)
    account = rf"^({'|'.join(known)})/[a-z0-9][a-z0-9_-]{{0,31}}$"
    return {"type": "string", "anyOf": [{"enum": known}, {"pattern": account}]}


def _name_of(model: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", model.removesuffix("Rules"))
    return words.lower()


def _untitled(definition: dict[str, Any]) -> dict[str, Any]:
    """Without what is said to programmers."""
    return {key: value for key, value in definition.items() if key not in {"title", "description"}}


def _told(node: Any, names: dict[str, str], say: Callable[[str], str]) -> Any:
    """``node`` with what people read told by ``say``, and by the names of its parts."""
    if isinstance(node, list):
        return [_told(each, names, say) for each in node]
    if not isinstance(node, dict):
        return node
    return dict(_each_told(node, names, say))


def _each_told(node: dict[str, Any], names: dict[str, str], say: Callable[[str], str]) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        match key, value:
            case "description" | "title", str():
                yield key, say(value)
            case "$ref", str():
                yield key, _DEFS + names[value.removeprefix(_DEFS)]
            case "default", _ if value is None or value == {}:
                continue
            case "default" | "examples" | "enum" | "required", _:
                yield key, value
            case _:
                yield key, _told(value, names, say)
