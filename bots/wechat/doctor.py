"""Look at one WeChat account for an operator: can we call the platform, can it call us, and may we send.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/dev/start/
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

from bots.base import Finding
from bots.wechat import trying
from bots.wechat.account import WeChatAccount
from bots.wechat.calling import Failed
from bots.wechat.client import Api
from bots.wechat.signature import WINDOW_S, signature
from core.times import Clock

_SKEW_S = 60
_WITHIN_S = 10.0
_ANSWER_BYTES = 4096
_PORTS = {80, 443, None}


def findings(
    account: WeChatAccount, public_url: str | None, clock: Clock, random_bytes: Callable[[int], bytes]
) -> Iterator[Finding]:
    """What was looked at, one after another; each may take some seconds. Nothing is changed at the platform."""
    safe = 'choose 安全模式 at the platform, and set mode = "aes": in plain mode no signature covers what is said'
    yield Finding("messages are enciphered", account.mode == "aes", safe)
    api = Api(account)
    try:
        credentials = _credentials(api)
        yield credentials
        yield _clock(api, clock)
        if public_url is None:
            yield Finding("WeChat can reach us", False, "set the public address of this installation")
        else:
            address = public_url.rstrip("/") + account.address
            ports = "the platform calls ports 80 and 443 only: put a proxy there"
            yield Finding(f"the port of {address} is one that WeChat calls", urlsplit(address).port in _PORTS, ports)
            yield _callback(api, address, clock, random_bytes)
        if credentials.well:
            yield from trying.findings(api)
    finally:
        api.close()


def _credentials(api: Api) -> Finding:
    what = "the platform gives us an access token"
    try:
        api.check(api.line.running_s() + _WITHIN_S)
    except Failed as failed:
        return Finding(what, False, _why(api, failed))
    return Finding(what, True)


def _why(api: Api, failed: Failed) -> str:
    if failed.means is None:
        return f"{api.account.api_url} cannot be reached ({failed}); look at DNS, proxy and firewall"
    return trying.why(failed)


def _clock(api: Api, clock: Clock) -> Finding:
    what = "our clock agrees with the platform's"
    line = api.line
    try:
        response, _ = line.fetch(line.request("GET", api.account.api_url), line.running_s() + _WITHIN_S, 1024 * 1024)
        skew_s = _skew_s(clock(), parsedate_to_datetime(response.headers["Date"]))
    except (Failed, httpx.HTTPError, KeyError, ValueError, TypeError):
        return Finding(what, False, f"{api.account.api_url} tells no time; compare this machine's clock by hand")
    remedy = f"it differs by {skew_s} s, and messages are refused from {WINDOW_S} s on: set this machine's clock by NTP"
    return Finding(what, skew_s <= _SKEW_S, remedy)


def _skew_s(ours: datetime, theirs: datetime) -> int:
    return abs(round((ours - theirs).total_seconds()))


def _callback(api: Api, address: str, clock: Clock, random_bytes: Callable[[int], bytes]) -> Finding:
    account, line = api.account, api.line
    what = f"WeChat can reach us at {address}"
    echo, nonce, timestamp = random_bytes(8).hex(), random_bytes(8).hex(), str(int(clock().timestamp()))
    signed = signature(account.token.get_secret_value(), timestamp, nonce)
    query = {"signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    try:
        asked = line.request("GET", address, params=query)
        response, body = line.fetch(asked, line.running_s() + _WITHIN_S, _ANSWER_BYTES)
    except (Failed, httpx.HTTPError, httpx.InvalidURL) as error:
        return Finding(what, False, f"{type(error).__name__}: start the web process, and look at DNS, proxy and TLS")
    if body.strip() == echo.encode():
        return Finding(what, True)
    if response.status_code == httpx.codes.FORBIDDEN:
        return Finding(what, False, "the running process has another token or clock: restart it after a change")
    return Finding(what, False, f"status {response.status_code}: something else answers there; look at the proxy")
