"""The door of SMS accounts at HTTP gateways: /sms/<account> takes messages, /sms/<account>/receipt what became of ours.

Nothing is confirmed before it is written down: a gateway that gets no 200 delivers again, and hears the same answer.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound, RequestEntityTooLarge

from bots.answering import answered
from bots.base import BODY_LIMIT, Forged, Malformed, Report, Submit
from bots.bodies import body_of
from bots.refusals import answer_refusals, refused
from bots.sms.account import CHANNEL
from bots.sms.hearing import Arrival, Hears, Mo
from bots.sms.numbers import sender_of
from bots.sms.writing import longest, signed
from core.engine.failing import Unavailable
from core.messages import Answered, InboundMessage
from core.times import Clock

log = structlog.get_logger()


class _Tampered(Exception):
    """The id of a message was used before for another one."""


@dataclass(frozen=True, slots=True)
class SmsDoors:
    """What the doors are handed. ``running_s`` is a clock that only runs."""

    submit: Submit
    report: Report
    clock: Clock
    accounts: Iterable[Hears]
    running_s: Callable[[], float] = time.monotonic


def blueprint(doors: SmsDoors) -> Blueprint:
    """The routes under /sms."""
    known = {hears.account.name: hears for hears in doors.accounts}

    def called(account: str) -> tuple[Hears, Arrival]:
        hears = known.get(account)
        if hears is None:
            raise NotFound
        if request.method not in hears.methods:
            raise MethodNotAllowed(list(hears.methods))
        return hears, _arrival(doors.clock)

    def hear(account: str) -> Response:
        hears, arrival = called(account)
        with _told(account):
            mos = hears.heard(arrival)
        end_s = doors.running_s() + hears.patience.limit_s
        texts: list[str] = []
        for mo in mos:
            said = _said(doors, hears, mo, arrival, end_s, alone=len(mos) == 1)
            texts += [] if mo.answered else said
        return hears.replied(texts)

    def note(account: str) -> Response:
        hears, arrival = called(account)
        with _told(account):
            receipts = hears.receipts(arrival)
        if receipts:
            doors.report(receipts)
        return hears.noted()

    routes = Blueprint(CHANNEL, __name__, url_prefix="/sms")
    answer_refusals(routes)
    routes.register_error_handler(_Tampered, lambda _error: refused(409, "id: it was used before with another text"))
    for rule, view in (("/<account>", hear), ("/<account>/receipt", note)):
        routes.add_url_rule(
            rule, view.__name__, view, methods=["GET", "POST"], provide_automatic_options=False, strict_slashes=True
        )
    return routes


@contextmanager
def _told(account: str) -> Iterator[None]:
    """Tell the operator of what is refused: a wrong secret on one side looks the same as somebody who tries."""
    try:
        yield
    except Forged as error:
        log.warning("sms.forged", account=account, what=str(error))
        raise
    except Malformed as error:
        log.warning("sms.malformed", account=account, what=str(error))
        raise


def _said(doors: SmsDoors, hears: Hears, mo: Mo, arrival: Arrival, end_s: float, *, alone: bool) -> Sequence[str]:
    """The texts that go back in the connection."""
    account, patience = hears.account, hears.patience
    user = sender_of(mo.sender, account.region)
    if user is None or not account.serves(user):
        log.info("sms.not_heard", account=account.name, why="no_number" if user is None else "country")
        return ()
    waits = patience.answer_within is not None and alone
    message = InboundMessage.received(
        (CHANNEL, account.name, user),
        mo.external_id,
        mo.text,
        arrival.at,
        waits=waits,
        manner=mo.manner,
        answer_by=arrival.at + patience.answer_within if waits and patience.answer_within else None,
        room_bytes=_room_bytes(hears, user) if waits else None,
    )
    left_s = end_s - doors.running_s()
    if left_s <= 0:
        raise Unavailable("the turns take too long")
    answer = answered(doors.submit, message, left_s)
    if answer.how is Answered.TAMPERED:
        raise _Tampered
    return answer.texts[: answer.here]


def _room_bytes(hears: Hears, user: str) -> int:
    """What the connection carries, and no more characters than may go to ``user``, which bytes are never fewer than."""
    characters = longest(user) - len(signed("", hears.account.signature))
    return min(hears.patience.room_bytes or characters, characters)


def _arrival(clock: Clock) -> Arrival:
    environ: dict[str, Any] = request.environ
    query = environ.get("QUERY_STRING", "").encode("latin-1", "replace")
    if len(query) > BODY_LIMIT:
        raise RequestEntityTooLarge
    return Arrival(
        request.method,
        f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}",
        request.path,
        query,
        request.headers,
        _body(environ),
        clock(),
    )


def _body(environ: dict[str, Any]) -> bytes:
    """The body; a GET has none, and some servers would wait for it."""
    announced = environ.get("CONTENT_LENGTH") or environ.get("HTTP_TRANSFER_ENCODING")
    return body_of(environ) if announced else b""
