"""Read an update: who turned to us and how (core.telegram.org/bots/api#update).

The library's own reader trusts Telegram and raises whatever a wrong type leads to; this one takes the few fields that
matter and calls everything else Malformed. Updates of other kinds are nobody's message. A command without a name that
reaches us in a group is ours: Telegram hands it to the bot that spoke last, or to one that an administrator lets hear
everything (core.telegram.org/bots/features#privacy-mode).
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bots.base import Malformed
from bots.telegram.callback_queries import Tap, said_by
from core.attachments import Attachment, ContactCard, Location, Media, MediaKind
from core.messages import InboundKind
from core.texts.languages import is_language

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
_LARGEST = 2**63 - 1
"""Telegram's numbers have at most 52 significant bits (core.telegram.org/bots/api#user)."""
_TELEGRAMS_OWN = (777000, 1087968824, 136817688)
"""Its service account, and those that stand for groups ("GroupAnonymousBot") and channels ("Channel_Bot")."""
_FORWARDED = ("forward_origin", "forward_date", "forward_from", "forward_from_chat", "forward_sender_name")
"""The first one, and those that stood in its place before Bot API 7.0 (core.telegram.org/bots/api-changelog)."""
_LENDERS = ("sender_chat", "via_bot", "sender_business_bot")
_COMMAND = re.compile(r"/(\w{1,64})(?:@(\w{1,64}))?(?:\s+(.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Me:
    """Our bot: its number, and its name without the @."""

    id: int
    username: str


AskMe = Callable[[], Me]
"""Who our bot is; asked only where it matters, as it may cost a call."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the engine is told: ``user`` is the player's number, or the group's."""

    user: str
    text: str
    kind: InboundKind
    question: int | None = None
    command: str | None = None
    """The name behind the slash, where it was said as a command."""


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
    attachments: tuple[Attachment, ...] = ()
    forwarded: bool = False
    """It was passed on from elsewhere."""
    caption: bool = False
    """The words stand below a picture or a file."""
    member: str | None = None
    """The number of whoever said it in a group."""


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
    update_id = str(_number(sent, "update_id"))
    if message := _part(sent, "message"):
        words = _said(message, me)
        if _is_unattended(message):
            words = replace(words, kind=InboundKind.UNATTENDED) if words and words.kind is InboundKind.TYPED else None
        group = _text_of(message, "media_group_id")
        album = f"album:{group}" if group else None
        topic = _topic(message)
        language = _language_of(message)
        if album and words is not None and words.kind is InboundKind.SHOWED:
            update_id, album = album, None  # of all its pictures the first one is answered
        return Update(
            update_id,
            words,
            album=album,
            topic=topic,
            language=language,
            attachments=_attachments(message) if words is not None else (),
            forwarded=any(message.get(name) is not None for name in _FORWARDED),
            caption=_text_of(message, "text") is None and _text_of(message, "caption") is not None,
            member=_member_of(message) if words is not None else None,
        )
    if message := _part(sent, "edited_message"):
        return _edited(update_id, message, me)
    if query := _part(sent, "callback_query"):
        topic = _topic(_part(query, "message") or {})
        return Update(update_id, *_tapped(query), topic=topic, language=_language_of(query))
    if change := _part(sent, "my_chat_member"):
        return Update(update_id, _changed(change), language=_language_of(change))
    return Update(update_id)


def _edited(update_id: str, message: Mapping[str, Any], me: AskMe) -> Update:
    """The text of a private chat that somebody changed.

    The same comes for whatever becomes of a message: a place that moves, a preview that was loaded, a reaction
    (core.telegram.org/bots/api#update: "edited or otherwise updated"). So it is one edit as long as time and text are
    the same, whatever its update is called, and none without a time.
    """
    chat, edited_at = _part(message, "chat"), number_of(message, "edit_date")
    words = _said(message, me) if chat and edited_at and not _is_group(chat) else None
    if words is None or words.kind is not InboundKind.TYPED:
        return Update(update_id)
    seal = hashlib.sha256(words.text.encode(errors="replace")).hexdigest()[:_SEAL]
    return Update(
        f"edit:{_number(message, 'message_id')}:{edited_at}:{seal}",
        replace(words, kind=InboundKind.EDITED),
        topic=_topic(message),
        language=_language_of(message),
        edited_at=edited_at,
    )


def _topic(message: Mapping[str, Any]) -> str | None:
    """The topic of a forum, or of a private chat, in which ``message`` stands (core.telegram.org/bots/api#message).

    The general topic has no number that a text may be sent to (telegram-bot-api#798), and where there are no topics a
    thread is no more than the replies to one message (telegram-bot-api#447).
    """
    return str(_number(message, "message_thread_id")) if message.get("is_topic_message") is True else None


def _said(message: Mapping[str, Any], me: AskMe) -> Words | None:
    sender, chat = _part(message, "from"), _part(message, "chat")
    if not sender or not chat or _is_nobody(message, sender):
        return None
    text = _text_of(message, "text") or _text_of(message, "caption") or ""
    if _is_group(chat):
        ours = _spoken_to_us(message, text, me)
        return None if ours is None else _in_group(str(_number(chat, "id")), ours, me)
    user = _player_of(sender, chat)
    if user is None:
        return None
    if text:
        return _written(user, text, me)
    if (shared := _shared(message, user)) is not None:
        return shared
    return Words(user, "", InboundKind.SHOWED) if any(message.get(kind) for kind in SHOWN) else None


def _shared(message: Mapping[str, Any], user: str) -> Words | None:
    """A contact, a venue or a point on the map that was shared (core.telegram.org/bots/api#contact, #venue).

    Only a contact that is the sender's own account says the sender's number, which Telegram writes with its country
    code and sometimes without the plus. A venue has a location beside it.
    """
    if contact := _part(message, "contact"):
        phone = _text_of(contact, "phone_number") or ""
        if not any(map(str.isdigit, phone)):
            return None
        if contact.get("user_id") != int(user):
            return Words(user, phone, InboundKind.CONTACT)
        return Words(user, "+" + phone.strip().removeprefix("+"), InboundKind.OWN_NUMBER)
    if venue := _part(message, "venue"):
        named = [_text_of(venue, "title"), _text_of(venue, "address")]
        return Words(user, ", ".join(filter(None, named)), InboundKind.LOCATED)
    return Words(user, "", InboundKind.LOCATED) if _part(message, "location") else None


def _written(user: str, text: str, me: AskMe) -> Words | None:
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return Words(user, text, InboundKind.TYPED)
    name, bot, rest = command[1], command[2], (command[3] or "").strip()
    if bot and bot.casefold() != me().username.casefold():
        return None
    if name.casefold() == "start":  # the link t.me/bot?start=REST, or the button with which every chat begins
        return Words(user, rest, InboundKind.OPENED) if rest else Words(user, "", InboundKind.STARTED)
    return Words(user, f"{name} {rest}".strip(), InboundKind.TYPED, command=name)


def _in_group(group: str, text: str, me: AskMe) -> Words | None:
    words = _written(group, text, me)
    return None if words is None else replace(words, kind=InboundKind.GROUP)


_MEDIA = {
    "video": MediaKind.VIDEO,
    "animation": MediaKind.VIDEO,
    "video_note": MediaKind.VIDEO,
    "voice": MediaKind.AUDIO,
    "audio": MediaKind.AUDIO,
    "document": MediaKind.FILE,
}
"""In the order in which they are looked for: an animation has a document beside it, which is the same."""


def _attachments(message: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """What stands in a message beside its words; whatever is not as the documents say is none.

    Of a photo there are several sizes, of which the last one is the largest (core.telegram.org/bots/api#photosize).
    """
    try:
        return tuple(filter(None, (_media(message), _location(message), _contact(message))))
    except Malformed:
        return ()


def _media(message: Mapping[str, Any]) -> Media | None:
    if sizes := _parts(message, "photo"):
        return Media(
            MediaKind.PHOTO, _text_of(sizes[-1], "file_id") or "", size_bytes=number_of(sizes[-1], "file_size")
        )
    for name, kind in _MEDIA.items():
        if file := _part(message, name):
            return Media(
                kind,
                _text_of(file, "file_id") or "",
                _text_of(file, "file_name"),
                _text_of(file, "mime_type"),
                number_of(file, "file_size"),
            )
    return None


def _location(message: Mapping[str, Any]) -> Location | None:
    venue = _part(message, "venue") or {}
    point = _part(venue, "location") or _part(message, "location")
    named = filter(None, (_text_of(venue, "title"), _text_of(venue, "address")))
    return Location.of(point.get("latitude"), point.get("longitude"), ", ".join(named)) if point else None


def _contact(message: Mapping[str, Any]) -> ContactCard | None:
    contact, sender = _part(message, "contact"), _part(message, "from") or {}
    phone = (_text_of(contact, "phone_number") or "") if contact else ""
    if not contact or not phone:
        return None
    named = filter(None, (_text_of(contact, "first_name"), _text_of(contact, "last_name")))
    user = contact.get("user_id")
    return ContactCard(phone, " ".join(named), own=user is not None and user == sender.get("id"))


def _tapped(query: Mapping[str, Any]) -> tuple[Words | None, Tap | None]:
    query_id = query.get("id")
    if not isinstance(query_id, str):  # the documents' own example of another query has a number
        query_id = str(_number(query, "id"))
    said = said_by(_text_of(query, "data") or "")
    sender, message = _part(query, "from"), _part(query, "message")
    chat = _part(message, "chat") if message else None
    if said is None or not sender or not chat or not message or sender.get("is_bot"):
        return None, Tap(query_id)
    tap = Tap(query_id, _number(chat, "id"), _number(message, "message_id"))
    if _is_group(chat):
        return Words(str(tap.chat), said[0], InboundKind.GROUP), tap
    user = _player_of(sender, chat)
    return (None, Tap(query_id)) if user is None else (Words(user, said[0], InboundKind.TAPPED, said[1]), tap)


def _changed(change: Mapping[str, Any]) -> Words | None:
    """Blocked us, or took the block away. What becomes of us in groups is nobody's message."""
    sender, chat, now = _part(change, "from"), _part(change, "chat"), _part(change, "new_chat_member")
    if not sender or not chat or not now or _is_group(chat):
        return None
    user, how = _player_of(sender, chat), _CHANGES.get(_text_of(now, "status") or "")
    return None if user is None or how is None else Words(user, "", how)


_CHANGES = {"kicked": InboundKind.LEFT, "left": InboundKind.LEFT, "member": InboundKind.BACK}


def _is_nobody(message: Mapping[str, Any], sender: Mapping[str, Any]) -> bool:
    """Whether no person said it to us: a bot, a chat that speaks for itself, or a post that Telegram carried on.

    What somebody picked from an inline bot's list (``via_bot``), or a bot answered in a person's name
    (``sender_business_bot``), are that bot's words. What is said in a business's chat is said to the business.

    Whoever writes as a channel or as a group has one of Telegram's own accounts in ``from``.
    """
    lent = any(_part(message, name) is not None for name in _LENDERS)
    elsewhere = message.get("is_automatic_forward") or message.get("business_connection_id")
    return bool(lent or elsewhere or sender.get("is_bot") or sender.get("id") in _TELEGRAMS_OWN)


def _is_unattended(message: Mapping[str, Any]) -> bool:
    """Whether an app sent it by itself: a business's "we are away" and greeting, or what somebody scheduled."""
    return message.get("is_from_offline") is True


def _player_of(sender: Mapping[str, Any], chat: Mapping[str, Any]) -> str | None:
    """The number of the player in a private chat, where chat and player have the same; None elsewhere."""
    user = _number(sender, "id")
    return str(user) if user > 0 and _number(chat, "id") == user else None


def _member_of(message: Mapping[str, Any]) -> str | None:
    """The number of whoever said ``message`` where others listen; None in a private chat."""
    chat, sender = _part(message, "chat"), _part(message, "from")
    return str(_number(sender, "id")) if chat and sender and _is_group(chat) else None


def _language_of(told: Mapping[str, Any]) -> str | None:
    """The language that the app of its sender speaks, in whatever script or country; None for one that nobody knows.

    It is an IETF tag that may be missing (core.telegram.org/bots/api#user), and no message is lost for it.
    """
    tag = (_part(told, "from") or {}).get("language_code")
    spoken = re.split("[-_]", tag, maxsplit=1)[0].lower() if isinstance(tag, str) else None
    return spoken if spoken is not None and is_language(spoken) else None


def _spoken_to_us(message: Mapping[str, Any], text: str, me: Callable[[], Me]) -> str | None:
    """The words without our name in them, or None when they are meant for others.

    For us is a command, our name in them, or a reply to something we said.
    """
    if not text:
        return None
    if text.startswith("/"):
        return text
    entities = _parts(message, "entities") or _parts(message, "caption_entities")
    mentions = [one for one in entities if _text_of(one, "type") in {"mention", "text_mention"}]
    named = next((one for one in mentions if _names(one, text, me)), None)
    if named is not None:
        return _without(named, text)
    original = _part(message, "reply_to_message")
    if original and "forum_topic_created" in original:
        return None  # whatever is said in a topic replies to that (python-telegram-bot/ptbcontrib#149)
    author = _part(original, "from") if original else None
    return text if author and author.get("is_bot") and _number(author, "id") == me().id else None


def _names(entity: Mapping[str, Any], text: str, me: Callable[[], Me]) -> bool:
    user = _part(entity, "user")
    if user:
        return _number(user, "id") == me().id
    named = _cut(entity, text)[1]
    return bool(named) and named.casefold() == f"@{me().username}".casefold()


def _without(entity: Mapping[str, Any], text: str) -> str:
    before, _, after = _cut(entity, text)
    return f"{before.rstrip()} {after.lstrip()}".strip()


def _cut(entity: Mapping[str, Any], text: str) -> tuple[str, str, str]:
    """``text`` before, in and after ``entity``, whose place is told in units of UTF-16."""
    units = text.encode("utf-16-le", "surrogatepass")
    begin, length = max(_number(entity, "offset"), 0) * 2, max(_number(entity, "length"), 0) * 2
    pieces = units[:begin], units[begin : begin + length], units[begin + length :]
    before, named, after = (piece.decode("utf-16-le", "replace") for piece in pieces)
    return before, named, after


def _part(of: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The object ``name``; None when it is missing or empty. Raises Malformed for anything else."""
    found = of.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise Malformed(f"{name}: send an object")
    return found or None


def _number(of: Mapping[str, Any], name: str) -> int:
    """The whole number ``name``. Raises Malformed when there is none."""
    found = number_of(of, name)
    if found is None:
        raise Malformed(f"{name}: send a whole number")
    return found


def number_of(of: Mapping[str, Any], name: str) -> int | None:
    """The whole number ``name``; None for anything else."""
    found = of.get(name)
    is_one = isinstance(found, int) and not isinstance(found, bool) and abs(found) <= _LARGEST
    return found if is_one else None


def _text_of(of: Mapping[str, Any], name: str) -> str | None:
    """The text ``name``; None when it is missing. Raises Malformed for anything else."""
    found = of.get(name)
    if found is not None and not isinstance(found, str):
        raise Malformed(f"{name}: send a string")
    return found


def _parts(of: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects in the list ``name``; empty when it is missing. Raises Malformed for anything else."""
    found = of.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Malformed(f"{name}: send a list of objects")
    return found


def _is_group(chat: Mapping[str, Any]) -> bool:
    """True where others listen. A channel is no group: there nobody talks to us."""
    return _text_of(chat, "type") in {"group", "supergroup"}
