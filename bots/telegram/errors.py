"""What an error of the Bot API says about a text that was being sent (core.telegram.org/bots/api#making-requests).

Telegram names a fault only in the words of its description, so those are looked up in a closed list; what is not in it
is refused under a general code, and no description is ever passed on: it may quote the text.
"""

from datetime import timedelta
from http import HTTPStatus

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)

from bots.telegram.client import Flooded, Unclear
from core.sending.outbound import Refused, TryAgain, Unknown, unreadable

Failed = TryAgain | Refused | Unknown

OPERATOR = timedelta(minutes=2)
"""So long an account rests whose token Telegram does not know: only an operator can help."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)

_GONE = {
    "chat not found": "chat_not_found",
    "user not found": "user_not_found",
    "peer_id_invalid": "peer_id_invalid",
    "chat_id_invalid": "chat_id_invalid",
    "bot was blocked by the user": "blocked",
    "user is deactivated": "deactivated",
    "bot was kicked": "kicked",
    "bot is not a member": "not_a_member",
    "group chat was deleted": "group_deleted",
    "group chat was deactivated": "group_deleted",
    "can't initiate conversation": "never_started",
}
NO_RIGHTS, NO_TOPIC, TOO_LONG, MARKUP = "no_rights", "no_topic", "too_long", "markup"
_REFUSED = {
    "have no rights to send": NO_RIGHTS,
    "not enough rights": NO_RIGHTS,
    "chat_write_forbidden": NO_RIGHTS,
    "chat_restricted": NO_RIGHTS,
    "chat_send_plain_forbidden": NO_RIGHTS,
    "message thread not found": NO_TOPIC,
    "topic_closed": NO_TOPIC,
    "topic_deleted": NO_TOPIC,
    "topic_id_invalid": NO_TOPIC,
    "message text is empty": "empty",
    "message is too long": TOO_LONG,
    "caption is too long": TOO_LONG,
    "message_too_long": TOO_LONG,
    "media_caption_too_long": TOO_LONG,
    "button": MARKUP,
    "inline keyboard": MARKUP,
    "reply markup": MARKUP,
    "reply_markup": MARKUP,
    "can't parse": MARKUP,
    "wrong file identifier": "picture",
    "failed to get http url content": "picture",
    "wrong type of the web page content": "picture",
    "webpage_": "picture",
    "image_process_failed": "picture",
    "photo_invalid_dimensions": "picture",
}


def outcome_of(error: TelegramError) -> Failed:
    """What became of a text whose sending raised ``error``.

    In order: told to wait; turned away on the way; the token is not ours; the chat moved or is gone; refused for what
    it is; a fault of the network before anything was sent; anything else may have been taken.
    """
    if isinstance(error, Flooded):
        return TryAgain("flooded", error.after)
    if isinstance(error, Unclear):
        return _turned_away(error.status)
    if isinstance(error, BadRequest | Forbidden | ChatMigrated):  # a BadRequest is a NetworkError to the library
        return _refused(error)
    return _not_answered(error)


def _turned_away(status: int) -> Failed:
    """Nothing but an error of a server, or an answer cut in half, comes after Telegram may have acted.

    Whoever says that all is well and cannot be read says so of the next text, too; and whoever stands in the way and
    sends us elsewhere lets none through, so the account rests.
    """
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return unreadable(f"http_{status}")
    if status < HTTPStatus.BAD_REQUEST:
        return TryAgain(f"http_{status}", OPERATOR)
    return TryAgain(f"http_{status}") if status < HTTPStatus.INTERNAL_SERVER_ERROR else Unknown(f"http_{status}")


def _refused(error: TelegramError) -> Refused:
    if isinstance(error, ChatMigrated):
        return Refused("chat_migrated", unreachable=True)
    said = error.message.casefold()
    if code := next((code for words, code in _GONE.items() if words in said), None):
        return Refused(code, unreachable=True, unwanted=code == "blocked")
    if isinstance(error, Forbidden):
        return Refused("forbidden", unreachable=True)
    return Refused(next((code for words, code in _REFUSED.items() if words in said), "bad_request"))


def _not_answered(error: TelegramError) -> Failed:
    if isinstance(error, InvalidToken):
        return TryAgain("invalid_token", OPERATOR)
    if isinstance(error, Conflict):
        return TryAgain("conflict")
    if isinstance(error, NetworkError) and isinstance(error.__cause__, _NOT_SENT):
        return TryAgain("not_reached")
    return Unknown("timed_out" if isinstance(error, TimedOut) else "cut_off")
