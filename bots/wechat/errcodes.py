"""What the platform means by its error codes, which come with HTTP status 200: one table.

Specification: https://developers.weixin.qq.com/doc/service/en/guide/dev/errcode.html
"""

from dataclasses import dataclass
from datetime import timedelta

from core.sending.outbound import Outcome, Refused, TryAgain

_A_MINUTE = timedelta(minutes=1)
_FOR_THE_OPERATOR = timedelta(minutes=5)
"""What only an operator can change is looked at again after so long; the texts wait meanwhile."""
_QUOTA = timedelta(hours=1)
"""The quota of a day comes back at midnight in China, or when an operator asks for more."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error code says, and what becomes of the text for which it was the answer."""

    code: int
    says: str
    outcome: Outcome
    stale_token: bool = False
    """The access token is not valid, or not any more: get another one and try once more."""


def _again(code: int, says: str, after: timedelta | None = None, *, stale_token: bool = False) -> Meaning:
    return Meaning(code, says, TryAgain(_name(code), after), stale_token)


def _never(code: int, says: str, *, gone: bool = False, spent: bool = False, elsewhere: bool = False) -> Meaning:
    return Meaning(code, says, Refused(_name(code), gone=gone, spent=spent, elsewhere=elsewhere))


def _unwanted(code: int, says: str) -> Meaning:
    return Meaning(code, says, Refused(_name(code), gone=True, unwanted=True))


def _name(code: int) -> str:
    return f"wechat_{code}"


def meaning(code: int) -> Meaning:
    """What ``code`` means; one that is not known is a refusal."""
    return ERRCODES.get(code) or _never(code, "a refusal that the documents do not name")


ERRCODES = {
    row.code: row
    for row in (
        _again(-1, "the platform is busy"),
        # the access token
        _again(40001, "access token not valid, or AppSecret wrong", _A_MINUTE, stale_token=True),
        _again(40014, "access token not valid", _A_MINUTE, stale_token=True),
        _again(42001, "access token expired", _A_MINUTE, stale_token=True),
        _again(41001, "access token missing", _A_MINUTE, stale_token=True),
        # what an operator has to put right
        _again(40002, "grant_type not valid", _FOR_THE_OPERATOR),
        _again(40013, "app_id not valid: compare it with the platform's page", _FOR_THE_OPERATOR),
        _again(40125, "AppSecret not valid: copy it again, or reset it", _FOR_THE_OPERATOR),
        _again(40164, "this machine's address is not in the account's IP whitelist", _FOR_THE_OPERATOR),
        _again(40243, "AppSecret frozen: unfreeze it on the platform's page", _FOR_THE_OPERATOR),
        _again(41002, "app_id missing", _FOR_THE_OPERATOR),
        _again(41004, "AppSecret missing", _FOR_THE_OPERATOR),
        # a lack that stays: another way, or what the player says next, may bring the text there
        _never(48001, "the account may not use this interface: it is not verified", elsewhere=True),
        _again(48004, "interface closed for a breach of the rules: see mp.weixin.qq.com", _FOR_THE_OPERATOR),
        _again(50002, "the account is limited, frozen or closed", _FOR_THE_OPERATOR),
        _again(61004, "this machine's address is not in the account's IP whitelist", _FOR_THE_OPERATOR),
        _again(89501, "an administrator has to confirm this machine's address", _FOR_THE_OPERATOR),
        _again(89503, "an administrator has to confirm this machine's address", _FOR_THE_OPERATOR),
        _again(89506, "an administrator refused this machine's address twice; it waits a day", _QUOTA),
        _again(89507, "an administrator refused this machine's address; it waits an hour", _QUOTA),
        # quotas of the account
        _again(45009, "the quota of this interface is used up for today", _QUOTA),
        _again(45011, "too many calls in this minute", _A_MINUTE),
        _again(43108, "two texts to one player at once"),
        # the right to send to one player
        _never(45015, "the player has not spoken for 48 hours, or has left", spent=True),
        _never(45047, "as many texts as the player's last words allow were sent", spent=True),
        _never(43101, "the player has not agreed to this notice, or has withdrawn that", spent=True),
        # the player
        _never(40003, "no openid of this account: the player does not follow it", gone=True),
        _never(43004, "the player does not follow the account", gone=True),
        _never(43005, "the player does not follow the account", gone=True),
        _never(43019, "the account has blocked the player", gone=True),
        _unwanted(48002, "the player has switched the account's messages off"),
        _never(50005, "the player does not follow the account", gone=True),
        # the text
        _never(40004, "kind of media not valid"),
        _never(40007, "media_id not valid, or older than three days"),
        _never(40008, "kind of message not valid"),
        _never(40009, "picture too large"),
        _never(40037, "template not valid: the account does not have it", elsewhere=True),
        _never(41028, "form_id not valid"),
        _never(41030, "page not valid"),
        _never(43107, "notices of this account or template are blocked", elsewhere=True),
        _never(43116, "template blocked for misuse", elsewhere=True),
        _never(44002, "empty body"),
        _never(44004, "empty text"),
        _never(45001, "media too large"),
        _never(45002, "text too long", elsewhere=True),
        _never(45008, "article too long"),
        _never(45168, "a word of the text is forbidden"),
        _never(47001, "body not readable"),
        _never(47003, "a field of the template is missing, or its value not of its kind"),
        _never(87014, "content is forbidden"),
        # menus and QR codes
        _never(40016, "too many buttons, or none"),
        _never(40018, "a button's name is too long"),
        _never(40019, "a button's key is too long"),
        _never(40020, "a button's address is too long"),
        _never(40023, "too many buttons in a submenu"),
        _never(40025, "the name of a button in a submenu is too long"),
        _never(40027, "the address of a button in a submenu is too long"),
        _never(40053, "scene of the QR code not valid"),
        _never(45029, "too many permanent QR codes: there may be 100,000"),
        _never(46003, "there is no menu"),
    )
}
