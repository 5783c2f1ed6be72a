"""Parcel block: name, phone and address as people paste them: in a line or several, labelled or not, in any order.

Shops and chat apps copy such blocks ("收货人: … 手机号码: … 所在地区: … 详细地址: …"), and letters carry them.
Libraries that cut Chinese addresses (cpca, jionlp) bring a segmenter and tables of all districts, tens of megabytes,
to tell a province from a city. A courier reads the address as it is: here only the name and number are told from it.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.phones import half_width, spans_of_phones
from core.speech.decoration import unsigned
from core.speech.name_shape import is_sentence, is_talk
from handlers.claims.parcel_words import (
    CHINESE_NAME,
    CHINESE_PLACE,
    LABEL,
    NAME_BEFORE,
    NAME_BEHIND,
    SURE_NAME,
    WESTERN_PLACE,
)
from handlers.claims.waybill import of_recipient
from handlers.consent import says_stop

LONGEST_NAME, LONGEST_ADDRESS = 60, 200
_SHORTEST_ADDRESS = 5
_LONGEST = 1000
_EDGES = " \t\n,，;；、|/。:：-—_·*#"
_POLITE = re.compile(
    r"^(?:(?:hi|hello|hey)[\s,!]*)?(?:please )?(?:ship|send|deliver)(?: it)? to\b[\s:]*"
    r"|^(?:(?:收[货件]|快递|邮寄|我的)*(?:信息|资料)[:：]|(?:快递|麻烦|请|帮我)*[寄发送][到给至往][:：]?)\s*"
    r"|^(?:(?:你好|您好|hi|hello|hey|麻烦|请|谢谢)[\s,，!！:：。~]*)+(?:寄[到给至往]?|发[到给]?)?[\s:：]*"
    r"|[\s,，;；。.!！]*(?:谢谢[你您]?|多谢|thanks|thank you)[\s。.!！~]*$",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    r"\b(?:and )?my ((?:full )?name|address|(?:phone|mobile|cell)(?: number)?|number) is ", re.IGNORECASE
)
_COUNTED = re.compile(r"(?:^|(?<=[\s,，;；]))[1-4][、.．)）]\s*(?=\D|1\d{10}|\+)")
_SPACED = re.compile(
    r"(?<![\u3400-\u9fff])([收手电電地姓邮])[ \u3000]+([\u3400-\u9fff])(?:[ \u3000]+([\u3400-\u9fff]))?"
    r"(?=[ \u3000]*[:：])"
)
"""Labels spaced out to one width: 地 址："""
_TITLE = re.compile(r"^(?:dr|mr|mrs|ms|prof|st)\b\.?", re.IGNORECASE)
_ADDRESS_OF_A_PAGE = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)
_DROPPED = re.compile(r"[^\s,，;；@]+@[\w.-]+|(?<![\d*])\+?\d{0,4}[ -]?\d{2,4}[*＊xX]{3,8}\d{2,4}(?!\d)")
"""A mail address, and a number as shops show it, which nobody can call."""
_PHONE_BEGINS, _PHONE_ENDS = (
    re.compile(r"[(（+＋\s]*$"),
    re.compile(r"[)）]?(?:[\s,]*(?:ext\.?|x|转|分机)\s*\d{1,6})?", re.IGNORECASE),
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_CHINESE_CUT, _WESTERN_CUT = re.compile(r"[\s,，;；、|。]+"), re.compile(r"\s*[\n,，;；|\t]+\s*")
_RECEIVES = re.compile(r"(?<=\S\S)\s*[（(]?\s*收\s*[)）]?$")
_CALL = re.compile(
    r"[\s,，;；]*(?<![A-Za-z])(?:call|and|phone|tel|mobile|电话|手机|联系方式|联系电话)[\s:：.]*$", re.IGNORECASE
)
_BEGINS_WITH_NAME = re.compile(r"([^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,3}) (?=\d)")
_MANY_DIGITS = re.compile(r"\d{7}")
_MOST_WORDS, _FEW_WORDS, _LONG_SENTENCE, _SIGNS = 4, 2, 4, 2


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a text says of where a parcel goes; None for what it does not say."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    labelled: bool = False

    @property
    def said(self) -> dict[str, str]:
        """The fields that are said."""
        fields = {"name": self.name, "phone": self.phone, "address": self.address}
        return {field: value for field, value in fields.items() if value is not None}


def as_name(text: str) -> str | None:
    """``text`` as the name of who receives a parcel, or None for thanks, a yes, a number, a sentence and the like."""
    said = _RECEIVES.sub("", _line(text).strip(" \t,，;；:：|"))
    if not 1 <= len(said) <= LONGEST_NAME or not any(map(str.isalpha, said)) or is_talk(said) or is_place(said):
        return None
    if (len(said) == 1 and said.isascii()) or _ADDRESS_OF_A_PAGE.fullmatch(said):
        return None
    if says_stop(said):
        return None
    long = len(_HAN.findall(said)) > _LONG_SENTENCE or len(said.split()) > _FEW_WORDS
    return None if _MANY_DIGITS.search(half_width(said)) or (long and is_sentence(said)) else said


def as_address(text: str) -> str | None:
    """``text`` as an address, or None when it is too short or long, or only something that people say."""
    said = _line(text)
    if not _SHORTEST_ADDRESS <= len(said) <= LONGEST_ADDRESS or not any(map(str.isalpha, said)) or is_talk(said):
        return None
    if _is_like_place(said) and not _ADDRESS_OF_A_PAGE.fullmatch(said):
        return said
    once = " ".join(dict.fromkeys(said.casefold().split()))
    is_none = _HAN.search(said) or _ADDRESS_OF_A_PAGE.fullmatch(said) or is_sentence(said) or is_talk(once)
    return None if is_none else said


def is_place(said: str) -> bool:
    """Whether ``said`` is an address for sure: two signs of one in Chinese, or a number and a kind of street."""
    if _HAN.search(said):
        return len(CHINESE_PLACE.findall(said)) >= _SIGNS
    return any(map(str.isdigit, said)) and any(not sign[0].isdigit() for sign in WESTERN_PLACE.findall(said))


def read_parcel(text: str, region: str | None, *, named: bool = False) -> Parcel:
    """What ``text`` says, as far as it can be told apart; ``region`` is where a number without country code is from.

    Several numbers are none, as one is called. Where a name is known (``named``), the end of an address is none.
    """
    said = _plainly(text)
    loose: list[str] = []
    places: dict[str, list[str]] = {"region": [], "address": [], "post": []}
    phones: list[str] = []
    sections = _sections(said)
    for field, section in sections:
        found, chunks = _without_phones(section, region)
        phones += found
        places.get(field, loose).extend(chunks)
    if not phones and is_talk(text):
        return Parcel()
    names = [section for field, section in sections if field == "name"]
    if len(names) > 1 and all(len(each.split()) == 1 for each in names):
        loose = [" ".join(map(str.strip, names))]  # first name, last name
    name, rest = _told_apart(loose, named=named)
    chinese = any(_HAN.search(chunk) for chunks in places.values() for chunk in chunks)
    order = ("region", "address", "post") if chinese else ("address", "region", "post")
    place = [chunk for field in order for chunk in places[field]]
    if name is None and phones:
        name, place = _told_apart(place, named=True)
    address = as_address(_joined([*place, *rest]))
    numbers = set(phones)
    return Parcel(name, phones[0] if len(numbers) == 1 else None, address, labelled=len(sections) > 1)


def _plainly(text: str) -> str:
    """``text`` without what stands around a block, its labels as labels are spelt."""
    said = _POLITE.sub("", _DROPPED.sub(" ", unsigned(of_recipient(_seen(text[:_LONGEST])))))
    said = _IN_WORDS.sub(r"\n\1: ", _COUNTED.sub("", said))
    return _SPACED.sub(lambda label: "".join(filter(None, label.groups())), said)


def _seen(text: str) -> str:
    """``text`` without marks that are not seen."""
    kept = (each for each in text if unicodedata.category(each) != "Cf")
    return "".join(each if each == "\n" or unicodedata.category(each)[0] != "C" else " " for each in kept).strip()


def _line(text: str) -> str:
    return " ".join("".join(each if unicodedata.category(each)[0] != "C" else " " for each in text).split())


def _is_like_place(said: str) -> bool:
    return bool((CHINESE_PLACE if _HAN.search(said) else WESTERN_PLACE).search(said))


def _sections(said: str) -> list[tuple[str, str]]:
    """The parts of ``said`` by the labels before them: (field, text); the field is "" for what has none."""
    labels = [
        label
        for label in LABEL.finditer(said)
        if not label[0].endswith("\n") or label.start() == 0 or said[label.start() - 1] == "\n"
    ]
    ends = [*(label.start() for label in labels), len(said)]
    labelled = [(str(each.lastgroup), said[each.end() : end]) for each, end in zip(labels, ends[1:], strict=True)]
    return [("", said[: ends[0]]), *labelled]


def _without_phones(said: str, region: str | None) -> tuple[list[str], list[str]]:
    """The numbers in ``said``, and what stands before, between and after them."""
    aligned = "".join(half if len(half := half_width(each)) == 1 else each for each in said)
    phones, chunks, begins = [], [], 0
    for phone, start, end in spans_of_phones(aligned, region):
        phones.append(phone)
        before, after = _PHONE_BEGINS.search(said, begins, start), _PHONE_ENDS.match(said, end)
        chunks.append(said[begins : before.start() if before else start])
        begins = after.end() if after else end
    kept = [_CALL.sub("", chunk).strip(_EDGES) for chunk in (*chunks, said[begins:])]
    return phones, [chunk for chunk in kept if chunk]


def _told_apart(chunks: Sequence[str], *, named: bool) -> tuple[str | None, list[str]]:
    """The name among ``chunks``, between which numbers or labels stood, and the segments of all the rest."""
    cut = [(_CHINESE_CUT if _HAN.search(chunk) else _WESTERN_CUT).split(chunk) for chunk in chunks]
    groups = [segments for each in cut if (segments := [kept for one in each if (kept := one.strip(_EDGES))])]
    flat = [segment for group in groups for segment in group]
    best, at = 0, -1
    begins = 0
    for group in groups:
        for place in sorted({begins, begins + len(group) - 1}):
            last = place == len(flat) - 1 and not named
            if (score := _score(flat[place], alone=len(group) == 1, first=place == 0, last=last)) > best:
                best, at = score, place
        begins += len(group)
    if best:
        return as_name(flat[at]), [*flat[:at], *flat[at + 1 :]]
    for place, segment in enumerate(flat):
        words = _BEGINS_WITH_NAME.match(segment) if place == 0 and is_place(segment) else None
        for glued in (NAME_BEFORE.match(segment), NAME_BEHIND.search(segment), words):
            if glued is not None and (name := as_name(glued[1])) is not None and not is_sentence(name):
                rest = (segment[: glued.start()] + segment[glued.end() :]).strip(_EDGES)
                return name, [*flat[:place], rest, *flat[place + 1 :]]
    return None, flat


def _score(said: str, *, alone: bool, first: bool, last: bool) -> int:
    """How likely ``said`` is a name, which stands ``alone`` between numbers, or is the first or last part of all."""
    segment = _RECEIVES.sub("", said)
    sure = SURE_NAME.fullmatch(segment)
    if as_name(segment) is None or (sure is None and is_sentence(segment)):
        return 0
    if _HAN.search(segment) is None:
        words = segment.split()
        if WESTERN_PLACE.search(_TITLE.sub("", segment)) or len(words) > _MOST_WORDS:
            return 0
        return 4 if alone else 3 if first else 2 if last and len(words) >= _FEW_WORDS else 0
    place = CHINESE_PLACE.search(segment)
    if place is None and sure is not None:
        return 5 if alone else 4
    return 2 if place is None and CHINESE_NAME.fullmatch(segment) and (alone or first) else 1 if sure and alone else 0


def _joined(segments: Iterable[str]) -> str:
    """The segments of an address in one line, as its script has it."""
    kept = [segment for segment in segments if segment]
    between = " " if any(map(_HAN.search, kept)) else ", "
    return between.join(" ".join(segment.split()) for segment in kept).rstrip(" .")
