"""Languages: those that campaigns may be said in, how people call them, and what the CLDR knows of each."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from babel import Locale, localedata
from babel.core import get_global
from babel.languages import get_official_languages

LANGUAGES = ("zh", "en")
"""Those that Huoju comes in."""

_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
"""Of a language that is written in several ways, the one that we write."""
_FORMS = ("zero", "one", "two", "few", "many")
_TAG = re.compile(r"[a-z]{2,3}")
_OWN_NAMES = {"id": "Bahasa Indonesia", "ms": "Bahasa Melayu"}
"""Where people say more than the CLDR."""
_OTHER_NAMES: Mapping[str, Sequence[str]] = {
    "zh": ("汉语", "华语", "简体中文"),
    "id": ("Indonesia", "印尼语", "印尼文"),
    "th": ("ภาษาไทย",),
    "fil": ("Tagalog",),
}
_SCRIPTS: Mapping[str, Collection[str]] = {
    "Hans": {"CJK"},
    "Jpan": {"HIRAGANA", "KATAKANA", "CJK"},
    "Kore": {"HANGUL"},
    "Latn": {"LATIN"},
    "Cyrl": {"CYRILLIC"},
    "Grek": {"GREEK"},
    "Arab": {"ARABIC"},
    "Hebr": {"HEBREW"},
    "Deva": {"DEVANAGARI"},
    "Beng": {"BENGALI"},
    "Taml": {"TAMIL"},
    "Thai": {"THAI"},
    "Khmr": {"KHMER"},
    "Laoo": {"LAO"},
    "Mymr": {"MYANMAR"},
}
"""How the names of a script's letters begin in Unicode, by its code of ISO 15924."""
_LATIN = frozenset({"LATIN"})
_LATIN_WORD = 2
"""So many Latin letters in a row are a word."""
_FIRST_WORDS = 200
"""Characters that are looked at."""


def is_language(tag: str) -> bool:
    """Whether ``tag`` is a language of ISO 639, without script and country, that the CLDR knows."""
    return _TAG.fullmatch(tag) is not None and localedata.exists(tag)


def language_meant(said: str) -> str | None:
    """The language that somebody may mean who writes ``said``: vi-VN, VN, Vietnamese; None where nobody knows."""
    head = re.split("[-_]", said.strip(), maxsplit=1)[0]
    code = get_global("language_aliases").get(head.casefold(), head.casefold())
    if is_language(code):
        return str(code)
    named = _named().get(_plain(said))
    official = get_official_languages(head.upper()) if len(head) == len("VN") else ()
    return named or next((each for each in official if is_language(each)), None)


@cache
def _named() -> Mapping[str, str]:
    tags = [tag for tag in localedata.locale_identifiers() if is_language(tag)]
    return {_plain(name): tag for tag in tags for name in (own_name(tag), english_name(tag))}


def _plain(name: str) -> str:
    return unmarked(name).casefold().strip()


def unmarked(text: str) -> str:
    """``text`` without the marks on its letters, as a phone without them types it."""
    marked = unicodedata.normalize("NFD", text).replace("đ", "d").replace("Đ", "D")
    return "".join(each for each in marked if not unicodedata.combining(each))


@cache
def locale(language: str) -> Locale:
    """What the CLDR knows of ``language``."""
    return Locale.parse(_LOCALES.get(language, language))


@cache
def plural_forms(language: str) -> tuple[str, ...]:
    """The plural forms of whole numbers in ``language`` by CLDR, "other" last; French has its "many" for millions."""
    return (*(form for form in _FORMS if form in locale(language).plural_form.tags), "other")


@cache
def own_name(language: str) -> str:
    """How ``language`` is called in itself."""
    name = _OWN_NAMES.get(language) or str(locale(language).get_language_name(language) or language)
    return name[0].upper() + name[1:]


@cache
def english_name(language: str) -> str:
    """How ``language`` is called in English."""
    return str(Locale.parse(language).get_language_name("en") or language)


@cache
def chinese_name(language: str) -> str:
    """How ``language`` is called in Chinese."""
    return str(Locale.parse(language).get_language_name("zh") or language)


@cache
def names_of(language: str) -> tuple[str, ...]:
    """All that people call ``language``: in itself, with and without marks on letters, in English and in Chinese."""
    own, chinese = own_name(language), chinese_name(language)
    each = (own, unmarked(own), english_name(language), chinese, re.sub("语$", "文", chinese))
    return tuple(dict.fromkeys((*each, *_OTHER_NAMES.get(language, ()))))


@cache
def script(language: str) -> Collection[str]:
    """How the names of the letters of ``language`` begin in Unicode; nothing for a script that nobody told us of."""
    full = get_global("likely_subtags").get(language, "")
    return next((_SCRIPTS[part] for part in full.split("_") if part in _SCRIPTS), ())


def is_latin(language: str) -> bool:
    """Whether ``language`` is written in Latin letters, as codes are."""
    return "LATIN" in script(language)


def named_as(word: str, language: str) -> str:
    """A ``word`` to type, as texts in ``language`` name it: in capitals where codes are typed in the same letters."""
    return word.upper() if is_latin(language) else word


def languages_of(text: str, spoken: Sequence[str] = LANGUAGES) -> list[str]:
    """Those of ``spoken`` that are written in the letters of somebody's first words.

    One Chinese character tells; of Latin letters it takes two in a row.
    """
    found = _letters(text[:_FIRST_WORDS])
    told = (found - _LATIN, found & _LATIN)  # Latin letters beside others are a brand's name
    return next((each for letters in told if (each := [one for one in spoken if letters & set(script(one))])), [])


def language_of(text: str, spoken: Sequence[str] = LANGUAGES) -> str | None:
    """The one language of ``spoken`` in which ``text`` may be; None where there is none, or several."""
    found = languages_of(text, spoken)
    return found[0] if len(found) == 1 else None


def _letters(text: str) -> set[str]:
    """The scripts of which there are letters in ``text``."""
    found, latin = set[str](), 0
    for character in text:
        begins = unicodedata.name(character, "").partition(" ")[0] if character.isalpha() else ""
        latin = latin + 1 if begins == "LATIN" else 0
        if begins and (begins != "LATIN" or latin >= _LATIN_WORD):
            found.add(begins)
    if found & {"HIRAGANA", "KATAKANA"}:
        found.discard("CJK")
    return found
