"""The client of the platform's interface: its calls, the access token that each needs, and the HTTP beneath.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/dev/api/ and, of the token that the platform gives
alike to all processes, https://developers.weixin.qq.com/doc/service/en/api/base/api_getstableaccesstoken.html
"""

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx

from bots.http_client import HttpClient, HttpResponse, NoAnswer, NotReached, TooLong, fetch
from bots.wechat.account import WeChatAccount
from bots.wechat.error_codes import Meaning, meaning, sentence
from bots.wechat.notice import Notice
from core.sending.outbound import Delivered, Outcome, Refused, TryAgain, Unknown, unreadable

_APP_ID_WRONG, _MINI_WRONG = 40013, 40166
WITHIN_S = 18.0
"""So long a text may take in all, with everything that it needs."""
ANSWER_BYTES = 256 * 1024
"""Bytes of an answer that are read."""
STEP_S = 8.0
"""So long each of them may take, whatever the other side does."""
_LEAST_S = 0.2
_BUSY = timedelta(minutes=1)
_CODE_DIGITS = 9
_SAID_CHARACTERS = 400
"""Of the platform's own sentence that are looked at."""
_MARGIN_S = 120.0
"""In its last five minutes a token and the next one are both valid."""
_FORCED_EVERY_S = 60.0
"""The platform counts forced refreshes, 20 a day, and does nothing for one within 30 seconds of another."""
_AFTER_REFUSAL = timedelta(minutes=5)
_FIELD = re.compile(r"\{\{\s*(\w{1,64})\.DATA\s*\}\}", re.ASCII)

Running = Callable[[], float]
"""A clock that only runs, in seconds."""
Got = TypeVar("Got")


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


@dataclass(frozen=True, slots=True)
class Ticket:
    """A QR code that the platform made: what it spells, and where its picture is."""

    spells: str
    picture: str


@dataclass(frozen=True, slots=True)
class Content:
    """What is behind a media_id."""

    content: bytes
    content_type: str | None


Templates = Mapping[str, frozenset[str]]
"""The fields of each template, by its id."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How often an interface may still be called today, of how many times."""

    left: int
    of: int


class Client:
    """The calls that we make for one account, each a method that raises Failed. Safe to share between threads.

    ``until_s`` is an instant of ``running_s``.
    """

    def __init__(self, account: WeChatAccount, running_s: Running = time.monotonic, step_s: float = STEP_S) -> None:
        self.account = account
        self.transport = Transport(account.api_url, running_s, step_s)
        self._token = AccessToken(account, self.transport)

    def soon_s(self) -> float:
        """The instant until which what begins now has to be done."""
        return self.transport.running_s() + WITHIN_S

    def close(self) -> None:
        """Hang up."""
        self.transport.close()

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
            return self.transport.upload("/cgi-bin/media/upload", picture, until_s, token=token, kind="image")

        media_id = self._with_token(call, until_s).get("media_id")
        if not isinstance(media_id, str):
            raise Failed(TryAgain("no_media_id"))
        return media_id

    def download(self, media_id: str, limit: int, until_s: float) -> Content:
        """What a player sent, for three days. Raises TooLong for more than ``limit`` bytes."""

        def call(token: str) -> Content:
            return self.transport.download("/cgi-bin/media/get", media_id, limit, until_s, token=token)

        return self._with_token(call, until_s)

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
        return self._with_token(lambda token: self.transport.get(path, until_s, token=token), until_s)

    def _post(self, path: str, sent: Mapping[str, Any], until_s: float, *, acts: bool = False) -> dict[str, Any]:
        return self._with_token(lambda token: self.transport.post(path, sent, until_s, token=token, acts=acts), until_s)

    def _give(self, path: str, sent: Mapping[str, Any], notice: Notice, until_s: float) -> dict[str, Any]:
        """Send a notice; an app_id that is refused with a token that is good is the one of the mini program."""

        def call(token: str) -> dict[str, Any]:
            try:
                return self.transport.post(path, sent, until_s, token=token, acts=True)
            except Failed as failed:
                if notice.mini and failed.means and failed.means.code == _APP_ID_WRONG:
                    means = meaning(_MINI_WRONG)
                    raise Failed(means.outcome, means) from None
                raise

        return self._with_token(call, until_s)

    def _with_token(self, call: Callable[[str], Got], until_s: float) -> Got:
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


class _Body(NamedTuple):
    content: bytes
    kind: str
    """Its Content-Type."""


