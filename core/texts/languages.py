"""Languages: which one somebody's first words are in, and what the CLDR knows of each."""

import re
from functools import cache

from babel import Locale

_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
"""Of a language that is written in several ways, the one that we write."""
_FORMS = ("zero", "one", "two", "few", "many")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


@cache
def locale(language: str) -> Locale:
    """What the CLDR knows of ``language``."""
    return Locale.parse(_LOCALES.get(language, language))


@cache
def plural_forms(language: str) -> tuple[str, ...]:
    """The plural forms of whole numbers in ``language`` by CLDR, "other" last; French has its "many" for millions."""
    return (*(form for form in _FORMS if form in locale(language).plural_form.tags), "other")


def own_name(language: str) -> str:
    """How ``language`` is called in itself."""
    return str(locale(language).get_language_name(language))


def language_of(text: str) -> str | None:
    """The language of somebody's first words: "zh" for any Han character, "en" for Latin words, else None."""
    if _HAN.search(text):
        return "zh"
    return "en" if _LATIN_WORD.search(text) else None
