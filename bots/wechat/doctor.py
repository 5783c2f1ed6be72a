"""Look at one WeChat account for an operator: can we call the platform, can it call us, and may we send.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/dev/start/ and
https://developers.weixin.qq.com/doc/service/en/api/ (getAllTemplates, getTemplateList, getApiQuota, getKfList).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from bots.base import Finding, finding
from bots.clock_skew import dated, skew_finding
from bots.http_client import NoAnswer, NotReached
from bots.wechat.account import WeChatAccount
from bots.wechat.client import Client, Failed, Templates
from bots.wechat.notice import Notice
from bots.wechat.signature import WINDOW_S, signature
from core.answers import Line, Verbatim, line, listing
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
    yield finding("messages are enciphered", account.mode == "aes", safe)
    api = Client(account)
    try:
        credentials = _credentials(api)
        yield credentials
        yield _clock(api, clock)
        if public_url is None:
            yield finding("WeChat can reach us", False, "set the public address of this installation")
        else:
            address = public_url.rstrip("/") + account.address
            ports = "the platform calls ports 80 and 443 only: put a proxy there"
            fits = urlsplit(address).port in _PORTS
            yield finding("the port of {url} is one that WeChat calls", fits, ports, url=Verbatim(address))
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
        yield from _templates((account.template,), partial(api.templates, _soon(api)), is_template=True)
    if account.notices:
        yield from _templates(account.notices, partial(api.notices, _soon(api)), is_template=False)
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
        return finding(what, False, "{why}", why=_why(api, failed))
    return finding(what, True)


def _why(api: Client, failed: Failed) -> Line:
    if failed.means is None:
        told = "{url} cannot be reached ({why}); look at DNS, proxy and firewall"
        return line(told, url=Verbatim(api.account.api_url), why=str(failed))
    return _refusal(failed)


def _clock(api: Client, clock: Clock) -> Finding:
    try:
        date = api.transport.fetch(api.account.api_url, _soon(api), 1024 * 1024).headers.get("date")
    except (Failed, NotReached, NoAnswer):
        date = None
    theirs = dated(date)
    if theirs is None:
        remedy = "{url} tells no time; compare this machine's clock by hand"
        return finding("our clock agrees with the platform's", False, remedy, url=Verbatim(api.account.api_url))
    why = line(", and messages are refused from {seconds} s on", seconds=WINDOW_S)
    return skew_finding("the platform's", theirs, clock, why=why)


def _callback(api: Client, address: str, clock: Clock, random_bytes: Callable[[int], bytes]) -> Finding:
    account = api.account
    what, where = "WeChat can reach us at {url}", Verbatim(address)
    echo, nonce, timestamp = random_bytes(8).hex(), random_bytes(8).hex(), str(int(clock().timestamp()))
    signed = signature(account.token.get_secret_value(), timestamp, nonce)
    query = {"signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    try:
        answer = api.transport.fetch(f"{address}?{urlencode(query)}", _soon(api), _ANSWER_BYTES)
    except (Failed, NotReached, NoAnswer, ValueError) as error:
        remedy = "{why}: start the web process, and look at DNS, proxy and TLS"
        return finding(what, False, remedy, url=where, why=type(error).__name__)
    if answer.body.strip() == echo.encode():
        return finding(what, True, url=where)
    if answer.status == HTTPStatus.FORBIDDEN:
        remedy = "the running process has another token or clock: restart it after a change"
        return finding(what, False, remedy, url=where)
    remedy = "status {status}: something else answers there; look at the proxy"
    return finding(what, False, remedy, url=where, status=answer.status)


def _soon(api: Client) -> float:
    return api.transport.running_s() + _WITHIN_S


def _refusal(failed: Failed) -> Line:
    """Why a call failed, and its error code."""
    if failed.means:
        return line("{why} (errcode {code})", why=str(failed), code=failed.means.code)
    return line("the platform did not answer it ({why})", why=str(failed))


def _may_say(api: Client) -> Finding:
    """A message to nobody is refused because of its openid where the account may send messages."""
    what = "the account may send customer-service messages"
    try:
        api.say(_NOBODY, "text", {"content": "test"}, _soon(api))
    except Failed as failed:
        if not isinstance(failed.outcome, Refused):
            return finding(what, False, "{why}", why=_refusal(failed))
        remedy = "{why}. Verify the account (微信认证); until then players are told what rides on an answer"
        return finding(what, not failed.outcome.elsewhere, remedy, why=_refusal(failed))
    return finding(what, True)


def _templates(ours: Sequence[Notice], ask: Callable[[], Templates], *, is_template: bool) -> Iterator[Finding]:
    try:
        theirs = ask()
    except Failed as failed:
        listed = "the account's templates can be listed" if is_template else "the account's notices can be listed"
        yield finding(listed, False, "{why}; look for them at mp.weixin.qq.com", why=_refusal(failed))
        return
    for notice in ours:
        what = (
            "the account has the template {id}, with the fields that we fill"
            if is_template
            else "the account has the notice {id}, with the fields that we fill"
        )
        said = Verbatim(notice.id)
        if notice.id not in theirs:
            known = Verbatim(", ".join(sorted(theirs))) if theirs else line("none")
            remedy = "it has these: {known}; copy the id again, or add it at mp.weixin.qq.com"
            yield finding(what, False, remedy, id=said, known=known)
            continue
        filled, fields = {*notice.field, *notice.also}, theirs[notice.id]
        wrong = [
            *(line("there is no field {name}", name=name) for name in sorted(filled - fields)),
            *(
                line("{name} is not filled: name it in field or also", name=name)
                for name in sorted(fields - filled - _OLD_FIELDS)
            ),
        ]
        has = Verbatim(", ".join(sorted(fields))) if fields else line("none")
        remedy = "{wrong} (its fields: {has}); each text would be refused (47003)"
        yield finding(what, not wrong, remedy, id=said, wrong=listing(wrong, "; "), has=has)


def _quota(api: Client, path: str) -> Finding:
    try:
        quota = api.quota(path, _soon(api))
    except Failed as failed:
        untold = "how often {path} may still be called today is not told: {why}"
        return finding(untold, True, path=Verbatim(path), why=_refusal(failed))
    if quota is None:
        return finding("how often {path} may still be called today is not told", True, path=Verbatim(path))
    what = "{path} may be called {left} times more today, of {most}"
    remedy = "texts wait until midnight in China: ask for more at mp.weixin.qq.com (接口权限), or clear the quota there"
    well = quota.left * _SCARCE >= quota.of and quota.left > 0
    return finding(what, well, remedy, path=Verbatim(path), left=quota.left, most=quota.of)


def _desk(api: Client) -> Finding:
    what = "somebody is at the desk, as desk = true says"
    try:
        people = api.people(_soon(api))
    except Failed as failed:
        return finding(what, False, "{why}; turn the desk on (客服功能), or take desk away", why=_refusal(failed))
    remedy = "nobody is: add people (客服功能) at mp.weixin.qq.com, or take desk away, and contact: is told"
    return finding(what, people > 0, remedy)
