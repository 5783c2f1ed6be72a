"""Attachments: what a message brings along beside its words, and how its content is fetched."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol

from pydantic import TypeAdapter

MOST = 10
"""Attachments of a message that are kept."""
_HANDLE_LIMIT = 1024
_NAME_LIMIT = 255
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,127}")
_LATITUDE, _LONGITUDE = 90, 180
_PLACES = Decimal("0.000001")


class MediaKind(StrEnum):
    """What somebody sent, as people would call it."""

    PHOTO = "photo"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Media:
    """Content that the platform keeps for us for some time: whoever wants it has it fetched, and soon."""

    kind: MediaKind
    handle: str
    """What the platform calls it; the fetcher of the same account knows what that means."""
    name: str | None = None
    """The name of the file, as its sender has it."""
    content_type: str | None = None
    """As the platform says, which may have it from the sender."""
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A point on the map in degrees, and what the sender's app calls it."""

    latitude: Decimal
    longitude: Decimal
    title: str = ""

    @classmethod
    def of(cls, latitude: object, longitude: object, title: str = "") -> "Location | None":
        """The point that a platform spells; None where that is none on earth."""
        try:
            north, east = (Decimal(str(given)).quantize(_PLACES) for given in (latitude, longitude))
            on_earth = abs(north) <= _LATITUDE and abs(east) <= _LONGITUDE  # which no NaN can be asked
        except InvalidOperation:
            return None
        return cls(north, east, title) if on_earth else None


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A contact that was shared: the number as the phone book has it."""

    phone: str
    name: str = ""
    own: bool = False
    """Whether the platform vouches for it as the sender's own."""


Attachment = Media | Location | ContactCard

_KEPT = TypeAdapter(tuple[Attachment, ...])


def kept(attachments: tuple[Attachment, ...]) -> str:
    """``attachments`` as they are sealed: JSON, which :func:`opened` reads."""
    return _KEPT.dump_json(attachments, exclude_defaults=True).decode()


def opened(text: str) -> tuple[Attachment, ...]:
    """What :func:`kept` wrote. Raises ValueError for anything else."""
    return _KEPT.validate_json(text)


def harmless(attachments: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """At most :data:`MOST` of ``attachments``, none of whose words can do harm; one without a usable handle is left."""
    kept = [each for each in map(_harmless, attachments) if each is not None]
    return tuple(kept[:MOST])


def _harmless(attachment: Attachment) -> Attachment | None:
    match attachment:
        case Media(handle=handle, name=name, content_type=content_type, size_bytes=size):
            if not 0 < len(handle) <= _HANDLE_LIMIT or not handle.isprintable():
                return None
            plain = (content_type or "").partition(";")[0].strip().lower()
            return replace(
                attachment,
                name=(_line(name).replace("/", "_").replace("\\", "_") or None) if name else None,
                content_type=plain if _CONTENT_TYPE.fullmatch(plain) else None,
                size_bytes=size if size is not None and size >= 0 else None,
            )
        case Location():
            return replace(attachment, title=_line(attachment.title))
        case ContactCard():
            return replace(attachment, phone=_line(attachment.phone), name=_line(attachment.name))


def _line(text: str) -> str:
    """``text`` in one line of what can be shown and stored."""
    whole = text[:_NAME_LIMIT].encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join("".join(one if one.isprintable() else " " for one in whole).split())


@dataclass(frozen=True, slots=True)
class Fetched:
    """The content of one Media, whole."""

    content: bytes
    content_type: str | None = None
    """As the platform says with the content."""


@dataclass(frozen=True, slots=True)
class NotFetched:
    """The content is not to be had, now or ever. ``error`` is a code."""

    error: str
    again: bool
    """Whether another try may do better."""


TOO_LARGE, EXPIRED = "too_large", "expired"
"""Errors for good: it has more bytes than were wanted, or the platform keeps it no more."""


class MediaFetcher(Protocol):
    """Fetches what was sent to one of our accounts. Called from any thread, never inside a transaction."""

    def fetch(self, media: Media, limit_bytes: int) -> Fetched | NotFetched:
        """The content of ``media`` within 20 seconds; more than ``limit_bytes`` are never kept in memory.

        Every fault of the platform that is known is a value.
        """
        ...
