"""The door of SMS accounts at HTTP gateways: /sms/<account> takes messages, /sms/<account>/receipt what became of ours.

Nothing is confirmed before it is written down: a gateway that gets no 200 delivers again, and hears the same answer.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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
    Join,
    Malformed,
    Report,
    Submit,
    Unread,
    Unusable,
    parted,
    submit_and_wait,
    unheeded,
)
from bots.http_errors import register_error_handlers
from bots.request_body import body_of, is_whole
from bots.sms.account import CHANNEL
from bots.sms.delivery_reports import is_report, receipt_in
from bots.sms.inbound import Authentication, Ignored, Inbound, InboundRequest, Mo, TooLong
from bots.sms.numbers import sender_of, unanswerable
from bots.sms.rendering import longest, signed
from core.blame import Unavailable
from core.messages import Answered, InboundMessage, NotAMessage
from core.sending.delivery_reports import DeliveryReport
from core.times import Clock

log = structlog.get_logger()

_ID = re.compile(r"[!-~]{1,64}")


@dataclass(frozen=True, slots=True)
class SmsDoors:
    """What the doors are handed. ``running_s`` is a clock that only runs."""

    submit: Submit
    report: Report
    clock: Clock
    accounts: Iterable[Inbound]
    running_s: Callable[[], float] = time.monotonic
    unread: Unread = unheeded
    join: Join = parted


def blueprint(doors: SmsDoors) -> Blueprint:
    """The routes under /sms."""
    known = {hears.account.name: hears for hears in doors.accounts}

    def called(account: str, *, receipts: bool = False) -> tuple[Inbound, InboundRequest, Authentication]:
        hears = known.get(account)
        if hears is None:
            raise NotFound
        if request.method not in hears.methods:
            raise MethodNotAllowed(list(hears.methods))
        authentication = hears.authentication(receipts=receipts)
        return hears, _arrival(doors.clock, authentication), authentication

    def hear(account: str) -> Response:
        hears, arrival, authentication = called(account)
        with _told(doors, hears, "message", authentication) as read:
            told = hears.messages(arrival)
        if not read:
            return hears.reply(())
        return _heard(doors, hears, told, arrival)

    def note(account: str) -> Response:
        hears, arrival, authentication = called(account, receipts=True)
        with _told(doors, hears, "receipt", authentication) as read:
            told = hears.delivery_reports(arrival)
        if read and (receipts := _receipts(doors, hears, told)):
            doors.report(receipts)
        return hears.receipts_reply()

    routes = Blueprint(CHANNEL, __name__, url_prefix="/sms")
    register_error_handlers(routes)
    for rule, view in (("/<account>", hear), ("/<account>/receipt", note)):
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


@contextmanager
def _told(doors: SmsDoors, hears: Inbound, what: str, authentication: Authentication) -> Iterator[list[bool]]:
    """Tell the operator of what is refused: a wrong secret on one side looks the same as somebody who tries.

    What proved itself and cannot be read is not refused, as it would come again for ever: it is counted, and the list
    is empty. Only of a body that may have been cut the sender hears, and sends it again.
    """
    read = [True]
    name = hears.account.name
    try:
        yield read
    except Forged as error:
        log.warning("sms.forged", account=name, what=str(error))
        raise
    except Unusable as error:
        if not isinstance(error, TooLong) and not authentication.covers and not is_whole(request.environ):
            raise
        doors.unread(CHANNEL, name, f"{what}:{str(error).partition(':')[0]}", _id_shown())
        read.clear()
    except Malformed as error:
        log.warning("sms.malformed", account=name, what=str(error))
        raise


def _heard(
    doors: SmsDoors, hears: Inbound, told: Sequence[Mo | DeliveryReport | Ignored], arrival: InboundRequest
) -> Response:
    """Say each message to the engine, and write down what came as one and is a receipt."""
    end_s = doors.running_s() + hears.reply_window.limit_s
    mos = [one for one in told if isinstance(one, Mo)]
    receipts = _receipts(doors, hears, told)
    texts: list[str] = []
    for mo in mos:
        if is_report(mo.text):  # whoever answers it is sent the next
            receipts += _report(doors, hears, mo)
            continue
        said = _said(doors, hears, mo, arrival, end_s, alone=len(mos) == 1)
        texts += [] if mo.answered else said
    if receipts:
        doors.report(receipts)
    return hears.reply(texts)


def _receipts(doors: SmsDoors, hears: Inbound, told: Sequence[Mo | DeliveryReport | Ignored]) -> list[DeliveryReport]:
    """The receipts among what was told; what is ignored is counted."""
    for one in told:
        if isinstance(one, Ignored):
            doors.unread(CHANNEL, hears.account.name, one.what, one.external_id)
    return [one for one in told if isinstance(one, DeliveryReport)]


def _id_shown() -> str | None:
    """What a query calls the delivery."""
    shown = request.args.get("id") or request.args.get("dispatch") or ""
    return shown if _ID.fullmatch(shown) else None


def _report(doors: SmsDoors, hears: Inbound, mo: Mo) -> list[DeliveryReport]:
    """A report that came as a message."""
    receipt = receipt_in(mo.text, CHANNEL, hears.account.name)
    if receipt is None:
        doors.unread(CHANNEL, hears.account.name, "message:report", mo.external_id)
    return [] if receipt is None else [receipt]


def _said(
    doors: SmsDoors, hears: Inbound, mo: Mo, arrival: InboundRequest, end_s: float, *, alone: bool
) -> Sequence[str]:
    """The texts that go back in the connection."""
    account, reply_window = hears.account, hears.reply_window
    user = sender_of(mo.sender, account.home)
    if user is None or not account.serves(user):
        what = "country" if user else unanswerable(mo.sender)
        doors.unread(CHANNEL, account.name, f"sender:{what}", mo.external_id)
        return ()
    within = reply_window.answer_within
    if mo.answered:  # what we say to it goes nowhere, whatever the connection takes
        within = within or timedelta(seconds=reply_window.limit_s)
    waits = within is not None and (alone or mo.answered) and mo.part is None
    try:
        message = InboundMessage.received(
            (CHANNEL, account.name, user),
            mo.external_id,
            mo.text,
            arrival.at,
            waits=waits,
            manner=mo.manner,
            answer_by=arrival.at + within if waits and within else None,
            room_bytes=_room_bytes(hears, user) if waits else None,
        )
    except NotAMessage as error:
        doors.unread(CHANNEL, account.name, f"message:{str(error).partition(':')[0]}", mo.external_id)
        return ()
    if mo.part is not None:
        whole = doors.join(message, mo.part)
        if whole is None:
            return ()
        if is_report(whole.text):
            doors.unread(CHANNEL, account.name, "message:report", whole.external_id)
            return ()
        message = whole
    left_s = end_s - doors.running_s()
    if left_s <= 0:
        raise Unavailable("the turns take too long")
    answer = submit_and_wait(doors.submit, message, left_s)
    if answer.how is Answered.TAMPERED:
        doors.unread(CHANNEL, account.name, "message:tampered", message.external_id)
        return ()
    return answer.texts[: answer.here]


def _room_bytes(hears: Inbound, user: str) -> int:
    """What the connection carries, and no more characters than may go to ``user``, which bytes are never fewer than."""
    characters = longest(user) - len(signed("", hears.account.signature))
    return min(hears.reply_window.room_bytes or characters, characters)


def _arrival(clock: Clock, authentication: Authentication) -> InboundRequest:
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
