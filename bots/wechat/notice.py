"""A template of the account: which of its fields a text fills, what stands in the others, and where a tap leads.

What each kind of field takes is known from its name (``thing1``), so a value that the platform would refuse is refused
where the account is read, and words are cut to what their field takes. Specification:
https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message/sendMessage.html
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_TIME = "{time}"
"""Stands for the time at which a text was said, in China."""
_CHINA = timezone(timedelta(hours=8))
_WORDS = 20
"""What a field takes, unless the account says more of one of which nothing is known."""
_AN_HOUR = r"\d{1,2}:\d{2}(:\d{2})?"
_A_DAY = r"(\d{4}(年|[-/.]))?\d{1,2}(月|[-/.])(\d{1,2}日?)?|\d{4}年"
_NAMED = re.compile(r"([a-z]+(?:_[a-z]+)*)\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of field: ``most`` characters of what ``pattern`` says, which ``takes`` tells people."""

    most: int
    pattern: str
    takes: str
    words: bool = False
    """Whether any text may stand there."""


KINDS: Mapping[str, Kind] = {
    "thing": Kind(20, r".+", "any text", words=True),
    "const": Kind(20, r".+", "one of the values that the template lists"),
    "character_string": Kind(32, r"[^\u3400-\u9fff]+", "digits, letters and signs"),
    "letter": Kind(32, r"[A-Za-z]+", "letters"),
    "number": Kind(32, r"-?\d+(\.\d+)?", "digits"),
    "symbol": Kind(5, r"[^\w\s]+", "signs"),
    "time": Kind(60, rf"(({_A_DAY}) )?{_AN_HOUR}(~(({_A_DAY}) )?{_AN_HOUR})?", "a time such as 15:01"),
    "date": Kind(60, rf"({_A_DAY})( {_AN_HOUR})?(~({_A_DAY})( {_AN_HOUR})?)?", "a day such as 2026年12月1日"),
    "amount": Kind(14, r"[^\w\s]?\d{1,10}(\.\d+)?元?", "at most 10 digits, with ¥ before or 元 behind them"),
    "phone_number": Kind(17, r"[-+()\d ]+", "digits and signs"),
    "car_number": Kind(8, r"[\u3400-\u9fff]?[A-Za-z0-9]+[\u3400-\u9fff]?", "a number plate such as 粤A8Z888"),
    "name": Kind(20, r"[\u3400-\u9fff]{1,10}|[^\d\u3400-\u9fff]+", "10 Chinese characters or 20 letters"),
    "phrase": Kind(5, r"[\u3400-\u9fff]+", "Chinese characters"),
}
"""By the name that fields of the kind begin with; of others, such as ``keyword1``, nothing is known."""


class MiniProgram(BaseModel):
    """A mini program that is linked to the account, and the page of it that a tap opens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    app_id: Annotated[str, Field(pattern=r"^wx[0-9a-f]{16}$")]
    page: str = ""


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Notice(BaseModel):
    """A template of the account, and the fields of it that a text fills: it goes on from one to the next.

    ``also`` are the values of the others, in which "{time}" is when the text was said.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(min_length=1)]
    field: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1), BeforeValidator(_listed)] = (
        "thing1",
    )
    also: Mapping[str, Annotated[str, Field(min_length=1)]] = {}
    characters: Annotated[int, Field(ge=2)] = _WORDS
    """How much of a text a field takes, where its kind does not take less."""
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=1024)] | None = None
    """Where a tap leads."""
    mini: MiniProgram | None = None
    """The same where the app knows mini programs."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for name in self.field:
            kind = kind_of(name)
            if kind and not kind.words:
                raise ValueError(f"field: {name} takes {kind.takes}, and no words; give its value in also")
        if len(set(self.field)) < len(self.field):
            raise ValueError("field: the same field stands there twice")
        for name, value in self.also.items():
            if name in self.field:
                raise ValueError(f"also: {name} is filled with the words; take it away from one of them")
            if (wrong := misfit(name, value.replace(_TIME, told(datetime(2026, 12, 10, tzinfo=_CHINA))))) is not None:
                raise ValueError(f"also: {name}: {wrong}")
        return self

    def room(self, name: str) -> int:
        """How many characters of a text the field ``name`` takes."""
        kind = kind_of(name)
        return min(kind.most, self.characters) if kind else self.characters

    def filled(self, text: str, said_at: datetime) -> tuple[Mapping[str, str], bool]:
        """What stands in all fields, ``text`` in one line over those for it; whether some of it is left.

        It is cut between words where that can be.

        A field without a value is refused by the platform, so those that are left over hold a dash.
        """
        values = {name: value.replace(_TIME, told(said_at)) for name, value in self.also.items()}
        line = " ".join("".join(one for one in text if one.isspace() or unicodedata.category(one) != "Cc").split())
        last = self.field[-1]
        for name in self.field:
            room = self.room(name)
            piece = line[:room]
            space = piece.rfind(" ") if len(line) > room and line[room] != " " else -1
            if name != last and space > 0:
                piece = piece[:space]
            values[name] = piece or "-"
            line = line[len(piece) :].lstrip()
        if line:
            values[last] = f"{values[last][: self.room(last) - 1]}…"
        return values, bool(line)


def kind_of(name: str) -> Kind | None:
    """The kind of the field ``name``; None for one of which nothing is known."""
    found = _NAMED.fullmatch(name)
    return KINDS.get(found[1]) if found else None


def misfit(name: str, value: str) -> str | None:
    """Why the field ``name`` does not take ``value``; None when it does, or nobody knows."""
    kind = kind_of(name)
    if kind is None or (len(value) <= kind.most and re.fullmatch(kind.pattern, value)):
        return None
    return f"it takes {kind.takes}, {kind.most} characters at most"


def told(at: datetime) -> str:
    """``at`` as fields for times and days take it, in China."""
    here = at.astimezone(_CHINA)
    return f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"