class Transport:
    """Calls one account's interface. Safe to share between threads."""

    def __init__(self, api_url: str, running_s: Running, step_s: float) -> None:
        self._path, self.running_s, self._step_s = urlsplit(api_url).path.rstrip("/"), running_s, step_s
        self._client = HttpClient(api_url)

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def post(
        self, path: str, sent: Mapping[str, Any], until_s: float, *, token: str | None = None, acts: bool = False
    ) -> dict[str, Any]:
        """Send JSON, spelled out in UTF-8 as the platform shows escapes as they are; see :meth:`_call`."""
        body = json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        said = _Body(body, "application/json; charset=utf-8")
        return self._call(path, until_s, {"access_token": token}, said, acts=acts)

    def upload(self, path: str, picture: bytes, until_s: float, *, token: str, kind: str) -> dict[str, Any]:
        """Send a PNG as a form; see :meth:`_call`."""
        form = httpx.Request("POST", "http://form", files={"media": ("picture.png", picture, "image/png")})
        said = _Body(form.read(), form.headers["Content-Type"])
        return self._call(path, until_s, {"access_token": token, "type": kind}, said)

    def get(self, path: str, until_s: float, *, token: str) -> dict[str, Any]:
        """Ask without a body; see :meth:`_call`."""
        return self._call(path, until_s, {"access_token": token})

    def download(self, path: str, media_id: str, limit: int, until_s: float, *, token: str) -> Content:
        """The content called ``media_id``, or what stands at the address by which videos are answered. Raises TooLong.

        What failed is told in JSON, and nothing that players send begins like that.
        """
        params = {"access_token": token, "media_id": media_id}
        answer = self._answered(self._target(path, params), until_s, limit_bytes=max(limit, ANSWER_BYTES))
        if answer.status != HTTPStatus.OK or answer.body.lstrip().startswith(b"{"):
            address = _read(answer.status, answer.body, acts=False).get("video_url")
            if not isinstance(address, str) or not address.startswith(("https://", "http://")):
                raise Failed(TryAgain("no_video_url"))
            try:
                answer = self.fetch(address, until_s, limit)
            except TooLong:
                raise
            except (NotReached, NoAnswer, ValueError):
                raise Failed(TryAgain("no_answer")) from None
            if answer.status != HTTPStatus.OK:
                raise Failed(TryAgain(f"http_{answer.status}"))
        if len(answer.body) > limit:
            raise TooLong("garbled")
        return Content(answer.body, answer.headers.get("content-type"))

    def fetch(self, url: str, until_s: float, limit_bytes: int) -> HttpResponse:
        """What stands at ``url``, anywhere. Raises Failed when there is no time left, and what the client's does."""
        return fetch(url, self.limit_s(until_s), limit_bytes)

    def limit_s(self, until_s: float) -> float:
        """How long a call may take that has to be done by then. Raises Failed when there is nothing left."""
        left_s = until_s - self.running_s()
        if left_s < _LEAST_S:
            raise Failed(TryAgain("out_of_time"))
        return min(left_s, self._step_s)

    def _target(self, path: str, params: Mapping[str, str | None]) -> str:
        query = urlencode({name: value for name, value in params.items() if value is not None})
        return f"{self._path}{path}?{query}" if query else f"{self._path}{path}"

    def _call(
        self,
        path: str,
        until_s: float,
        params: Mapping[str, str | None],
        said: _Body | None = None,
        *,
        acts: bool = False,
    ) -> dict[str, Any]:
        """The answer of the platform to what is ``said``, or asked without a body. Raises Failed.

        ``acts`` says that the call does something that may not be done twice: when its answer is lost, nobody knows.
        """
        target = self._target(path, params)
        try:
            answer = self._answered(target, until_s, said, acts=acts)
        except TooLong:
            raise _lost("no_answer", acts=acts) from None
        return _read(answer.status, answer.body, acts=acts)

    def _answered(
        self,
        target: str,
        until_s: float,
        said: _Body | None = None,
        *,
        limit_bytes: int = ANSWER_BYTES,
        acts: bool = False,
    ) -> HttpResponse:
        """The answer. Raises Failed, and TooLong."""
        method, body, headers = ("POST", said.content, {"Content-Type": said.kind}) if said else ("GET", None, {})
        limit_s = self.limit_s(until_s)
        try:
            return self._client.call(method, target, body, headers, limit_s=limit_s, limit_bytes=limit_bytes)
        except NotReached:
            raise Failed(TryAgain("no_connection")) from None
        except TooLong:
            raise
        except NoAnswer:
            raise _lost("no_answer", acts=acts) from None


def _read(status: int, body: bytes, *, acts: bool) -> dict[str, Any]:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Failed(TryAgain("http_429", _BUSY))
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        raise Failed(TryAgain(f"http_{status}", _BUSY))  # whoever stands in the way sends everything elsewhere
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Failed(TryAgain(f"http_{status}"))  # a proxy or a wrong address, and not the platform itself
    if status != HTTPStatus.OK:
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


class AccessToken:
    """The token of one account in this process, for all its threads."""

    def __init__(self, account: WeChatAccount, transport: Transport) -> None:
        self._account, self._transport = account, transport
        self._lock = threading.Lock()
        self._value, self._until_s = "", 0.0
        self._forced_at_s: float | None = None

    def get(self, until_s: float) -> str:
        """A token that is valid as far as we know. Raises Failed."""
        if self._transport.running_s() < self._until_s:
            return self._value
        with _Held(self._lock, self._transport, until_s):
            if self._transport.running_s() >= self._until_s:
                self._fetch(until_s)
            return self._value

    def renewed(self, refused: str, until_s: float) -> str:
        """Another token than ``refused``, which the platform did not take; however many threads ask. Raises Failed.

        When the platform itself still gives that one out, it is forced to make a new one, once a minute at most.
        """
        with _Held(self._lock, self._transport, until_s):
            if self._value != refused and self._transport.running_s() < self._until_s:
                return self._value
            self._fetch(until_s)
            now_s = self._transport.running_s()
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
            answer = self._transport.post("/cgi-bin/stable_token", asked, until_s)
        except Failed as failed:
            if isinstance(failed.outcome, Refused):  # what refuses a token says nothing of the text
                raise Failed(TryAgain(failed.outcome.error, _AFTER_REFUSAL), failed.means) from None
            raise
        value, length_s = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or not isinstance(length_s, int):
            raise Failed(TryAgain("no_token"))
        self._value = value
        self._until_s = self._transport.running_s() + max(length_s - _MARGIN_S, length_s / 2)


class _Held:
    """A lock that is waited for until an instant. Raises Failed when it is not to be had."""

    def __init__(self, lock: threading.Lock, transport: Transport, until_s: float) -> None:
        self._lock, self._patience_s = lock, max(until_s - transport.running_s(), 0.0)

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._patience_s):
            raise Failed(TryAgain("token_busy"))

    def __exit__(self, *_error: object) -> None:
        self._lock.release()
