"""Languages: those that campaigns may be said in, how players call them, and what the CLDR knows of each."""

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from babel import Locale
from babel.core import get_global


class Spoken(NamedTuple):
    """One language: its names, in itself, in English and in Chinese, and others that players give it."""

    own: str
    english: str
    chinese: str
    others: tuple[str, ...] = ()


SPOKEN: Mapping[str, Spoken] = {
    "zh": Spoken("中文", "Chinese", "中文", ("汉语", "华语", "简体中文")),
    "en": Spoken("English", "English", "英文", ("英语",)),
    "ar": Spoken("العربية", "Arabic", "阿拉伯语"),
    "bg": Spoken("български", "Bulgarian", "保加利亚语"),
    "bn": Spoken("বাংলা", "Bangla", "孟加拉语", ("Bengali",)),
    "cs": Spoken("čeština", "Czech", "捷克语"),
    "da": Spoken("dansk", "Danish", "丹麦语"),
    "de": Spoken("Deutsch", "German", "德语", ("德文",)),
    "el": Spoken("Ελληνικά", "Greek", "希腊语"),
    "es": Spoken("español", "Spanish", "西班牙语", ("espanol", "castellano")),
    "et": Spoken("eesti", "Estonian", "爱沙尼亚语"),
    "fa": Spoken("فارسی", "Persian", "波斯语", ("Farsi",)),
    "fi": Spoken("suomi", "Finnish", "芬兰语"),
    "fil": Spoken("Filipino", "Filipino", "菲律宾语", ("Tagalog",)),
    "fr": Spoken("français", "French", "法语", ("francais", "法文")),
    "he": Spoken("עברית", "Hebrew", "希伯来语"),
    "hi": Spoken("हिन्दी", "Hindi", "印地语"),
    "hr": Spoken("hrvatski", "Croatian", "克罗地亚语"),
    "hu": Spoken("magyar", "Hungarian", "匈牙利语"),
    "id": Spoken("Bahasa Indonesia", "Indonesian", "印尼语"),
    "it": Spoken("italiano", "Italian", "意大利语"),
    "ja": Spoken("日本語", "Japanese", "日语", ("日文",)),
    "kk": Spoken("қазақ тілі", "Kazakh", "哈萨克语", ("қазақша",)),
    "km": Spoken("ខ្មែរ", "Khmer", "高棉语"),
    "ko": Spoken("한국어", "Korean", "韩语", ("韩文",)),
    "lo": Spoken("ລາວ", "Lao", "老挝语"),
    "lt": Spoken("lietuvių", "Lithuanian", "立陶宛语"),
    "lv": Spoken("latviešu", "Latvian", "拉脱维亚语"),
    "mn": Spoken("монгол", "Mongolian", "蒙古语"),
    "ms": Spoken("Bahasa Melayu", "Malay", "马来语"),
    "my": Spoken("မြန်မာ", "Burmese", "缅甸语"),
    "nb": Spoken("norsk", "Norwegian", "挪威语", ("bokmål",)),
    "nl": Spoken("Nederlands", "Dutch", "荷兰语"),
    "pl": Spoken("polski", "Polish", "波兰语", ("po polsku",)),
    "pt": Spoken("português", "Portuguese", "葡萄牙语", ("portugues",)),
    "ro": Spoken("română", "Romanian", "罗马尼亚语", ("romana",)),
    "ru": Spoken("русский", "Russian", "俄语", ("по-русски", "俄文")),
    "sk": Spoken("slovenčina", "Slovak", "斯洛伐克语"),
    "sl": Spoken("slovenščina", "Slovenian", "斯洛文尼亚语"),
    "sr": Spoken("српски", "Serbian", "塞尔维亚语", ("srpski",)),
    "sv": Spoken("svenska", "Swedish", "瑞典语"),
    "sw": Spoken("Kiswahili", "Swahili", "斯瓦希里语"),
    "ta": Spoken("தமிழ்", "Tamil", "泰米尔语"),
    "th": Spoken("ไทย", "Thai", "泰语", ("ภาษาไทย",)),
    "tr": Spoken("Türkçe", "Turkish", "土耳其语", ("turkce",)),
    "uk": Spoken("українська", "Ukrainian", "乌克兰语"),
    "ur": Spoken("اردو", "Urdu", "乌尔都语"),
    "uz": Spoken("o‘zbek", "Uzbek", "乌兹别克语", ("ozbekcha",)),
    "vi": Spoken("Tiếng Việt", "Vietnamese", "越南语"),
}
"""By the code of ISO 639 that a campaign file has; names are those of the CLDR, shorter where people say so."""

_LOCALES: Mapping[str, str] = {"zh": "zh_Hans_CN", "en": "en_GB"}
"""Of a language that is written in several ways, the one that we write."""
_SCRIPTS: Mapping[str, tuple[str, ...]] = {
    "Hans": ("CJK",),
    "Jpan": ("HIRAGANA", "KATAKANA", "CJK"),
    "Kore": ("HANGUL",),
    "Latn": ("LATIN",),
    "Cyrl": ("CYRILLIC",),
    "Grek": ("GREEK",),
    "Arab": ("ARABIC",),
    "Hebr": ("HEBREW",),
    "Deva": ("DEVANAGARI",),
    "Beng": ("BENGALI",),
    "Taml": ("TAMIL",),
    "Thai": ("THAI",),
    "Khmr": ("KHMER",),
    "Laoo": ("LAO",),
    "Mymr": ("MYANMAR",),
}
"""How the names of a script's characters begin in Unicode, by its code of ISO 15924."""
_LATIN_WORD = 2
"""So many Latin letters at least are a word."""


@cache
def locale(language: str) -> Locale:
    """What the CLDR knows of ``language``."""
    return Locale.parse(_LOCALES.get(language, language))


@cache
def plural_forms(language: str) -> tuple[str, ...]:
    """The plural forms of whole numbers in ``language`` by CLDR, "other" last; French has its "many" for millions."""
    return (*(form for form in _FORMS if form in locale(language).plural_form.tags), "other")


_FORMS = ("zero", "one", "two", "few", "many")


@cache
def _script(language: str) -> tuple[str, ...]:
    full = get_global("likely_subtags")[language]
    return next((_SCRIPTS[part] for part in full.split("_") if part in _SCRIPTS), ())


def language_of(text: str, spoken: Iterable[str] = ("zh", "en")) -> str | None:
    """The language of somebody's first words: the first of ``spoken`` that is written with their letters.

    A single Chinese character tells; of Latin letters it takes two in a row. None where nothing tells.
    """
    found = _letters(text)
    return next((each for each in spoken if found & set(_script(each))), None) if found else None


def _letters(text: str) -> set[str]:
    """The scripts of which there are letters in ``text``; Chinese characters alone where there are any."""
    found, latin = set[str](), 0
    for character in text:
        name = unicodedata.name(character, "") if character.isalpha() else ""
        script = name.partition(" ")[0]
        if script == "CJK":
            return {"CJK"}
        latin = latin + 1 if script == "LATIN" else 0
        if script and (script != "LATIN" or latin >= _LATIN_WORD):
            found.add(script)
    return found


def name_for(language: str, reader: str) -> str:
    """How whoever reads ``reader`` types the name of ``language``: in itself, but a Latin phone types Latin letters."""
    own = SPOKEN[language].own
    is_latin = _script(reader) == _SCRIPTS["Latn"] != _script(language)
    return SPOKEN[language].english if is_latin else own
