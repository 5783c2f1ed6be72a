"""Fetching what came by MMS: Twilio keeps it, and sends whoever may have it on to where it is.

https://www.twilio.com/docs/messaging/api/media-resource#fetch-a-media-resource
"""

import time
from http import HTTPStatus

import httpx

from bots.sms.twilio.account import TwilioAccount
from core.attachments import EXPIRED, TOO_LARGE, Fetched, Media, NotFetched

_LIMIT_S = 18.0
_STEP_S = 8.0
_REDIRECTS = 3


class TwilioMedia:
    """Fetches for one account; :meth:`close` it in the end. Safe to share between threads."""

    def __init__(self, account: TwilioAccount) -> None:
        self._begins = account.base_url.rstrip("/") + "/"
        self._http = httpx.Client(
            auth=(account.account_sid, account.auth_token.get_secret_value()),
            timeout=_STEP_S,
            follow_redirects=True,
            max_redirects=_REDIRECTS,
        )

    def fetch(self, media: Media, limit_bytes: int) -> Fetched | NotFetched:
        """The content of ``media``, whose handle is its address: the account's secret goes to no other host."""
        if not media.handle.startswith(self._begins):
            return NotFetched("elsewhere", again=False)
        try:
            with self._http.stream("GET", media.handle) as response:
                return _content(response, limit_bytes, time.monotonic() + _LIMIT_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return NotFetched(type(error).__name__, again=True)

    def close(self) -> None:
        """Hang up."""
        self._http.close()


def _content(response: httpx.Response, limit_bytes: int, until_s: float) -> Fetched | NotFetched:
    if response.status_code != HTTPStatus.OK:
        gone = response.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
        return NotFetched(EXPIRED if gone else f"http_{response.status_code}", again=not gone)
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > limit_bytes:
            return NotFetched(TOO_LARGE, again=False)
        if time.monotonic() > until_s:
            return NotFetched("timed_out", again=True)
    return Fetched(bytes(body), response.headers.get("Content-Type"))
