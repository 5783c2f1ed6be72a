"""Fields out of an aggregator's request, in whatever of three forms it writes them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bots.base import Malformed
from bots.sms.gateway.account import Shape
from bots.sms.hearing import Arrival, by_name
from core.messages import whole

_NAME = re.compile(r"[!-~]{1,128}")


def document(arrival: Arrival, shape: Shape) -> Any:
    """What was told: a dict of strings, or whatever the JSON holds. Raises Malformed."""
    if shape.format == "json":
        return _json(arrival.body)
    form = _texts(arrival.form() if shape.format == "form" else arrival.asked())
    if shape.inside is None:
        return form
    if shape.inside not in form:
        raise Malformed(f"{shape.inside}: is missing")
    return _json(form[shape.inside].encode("utf-8", "surrogateescape"))


def items(told: Any, shape: Shape) -> Sequence[Any]:
    """The things that one request tells. Raises Malformed."""
    if shape.items is None:
        return [told]
    found = _at(told, shape.items) if shape.items else told
    if not isinstance(found, list):
        raise Malformed(f"{shape.items or 'body'}: must be a list")
    return found


def field(item: Any, path: str) -> str | None:
    """What stands at ``path``, such as "data.id", as text without lone surrogates; None when nothing does."""
    value = _at(item, path)
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None


def name_of(item: Any, path: str | None) -> str | None:
    """The aggregator's id of a text; None for what can be none."""
    found = field(item, path) if path else None
    return found if found and _NAME.fullmatch(found) else None


def flat(arrival: Arrival, shape: Shape) -> Mapping[str, str]:
    """The fields of query and body that a proof may name: of JSON the top level, each as it would stand in a form."""
    fields = _texts(arrival.asked())
    if shape.format == "json":
        told = _json(arrival.body) if arrival.body else {}
        if isinstance(told, dict):
            fields |= {name: _flattened(value) for name, value in told.items()}
    elif shape.format == "form":
        fields |= _texts(arrival.form())
    return fields


def _texts(found: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """A byte that is no UTF-8 is kept as a surrogate, so that a signature can be computed over it."""
    return {name: value.decode("utf-8", "surrogateescape") for name, value in by_name(found).items()}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("body: must be JSON in UTF-8") from None


def _at(item: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(item, dict):
            return None
        item = item.get(name)
    return item


def _flattened(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
