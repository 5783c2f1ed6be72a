"""Pictures on their way to WeChat: fetched from their address, handed over once, and known there for three days.

Specification: https://developers.weixin.qq.com/doc/service/en/api/material/temporary/api_uploadtempmedia.html
"""

import hashlib
import threading
from collections import OrderedDict

import httpx
import structlog

from bots.wechat.calling import Failed
from bots.wechat.client import Api

log = structlog.get_logger()

PICTURE_BYTES = 2 * 1024 * 1024
"""Larger ones are not sent; the platform takes up to 10 MB, which nobody waits for on a telephone."""

_FETCHED_WITHIN_S = 5.0
_SENT_WITHIN_S = 6.0
"""What these two leave of the time is for the text."""
_KEPT_S = 2.5 * 24 * 3600
_KEPT = 1024
_PNG = b"\x89PNG\r\n\x1a\n"


class Pictures:
    """What one account has handed over, by content. Safe to share between threads."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def media_id(self, address: str, until_s: float) -> str | None:
        """By what the PNG at ``address`` can be sent, or None when it cannot be had or is not taken."""
        now_s = self._api.line.running_s()
        try:
            picture = self._fetched(address, min(until_s, now_s + _FETCHED_WITHIN_S))
            digest = hashlib.sha256(picture).digest()
            known = self._known.get(digest)
            if known is not None and now_s < known[1]:
                return known[0]
            until_s = min(until_s, self._api.line.running_s() + _SENT_WITHIN_S)
            media_id = self._api.upload(picture, until_s)
        except (Failed, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
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
        response, body = self._api.line.fetch(self._api.line.request("GET", address), until_s, PICTURE_BYTES)
        if response.status_code != httpx.codes.OK or not body.startswith(_PNG):
            raise ValueError("no PNG")
        return body
