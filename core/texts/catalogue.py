"""Text catalogues in every language, and a formatter that fills placeholders and does nothing else.

No template language ever sees a player's words: a placeholder is ``{name}``, its value is put in as it is, and no
value is looked at again.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from core.messages import Reply

LANGUAGES = ("zh", "en")

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")

Catalogue = Mapping[str, Mapping[str, str]]
"""Texts by language and key, in every one of LANGUAGES."""


def placeholders(text: str) -> frozenset[str]:
    """The names that ``text`` wants filled."""
    return frozenset(_PLACEHOLDER.findall(text))


@cache
def shipped() -> Catalogue:
    """The catalogues that come with Huoju."""
    yaml = YAML(typ="safe", pure=True)
    here = Path(__file__).parent
    return {language: yaml.load((here / f"{language}.yaml").read_text("utf-8")) for language in LANGUAGES}


def overridden(catalogue: Catalogue, texts: Mapping[str, Mapping[str, str]]) -> Catalogue:
    """``catalogue`` with a campaign's own ``texts`` in place of the shipped ones."""
    if not texts:
        return catalogue
    return {language: {**catalogue[language], **texts.get(language, {})} for language in catalogue}


def render(reply: Reply, catalogue: Mapping[str, str], language: str) -> str:
    """The words of ``reply`` in one language. Raises KeyError for a text or a parameter that does not exist."""
    return _fill(reply, catalogue, language).strip()


def _fill(reply: Reply, catalogue: Mapping[str, str], language: str) -> str:
    def value_of(match: re.Match[str]) -> str:
        value = reply.params[match[1]]
        if isinstance(value, tuple):
            return "\n".join(_fill(line, catalogue, language) for line in value)
        if isinstance(value, Mapping):
            return value[language]
        return str(value)

    return _PLACEHOLDER.sub(value_of, catalogue[reply.key])


def language_of(text: str) -> str | None:
    """The language of somebody's first words: "zh" for any Han character, "en" for Latin words, else None."""
    if _HAN.search(text):
        return "zh"
    return "en" if _LATIN_WORD.search(text) else None
