"""Try what sending needs, and send nobody anything: the right, the templates and their fields, the quota, the desk.

Specification: https://developers.weixin.qq.com/doc/service/en/api/ (getAllTemplates, getTemplateList, getApiQuota,
getKfList).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from bots.base import Finding
from bots.wechat.calling import Failed
from bots.wechat.client import Api, Templates
from bots.wechat.notice import Notice
from core.sending.outbound import Refused

_NOBODY = "nobody"
"""No openid: it would have 28 characters."""
_OLD_FIELDS = frozenset({"first", "remark"})
"""Templates have them that were made before 2023; the platform shows them no more, and misses none of them."""
_WITHIN_S = 10.0
_SCARCE = 10
"""A quota of which less than one in so many calls is left needs somebody."""
_SAY, _TELL, _NOTIFY = (f"/cgi-bin/message/{end}" for end in ("custom/send", "template/send", "subscribe/bizsend"))


def findings(api: Api) -> Iterator[Finding]:
    """What was tried, one after another. Whoever asks has a token: without one nothing can be tried."""
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


def _soon(api: Api) -> float:
    return api.line.running_s() + _WITHIN_S


def why(failed: Failed) -> str:
    """Why a call failed, and its error code."""
    return f"{failed} (errcode {failed.means.code})" if failed.means else f"the platform did not answer it ({failed})"


def _may_say(api: Api) -> Finding:
    """A message to nobody is refused because of its openid where the account may send messages."""
    what = "the account may send customer-service messages"
    try:
        api.say(_NOBODY, "text", {"content": "test"}, _soon(api))
    except Failed as failed:
        if not isinstance(failed.outcome, Refused):
            return Finding(what, False, why(failed))
        verify = "Verify the account (微信认证); until then players are told what rides on an answer"
        return Finding(what, not failed.outcome.elsewhere, f"{why(failed)}. {verify}")
    return Finding(what, True)


def _templates(kind: str, ours: Sequence[Notice], ask: Callable[[], Templates]) -> Iterator[Finding]:
    try:
        theirs = ask()
    except Failed as failed:
        yield Finding(
            f"the account's {kind}s can be listed", False, f"{why(failed)}; look for them at mp.weixin.qq.com"
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


def _quota(api: Api, path: str) -> Finding:
    try:
        quota = api.quota(path, _soon(api))
    except Failed as failed:
        return Finding(f"how often {path} may still be called today is not told: {why(failed)}", True)
    if quota is None:
        return Finding(f"how often {path} may still be called today is not told", True)
    what = f"{path} may be called {quota.left} times more today, of {quota.of}"
    remedy = "texts wait until midnight in China: ask for more at mp.weixin.qq.com (接口权限), or clear the quota there"
    return Finding(what, quota.left * _SCARCE >= quota.of and quota.left > 0, remedy)


def _desk(api: Api) -> Finding:
    what = "somebody is at the desk, as desk = true says"
    try:
        people = api.people(_soon(api))
    except Failed as failed:
        return Finding(what, False, f"{why(failed)}; turn the desk on (客服功能), or take desk away")
    remedy = "nobody is: add people (客服功能) at mp.weixin.qq.com, or take desk away, and contact: is told"
    return Finding(what, people > 0, remedy)
