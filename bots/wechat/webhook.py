"""WeChat's door: one address for each official account, where the platform greets us and delivers.

What is said in answer goes back in the connection while that is in time, else the sender has it: one path, never
both. Specification:
https://developers.weixin.qq.com/doc/service/en/guide/product/message/Passive_user_reply_message.html
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from flask import Response, abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from bots.base import Forged, Malformed, Report, Submit, Unread, Unusable, submit_and_wait, unheeded
from bots.fast_path import Doors, Environ
from bots.http_errors import register_error_handlers
from bots.request_body import body_of, is_whole
from bots.wechat.account import CHANNEL, WeChatAccount
from bots.wechat.events import Selected, fields_of, receipts_in, selected
from bots.wechat.signature import Proof, Seal, query_of
from bots.wechat.xml import REPLY_BYTES, read, text_reply, transfer
from core.messages import Answer, Answered, InboundKind, InboundMessage, NotAMessage
from core.sending.delivery_reports import DeliveryReport
from core.times import Clock

log = structlog.get_logger()

ANSWER_WITHIN = timedelta(seconds=3.5)
"""After this an answer is no longer returned in the connection, as it could be too late there."""
WAIT_LIMIT_S = 4.5
"""The platform cuts the connection after 5 seconds, and delivers again."""

PUSH_BYTES = 128 * 1024
"""Bytes of a delivery: the longest text that the app takes, some 16,000 characters, enciphered and in base 64."""
_ID = re.compile(rb"<MsgId>\s*(\d{1,32})\s*</MsgId>")
_NOTHING = b"success"
_NOSNIFF = ("X-Content-Type-Options", "nosniff")


@dataclass(frozen=True, slots=True)
class _Door:
    """One account's door."""

    name: str
    proof: Proof
    submit: Submit
    report: Report | None
    clock: Clock
    unread: Unread = unheeded
    says: Mapping[str, str] = field(default_factory=dict)
    desk: bool = False

    def serve(self, environ: Environ) -> Response:
        """Greet or take, and log what was no message of the platform."""
        try:
            return self._take(environ) if environ["REQUEST_METHOD"] == "POST" else self._greet(environ)
        except Forged as error:
            log.warning("wechat.forged", account=self.name, why=str(error))
            raise
        except Malformed as error:
            log.warning("wechat.malformed", account=self.name, why=str(error))
            raise

    def _greet(self, environ: Environ) -> Response:
        """Prove to the platform that it is us."""
        return _said(self.proof.greeted(query_of(environ.get("QUERY_STRING", ""))).encode())

    def _take(self, environ: Environ) -> Response:
        """Take one delivery, and answer it once the engine has committed."""
        received_at = self.clock()
        query = query_of(environ.get("QUERY_STRING", ""))
        self.proof.check_query(query)
        try:
            document, seal = self.proof.opened(query, body_of(environ, PUSH_BYTES, ends_itself=True))
        except RequestEntityTooLarge:
            if not self.proof.shown(query):
                raise
            return self._thanked("body")
        except Malformed as error:
            if not isinstance(error, Unusable) and not (self.proof.shown(query) and is_whole(environ)):
                raise
            log.warning("wechat.malformed", account=self.name, why=str(error))
            return self._thanked(str(error).partition(":")[0])
        try:
            root, mended = read(document)
            fields = fields_of(root)
            if mended:
                self.unread(CHANNEL, self.name, "mended", fields.get("MsgId"))
            found = selected(root, fields, self.says)
            receipts = receipts_in(root, fields, self.name) if found is None else []
            message = None if found is None else self._message(found, received_at)
        except (Malformed, NotAMessage) as error:
            if not is_whole(environ):
                raise
            return self._thanked(str(error).partition(":")[0], _id_in(document))
        if found is None or message is None:
            self._receive(receipts)
            return _said(_NOTHING)
        answer = submit_and_wait(self.submit, message, WAIT_LIMIT_S - (self.clock() - received_at).total_seconds())
        return self._answered(found, answer, query.get("nonce", ""), seal)

    def _message(self, found: Selected, received_at: datetime) -> InboundMessage:
        return InboundMessage.received(
            (CHANNEL, self.name, found.user),
            found.external_id,
            found.text,
            received_at,
            waits=True,
            kind=found.kind,
            answer_by=received_at + ANSWER_WITHIN,
            room_bytes=REPLY_BYTES,
            question=found.question,
            scene=found.scene,
            attachments=found.attachments,
        )

    def _answered(self, found: Selected, answer: Answer, nonce: str, seal: Seal | None) -> Response:
        if answer.how is Answered.TAMPERED:
            return self._thanked("tampered", found.external_id)
        if not answer.here or found.kind is InboundKind.LEFT:
            return _said(_NOTHING)
        if self.desk and answer.desk:
            document = transfer(found.user, found.ours, self.clock())
        else:
            text = "\n\n".join(answer.texts[: answer.here])
            document = text_reply(found.user, found.ours, self.clock(), text)
        return _said(self.proof.closed(document, nonce, seal).encode(), "application/xml; charset=utf-8")

    def _thanked(self, what: str, name: str | None = None) -> Response:
        """Thank for what proved itself and is nobody's message, or it would come again; it is counted."""
        self.unread(CHANNEL, self.name, what, name)
        return _said(_NOTHING)

    def _receive(self, receipts: list[DeliveryReport]) -> None:
        if receipts and self.report is not None:
            self.report(receipts)


def blueprint(  # noqa: PLR0917  # what each door is handed
    accounts: Iterable[WeChatAccount],
    submit: Submit,
    clock: Clock,
    random_bytes: Callable[[int], bytes],
    report: Report | None = None,
    unread: Unread = unheeded,
) -> Doors:
    """The routes /wechat/<account> of all ``accounts``, and the files by which the platform knows our address.

    ``random_bytes(n)`` gives n bytes that nobody can foretell.
    """
    tables = tuple(accounts)
    doors = {
        account.name: _Door(
            account.name, Proof(account, clock, random_bytes), submit, report, clock, unread, account.says, account.desk
        )
        for account in tables
    }
    routes = Doors(CHANNEL, __name__, url_prefix=f"/{CHANNEL}")
    routes.fast = {f"/{CHANNEL}/{name}{end}": door.serve for name, door in doors.items() for end in ("", "/")}
    register_error_handlers(routes)

    def serve(name: str) -> Response:
        if name not in doors:
            abort(404)
        return doors[name].serve(request.environ)

    for rule in ("/<name>", "/<name>/"):
        routes.add_url_rule(rule, endpoint="account", view_func=serve, methods=["GET", "POST"], strict_slashes=True)
    files = {file for account in tables for file in account.verify}

    def verify(code: str) -> Response:
        if f"MP_verify_{code}.txt" not in files:
            abort(404)
        return _said(code.encode())

    routes.record(lambda state: state.app.add_url_rule("/MP_verify_<code>.txt", f"{CHANNEL}.verify", verify))
    return routes


def _id_in(document: bytes) -> str | None:
    """What the platform calls a delivery that cannot be read."""
    found = _ID.findall(document)
    return found[-1].decode() if found else None


def _said(body: bytes, content_type: str = "text/plain; charset=utf-8") -> Response:
    return Response(body, 200, [_NOSNIFF], content_type=content_type)
