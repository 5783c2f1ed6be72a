"""One call of the platform's interface over HTTPS: its answer, or what its failing means for what was asked.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/dev/api/
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx

from bots.wechat.error_codes import Meaning, meaning, sentence
from core.sending.outbound import Delivered, Outcome, TryAgain, Unknown, unreadable

ANSWER_BYTES = 256 * 1024
"""Bytes of an answer that are read."""
STEP_S = 8.0
"""So long each step of a call may take: to connect, to send, and each piece of the answer."""
_LEAST_S = 0.2
_BUSY = timedelta(minutes=1)
_CODE_DIGITS = 9
_SAID_CHARACTERS = 400
"""Of the platform's own sentence that are looked at."""

Running = Callable[[], float]
"""A clock that only runs, in seconds."""


class Failed(Exception):
    """A call brought nothing. ``outcome`` is what became of the text that it was for."""

    def __init__(self, outcome: Outcome, means: Meaning | None = None) -> None:
        self.outcome, self.means = outcome, means
        error = getattr(outcome, "error", "")
        super().__init__(sentence(error) or error)

    @property
    def stale_token(self) -> bool:
        """True when another access token may help."""
        return self.means is not None and self.means.stale_token


class Line:
    """Calls one account's interface. Safe to share between threads."""

    def __init__(self, api_url: str, at_once: int, running_s: Running, step_s: float) -> None:
        self._url, self.running_s, self._step_s = api_url.rstrip("/"), running_s, step_s
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once, keepalive_expiry=20.0)
        self._client = httpx.Client(limits=limits, headers={"Accept-Encoding": "identity"}, follow_redirects=False)

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def post(
        self, path: str, sent: Mapping[str, Any], until_s: float, *, token: str | None = None, acts: bool = False
    ) -> dict[str, Any]:
        """Send JSON, spelled out in UTF-8 as the platform shows escapes as they are; see :meth:`_call`."""
        body = json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return self._call("POST", path, until_s, {"access_token": token}, acts=acts, content=body, headers=headers)

    def upload(self, path: str, picture: bytes, until_s: float, *, token: str, kind: str) -> dict[str, Any]:
        """Send a PNG as a form; see :meth:`_call`."""
        files = {"media": ("picture.png", picture, "image/png")}
        return self._call("POST", path, until_s, {"access_token": token, "type": kind}, files=files)

    def get(self, path: str, until_s: float, *, token: str) -> dict[str, Any]:
        """Ask without a body; see :meth:`_call`."""
        return self._call("GET", path, until_s, {"access_token": token})

    def timeout(self, until_s: float) -> httpx.Timeout:
        """What is left until ``until_s``, for each step. Raises Failed when there is nothing left."""
        left_s = until_s - self.running_s()
        if left_s < _LEAST_S:
            raise Failed(TryAgain("out_of_time"))
        return httpx.Timeout(min(left_s / 2, self._step_s))  # half of it to connect, half for the answer

    def fetch(self, request: httpx.Request, until_s: float, limit: int) -> tuple[httpx.Response, bytes]:
        """The answer to ``request`` and its body of at most ``limit`` bytes. Raises httpx.HTTPError, also when late."""
        request.extensions["timeout"] = self.timeout(until_s).as_dict()
        response = self._client.send(request, stream=True)
        try:
            body = bytearray()
            for piece in response.iter_raw():
                body += piece
                if len(body) > limit:
                    raise httpx.RemoteProtocolError("the answer is too long")
                if self.running_s() > until_s:
                    raise httpx.ReadTimeout("the answer is too slow")
        finally:
            response.close()
        return response, bytes(body)

    def request(self, method: str, url: str, **parts: Any) -> httpx.Request:
        """Build a request."""
        return self._client.build_request(method, url, **parts)

    def _call(
        self,
        method: str,
        path: str,
        until_s: float,
        params: Mapping[str, str | None],
        *,
        acts: bool = False,
        **parts: Any,
    ) -> dict[str, Any]:
        """The answer of the platform. Raises Failed.

        ``acts`` says that the call does something that may not be done twice: when its answer is lost, nobody knows.
        """
        given = {name: value for name, value in params.items() if value is not None}
        request = self.request(method, f"{self._url}{path}", params=given, **parts)
        try:
            response, body = self.fetch(request, until_s, ANSWER_BYTES)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError):
            raise Failed(TryAgain("no_connection")) from None
        except httpx.HTTPError:  # its text names the address, and with it the token
            raise _lost("no_answer", acts=acts) from None
        return _read(response.status_code, body, acts=acts)


def _read(status: int, body: bytes, *, acts: bool) -> dict[str, Any]:
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise Failed(TryAgain("http_429", _BUSY))
    if httpx.codes.is_redirect(status):
        raise Failed(TryAgain(f"http_{status}", _BUSY))  # whoever stands in the way sends everything elsewhere
    if httpx.codes.is_client_error(status):
        raise Failed(TryAgain(f"http_{status}"))  # a proxy or a wrong address, and not the platform itself
    if status != httpx.codes.OK:
        raise _lost(f"http_{status}", acts=acts)
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise _unread("no_json", acts=acts) from None
    if not isinstance(answer, dict):
        raise _unread("no_object", acts=acts)
    code = _errcode(answer.get("errcode", None if acts else 0))
    if code is None:
        raise _unread("errcode", acts=acts)
    means = meaning(code, str(answer.get("errmsg", ""))[:_SAID_CHARACTERS]) if code else None
    if means and not isinstance(means.outcome, Delivered):
        raise Failed(means.outcome, means)
    return answer


def _errcode(given: object) -> int | None:
    """The errcode, of which stand-ins make a text; None for what is none. Only what does nothing may answer without."""
    if isinstance(given, str) and given.removeprefix("-").isdecimal() and len(given) <= _CODE_DIGITS:
        return int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) else None


def _unread(what: str, *, acts: bool) -> Failed:
    """Somebody answered that all is well, and nobody can read it: each further text would be lost in the same way."""
    return Failed(unreadable(what) if acts else TryAgain(what, _BUSY))


def _lost(error: str, *, acts: bool) -> Failed:
    return Failed(Unknown(error) if acts else TryAgain(error))
