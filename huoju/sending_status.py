"""Sending in sentences that need no manual: why an account may not send, why a text waits or is over."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from bots import CHANNELS, load
from core.models import Account
from core.sending.operations import accounts, unreadable

_CHANNELS = {listed.name for listed in CHANNELS}
_WAITS = {
    "quiet_hours": "it is night where the player lives: it goes in the morning",
    "limit": "the player was told as much as the campaign allows: it goes when a day or week has passed",
    "campaign_paused": "the campaign is paused: it goes after `huoju campaign resume`",
    "campaign_not_open": "the campaign has not begun: it goes when it does",
    "pumped": "too many texts went to these numbers: it goes in the next hour",
    "cut": "a notice had room for a part of it: all of it goes now",
}
_DROPPED = {
    "unwelcome": "the player said STOP, or has left, or is blocked",
    "stopped": "its announcement was stopped",
    "campaign_over": "the campaign is over",
    "expired": "it was news no more when it could have gone",
}
_HELD = (
    "the platform lets us send nothing before the player speaks",
    "a notice had room for a part of it: all of it goes when the player speaks",
)
_STATES = {
    "due": "waits: {}",
    "held": "goes when the player speaks: {}",
    "sending": "is on its way",
    "dropped": "never sent: {}",
    "unknown": "nobody knows whether it arrived: {}",
    "dead": "given up: {}",
}
_IGNORED = (
    ("message:tampered", "messages with the id of another that was heard before"),
    ("message:", "messages that cannot be read"),
    ("", "what platforms delivered and nothing follows from"),
)


def account_statuses(session: Session, now: datetime) -> Iterator[tuple[Account, str | None]]:
    """All accounts that have sent or were paused, each with the reason for which it may not send at ``now``."""
    for account in accounts(session):
        yield account, _why_not(session, account, now)


def _why_not(session: Session, account: Account, now: datetime) -> str | None:
    name = f"{account.channel}/{account.account}"
    if account.paused:
        resume = f"{name} is paused; let it go on: huoju outbox resume {name}"
        what = unreadable(session, account.channel, account.account)
        lost = f"{name}: its platform's answer could not be read, so nothing more is sent: {what}"
        return resume if what is None else f"{lost}\n{resume}"
    if account.closed_until and account.closed_until > now:
        reason = platform_reason(account.closed_why)
        until = f"{account.closed_until:%Y-%m-%d %H:%M:%S} UTC"
        return f"{name} is closed until {until}: its platform asked for that, because: {reason}"
    return None


def text_status(state: str, error: str | None) -> str:
    """Why a text is in ``state``; ``error`` is what its row says. What only a platform can tell is told by its code."""
    said = platform_reason(error)
    if state == "held" and (error is None or error in _WAITS):
        return _HELD[error == "cut"]
    ours = {"due": _WAITS, "dropped": _DROPPED}.get(state, {})
    return _STATES[state].format(ours.get(said, said))


def platform_reason(error: str | None) -> str:
    """What a platform said, by the code that a row of ours has of it, which may begin with the channel's name."""
    name = (error or "").partition("_")[0]
    says = load(name).explain(error) if error and name in _CHANNELS else None
    return f"{says} ({error})" if says else error or "no reason was given"


def ignored(channel: str, what: str) -> str:
    """What was delivered by ``channel`` and ignored, ``what`` being its label in `huoju_unread_total`."""
    of_channel = load(channel).ignored if channel in _CHANNELS else ()
    return next(sentence for begins, sentence in (*of_channel, *_IGNORED) if what.startswith(begins))
