"""Which of our accounts may not send now, and why, in sentences."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from bots import CHANNELS, load
from core.models import Account
from core.sending.operations import accounts, unreadable


def told(error: str | None) -> str:
    """What a platform said, by the code that a row of ours has of it, which may begin with the channel's name."""
    name = (error or "").partition("_")[0]
    says = load(name).explain(error) if error and name in {listed.name for listed in CHANNELS} else None
    return f"{says} ({error})" if says else error or "no reason was given"


def standings(session: Session, now: datetime) -> Iterator[tuple[Account, str | None]]:
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
        until = f"{account.closed_until:%Y-%m-%d %H:%M:%S} UTC"
        return f"{name} is closed until {until}: its platform asked for that, because: {told(account.closed_why)}"
    return None
