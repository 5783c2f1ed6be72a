"""Telegram's receiving half: the webhook of each bot (core.telegram.org/bots/api#setwebhook).

Telegram waits a minute for the answer and then delivers again, for a day. So nothing but a committed turn is answered
with 200, and what the bot says goes out by the sender.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from bots.answering import answered
from bots.base import Forged, Submit
from bots.bodies import body_of
from bots.refusals import answer_refusals
from bots.telegram.account import CHANNEL, TelegramAccount
from bots.telegram.decoding import Update, decode, parse
from bots.telegram.line import Line
from core.messages import Answered, InboundMessage
from core.times import Clock

log = structlog.get_logger()

WAIT_LIMIT_S = 20.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header


def blueprint(lines: Iterable[Line], submit: Submit, clock: Clock, *, limit_s: float = WAIT_LIMIT_S) -> Blueprint:
    """POST /telegram/<account> for each of ``lines`` whose account receives by webhook."""
    doors = {line.account.name: _Door(line, submit, clock, limit_s) for line in lines if _hooked(line.account)}

    def take(name: str) -> Response:
        door = doors.get(name)
        if door is None:
            raise NotFound
        return door.take()

    telegram = Blueprint("telegram", __name__, url_prefix=f"/{CHANNEL}")
    answer_refusals(telegram)
    telegram.add_url_rule("/<name>", view_func=take, methods=["POST"])
    return telegram


def inbound(account: str, update: Update, received_at: datetime) -> InboundMessage | None:
    """The message in ``update``, or None when nobody turned to us. Raises NotAMessage."""
    words = update.words
    if words is None:
        return None
    return InboundMessage.received(
        (CHANNEL, account, words.user),
        update.id,
        words.text,
        received_at,
        waits=False,
        manner=words.manner,
        question=words.question,
    )


class _Door:
    """The webhook of one bot."""

    def __init__(self, line: Line, submit: Submit, clock: Clock, limit_s: float) -> None:
        self._line, self._submit, self._clock, self._limit_s = line, submit, clock, limit_s
        secret = line.account.webhook_secret
        assert secret is not None
        self._secret = secret.get_secret_value().encode()

    def take(self) -> Response:
        """Take one update; its empty 200 says that it was dealt with."""
        self._check(request.environ)
        update = decode(parse(body_of(request.environ)), self._line.me)
        message = inbound(self._line.account.name, update, self._clock())
        if message is not None:
            answer = answered(self._submit, message, self._limit_s)
            if answer.how is Answered.TAMPERED:  # refusing it would bring it back for a day
                log.warning("telegram.tampered", account=message.account, update=message.external_id)
        if update.tap is not None:
            self._line.courtesy(update.tap.acknowledge)
        return Response(status=200)

    def _check(self, environ: dict[str, Any]) -> None:
        """Raise Forged unless Telegram sent this. WSGI gives headers as Latin-1, whatever bytes they were."""
        given = environ.get("HTTP_X_TELEGRAM_BOT_API_SECRET_TOKEN", "").encode("latin-1", "replace")
        if not hmac.compare_digest(given, self._secret):
            log.warning("telegram.forged", account=self._line.account.name)
            raise Forged(f"{SECRET_HEADER}: send the secret of this webhook")


def _hooked(account: TelegramAccount) -> bool:
    return account.receive == "webhook"
