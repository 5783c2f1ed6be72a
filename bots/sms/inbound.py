"""What an HTTP gateway's receiving half is handed, and what it makes of it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qsl

from flask import Response
from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge

from bots.base import Malformed, Unusable
from bots.sms.account import SmsAccount
from core.attachments import Attachment
from core.messages import InboundKind
from core.parts import Part
from core.sending.delivery_reports import DeliveryReport

FIELDS_LIMIT = 10_000

_HEADERS = (("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"))


@dataclass(frozen=True, slots=True)
class InboundRequest:
    """One request, its bytes as they came."""

    method: str
    origin: str
    """Scheme and host as we were called, such as "https://sms.example"."""
    path: str
    query: bytes
    headers: Headers
    read: Callable[[], bytes]
    """Reads the body, once; before the request has proved itself only where the proof covers it."""
    at: datetime

    @property
    def body(self) -> bytes:
        """The body, whole. Raises Cut, or what else bots/request_body.py raises."""
        return self.read()

    @property
    def target(self) -> str:
        """Path and query."""
        return self.path + ("?" + self.query.decode("latin-1") if self.query else "")

    def query_fields(self) -> list[tuple[bytes, bytes]]:
        """The parameters of the query. Raises Malformed."""
        return pairs(self.query)

    def form_fields(self) -> list[tuple[bytes, bytes]]:
        """The fields of the body, when it is a form. Raises Malformed."""
        if not self.headers.get("Content-Type", "").lower().startswith("application/x-www-form-urlencoded"):
            return []
        return pairs(self.body)


@dataclass(frozen=True, slots=True)
class Mo:
    """One message of a player (mobile originated), as the gateway tells it."""

    sender: str
    """As the gateway spells it."""
    external_id: str
    text: str
    kind: InboundKind = InboundKind.TYPED
    answered: bool = False
    """The gateway has said something to it already: nothing of ours goes back in the connection."""
    part: Part | None = None
    """Which part of a long message it is, where the gateway tells them one by one."""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """A thing in a request that proved itself, and from which nothing follows: it is counted, and thanked for."""

    what: str
    """One of few words of ours, such as "receipt:unnamed"."""
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyWindow:
    """How long a gateway waits. Without ``answer_within`` its connection takes no texts: the sender delivers them."""

    limit_s: float
    answer_within: timedelta | None = None
    room_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Authentication:
    """How a body and the proof of who sent it belong together."""

    in_body: bool = False
    """The proof stands in it, or is made of it: nothing is known before it was read."""
    covers: bool = False
    """A proof that holds shows that it is whole, too."""


class BodyTooLong(Unusable):
    """More than is read: it would be as long when it came again."""


class Inbound(Protocol):
    """The receiving half of one account at an HTTP gateway. It authenticates the bytes of every request first."""

    @property
    def account(self) -> SmsAccount:
        """Whose it is."""
        ...

    @property
    def reply_window(self) -> ReplyWindow:
        """How long the gateway waits for an answer."""
        ...

    @property
    def methods(self) -> Collection[str]:
        """HTTP methods that the gateway uses."""
        ...

    def authentication(self, *, receipts: bool) -> Authentication:
        """How its requests prove themselves, those with receipts or those with messages."""
        ...

    def messages(self, request: InboundRequest) -> Sequence[Mo | DeliveryReport | Ignored]:
        """The messages in a request, and receipts that came to the wrong door. Raises Forged, Malformed or Unusable."""
        ...

    def reply(self, texts: Sequence[str]) -> Response:
        """What the gateway gets for it; ``texts`` go to the player."""
        ...

    def delivery_reports(self, request: InboundRequest) -> Sequence[DeliveryReport | Ignored]:
        """The receipts in a request. Raises Forged, Malformed or Unusable."""
        ...

    def receipts_reply(self) -> Response:
        """What the gateway gets for receipts."""
        ...


@contextmanager
def proven() -> Iterator[None]:
    """What makes no sense in here was sent by the gateway all the same: Unusable instead of Malformed."""
    try:
        yield
    except Malformed as error:
        raise Unusable(str(error)) from None
    except RequestEntityTooLarge:
        raise BodyTooLong("body: too long") from None


def pairs(raw: bytes) -> list[tuple[bytes, bytes]]:
    """Names and values of ``a=1&b=2``, percent-decoded to bytes, in their order. Raises Malformed."""
    try:
        found = parse_qsl(
            raw.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=FIELDS_LIMIT
        )
    except ValueError:
        raise Malformed(f"fields: send at most {FIELDS_LIMIT}") from None
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in found]


def by_name(found: Sequence[tuple[bytes, bytes]]) -> dict[str, bytes]:
    """The first value of each name."""
    values: dict[str, bytes] = {}
    for name, value in found:
        values.setdefault(name.decode("latin-1"), value)
    return values


def plain(
    body: str, content_type: str = "text/plain; charset=utf-8", headers: Mapping[str, str] | None = None
) -> Response:
    """An answer that nobody keeps."""
    return Response(body.encode(), 200, [*_HEADERS, *(headers or {}).items()], content_type=content_type)
