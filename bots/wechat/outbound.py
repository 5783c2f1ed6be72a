"""WeChat's sending half: texts as customer-service messages, notices by the templates of the account.

A text may need several messages: a picture above it, or parts of a long one. What of it was taken is remembered, so
that a second try goes on where the first one failed. Specification:
https://developers.weixin.qq.com/doc/service/en/api/customer/message/api_sendcustommessage.html and
https://developers.weixin.qq.com/doc/service/en/api/material/temporary/api_uploadtempmedia.html
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, assert_never

import structlog

from bots.http_client import NoAnswer, NotReached
from bots.wechat.client import Client, Failed
from bots.wechat.menu_messages import items_of
from bots.wechat.xml import REPLY_BYTES
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, SendMode, Unknown
from core.texts.pieces import BYTES, split
from core.texts.previews import Preview

log = structlog.get_logger()

PICTURE_BYTES = 2 * 1024 * 1024
"""Larger ones are not sent; the platform takes up to 10 MB, which nobody waits for on a telephone."""

_FETCHED_WITHIN_S = 5.0
_SENT_WITHIN_S = 6.0
"""What these two leave of the time is for the text."""
_KEPT_S = 2.5 * 24 * 3600
_KEPT = 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_REMEMBERED = 1024
_PICTURE, _WITHOUT = "picture", "without"


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    kind: str
    content: Mapping[str, Any]


class WeChatSends:
    """Sends the texts of one account. Safe to share between threads."""

    def __init__(self, api: Client) -> None:
        self._api, self._pictures = api, Pictures(api)
        self.outlet = api.account.outlet()
        self._done: OrderedDict[str, set[str]] = OrderedDict()
        self._lock = threading.Lock()

    def send(self, message: OutboundMessage) -> Outcome:
        """Try once to deliver ``message``, by the way that it says."""
        until_s = self._api.soon_s()
        try:
            match message.mode:
                case SendMode.PLAIN:
                    return self._say(message, until_s)
                case SendMode.CONSENT | SendMode.TEMPLATE:
                    return self._notify(message, until_s)
                case _:
                    assert_never(message.mode)
        except Failed as failed:
            return failed.outcome

    def _notify(self, message: OutboundMessage, until_s: float) -> Outcome:
        notice = self._api.account.notice(message.template)
        if notice is None:
            return Refused("unknown_template")
        values, cut = notice.filled(message.rich.text if message.rich else message.text, message.said_at)
        if message.mode is SendMode.CONSENT:
            return Delivered(self._api.notify(message.user, notice, values, until_s), cut=cut)
        return Delivered(self._api.tell(message.user, notice, values, message.id, until_s), cut=cut)

    def _say(self, message: OutboundMessage, until_s: float) -> Outcome:
        done = self._known(message.id)
        self._show(message, done, until_s)
        for part in _parts(message, pictured=_PICTURE in done):
            if part.name not in done:
                self._api.say(message.user, part.kind, part.content, until_s)
                done.add(part.name)
        with self._lock:
            self._done.pop(message.id, None)
        return Delivered()

    def _show(self, message: OutboundMessage, done: set[str], until_s: float) -> None:
        """Send the picture; where that fails for good, the text goes without and names its address instead."""
        if message.rich is None or message.rich.picture is None or done & {_PICTURE, _WITHOUT}:
            return
        media_id = self._pictures.media_id(message.rich.picture, until_s)
        if media_id is not None:
            try:
                self._api.say(message.user, "image", {"media_id": media_id}, until_s)
            except Failed as failed:
                if not _only_the_picture(failed.outcome):
                    raise
                self._pictures.forget(media_id)
            else:
                done.add(_PICTURE)
                return
        done.add(_WITHOUT)

    def _known(self, id: str) -> set[str]:  # noqa: A002  # a message's id is called id
        with self._lock:
            done = self._done.setdefault(id, set())
            self._done.move_to_end(id)
            while len(self._done) > _REMEMBERED:
                self._done.popitem(last=False)
            return done


def _only_the_picture(outcome: Outcome) -> bool:
    """True when the text may do better: the picture was refused for what it is, or nobody knows whether it came."""
    return isinstance(outcome, Unknown) or (
        isinstance(outcome, Refused) and not (outcome.unreachable or outcome.window_exhausted)
    )


def _parts(message: OutboundMessage, *, pictured: bool) -> list[_Part]:
    rich = message.rich
    if rich is None or (rich.picture is not None and not pictured):
        return _texts(message.text)
    if not rich.buttons:
        return _texts(rich.text)
    labels = sum(len(button.label.encode()) for button in rich.buttons)
    if len(rich.text.encode()) + labels > REPLY_BYTES:
        return _texts(message.text)
    items = items_of(rich.buttons)
    if items is None:
        return _texts(message.text)
    return [_Part("menu", "msgmenu", {"head_content": rich.text, "list": items, "tail_content": ""})]


def _texts(text: str) -> list[_Part]:
    pieces = split(text, REPLY_BYTES, BYTES)
    return [_Part(f"text {number}", "text", {"content": piece}) for number, piece in enumerate(pieces)]


def preview(text: str) -> Preview:
    """How ``text`` arrives in a chat with an official account."""
    return Preview(tuple(split(text, REPLY_BYTES, BYTES)), BYTES.count(text), REPLY_BYTES, "bytes")


class Pictures:
    """What one account has handed over, by content. Safe to share between threads."""

    def __init__(self, api: Client) -> None:
        self._api = api
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def media_id(self, address: str, until_s: float) -> str | None:
        """By what the PNG at ``address`` can be sent, or None when it cannot be had or is not taken."""
        now_s = self._api.transport.running_s()
        try:
            picture = self._fetched(address, min(until_s, now_s + _FETCHED_WITHIN_S))
            digest = hashlib.sha256(picture).digest()
            known = self._known.get(digest)
            if known is not None and now_s < known[1]:
                return known[0]
            until_s = min(until_s, self._api.transport.running_s() + _SENT_WITHIN_S)
            media_id = self._api.upload(picture, until_s)
        except (Failed, NotReached, NoAnswer, ValueError) as error:
            log.warning("wechat.no_picture", account=self._api.account.name, error=type(error).__name__)
            return None
        with self._lock:
            self._known[digest] = (media_id, now_s + _KEPT_S)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return media_id

    def forget(self, media_id: str) -> None:
        """Hand the picture over again next time: the platform does not know it any more."""
        with self._lock:
            for digest in [digest for digest, known in self._known.items() if known[0] == media_id]:
                del self._known[digest]

    def _fetched(self, address: str, until_s: float) -> bytes:
        answer = self._api.transport.fetch(address, until_s, PICTURE_BYTES)
        if answer.status != HTTPStatus.OK or not answer.body.startswith(_PNG):
            raise ValueError("no PNG")
        return answer.body
