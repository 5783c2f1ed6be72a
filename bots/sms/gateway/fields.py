"""Fields out of an aggregator's request, in whatever of three forms it writes them, and placeholders in ours filled."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from bots.base import Malformed
from bots.sms.gateway.account import PLACEHOLDER, Proof, RequestFormat
from bots.sms.inbound import InboundRequest, by_name
from core.messages import whole

_NAME = re.compile(r"[!-~]{1,128}")
_TAME = re.compile(r"[A-Za-z_][A-Za-z_-]{0,31}")
"""Names of fields that can be shown: what has a digit may be a phone number."""
_NAMES_SHOWN = 8
_PLACE_DIGITS = 4


def document(request: InboundRequest, shape: RequestFormat, proof: Proof) -> Any:
    """What was told: a dict of strings, or whatever the JSON holds. Raises Malformed.

    Many an aggregator lets its customers choose how it writes: where a request is no JSON, or no form, as described, it
    is read as what it says that it is, and one without a body by its query, unless it is the body that proves it.
    """
    if shape.inside is not None:
        form = _texts(request.form_fields() if shape.format == "form" else request.query_fields())
        if shape.inside not in form:
            raise Malformed(f"{shape.inside}: is missing")
        return _json(form[shape.inside].encode("utf-8", "surrogateescape"))
    if shape.format == "query" or (not request.body and _query_proven(proof)):
        return _texts(request.query_fields())
    return _texts(request.form_fields()) if _written_as(request, shape) == "form" else _json(request.body)


def items(told: Any, shape: RequestFormat) -> Sequence[Any]:
    """The things that one request tells. Raises Malformed."""
    if shape.items is None:
        return [told]
    found = next(iter(_at(told, shape.items)), None) if shape.items else told
    if not isinstance(found, list):
        raise Malformed(f"{shape.items or 'body'}: must be a list")
    return found


def field(item: Any, path: str) -> str | None:
    """What stands at ``path``, such as "messages.0.id", as text without lone surrogates; None when nothing does."""
    return next(iter(fields(item, path)), None)


def fields(item: Any, path: str) -> list[str]:
    """The same of each element where ``path`` has a "*", such as "messages.*.id"; what is none is left out."""
    return [told for value in _at(item, path) if (told := _as_text(value)) is not None]


def missing(item: Any, path: str) -> str:
    """How far ``path`` leads and what stands there instead, for an operator: names only, none that may be a text."""
    if item is None:
        return f"{path}: the answer is no JSON"
    names = path.split(".")
    for place in range(len(names)):
        if not _at(item, ".".join(names[: place + 1])):
            here = _at(item, ".".join(names[:place]))[0] if place else item
            return f"{path}: no {names[place]!r} in {_shape(here)}"
    return f"{path}: holds {_shape(_at(item, path)[0])}"


def name_of(item: Any, path: str | None) -> str | None:
    """The aggregator's id of a text; None for what can be none."""
    return next(iter(names_of(item, path)), None)


def names_of(item: Any, path: str | None) -> list[str]:
    """Its ids of all parts of a text, where ``path`` has a "*"."""
    found = fields(item, path) if path else []
    return [name for name in dict.fromkeys(found) if _NAME.fullmatch(name)]


def shown(request: InboundRequest, shape: RequestFormat, proof: Proof) -> Mapping[str, str]:
    """The fields that a proof may name. A secret in the query proves a request whose body is not even looked at."""
    kind, _, name = (proof.secret_at or "").partition(":")
    asked = _texts(request.query_fields()) if kind == "field" and proof.time_at is None else {}
    return asked if name in asked else flat(request, shape)


def flat(request: InboundRequest, shape: RequestFormat) -> Mapping[str, str]:
    """The fields of query and body that a proof may name: of JSON the top level, each as it would stand in a form."""
    fields = _texts(request.query_fields())
    written = _written_as(request, shape)
    if written == "json":
        told = _json(request.body) if request.body else {}
        if isinstance(told, dict):
            fields |= {name: _flattened(value) for name, value in told.items()}
    elif written == "form":
        fields |= _texts(request.form_fields())
    return fields


def filled(template: JsonValue, known: Mapping[str, str]) -> JsonValue:
    """``template`` with each {name} of ``known`` in its strings replaced, once; other braces stay.

    It is filled value by value, so no text can break out of its value.
    """
    if isinstance(template, str):
        return PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), template)
    if isinstance(template, list):
        return [filled(each, known) for each in template]
    if isinstance(template, dict):
        return {name: filled(value, known) for name, value in template.items()}
    return template


def _written_as(request: InboundRequest, shape: RequestFormat) -> str:
    """How the body is written: as described, or the other way where it says so."""
    said = request.headers.get("Content-Type", "").lower()
    if shape.format == "json" and said.startswith("application/x-www-form-urlencoded"):
        return "form" if not request.body.lstrip().startswith((b"{", b"[")) else "json"
    return "json" if shape.format == "form" and shape.inside is None and "json" in said else shape.format


def _query_proven(proof: Proof) -> bool:
    return proof.signature is None or "body" not in proof.signature.over


def _texts(found: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """A byte that is no UTF-8 is kept as a surrogate, so that a signature can be computed over it."""
    return {name: value.decode("utf-8", "surrogateescape") for name, value in by_name(found).items()}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("body: must be JSON in UTF-8") from None


def _at(item: Any, path: str) -> list[Any]:
    """All that stands at ``path``: one value at most, or one for each element of a list that it walks through."""
    if isinstance(item, dict) and path in item:  # a name with a dot in it
        return [item[path]]
    found = [item]
    for name in path.split("."):
        found = [one for each in found for one in _below(each, name)]
    return found


def _below(item: Any, name: str) -> list[Any]:
    if isinstance(item, dict):
        return [item[name]] if name in item else []
    if not isinstance(item, list):
        return []
    if name == "*":
        return item
    place = int(name) if name.isdecimal() and len(name) <= _PLACE_DIGITS else len(item)
    return item[place : place + 1]


def _as_text(value: Any) -> str | None:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else None


def _shape(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if not isinstance(value, dict):
        return type(value).__name__
    names = [name for name in value if isinstance(name, str) and _TAME.fullmatch(name)]
    return f"{{{', '.join(sorted(names)[:_NAMES_SHOWN])}}}"


def _flattened(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
