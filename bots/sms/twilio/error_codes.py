"""What Twilio's error codes mean for a text.

https://www.twilio.com/docs/api/errors
"""

from datetime import timedelta

from core.sending.outbound import Outcome, Refused, TryAgain, Unknown, unreadable

A_WHILE = timedelta(minutes=5)
"""Until an operator may have mended the account."""
A_MOMENT = timedelta(seconds=5)

GONE = frozenset(
    {
        "21211",  # no such number
        "21217",  # as 21211
        "21610",  # said STOP
        "21614",  # not a mobile number
        "30005",  # unknown or no longer in service
        "30006",  # a landline
        "63014",  # blocked us in another app, or withdrew consent there
    }
)
"""The player cannot be reached any more. 30003 (switched off), 30004 (blocked) and 30008 (anything) may pass."""

UNWANTED = frozenset({"21610", "63014"})
"""The player said STOP to Twilio, or blocked us; 30004 and 30007 are the network's doing, or may pass."""

_LATER = {
    "10001": A_WHILE,  # account not active
    "14107": A_MOMENT,  # too many messages
    "20003": A_WHILE,  # wrong token
    "20005": A_WHILE,  # account suspended
    "20404": A_WHILE,  # no such account
    "20429": A_MOMENT,  # too many requests
    "21212": A_WHILE,  # wrong sender
    "21603": A_WHILE,  # no sender
    "21606": A_WHILE,  # sender is not ours
    "21611": timedelta(minutes=1),  # queue of this sender is full
    "21703": A_WHILE,  # messaging service has no numbers
    "30001": timedelta(minutes=1),  # queue is full
    "30002": A_WHILE,  # account suspended
    "63038": timedelta(hours=1),  # the account's texts of the day are used up
}
_OF_A_TEXT = ("21", "30", "63")
"""How codes begin that are about the number or the text, not about the account."""
_ELSEWHERE = range(300, 400)
"""A redirection: the address is wrong."""
_REFUSED = {"21617": "too_long"}


def outcome_of(status: int, code: str, wait: timedelta | None) -> Outcome:
    """What became of a text for which Twilio answered HTTP ``status`` with ``code``, and asked to ``wait``."""
    if status < 300:  # noqa: PLR2004
        return unreadable(f"status {status}")
    if status == 429:  # noqa: PLR2004
        return TryAgain(code or "429", wait or A_MOMENT)
    if code in _LATER:
        return TryAgain(code, wait or _LATER[code])
    if status in {401, 403, 404, *_ELSEWHERE} and not code.startswith(_OF_A_TEXT):
        return TryAgain(code or str(status), wait or A_WHILE)
    if 400 <= status < 500:  # noqa: PLR2004
        return Refused(_REFUSED.get(code, code or str(status)), unreachable=code in GONE, unwanted=code in UNWANTED)
    return Unknown(code or str(status))
