"""Sending in sentences that need no manual: why an account may not send, why a text waits or is over."""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from core.answers import Line, Value, VerbName, line
from core.models import Account
from core.sending.operations import accounts, unreadable

Reason = Callable[[str | None], str]
"""What a platform said, by the code that a row of ours has of it."""

_WAITS = {
    "quiet_hours": "it is night where the player lives: it goes in the morning",
    "limit": "the player was told as much as the campaign allows: it goes when a day or week has passed",
    "campaign_paused": "the campaign is paused: it goes after {verb}",
    "campaign_not_open": "the campaign has not begun: it goes when it does",
    "broadcast_paused": "its broadcast is paused: it goes when that is resumed",
    "pumped": "too many texts went to these numbers: it goes in the next hour",
    "cut": "a notice had room for a part of it: all of it goes now",
}
_DROPPED = {
    "unwelcome": "the player said STOP, or has left, or is blocked",
    "stopped": "its announcement, or broadcast, was stopped",
    "limit": "the player had heard enough, and had when it was put off before",
    "campaign_over": "the campaign is over",
    "expired": "it was news no more when it could have gone",
}
_UNKNOWN = {"restored": "a backup was restored, and it may have gone before"}
_HELD = (
    "the platform lets us send nothing before the player speaks",
    "a notice had room for a part of it: all of it goes when the player speaks",
)
_STATES = {
    "due": "waits: {why}",
    "held": "goes when the player speaks: {why}",
    "sending": "is on its way",
    "dropped": "never sent: {why}",
    "unknown": "nobody knows whether it arrived: {why}",
    "dead": "given up: {why}",
}


def account_statuses(session: Session, now: datetime, reason: Reason) -> Iterator[tuple[Account, list[Line]]]:
    """All accounts that have sent or were paused, each with why it may not send at ``now``; nothing where it may."""
    for account in accounts(session):
        yield account, list(_why_not(session, account, now, reason))


def _why_not(session: Session, account: Account, now: datetime, reason: Reason) -> Iterator[Line]:
    name = f"{account.channel}/{account.account}"
    if account.paused:
        if (what := unreadable(session, account.channel, account.account)) is not None:
            lost = "{account}: its platform's answer could not be read, so nothing more is sent: {what}"
            yield line(lost, account=name, what=what)
        yield line("{account} is paused; let it go on: {verb}", account=name, verb=VerbName(f"outbox resume {name}"))
    elif account.closed_until and account.closed_until > now:
        told = "{account} is closed until {until:%Y-%m-%d %H:%M:%S} UTC: its platform asked for that, because: {reason}"
        yield line(told, account=name, until=account.closed_until, reason=reason(account.closed_why))


def text_status(state: str, error: str | None, reason: Reason) -> Line:
    """Why a text is in ``state``; ``error`` is what its row says. What only a platform can tell is told by its code."""
    if state == "held" and (error is None or error in _WAITS):
        return line(_HELD[error == "cut"])
    said = reason(error)
    ours = {"due": _WAITS, "dropped": _DROPPED, "unknown": _UNKNOWN}.get(state, {}).get(said)
    why: Value = said if ours is None else line(ours, verb=VerbName("campaign resume")) if "{" in ours else line(ours)
    return line(_STATES[state], why=why)
