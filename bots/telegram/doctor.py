"""Whether a bot works, for an operator (core.telegram.org/bots/api#getwebhookinfo)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx

from bots.base import Finding, finding
from bots.clock_skew import dated, skew_finding
from bots.telegram.account import TelegramAccount
from bots.telegram.client import KINDS, keep_silent
from bots.telegram.webhook import SECRET_HEADER
from core.answers import Verbatim, VerbName
from core.times import Clock

SKEW = timedelta(seconds=30)
PENDING = 100
"""More updates than this that wait are too many."""
SHORT_SECRET = 16
ERROR_IS_OLD = timedelta(hours=1)

_TIMEOUT_S = 8.0
_SET_UP = VerbName("telegram setup")


def findings(account: TelegramAccount, public_url: str | None, clock: Clock) -> Iterator[Finding]:
    """What works of ``account`` and what does not: token, clock, webhook, its last error, and our own door."""
    keep_silent()
    with httpx.Client(timeout=_TIMEOUT_S) as client:
        try:
            me, date = _asked(client, account, "getMe")
        except httpx.HTTPError as error:
            why = type(error).__name__
            yield finding("reach Telegram", False, "{why}: check the network, a proxy, and api_url", why=why)
            return
        yield finding("reach Telegram", True)
        if me is None:
            yield finding("token", False, "Telegram does not know it: copy it from BotFather")
            return
        yield finding("token", True)
        if (theirs := dated(date)) is not None:
            yield skew_finding("Telegram's", theirs, clock, SKEW)
        yield from _webhook(client, account, public_url, clock)


def _webhook(client: httpx.Client, account: TelegramAccount, public_url: str | None, clock: Clock) -> Iterator[Finding]:
    try:
        told, _ = _asked(client, account, "getWebhookInfo")
    except httpx.HTTPError:
        told = None
    if told is None:
        yield finding("webhook", False, "Telegram did not say which one is set: try again")
        return
    if account.receive == "polling":
        yield finding("webhook", not told.get("url"), "one is set, so nothing can be fetched; polling takes it away")
        return
    if public_url is None:
        yield finding("webhook", False, "set HUOJU_PUBLIC_URL, or receive by polling")
        return
    address = account.webhook_url(public_url)
    elsewhere = "Telegram delivers elsewhere or nowhere: run {verb}"
    yield finding("webhook", told.get("url") == address, elsewhere, verb=_SET_UP)
    asked = told.get("allowed_updates")
    all_kinds = isinstance(asked, list) and set(KINDS) <= {str(kind) for kind in asked}
    yield finding("kinds of updates", all_kinds, "some are not delivered: run {verb}", verb=_SET_UP)
    yield from _deliveries(told, clock)
    secret = account.webhook_secret.get_secret_value() if account.webhook_secret else ""
    long_enough = len(secret) >= SHORT_SECRET
    longer = "take {count} characters or more, then run {verb}"
    yield finding("webhook secret", long_enough, longer, count=SHORT_SECRET, verb=_SET_UP)
    yield _door(client, address, secret)


def _deliveries(told: dict[str, Any], clock: Clock) -> Iterator[Finding]:
    pending, failed_at = told.get("pending_update_count"), told.get("last_error_date")
    if isinstance(pending, int):
        waiting = "{count} wait: is the web process running?"
        yield finding("updates that wait", pending <= PENDING, waiting, count=pending)
    lately = isinstance(failed_at, int) and clock().timestamp() - failed_at < ERROR_IS_OLD.total_seconds()
    said = Verbatim(told.get("last_error_message"))
    yield finding("last delivery", not lately, "Telegram says: {said}", said=said)


def _door(client: httpx.Client, address: str, secret: str) -> Finding:
    """Knock without the secret, and with it and nothing to say. Telegram may come by another way than this machine."""
    what = "webhook door"
    for headers, expected in (({}, httpx.codes.FORBIDDEN), ({SECRET_HEADER: secret}, httpx.codes.OK)):
        try:
            status = client.post(address, json={"update_id": 0}, headers=headers).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            remedy = "{why} at {url}: check the proxy, its certificate and DNS"
            return finding(what, False, remedy, why=type(error).__name__, url=Verbatim(address))
        if status != expected:
            remedy = (
                "{url} answers {status}, not {expected}: does the proxy lead to the web process, and has that the same"
                " secret?"
            )
            return finding(what, False, remedy, url=Verbatim(address), status=status, expected=int(expected))
    return finding(what, True)


def _asked(client: httpx.Client, account: TelegramAccount, method: str) -> tuple[dict[str, Any] | None, str | None]:
    """What Telegram says to ``method``, None when it refuses, and its Date. Raises httpx.HTTPError."""
    response = client.post(f"{account.base_url}{account.token.get_secret_value()}/{method}")
    try:
        told = response.json()
    except ValueError:
        raise httpx.DecodingError(f"HTTP {response.status_code} without JSON") from None
    result = told.get("result") if isinstance(told, dict) and response.is_success else None
    return result if isinstance(result, dict) else None, response.headers.get("Date")
