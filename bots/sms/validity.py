"""For how long whoever carries a text may try: as the account says, and no longer than anybody wants it."""

from datetime import datetime

from bots.sms.account import SmsAccount

SHORTEST_S = 60
"""Networks count in minutes at best, and refuse what would end at once."""


def valid_for(account: SmsAccount, expires_at: datetime | None, now: datetime) -> int | None:
    """For how many seconds a text may be tried that nobody wants from ``expires_at`` on; None for as long as it takes.

    Never less than a minute.
    """
    left_s = None if expires_at is None else max(SHORTEST_S, int((expires_at - now).total_seconds()))
    return min((each for each in (account.validity_s, left_s) if each is not None), default=None)
