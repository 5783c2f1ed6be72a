"""Placeholders in a described request or answer, filled value by value: no text can break out of its value."""

from collections.abc import Mapping

from pydantic import JsonValue

from bots.sms.gateway.account import PLACEHOLDER


def filled(template: JsonValue, known: Mapping[str, str]) -> JsonValue:
    """``template`` with each {name} of ``known`` in its strings replaced, once; other braces stay."""
    if isinstance(template, str):
        return PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), template)
    if isinstance(template, list):
        return [filled(each, known) for each in template]
    if isinstance(template, dict):
        return {name: filled(value, known) for name, value in template.items()}
    return template
