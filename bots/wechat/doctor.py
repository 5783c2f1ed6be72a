"""Look at one WeChat account for an operator: can we call the platform, can it call us, and may we send.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/dev/start/ and
https://developers.weixin.qq.com/doc/service/en/api/ (getAllTemplates, getTemplateList, getApiQuota, getKfList).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from bots.base import Finding
from bots.clock_skew import dated, skew_finding
from bots.http_client import NoAnswer, NotReached
from bots.wechat.account import WeChatAccount
from bots.wechat.client import Client, Failed, Templates
from bots.wechat.notice import Notice
from bots.wechat.signature import WINDOW_S, signature
from core.sending.outbound import Refused
from core.times import Clock

_WITHIN_S = 10.0
_ANSWER_BYTES = 4096
_PORTS = {80, 443, None}
_NOBODY = "nobody"
"""No openid: it would have 28 characters."""
_OLD_FIELDS = frozenset({"first", "remark"})
"""Templates have them that were made before 2023; the platform shows them no more, and misses none of them."""
_SCARCE = 10
"""A quota of which less than one in so many calls is left needs somebody."""
_SAY, _TELL, _NOTIFY = (f"/cgi-bin/message/{end}" for end in ("custom/send", "template/send", "subscribe/bizsend"))


def findings(
    account: WeChatAccount, public_url: str | None, clock: Clock, random_bytes: Callable[[int], bytes]
) -> Iterator[Finding]:
    """What was looked at, one after another; each may take some seconds. Nothing is changed at the platform."""
    safe = 'choose 安全模式 at the platform, and set mode = "aes": in plain mode no signature covers what is said'
    yield Finding("messages are enciphered", account.mode == "aes", safe)
    api = Client(account)
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
            yield from sending_findings(api)
    finally:
        api.close()


def sending_findings(api: Client) -> Iterator[Finding]:
    """What sending needs, tried one after another: the right, the templates and their fields, the quota, the desk.

    Nobody is sent anything. Whoever asks has a token: without one nothing can be tried.
    """
    account = api.account
    yield _may_say(api)
    if account.template is not None:
        yield from _templates("template", (account.template,), partial(api.templates, _soon(api)))
    if account.notices:
        yield from _templates("notice", account.notices, partial(api.notices, _soon(api)))
    paths = [_SAY, *([_TELL] if account.template else []), *([_NOTIFY] if account.notices else [])]
    for path in paths:
        yield _quota(api, path)
    if account.desk:
        yield _desk(api)


def _credentials(api: Client) -> Finding:
    what = "the platform gives us an access token"
    try:
        api.check(_soon(api))
    except Failed as failed:
        return Finding(what, False, _why(api, failed))
    return Finding(what, True)


def _why(api: Client, failed: Failed) -> str:
    if failed.means is None:
        return f"{api.account.api_url} cannot be reached ({failed}); look at DNS, proxy and firewall"
    return _refusal(failed)


def _clock(api: Client, clock: Clock) -> Finding:
    try:
        date = api.transport.fetch(api.account.api_url, _soon(api), 1024 * 1024).headers.get("date")
    except (Failed, NotReached, NoAnswer):
        date = None
    theirs = dated(date)
    if theirs is None:
        remedy = f"{api.account.api_url} tells no time; compare this machine's clock by hand"
        return Finding("our clock agrees with the platform's", False, remedy)
    why = f", and messages are refused from {WINDOW_S} s on"
    return skew_finding("the platform's", theirs, clock, why=why)


def _callback(api: Client, address: str, clock: Clock, random_bytes: Callable[[int], bytes]) -> Finding:
    account = api.account
    what = f"WeChat can reach us at {address}"
    echo, nonce, timestamp = random_bytes(8).hex(), random_bytes(8).hex(), str(int(clock().timestamp()))
    signed = signature(account.token.get_secret_value(), timestamp, nonce)
    query = {"signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    try:
        answer = api.transport.fetch(f"{address}?{urlencode(query)}", _soon(api), _ANSWER_BYTES)
    except (Failed, NotReached, NoAnswer, ValueError) as error:
        return Finding(what, False, f"{type(error).__name__}: start the web process, and look at DNS, proxy and TLS")
    if answer.body.strip() == echo.encode():
        return Finding(what, True)
    if answer.status == HTTPStatus.FORBIDDEN:
        return Finding(what, False, "the running process has another token or clock: restart it after a change")
    return Finding(what, False, f"status {answer.status}: something else answers there; look at the proxy")


def _soon(api: Client) -> float:
    return api.transport.running_s() + _WITHIN_S


def _refusal(failed: Failed) -> str:
    """Why a call failed, and its error code."""
    return f"{failed} (errcode {failed.means.code})" if failed.means else f"the platform did not answer it ({failed})"


def _may_say(api: Client) -> Finding:
    """A message to nobody is refused because of its openid where the account may send messages."""
    what = "the account may send customer-service messages"
    try:
        api.say(_NOBODY, "text", {"content": "test"}, _soon(api))
    except Failed as failed:
        if not isinstance(failed.outcome, Refused):
            return Finding(what, False, _refusal(failed))
        verify = "Verify the account (微信认证); until then players are told what rides on an answer"
        return Finding(what, not failed.outcome.elsewhere, f"{_refusal(failed)}. {verify}")
    return Finding(what, True)


def _templates(kind: str, ours: Sequence[Notice], ask: Callable[[], Templates]) -> Iterator[Finding]:
    try:
        theirs = ask()
    except Failed as failed:
        yield Finding(
            f"the account's {kind}s can be listed", False, f"{_refusal(failed)}; look for them at mp.weixin.qq.com"
        )
        return
    for notice in ours:
        what = f"the account has the {kind} {notice.id}, with the fields that we fill"
        if notice.id not in theirs:
            known = ", ".join(sorted(theirs)) or "none"
            yield Finding(what, False, f"it has these: {known}; copy the id again, or add it at mp.weixin.qq.com")
            continue
        filled, fields = {*notice.field, *notice.also}, theirs[notice.id]
        wrong = [
            *(f"there is no field {name}" for name in sorted(filled - fields)),
            *(f"{name} is not filled: name it in field or also" for name in sorted(fields - filled - _OLD_FIELDS)),
        ]
        has = ", ".join(sorted(fields)) or "none"
        yield Finding(what, not wrong, f"{'; '.join(wrong)} (its fields: {has}); each text would be refused (47003)")


def _quota(api: Client, path: str) -> Finding:
    try:
        quota = api.quota(path, _soon(api))
    except Failed as failed:
        return Finding(f"how often {path} may still be called today is not told: {_refusal(failed)}", True)
    if quota is None:
        return Finding(f"how often {path} may still be called today is not told", True)
    what = f"{path} may be called {quota.left} times more today, of {quota.of}"
    remedy = "texts wait until midnight in China: ask for more at mp.weixin.qq.com (接口权限), or clear the quota there"
    return Finding(what, quota.left * _SCARCE >= quota.of and quota.left > 0, remedy)


def _desk(api: Client) -> Finding:
    what = "somebody is at the desk, as desk = true says"
    try:
        people = api.people(_soon(api))
    except Failed as failed:
        return Finding(what, False, f"{_refusal(failed)}; turn the desk on (客服功能), or take desk away")
    remedy = "nobody is: add people (客服功能) at mp.weixin.qq.com, or take desk away, and contact: is told"
    return Finding(what, people > 0, remedy)
