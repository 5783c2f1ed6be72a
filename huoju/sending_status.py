"""Sending in sentences, with what our channels know of their platforms' codes."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from bots import CHANNELS, load
from core.answers import Line
from core.engine import sending_status as told
from core.models import Account

_CHANNELS = {listed.name for listed in CHANNELS}
_IGNORED = (
    ("message:tampered", "messages with the id of another that was heard before"),
    ("message:", "messages that cannot be read"),
    ("", "what platforms delivered and nothing follows from"),
)


def account_statuses(session: Session, now: datetime) -> Iterator[tuple[Account, list[Line]]]:
    """All accounts that have sent or were paused, each with why it may not send at ``now``; nothing where it may."""
    return told.account_statuses(session, now, platform_reason)


def text_status(state: str, error: str | None) -> str:
    """Why a text is in ``state``; ``error`` is what its row says. What only a platform can tell is told by its code."""
    return told.text_status(state, error, platform_reason).text


def platform_reason(error: str | None) -> str:
    """What a platform said, by the code that a row of ours has of it, which may begin with the channel's name."""
    name = (error or "").partition("_")[0]
    says = load(name).explain(error) if error and name in _CHANNELS else None
    return f"{says} ({error})" if says else error or "no reason was given"


def ignored(channel: str, what: str) -> str:
    """What was delivered by ``channel`` and ignored, ``what`` being its label in `huoju_unread_total`."""
    of_channel = load(channel).ignored if channel in _CHANNELS else ()
    return next(sentence for begins, sentence in (*of_channel, *_IGNORED) if what.startswith(begins))
