"""Phone numbers: read as people type them and phone books print them, shown masked, told apart by E.164."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

_LONGEST = 100
"""Characters of a number with all that may stand around it."""
_LABEL = (
    r"(?:item\d{1,2}\.)?tel(?:;[^:\n]{1,60})?:|(?:mobile|cell|phone|tel(?:ephone)?|mob|ph)(?: ?(?:phone|number|no))?"
    r"(?![A-Za-z])|number(?![A-Za-z])|sms(?:to)?:|callto:|telprompt:|whatsapp:?|(?:home|work|office)(?![A-Za-z])|(?:联系|聯系|聯絡|联络)?(?:手机|手機|电话|電話)(?:号码?|號碼?)?|联系方式"
    r"|微信|住宅|单位|公司|座机"
)
"""What a phone book, a vCard or a link writes before a number."""
_BEFORE = re.compile(rf"(?:[^\w+(]*(?:{_LABEL})\.?){{0,2}}[^\w+(]*(?:(?:is|是|为)\s*)?", re.IGNORECASE)
_GLUED = re.compile(rf"(?:{_LABEL})[:.]?(?=[+(\d])", re.IGNORECASE)
_AFTER = re.compile(
    r"(?:[\s,;]*(?:ext(?:ension|n)?|x|#|转|轉|分机|分機)[\s.:=]*\d{1,6}号?|[,;pw]{1,3}\d{1,6}#?)?"
    r"(?:\s*\([^()\d]{1,12}\))?[^\w]*$",
    re.IGNORECASE,
)
"""An extension, which no other country and no short code could dial, and what ends a sentence."""
_NUMERALS = str.maketrans("〇零一二三四五六七八九幺", "001234567891")
_IN_NUMERALS = re.compile(r"[〇零一二三四五六七八九幺0-9 -]{7,20}")
_DESK = re.compile(r"-\d{2,5}$")
"""The extension as it is written in China."""
_TYPED = re.compile(r"\(?\+? ?[0-9][0-9 ().\-/]{4,34}")
_RUN = re.compile(r"(?<![A-Za-z0-9])[+(]{0,2}[0-9][0-9 ().\-/]{5,80}")
_ANY_DIGIT = re.compile(r"[\d〇零一二三四五六七八九幺]")
_LEAST_DIGITS, _MOST_DIGITS, _LONGEST_RUN, _MOST_GROUPS = 5, 20, 26, 16
_WITH_CODE = 12
"""So many digits have a country code in them, with or without a plus: no country's own numbers that people type do."""
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SHOWN_BEFORE, _SHOWN_AFTER, _LONG = 3, 4, 10


def half_width(text: str) -> str:
    """``text`` with digits of any script as 0-9, one kind of dash, plus and space, and without marks that are not seen.

    Contacts that are copied on a phone carry marks of direction around the number (U+202A to U+202E, U+2066 to
    U+2069), hyphens and spaces at which no line may break, and keycaps.
    """
    folded = unicodedata.normalize("NFKC", text)
    return folded if folded.isascii() else "".join(map(_half, folded))


@lru_cache(maxsize=4096)
def _half(character: str) -> str:
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    match unicodedata.category(character):
        case "Pd":
            return "-"
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case "Cf" | "Mn" | "Me":
            return ""
        case _:
            return _ALIKE.get(character, character)


_ALIKE = {"−": "-", "⁃": "-", "➕": "+", "·": ".", "•": ".", "・": ".", "‧": ".", "⁄": "/", "∕": "/"}


def has_phone(text: str) -> bool:
    """Whether ``text`` has digits enough for a phone number: most texts are done with this one look."""
    return len(_ANY_DIGIT.findall(text)) >= _LEAST_DIGITS


def looks_like_phone(text: str) -> str | None:
    """The number in half width when ``text`` could be a phone number and nothing else, else None.

    What it is called, an extension and the punctuation around it are no part of the number.
    """
    if len(text) > _LONGEST or not has_phone(text):
        return None
    said = half_width(text).replace("\t", " ").replace("_", " ").strip()
    if _IN_NUMERALS.fullmatch(said):
        said = said.translate(_NUMERALS)
    begins = _BEFORE.match(said)
    said = _AFTER.sub("", said[begins.end() :] if begins else said)
    return said if _TYPED.fullmatch(said) and sum(map(str.isdigit, said)) <= _MOST_DIGITS else None


