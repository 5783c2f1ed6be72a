"""The webhook of SMS accounts at HTTP gateways: /sms/<account> takes messages, /sms/<account>/receipt delivery reports.

Nothing is confirmed before it is written down: a gateway that gets no 200 delivers again, and hears the same answer.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound, RequestEntityTooLarge

from bots.base import (
    DELIVERY_LIMIT,
    LARGEST_LIMIT,
    Forged,
    InboundSink,
    Malformed,
    Unusable,
    submit_and_wait,
)
from bots.http_errors import register_error_handlers
from bots.request_body import body_of, is_whole
from bots.sms.account import CHANNEL
from bots.sms.delivery_reports import delivery_report_in, is_report
from bots.sms.inbound import Authentication, BodyTooLong, Ignored, Inbound, InboundRequest, Mo
from bots.sms.numbers import sender_of, unanswerable
from bots.sms.rendering import longest, signed
from core.blame import Unavailable
from core.messages import Answered, InboundMessage, NotAMessage
from core.sending.delivery_reports import DeliveryReport
from core.times import Clock

log = structlog.get_logger()

_ID = re.compile(r"[!-~]{1,64}")


def blueprint(
    accounts: Iterable[Inbound],
    sink: InboundSink,
    clock: Clock,
    running_s: Callable[[], float] = time.monotonic,
) -> Blueprint:
    """The routes under /sms for each of ``accounts``. ``running_s`` is a clock that only runs."""
    webhooks = {inbound.account.name: _Webhook(inbound, sink, clock, running_s) for inbound in accounts}

    def webhook(account: str) -> _Webhook:
        if account not in webhooks:
            raise NotFound
        return webhooks[account]

    def messages(account: str) -> Response:
        return webhook(account).messages()

    def delivery_reports(account: str) -> Response:
        return webhook(account).delivery_reports()

    routes = Blueprint(CHANNEL, __name__, url_prefix="/sms")
    register_error_handlers(routes)
    for rule, view in (("/<account>", messages), ("/<account>/receipt", delivery_reports)):
        for end in ("", "/"):
            routes.add_url_rule(
                f"{rule}{end}",
                view.__name__,
                view,
                methods=["GET", "POST"],
                provide_automatic_options=False,
                strict_slashes=True,
            )
    return routes


class _Webhook:
    """The webhook of one account."""

    def __init__(self, inbound: Inbound, sink: InboundSink, clock: Clock, running_s: Callable[[], float]) -> None:
        self._inbound, self._sink, self._clock, self._running_s = inbound, sink, clock, running_s

    def messages(self) -> Response:
        """Take what players wrote."""
        authentication = self._authentication(receipts=False)
        arrived = _request(self._clock, authentication)
        with self._refusing("message", authentication) as read:
            told = self._inbound.messages(arrived)
        return self._heard(told, arrived) if read else self._inbound.reply(())

    def delivery_reports(self) -> Response:
        """Take what became of ours."""
        authentication = self._authentication(receipts=True)
        arrived = _request(self._clock, authentication)
        with self._refusing("receipt", authentication) as read:
            told = self._inbound.delivery_reports(arrived)
        if read and (reports := self._reports(told)):
            self._sink.report(reports)
        return self._inbound.receipts_reply()

    def _authentication(self, *, receipts: bool) -> Authentication:
        if request.method not in self._inbound.methods:
            raise MethodNotAllowed(list(self._inbound.methods))
        return self._inbound.authentication(receipts=receipts)

    @contextmanager
    def _refusing(self, what: str, authentication: Authentication) -> Iterator[list[bool]]:
        """Tell the operator of what is refused: a wrong secret on one side looks the same as somebody who tries.

        What proved itself and cannot be read is not refused, as it would come again for ever: it is counted, and the
        list is empty. Only of a body that may have been cut the sender hears, and sends it again.
        """
        read = [True]
        name = self._inbound.account.name
        try:
            yield read
        except Forged as error:
            log.warning("sms.forged", account=name, what=str(error))
            raise
        except Unusable as error:
            if not isinstance(error, BodyTooLong) and not authentication.covers and not is_whole(request.environ):
                raise
            self._unread(f"{what}:{str(error).partition(':')[0]}", _id_shown())
            read.clear()
        except Malformed as error:
            log.warning("sms.malformed", account=name, what=str(error))
            raise

    def _unread(self, what: str, external_id: str | None) -> None:
        self._sink.unread(CHANNEL, self._inbound.account.name, what, external_id)

    def _heard(self, told: Sequence[Mo | DeliveryReport | Ignored], arrived: InboundRequest) -> Response:
        """Say each message to the engine, and write down what came as one and is a delivery report."""
        end_s = self._running_s() + self._inbound.reply_window.limit_s
        mos = [one for one in told if isinstance(one, Mo)]
        reports = self._reports(told)
        texts: list[str] = []
        for mo in mos:
            if is_report(mo.text):  # whoever answers it is sent the next
                reports += self._report(mo)
                continue
            said = self._said(mo, arrived, end_s, alone=len(mos) == 1)
            texts += [] if mo.answered else said
        if reports:
            self._sink.report(reports)
        return self._inbound.reply(texts)

    def _reports(self, told: Sequence[Mo | DeliveryReport | Ignored]) -> list[DeliveryReport]:
        """The delivery reports among what was told; what is ignored is counted."""
        for one in told:
            if isinstance(one, Ignored):
                self._unread(one.what, one.external_id)
        return [one for one in told if isinstance(one, DeliveryReport)]

    def _report(self, mo: Mo) -> list[DeliveryReport]:
        """A report that came as a message."""
        report = delivery_report_in(mo.text, CHANNEL, self._inbound.account.name)
        if report is None:
            self._unread("message:report", mo.external_id)
        return [] if report is None else [report]

    def _said(self, mo: Mo, arrived: InboundRequest, end_s: float, *, alone: bool) -> Sequence[str]:
        """The texts that go back in the connection."""
        account, window = self._inbound.account, self._inbound.reply_window
        user = sender_of(mo.sender, account.home)
        if user is None or not account.serves(user):
            what = "country" if user else unanswerable(mo.sender)
            self._unread(f"sender:{what}", mo.external_id)
            return ()
        within = window.answer_within
        if mo.answered:  # what we say to it goes nowhere, whatever the connection takes
            within = within or timedelta(seconds=window.limit_s)
        waits = within is not None and (alone or mo.answered) and mo.part is None
        try:
            message = InboundMessage.received(
                (CHANNEL, account.name, user),
                mo.external_id,
                mo.text,
                arrived.at,
                waits=waits,
                kind=mo.kind,
                answer_by=arrived.at + within if waits and within else None,
                room_bytes=self._room_bytes(user) if waits else None,
                attachments=mo.attachments,
            )
        except NotAMessage as error:
            self._unread(f"message:{str(error).partition(':')[0]}", mo.external_id)
            return ()
        if mo.part is not None:
            whole = self._sink.join(message, mo.part)
            if whole is None:
                return ()
            if is_report(whole.text):
                self._unread("message:report", whole.external_id)
                return ()
            message = whole
        left_s = end_s - self._running_s()
        if left_s <= 0:
            raise Unavailable("the turns take too long")
        answer = submit_and_wait(self._sink.submit, message, left_s)
        if answer.how is Answered.TAMPERED:
            self._unread("message:tampered", message.external_id)
            return ()
        return answer.texts[: answer.here]

    def _room_bytes(self, user: str) -> int:
        """What the connection carries, and no more characters than may go to ``user``: bytes are never fewer."""
        characters = longest(user) - len(signed("", self._inbound.account.signature))
        return min(self._inbound.reply_window.room_bytes or characters, characters)


def _id_shown() -> str | None:
    """What a query calls the delivery."""
    shown = request.args.get("id") or request.args.get("dispatch") or ""
    return shown if _ID.fullmatch(shown) else None


def _request(clock: Clock, authentication: Authentication) -> InboundRequest:
    environ: dict[str, Any] = request.environ
    query = environ.get("QUERY_STRING", "").encode("latin-1", "replace")
    if len(query) > DELIVERY_LIMIT:
        raise RequestEntityTooLarge
    return InboundRequest(
        request.method,
        f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}",
        request.path,
        query,
        request.headers,
        cache(lambda: _body(environ, authentication)),
        clock(),
    )


def _body(environ: dict[str, Any], authentication: Authentication) -> bytes:
    """The body. One that announces no length shows its end when it is JSON, or by a proof over all of it."""
    ends_itself = authentication.covers or "json" in (environ.get("CONTENT_TYPE") or "").lower()
    return body_of(
        environ, DELIVERY_LIMIT, ends_itself=ends_itself, large=LARGEST_LIMIT if authentication.in_body else None
    )
