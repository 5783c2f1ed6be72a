"""Telegram's receiving half: the webhook of each bot (core.telegram.org/bots/api#setwebhook).

Telegram waits a minute for the answer and then delivers again, for a day. So nothing but a committed turn is answered
with 200, and what the bot says goes out by the sender.
"""

import hmac
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound, RequestEntityTooLarge

from bots.base import Forged, Malformed, Submit, Unread, submit_and_wait, unheeded
from bots.http_errors import register_error_handlers
from bots.request_body import body_of, is_whole
from bots.telegram.account import CHANNEL, TelegramAccount
from bots.telegram.client import Client
from bots.telegram.updates import Update, decode, parse
from core.blame import Unavailable
from core.messages import Answered, InboundKind, InboundMessage, NotAMessage
from core.times import Clock

log = structlog.get_logger()

_ID_SHOWN = 24
_EDIT_LASTS_S = 24 * 60 * 60
"""Telegram keeps updates for a day (core.telegram.org/bots/api#getting-updates): what is older did not just happen."""

WAIT_LIMIT_S = 20.0
UPDATE_LIMIT = 1024 * 1024
"""Bytes of an update. A text has 4,096 characters, of up to 12 bytes each as JSON escapes them, and a message may
quote another, with its own caption and entities (core.telegram.org/bots/api#message): 64 KiB are not enough."""
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  # the name of a header


def blueprint(
    clients: Iterable[Client],
    submit: Submit,
    clock: Clock,
    *,
    limit_s: float = WAIT_LIMIT_S,
    unread: Unread = unheeded,
) -> Blueprint:
    """POST /telegram/<account> for each of ``clients`` whose account receives by webhook."""
    doors = {
        client.account.name: _Door(client, submit, clock, limit_s, unread)
        for client in clients
        if _hooked(client.account)
    }

    def take(name: str) -> Response:
        door = doors.get(name)
        if door is None:
            raise NotFound
        return door.take()

    telegram = Blueprint("telegram", __name__, url_prefix=f"/{CHANNEL}")
    register_error_handlers(telegram)
    telegram.add_url_rule("/<name>", view_func=take, methods=["POST"])
    return telegram


def inbound(account: str, update: Update, received_at: datetime) -> InboundMessage | None:
    """The message in ``update``, or None when nobody turned to us. Raises NotAMessage.

    An old edit comes again with whatever becomes of its text: a wish in it is no wish of today.
    """
    words, edited_at = update.words, update.edited_at
    if words is None or (edited_at is not None and received_at.timestamp() - edited_at > _EDIT_LASTS_S):
        return None
    message = InboundMessage.received(
        (CHANNEL, account, words.user),
        update.id,
        words.text,
        received_at,
        waits=False,
        kind=words.kind,
        question=words.question,
        album=update.album,
        thread=update.topic,
        scene=words.text if words.kind is InboundKind.OPENED else None,
        attachments=update.attachments,
        command=words.command,
        forwarded=update.forwarded,
        caption=update.caption,
        member=update.member,
    )
    return replace(message, language=update.language)


class _Door:
    """The webhook of one bot."""

    def __init__(self, client: Client, submit: Submit, clock: Clock, limit_s: float, unread: Unread) -> None:
        self._client, self._submit, self._clock, self._limit_s = client, submit, clock, limit_s
        self._unread = unread
        secret = client.account.webhook_secret
        assert secret is not None
        self._secret = secret.get_secret_value().encode()

    def take(self) -> Response:
        """Take one update; its empty 200 says that it was dealt with.

        Telegram delivers for a day what it gets no 200 for, and holds back what comes after it. So an update that
        cannot be read is counted and thanked for, as polling skips it.
        """
        environ = request.environ
        self._check(environ)
        try:
            sent = parse(body_of(environ, UPDATE_LIMIT, ends_itself=True))
        except RequestEntityTooLarge:
            return self._skipped("body", None)
        except Malformed:
            if not is_whole(environ):
                raise
            return self._skipped("body", None)
        try:
            update = decode(sent, self._client.me)
            message = inbound(self._client.account.name, update, self._clock())
        except (Malformed, NotAMessage) as error:
            return self._skipped(str(error).partition(":")[0], sent.get("update_id"))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001  # a fault of ours that would be the same the next time
            return self._skipped(type(error).__name__, sent.get("update_id"))
        if message is not None:
            answer = submit_and_wait(self._submit, message, self._limit_s)
            if answer.how is Answered.TAMPERED:
                self._skipped("tampered", message.external_id)
        if update.tap is not None:
            self._client.courtesy(update.tap.acknowledge)
        return Response(status=200)

    def _skipped(self, what: str, update_id: object) -> Response:
        known = str(update_id) if isinstance(update_id, int | str) and len(str(update_id)) <= _ID_SHOWN else None
        self._unread(CHANNEL, self._client.account.name, what, known)
        return Response(status=200)

    def _check(self, environ: dict[str, Any]) -> None:
        """Raise Forged unless Telegram sent this. WSGI gives headers as Latin-1, whatever bytes they were."""
        given = environ.get("HTTP_X_TELEGRAM_BOT_API_SECRET_TOKEN", "").encode("latin-1", "replace")
        if not hmac.compare_digest(given, self._secret):
            log.warning("telegram.forged", account=self._client.account.name)
            raise Forged(f"{SECRET_HEADER}: send the secret of this webhook")


def _hooked(account: TelegramAccount) -> bool:
    return account.receive == "webhook"
