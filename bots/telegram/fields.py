"""Fields of an update, which may be missing or of any type until they were looked at."""

from collections.abc import Mapping
from typing import Any

from bots.base import Malformed

_LARGEST = 2**63 - 1
"""Telegram's numbers have at most 52 significant bits (core.telegram.org/bots/api#user)."""


def part(of: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The object ``name``; None when it is missing or empty. Raises Malformed for anything else."""
    found = of.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise Malformed(f"{name}: send an object")
    return found or None


def number(of: Mapping[str, Any], name: str) -> int:
    """The whole number ``name``. Raises Malformed when there is none."""
    found = number_of(of, name)
    if found is None:
        raise Malformed(f"{name}: send a whole number")
    return found


def number_of(of: Mapping[str, Any], name: str) -> int | None:
    """The whole number ``name``; None for anything else."""
    found = of.get(name)
    is_one = isinstance(found, int) and not isinstance(found, bool) and abs(found) <= _LARGEST
    return found if is_one else None


def text_of(of: Mapping[str, Any], name: str) -> str | None:
    """The text ``name``; None when it is missing. Raises Malformed for anything else."""
    found = of.get(name)
    if found is not None and not isinstance(found, str):
        raise Malformed(f"{name}: send a string")
    return found


def parts(of: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in the list ``name``; empty when it is missing. Raises Malformed for anything else."""
    found = of.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Malformed(f"{name}: send a list of objects")
    return found


def is_group(chat: Mapping[str, Any]) -> bool:
    """True where others listen. A channel is no group: there nobody talks to us."""
    return text_of(chat, "type") in {"group", "supergroup"}