def read_phone(text: str, region: str | None) -> str | None:
    """The number in E.164 ("+8613800138000"), or None when there is no such number.

    Without a country code it is a number of ``region`` (such as "CN"); without that, none.
    """
    typed = looks_like_phone(text)
    return _e164(typed, region) if typed is not None else None


def _e164(typed: str, region: str | None) -> str | None:
    bare = typed.strip("( ")
    coded = "+" + bare.removeprefix("00") if bare.startswith("00") or sum(map(str.isdigit, bare)) >= _WITH_CODE else ""
    for each in (typed, coded, _DESK.sub("", typed)):
        try:
            number = phonenumbers.parse(each, region)
        except NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return None


def find_phones(text: str, region: str | None) -> tuple[str, ...]:
    """The numbers in a sentence, a card or a list, each once, in E.164 and in their order."""
    if (phone := read_phone(text, region)) is not None:
        return (phone,)
    return tuple(dict.fromkeys(phone for phone, _, _ in spans_of_phones(half_width(text), region)))


def spans_of_phones(said: str, region: str | None) -> list[tuple[str, int, int]]:
    """The numbers in ``said``, which is in half width, and from where to where each of them stands."""
    room = _GLUED.sub(lambda label: " " * len(label[0]), said)
    found = [
        (phonenumbers.format_number(match.number, PhoneNumberFormat.E164), match.start, match.end)
        for match in PhoneNumberMatcher(room, region or "ZZ")
    ]
    for run in _RUN.finditer(room):
        if not any(start < run.end() and run.start() < end for _, start, end in found):
            found += _one_after_another(run, region)
    return sorted(found, key=lambda each: each[1])


def _one_after_another(run: re.Match[str], region: str | None) -> list[tuple[str, int, int]]:
    """The numbers of a run of groups in which one may begin where another one, or a postcode, ended."""
    groups = [(run.start() + group.start(), run.start() + group.end()) for group in re.finditer(r"[^\s/]+", run[0])]
    found: list[tuple[str, int, int]] = []
    if len(groups) > _MOST_GROUPS:
        return found
    for index, (start, _) in enumerate(groups):
        if found and start < found[-1][2]:
            continue
        ends = (end for _, end in groups[index:] if end - start <= _LONGEST_RUN)
        read = ((phone, start, end) for end in ends if (phone := read_phone(run.string[start:end], region)))
        found += [first for first in [next(read, None)] if first]
    return found


def find_phone(text: str, region: str | None) -> str | None:
    """The one number in a sentence, in E.164; None when there is none, or more than one."""
    found = find_phones(text, region)
    return found[0] if len(found) == 1 else None


def phone_of(user: str) -> str | None:
    """The phone number of an address whose user is one: adapters of such channels hand it over in E.164."""
    return user if _E164.fullmatch(user) else None


def masked(phone: str) -> str:
    """A number in E.164 as others may see it: 138****8000."""
    try:
        digits = _national(phonenumbers.parse(phone))
    except NumberParseException:
        digits = phone.removeprefix("+")  # of no numbering plan that anybody knows
    if len(digits) < _LONG:
        return "*" * (len(digits) - 2) + digits[-2:]
    hidden = len(digits) - _SHOWN_BEFORE - _SHOWN_AFTER
    return digits[:_SHOWN_BEFORE] + "*" * hidden + digits[-_SHOWN_AFTER:]


def for_courier(phone: str, region: str | None) -> str:
    """A number in E.164 as a courier of ``region`` dials it; of another country with its code."""
    number = phonenumbers.parse(phone)
    if region is not None and phonenumbers.region_code_for_number(number) == region:
        return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return f"({'+'}{number.country_code}) {_national(number)}"


def _national(number: PhoneNumber) -> str:
    return str(phonenumbers.national_significant_number(number))
