"""Whether words in a group are meant for us: a command, our name in them, or a reply to something we said.

A command without a name that reaches us is ours: Telegram hands it to the bot that spoke last, or to one that an
administrator lets hear everything (core.telegram.org/bots/features#privacy-mode).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bots.telegram.fields import number, part, parts, text_of


@dataclass(frozen=True, slots=True)
class Me:
    """Our bot: its number, and its name without the @."""

    id: int
    username: str


def spoken_to_us(message: Mapping[str, Any], text: str, me: Callable[[], Me]) -> str | None:
    """The words without our name in them, or None when they are meant for others."""
    if not text:
        return None
    if text.startswith("/"):
        return text
    entities = parts(message, "entities") or parts(message, "caption_entities")
    mentions = [one for one in entities if text_of(one, "type") in {"mention", "text_mention"}]
    named = next((one for one in mentions if _names(one, text, me)), None)
    if named is not None:
        return _without(named, text)
    original = part(message, "reply_to_message")
    if original and "forum_topic_created" in original:
        return None  # whatever is said in a topic replies to that (python-telegram-bot/ptbcontrib#149)
    author = part(original, "from") if original else None
    return text if author and author.get("is_bot") and number(author, "id") == me().id else None


def _names(entity: Mapping[str, Any], text: str, me: Callable[[], Me]) -> bool:
    user = part(entity, "user")
    if user:
        return number(user, "id") == me().id
    named = _cut(entity, text)[1]
    return bool(named) and named.casefold() == f"@{me().username}".casefold()


def _without(entity: Mapping[str, Any], text: str) -> str:
    before, _, after = _cut(entity, text)
    return f"{before.rstrip()} {after.lstrip()}".strip()


def _cut(entity: Mapping[str, Any], text: str) -> tuple[str, str, str]:
    """``text`` before, in and after ``entity``, whose place is told in units of UTF-16."""
    units = text.encode("utf-16-le", "surrogatepass")
    begin, length = max(number(entity, "offset"), 0) * 2, max(number(entity, "length"), 0) * 2
    pieces = units[:begin], units[begin : begin + length], units[begin + length :]
    before, named, after = (piece.decode("utf-16-le", "replace") for piece in pieces)
    return before, named, after
