"""Whether a bot works, for an operator (core.telegram.org/bots/api#getwebhookinfo)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx

from bots.base import Finding
from bots.clock_skew import dated, skew_finding
from bots.telegram.account import TelegramAccount
from bots.telegram.client import KINDS, keep_silent
from bots.telegram.webhook import SECRET_HEADER
from core.times import Clock

SKEW = timedelta(seconds=30)
PENDING = 100
"""More updates than this that wait are too many."""
SHORT_SECRET = 16
ERROR_IS_OLD = timedelta(hours=1)

_TIMEOUT_S = 8.0
_SET_UP = "run `huoju telegram setup`"


def findings(account: TelegramAccount, public_url: str | None, clock: Clock) -> Iterator[Finding]:
    """What works of ``account`` and what does not: token, clock, webhook, its last error, and our own door."""
    keep_silent()
    with httpx.Client(timeout=_TIMEOUT_S) as client:
        try:
            me, date = _asked(client, account, "getMe")
        except httpx.HTTPError as error:
            yield Finding("reach Telegram", False, f"{type(error).__name__}: check the network, a proxy, and api_url")
            return
        yield Finding("reach Telegram", True)
        if me is None:
            yield Finding("token", False, "Telegram does not know it: copy it from BotFather")
            return
        yield Finding("token", True)
        if (theirs := dated(date)) is not None:
            yield skew_finding("Telegram's", theirs, clock, SKEW)
        yield from _webhook(client, account, public_url, clock)


def _webhook(client: httpx.Client, account: TelegramAccount, public_url: str | None, clock: Clock) -> Iterator[Finding]:
    try:
        told, _ = _asked(client, account, "getWebhookInfo")
    except httpx.HTTPError:
        told = None
    if told is None:
        yield Finding("webhook", False, "Telegram did not say which one is set: try again")
        return
    if account.receive == "polling":
        yield Finding("webhook", not told.get("url"), "one is set, so nothing can be fetched; polling takes it away")
        return
    if public_url is None:
        yield Finding("webhook", False, "set HUOJU_PUBLIC_URL, or receive by polling")
        return
    address = account.webhook_url(public_url)
    yield Finding("webhook", told.get("url") == address, f"Telegram delivers elsewhere or nowhere: {_SET_UP}")
    asked = told.get("allowed_updates")
    all_kinds = isinstance(asked, list) and set(KINDS) <= {str(kind) for kind in asked}
    yield Finding("kinds of updates", all_kinds, f"some are not delivered: {_SET_UP}")
    yield from _deliveries(told, clock)
    secret = account.webhook_secret.get_secret_value() if account.webhook_secret else ""
    long_enough = len(secret) >= SHORT_SECRET
    yield Finding("webhook secret", long_enough, f"take {SHORT_SECRET} characters or more, then {_SET_UP}")
    yield _door(client, address, secret)


def _deliveries(told: dict[str, Any], clock: Clock) -> Iterator[Finding]:
    pending, failed_at = told.get("pending_update_count"), told.get("last_error_date")
    if isinstance(pending, int):
        yield Finding("updates that wait", pending <= PENDING, f"{pending} wait: is the web process running?")
    lately = isinstance(failed_at, int) and clock().timestamp() - failed_at < ERROR_IS_OLD.total_seconds()
    yield Finding("last delivery", not lately, f"Telegram says: {told.get('last_error_message')}")


def _door(client: httpx.Client, address: str, secret: str) -> Finding:
    """Knock without the secret, and with it and nothing to say. Telegram may come by another way than this machine."""
    what = "webhook door"
    for headers, expected in (({}, httpx.codes.FORBIDDEN), ({SECRET_HEADER: secret}, httpx.codes.OK)):
        try:
            status = client.post(address, json={"update_id": 0}, headers=headers).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Finding(
                what, False, f"{type(error).__name__} at {address}: check the proxy, its certificate and DNS"
            )
        if status != expected:
            remedy = "does the proxy lead to the web process, and has that the same secret?"
            return Finding(what, False, f"{address} answers {status}, not {expected}: {remedy}")
    return Finding(what, True)


def _asked(client: httpx.Client, account: TelegramAccount, method: str) -> tuple[dict[str, Any] | None, str | None]:
    """What Telegram says to ``method``, None when it refuses, and its Date. Raises httpx.HTTPError."""
    response = client.post(f"{account.base_url}{account.token.get_secret_value()}/{method}")
    try:
        told = response.json()
    except ValueError:
        raise httpx.DecodingError(f"HTTP {response.status_code} without JSON") from None
    result = told.get("result") if isinstance(told, dict) and response.is_success else None
    return result if isinstance(result, dict) else None, response.headers.get("Date")
