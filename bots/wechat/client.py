"""The calls of the platform's interface that we make, each a method. All of them raise Failed.

Specification: https://developers.weixin.qq.com/doc/service/en/api/
"""

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bots.wechat.account import WeChatAccount
from bots.wechat.calling import STEP_S, Failed, Line, Running
from bots.wechat.error_codes import meaning
from bots.wechat.notice import Notice
from bots.wechat.tokens import Token
from core.sending.outbound import TryAgain

_APP_ID_WRONG, _MINI_WRONG = 40013, 40166
_FIELD = re.compile(r"\{\{\s*(\w{1,64})\.DATA\s*\}\}", re.ASCII)
WITHIN_S = 18.0
"""So long a text may take in all, with everything that it needs."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A QR code that the platform made: what it spells, and where its picture is."""

    spells: str
    picture: str


Templates = Mapping[str, frozenset[str]]
"""The fields of each template, by its id."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How often an interface may still be called today, of how many times."""

    left: int
    of: int


class Api:
    """One account's interface. Safe to share between threads; ``until_s`` is an instant of ``running_s``."""

    def __init__(self, account: WeChatAccount, running_s: Running = time.monotonic, step_s: float = STEP_S) -> None:
        self.account = account
        self.line = Line(account.api_url, account.at_once, running_s, step_s)
        self._token = Token(account, self.line)

    def soon_s(self) -> float:
        """The instant until which what begins now has to be done."""
        return self.line.running_s() + WITHIN_S

    def close(self) -> None:
        """Hang up."""
        self.line.close()

    def check(self, until_s: float) -> None:
        """Get a token, which proves the credentials and that this machine may call."""
        self._token.get(until_s)

    def say(self, user: str, kind: str, content: Mapping[str, Any], until_s: float) -> None:
        """Send a customer-service message of ``kind``."""
        self._post("/cgi-bin/message/custom/send", {"touser": user, "msgtype": kind, kind: content}, until_s, acts=True)

    def notify(self, user: str, notice: Notice, values: Mapping[str, str], until_s: float) -> tuple[str, ...]:
        """Send the one notice that the player agreed to; what receipts will call it, if the platform says."""
        sent = {"touser": user, "template_id": notice.id, "data": _data(values), **_leads(notice, "page")}
        return _ids(self._give("/cgi-bin/message/subscribe/bizsend", sent, notice, until_s))

    def tell(self, user: str, notice: Notice, values: Mapping[str, str], ref: str, until_s: float) -> tuple[str, ...]:
        """Send a template message, at most once for each ``ref`` in ten minutes; what receipts will call it."""
        once = hashlib.sha256(ref.encode()).hexdigest()[:32]
        sent = {"touser": user, "template_id": notice.id, "data": _data(values), **_leads(notice, "url")}
        return _ids(self._give("/cgi-bin/message/template/send", {**sent, "client_msg_id": once}, notice, until_s))

    def upload(self, picture: bytes, until_s: float) -> str:
        """Hand over a PNG; the media_id by which it can be sent for three days."""

        def call(token: str) -> dict[str, Any]:
            return self.line.upload("/cgi-bin/media/upload", picture, until_s, token=token, kind="image")

        media_id = self._with_token(call, until_s).get("media_id")
        if not isinstance(media_id, str):
            raise Failed(TryAgain("no_media_id"))
        return media_id

    def make_ticket(self, scene: str, lasts: timedelta | None, until_s: float) -> Ticket:
        """A QR code that brings ``scene`` along, for ``lasts`` or, with None, for good."""
        sent: dict[str, Any] = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": scene}}}
        if lasts is not None:
            sent.update(action_name="QR_STR_SCENE", expire_seconds=int(lasts.total_seconds()))
        answer = self._post("/cgi-bin/qrcode/create", sent, until_s)
        spells, ticket = answer.get("url"), answer.get("ticket")
        if not isinstance(spells, str) or not isinstance(ticket, str):
            raise Failed(TryAgain("no_ticket"))
        return Ticket(spells, ticket)

    def put_menu(self, buttons: Sequence[Mapping[str, Any]], until_s: float) -> None:
        """Show ``buttons`` below the chat, or nothing when there are none."""
        if buttons:
            self._post("/cgi-bin/menu/create", {"button": buttons}, until_s)
        else:
            self._get("/cgi-bin/menu/delete", until_s)

    def templates(self, until_s: float) -> Templates:
        """The account's templates of messages."""
        return _templates(
            self._get("/cgi-bin/template/get_all_private_template", until_s), "template_list", "template_id"
        )

    def notices(self, until_s: float) -> Templates:
        """The account's templates of notices to which players agree one by one."""
        return _templates(self._get("/wxaapi/newtmpl/gettemplate", until_s), "data", "priTmplId")

    def quota(self, path: str, until_s: float) -> Quota | None:
        """How often ``path`` may still be called; None when the platform does not say."""
        told = self._post("/cgi-bin/openapi/quota/get", {"cgi_path": path}, until_s).get("quota")
        left, of = (told.get("remain"), told.get("daily_limit")) if isinstance(told, dict) else (None, None)
        return Quota(left, of) if isinstance(left, int) and isinstance(of, int) and of > 0 else None

    def people(self, until_s: float) -> int:
        """How many people may answer at the account's desk."""
        listed = self._get("/cgi-bin/customservice/getkflist", until_s).get("kf_list")
        return len(listed) if isinstance(listed, list) else 0

    def _get(self, path: str, until_s: float) -> dict[str, Any]:
        return self._with_token(lambda token: self.line.get(path, until_s, token=token), until_s)

    def _post(self, path: str, sent: Mapping[str, Any], until_s: float, *, acts: bool = False) -> dict[str, Any]:
        return self._with_token(lambda token: self.line.post(path, sent, until_s, token=token, acts=acts), until_s)

    def _give(self, path: str, sent: Mapping[str, Any], notice: Notice, until_s: float) -> dict[str, Any]:
        """Send a notice; an app_id that is refused with a token that is good is the one of the mini program."""

        def call(token: str) -> dict[str, Any]:
            try:
                return self.line.post(path, sent, until_s, token=token, acts=True)
            except Failed as failed:
                if notice.mini and failed.means and failed.means.code == _APP_ID_WRONG:
                    means = meaning(_MINI_WRONG)
                    raise Failed(means.outcome, means) from None
                raise

        return self._with_token(call, until_s)

    def _with_token(self, call: Callable[[str], dict[str, Any]], until_s: float) -> dict[str, Any]:
        token = self._token.get(until_s)
        try:
            return call(token)
        except Failed as failed:
            if not failed.stale_token:
                raise
        return call(self._token.renewed(token, until_s))


def _templates(answer: Mapping[str, Any], where: str, called: str) -> Templates:
    """What ``answer`` lists under ``where``; each is ``called`` so, and its fields stand in its content."""
    listed = answer.get(where)
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return {str(one.get(called)): frozenset(_FIELD.findall(str(one.get("content", "")))) for one in found}


def _ids(answer: Mapping[str, Any]) -> tuple[str, ...]:
    return (str(answer["msgid"]),) if answer.get("msgid") else ()


def _leads(notice: Notice, url: str) -> Mapping[str, Any]:
    """Where a tap leads; ``url`` is what the call names an address."""
    leads: dict[str, Any] = {url: notice.url} if notice.url else {}
    if notice.mini:
        leads["miniprogram"] = {"appid": notice.mini.app_id, "pagepath": notice.mini.page}
    return leads


def _data(values: Mapping[str, str]) -> Mapping[str, Any]:
    return {field: {"value": value} for field, value in values.items()}
