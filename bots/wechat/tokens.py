"""The access token of an account: the platform gives all processes the same one, and each keeps it until it is old.

Specification: https://developers.weixin.qq.com/doc/service/en/api/base/api_getstableaccesstoken.html
"""

import threading
from datetime import timedelta

from bots.wechat.account import WeChatAccount
from bots.wechat.calling import Failed, Line
from core.sending.outbound import Refused, TryAgain

_MARGIN_S = 120.0
"""In its last five minutes a token and the next one are both valid."""
_FORCED_EVERY_S = 60.0
"""The platform counts forced refreshes, 20 a day, and does nothing for one within 30 seconds of another."""
_AFTER_REFUSAL = timedelta(minutes=5)


class Token:
    """The token of one account in this process, for all its threads."""

    def __init__(self, account: WeChatAccount, line: Line) -> None:
        self._account, self._line = account, line
        self._lock = threading.Lock()
        self._value, self._until_s = "", 0.0
        self._forced_at_s: float | None = None

    def get(self, until_s: float) -> str:
        """A token that is valid as far as we know. Raises Failed."""
        if self._line.running_s() < self._until_s:
            return self._value
        with _Held(self._lock, self._line, until_s):
            if self._line.running_s() >= self._until_s:
                self._fetch(until_s)
            return self._value

    def renewed(self, refused: str, until_s: float) -> str:
        """Another token than ``refused``, which the platform did not take; however many threads ask. Raises Failed.

        When the platform itself still gives that one out, it is forced to make a new one, once a minute at most.
        """
        with _Held(self._lock, self._line, until_s):
            if self._value != refused and self._line.running_s() < self._until_s:
                return self._value
            self._fetch(until_s)
            now_s = self._line.running_s()
            if self._value == refused and (self._forced_at_s is None or now_s >= self._forced_at_s + _FORCED_EVERY_S):
                self._forced_at_s = now_s
                self._fetch(until_s, force=True)
            return self._value

    def _fetch(self, until_s: float, *, force: bool = False) -> None:
        asked = {
            "grant_type": "client_credential",
            "appid": self._account.app_id,
            "secret": self._account.secret.get_secret_value(),
            "force_refresh": force,
        }
        try:
            answer = self._line.post("/cgi-bin/stable_token", asked, until_s)
        except Failed as failed:
            if isinstance(failed.outcome, Refused):  # what refuses a token says nothing of the text
                raise Failed(TryAgain(failed.outcome.error, _AFTER_REFUSAL), failed.means) from None
            raise
        value, length_s = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(length_s, int):
            raise Failed(TryAgain("no_token"))
        self._value = value
        self._until_s = self._line.running_s() + max(length_s - _MARGIN_S, length_s / 2)


class _Held:
    """A lock that is waited for until an instant. Raises Failed when it is not to be had."""

    def __init__(self, lock: threading.Lock, line: Line, until_s: float) -> None:
        self._lock, self._patience_s = lock, max(until_s - line.running_s(), 0.0)

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience_s):
            raise Failed(TryAgain("token_busy"))

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
