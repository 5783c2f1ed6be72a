"""Read an update: who turned to us and how (core.telegram.org/bots/api#update).

The library's own reader trusts Telegram and raises whatever a wrong type leads to; this one takes the few fields that
matter and calls everything else Malformed. Updates of other kinds are nobody's message.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bots.base import Malformed
from bots.telegram.addressing import Me, spoken_to_us
from bots.telegram.callback_queries import Tap, said_by
from bots.telegram.fields import is_group, number, number_of, part, text_of
from bots.telegram.senders import is_nobody, is_unattended, language_of, player_of
from core.messages import Manner

AskMe = Callable[[], Me]
"""Who our bot is; asked only where it matters, as it may cost a call."""

SHOWN = (
    "photo",
    "video",
    "animation",
    "voice",
    "audio",
    "document",
    "sticker",
    "location",
    "venue",
    "contact",
    "video_note",
    "dice",
    "poll",
    "story",
    "paid_media",
    "game",
    "checklist",
)

_SEAL = 16
_COMMAND = re.compile(r"/(\w{1,64})(?:@(\w{1,64}))?(?:\s+(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Words:
    """What the engine is told: ``user`` is the player's number, or the group's."""

    user: str
    text: str
    manner: Manner
    question: int | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """One update. Without ``words`` nobody turned to us."""

    id: str
    words: Words | None = None
    tap: Tap | None = None
    album: str | None = None
    """As what the pictures count that stand beside the words in one album, each of which is an update of its own."""
    topic: str | None = None
    """In which topic of its chat it was said; None in the general one, and where there are none."""
    language: str | None = None
    """Of the app of whoever turned to us, where it is one that we speak."""
    edited_at: int | None = None
    """When the text was changed that it tells of, in seconds of Unix time."""


def parse(body: bytes) -> Mapping[str, Any]:
    """The JSON object in ``body``. Raises Malformed when it holds none."""
    try:
        sent = json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError):
        raise Malformed("body: send one JSON object in UTF-8") from None
    if not isinstance(sent, dict):
        raise Malformed("body: send one JSON object")
    return sent


def decode(sent: Mapping[str, Any], me: AskMe) -> Update:
    """The update that was ``sent``. Raises Malformed, and whatever ``me`` raises."""
    update_id = str(number(sent, "update_id"))
    if message := part(sent, "message"):
        words = _said(message, me)
        if is_unattended(message):
            words = replace(words, manner=Manner.UNATTENDED) if words and words.manner is Manner.TYPED else None
        group = text_of(message, "media_group_id")
        album = f"album:{group}" if group else None
        topic = _topic(message)
        language = language_of(message)
        if album and words is not None and words.manner is Manner.SHOWED:
            return Update(album, words, topic=topic, language=language)  # of all its pictures the first one is answered
        return Update(update_id, words, album=album, topic=topic, language=language)
    if message := part(sent, "edited_message"):
        return _edited(update_id, message, me)
    if query := part(sent, "callback_query"):
        topic = _topic(part(query, "message") or {})
        return Update(update_id, *_tapped(query), topic=topic, language=language_of(query))
    if change := part(sent, "my_chat_member"):
        return Update(update_id, _changed(change), language=language_of(change))
    return Update(update_id)


def _edited(update_id: str, message: Mapping[str, Any], me: AskMe) -> Update:
    """The text of a private chat that somebody changed.

    The same comes for whatever becomes of a message: a place that moves, a preview that was loaded, a reaction
    (core.telegram.org/bots/api#update: "edited or otherwise updated"). So it is one edit as long as time and text are
    the same, whatever its update is called, and none without a time.
    """
    chat, edited_at = part(message, "chat"), number_of(message, "edit_date")
    words = _said(message, me) if chat and edited_at and not is_group(chat) else None
    if words is None or words.manner is not Manner.TYPED:
        return Update(update_id)
    seal = hashlib.sha256(words.text.encode(errors="replace")).hexdigest()[:_SEAL]
    return Update(
        f"edit:{number(message, 'message_id')}:{edited_at}:{seal}",
        replace(words, manner=Manner.EDITED),
        topic=_topic(message),
        language=language_of(message),
        edited_at=edited_at,
    )


def _topic(message: Mapping[str, Any]) -> str | None:
    """The topic of a forum, or of a private chat, in which ``message`` stands (core.telegram.org/bots/api#message).

    The general topic has no number that a text may be sent to (telegram-bot-api#798), and where there are no topics a
    thread is no more than the replies to one message (telegram-bot-api#447).
    """
    return str(number(message, "message_thread_id")) if message.get("is_topic_message") is True else None


def _said(message: Mapping[str, Any], me: AskMe) -> Words | None:
    sender, chat = part(message, "from"), part(message, "chat")
    if not sender or not chat or is_nobody(message, sender):
        return None
    text = text_of(message, "text") or text_of(message, "caption") or ""
    if is_group(chat):
        ours = spoken_to_us(message, text, me)
        return None if ours is None else _in_group(str(number(chat, "id")), ours, me)
    user = player_of(sender, chat)
    if user is None:
        return None
    if text:
        return _written(user, text, me)
    if (shared := _shared(message, user)) is not None:
        return shared
    return Words(user, "", Manner.SHOWED) if any(message.get(kind) for kind in SHOWN) else None


def _shared(message: Mapping[str, Any], user: str) -> Words | None:
    """A contact, a venue or a point on the map that was shared (core.telegram.org/bots/api#contact, #venue).

    Only a contact that is the sender's own account says the sender's number, which Telegram writes with its country
    code and sometimes without the plus. A venue has a location beside it.
    """
    if contact := part(message, "contact"):
        phone = text_of(contact, "phone_number") or ""
        if not any(map(str.isdigit, phone)):
            return None
        if contact.get("user_id") != int(user):
            return Words(user, phone, Manner.CONTACT)
        return Words(user, "+" + phone.strip().removeprefix("+"), Manner.OWN_NUMBER)
    if venue := part(message, "venue"):
        named = [text_of(venue, "title"), text_of(venue, "address")]
        return Words(user, ", ".join(filter(None, named)), Manner.LOCATED)
    return Words(user, "", Manner.LOCATED) if part(message, "location") else None


def _written(user: str, text: str, me: AskMe) -> Words | None:
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return Words(user, text, Manner.TYPED)
    name, bot, rest = command[1], command[2], (command[3] or "").strip()
    if bot and bot.casefold() != me().username.casefold():
        return None
    if name.casefold() == "start":  # the link t.me/bot?start=REST, or the button with which every chat begins
        return Words(user, rest, Manner.OPENED) if rest else Words(user, "", Manner.STARTED)
    return Words(user, f"{name} {rest}".strip(), Manner.TYPED)


def _in_group(group: str, text: str, me: AskMe) -> Words | None:
    words = _written(group, text, me)
    return None if words is None else Words(group, words.text, Manner.GROUP)


def _tapped(query: Mapping[str, Any]) -> tuple[Words | None, Tap | None]:
    query_id = query.get("id")
    if not isinstance(query_id, str):  # the documents' own example of another query has a number
        query_id = str(number(query, "id"))
    said = said_by(text_of(query, "data") or "")
    sender, message = part(query, "from"), part(query, "message")
    chat = part(message, "chat") if message else None
    if said is None or not sender or not chat or not message or sender.get("is_bot"):
        return None, Tap(query_id)
    tap = Tap(query_id, number(chat, "id"), number(message, "message_id"))
    if is_group(chat):
        return Words(str(tap.chat), said[0], Manner.GROUP), tap
    user = player_of(sender, chat)
    return (None, Tap(query_id)) if user is None else (Words(user, said[0], Manner.TAPPED, said[1]), tap)


def _changed(change: Mapping[str, Any]) -> Words | None:
    """Blocked us, or took the block away. What becomes of us in groups is nobody's message."""
    sender, chat, now = part(change, "from"), part(change, "chat"), part(change, "new_chat_member")
    if not sender or not chat or not now or is_group(chat):
        return None
    user, manner = player_of(sender, chat), _CHANGES.get(text_of(now, "status") or "")
    return None if user is None or manner is None else Words(user, "", manner)


_CHANGES = {"kicked": Manner.LEFT, "left": Manner.LEFT, "member": Manner.BACK}
