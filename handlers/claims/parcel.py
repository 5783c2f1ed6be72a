"""Parcel: a name, number and address that nobody asked for: taken to a delivery that wants them, or kept nowhere."""

import re
from dataclasses import dataclass

from core.brake import has_wearied
from core.context import Context
from core.engine.routes import SPOKEN, CodeFormats, Requires, Route, Stage
from core.messages import Reply
from core.phones import looks_like_phone
from core.speech.codes_in_text import Spelt, spelt_in
from core.speech.name_shape import is_sentence
from handlers.claims.load import CLAIMS
from handlers.claims.parcel_block import is_place, read_parcel
from handlers.claims.parcel_words import LABEL
from handlers.claims.unasked import take_unasked
from handlers.codes import Redeem, played_by, redeem

_MANY_DIGITS = re.compile(r"\d(?:[ ().\-/\u2010-\u2015\u2060-\u2069\u202a-\u202e\xa0]{0,3}\d){6,}")
"""As many as phone numbers have."""
_FULL_ADDRESS = re.compile(
    r"[省市区區县縣州].{0,24}[路街道村镇鎮巷弄园園苑区區厦廈号號].{0,12}\d.{0,8}[号號栋棟幢楼樓室座层層户]"
    r"|\b\d{1,5}[A-Za-z]? [\w .'’-]{2,40}\b(?:street|st|road|rd|avenue|ave|boulevard|blvd|lane|ln|drive|dr|court|way)\b"
    r".{0,10}[,\n][\w ,.\n]{2,60}\b(?:\d{4,6}|[A-Z]{1,2}\d\w? ?\d[A-Z]{2})\b",
    re.IGNORECASE,
)
"""A town, a street and a house, which nobody says for anything else."""


_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Parcel:
    """Where something would go; codes that stand beside it, or that it only looks like, are looked up."""

    spelt: tuple[Spelt, ...] = ()

    @property
    def requires(self) -> Requires:
        """What is to be delivered to the sender, and the rows of the codes."""
        return Redeem(self.spelt).requires | CLAIMS


def recognise_parcel(text: str, code_formats: CodeFormats) -> Parcel | None:
    """A text that surely says where a parcel would go."""
    return Parcel(spelt_in(text, code_formats)) if holds_parcel(text) else None


def has_many_digits(text: str) -> bool:
    """Whether ``text`` has a run of as many digits as phone numbers have."""
    return _MANY_DIGITS.search(text) is not None


def holds_parcel(text: str) -> bool:
    """Whether ``text`` surely says where a parcel would go, though nobody asked: a block, or an address in full.

    Numbers are read as Chinese ones or with their country code; of others it is enough here that they stand beside
    an address.
    """
    numbered = has_many_digits(text)
    if not numbered and _FULL_ADDRESS.search(text) is None and LABEL.search(text) is None:
        return False
    if looks_like_phone(text) is not None:
        return False
    read = read_parcel(text, "CN")
    talks = bool(_HAN.search(text)) and is_sentence(read.address or "")
    if len(read.said) > 1 and (read.labelled or None not in {read.name, read.phone, read.address}):
        return read.name is not None or not talks
    told_apart = read.phone is not None or read.name is not None or not _HAN.search(text)
    surely = (numbered and told_apart) or _FULL_ADDRESS.search(text) is not None
    return surely and not talks and read.address is not None and is_place(read.address)


def take_parcel(ctx: Context, intent: Parcel) -> list[Reply]:
    """Answer a code that exists; else offer the address to a delivery. Nothing of an address ever costs a try."""
    known = tuple(each for each in intent.spelt if played_by(ctx, each.code))
    if known and not has_wearied(ctx.rows.brake, ctx.address, ctx.now):
        return redeem(ctx, Redeem(known))
    region = ctx.campaign.rules.region if ctx.campaign else None
    return take_unasked(ctx, read_parcel(ctx.message.text, region).said)


ROUTE = Route(
    "parcel", recognise_parcel, take_parcel, defers_to_prompt=True, renews=True, kinds=SPOKEN, stage=Stage.PATTERN
)
