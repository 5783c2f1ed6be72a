"""Who said it: a player, nobody at all, or an app in its owner's absence (core.telegram.org/bots/api#message)."""

import re
from collections.abc import Mapping
from typing import Any

from bots.telegram.fields import number, part

_TELEGRAMS_OWN = (777000, 1087968824, 136817688)
"""Its service account, and those that stand for groups ("GroupAnonymousBot") and channels ("Channel_Bot")."""
_LENDERS = ("sender_chat", "via_bot", "sender_business_bot")


def is_nobody(message: Mapping[str, Any], sender: Mapping[str, Any]) -> bool:
    """Whether no person said it to us: a bot, a chat that speaks for itself, or a post that Telegram carried on.

    What somebody picked from an inline bot's list (``via_bot``), or a bot answered in a person's name
    (``sender_business_bot``), are that bot's words. What is said in a business's chat is said to the business.

    Whoever writes as a channel or as a group has one of Telegram's own accounts in ``from``.
    """
    lent = any(part(message, name) is not None for name in _LENDERS)
    elsewhere = message.get("is_automatic_forward") or message.get("business_connection_id")
    return bool(lent or elsewhere or sender.get("is_bot") or sender.get("id") in _TELEGRAMS_OWN)


def is_unattended(message: Mapping[str, Any]) -> bool:
    """Whether an app sent it by itself: a business's "we are away" and greeting, or what somebody scheduled."""
    return message.get("is_from_offline") is True


def player_of(sender: Mapping[str, Any], chat: Mapping[str, Any]) -> str | None:
    """The number of the player in a private chat, where chat and player have the same; None elsewhere."""
    user = number(sender, "id")
    return str(user) if user > 0 and number(chat, "id") == user else None


def language_of(told: Mapping[str, Any]) -> str | None:
    """Say "zh" or "en" where that is what the app of its sender speaks, in whatever script or country.

    It is an IETF tag that may be missing (core.telegram.org/bots/api#user), and no message is lost for it.
    """
    tag = (part(told, "from") or {}).get("language_code")
    spoken = re.split("[-_]", tag, maxsplit=1)[0].casefold() if isinstance(tag, str) else None
    return spoken if spoken in {"zh", "en"} else None
