"""What the platform means by its error codes, which come with HTTP status 200: one table.

A code stands in the row of a text and of a closed account as ``wechat_40164:1.2.3.4``: after the colon comes what the
platform's own sentence names: an address or a field, and never more of it, as it is written for people, ends in the id
of a request, and may quote what we sent. Specification:
https://developers.weixin.qq.com/doc/service/en/guide/dev/errcode.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address

from core.sending.outbound import Delivered, Outcome, Refused, TryAgain

_A_MINUTE = timedelta(minutes=1)
_FOR_THE_OPERATOR = timedelta(minutes=5)
"""What only an operator can change is looked at again after so long; the texts wait meanwhile."""
_QUOTA = timedelta(hours=1)
"""The quota of a day comes back at midnight in China, or when an operator asks for more."""
_ERROR = re.compile(r"wechat_(-?[0-9]{1,9})(?::(.+))?", re.ASCII)
_ADDRESSES = re.compile(r"[0-9A-Fa-f:.]{3,45}", re.ASCII)
_FIELD_NAME = re.compile(r"\bdata\.([A-Za-z0-9_]{1,40})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Named:
    """What the platform's own sentence names, and what to call it where it does not."""

    find: Callable[[str], str | None]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error code says, and what becomes of the text for which it was the answer."""

    code: int
    says: str
    """With ``{}`` where ``names`` says what belongs there."""
    outcome: Outcome
    """Delivered where the platform says that it had the text before."""
    stale_token: bool = False
    """The access token is not valid, or not any more: get another one and try once more."""
    names: Named | None = None

    def sentence(self, named: str | None = None) -> str:
        """What an operator reads; ``named`` is what the platform's own sentence named."""
        return self.says.format(named or self.names.otherwise) if self.names else self.says


def meaning(code: int, errmsg: str = "") -> Meaning:
    """What ``code`` means; ``errmsg`` is the platform's own sentence.

    One that is not known refuses this way only: another right may do, and nothing is lost before the player speaks.
    """
    found = ERRCODES.get(code) or _never(code, "a refusal that the documents do not name", elsewhere=True)
    named = found.names.find(errmsg) if found.names else None
    if named is None or isinstance(found.outcome, Delivered):
        return found
    return replace(found, outcome=replace(found.outcome, error=f"{found.outcome.error}:{named}"))


def sentence(error: str) -> str | None:
    """What ``error``, as a row of ours says it, means; None for what is no code of the platform."""
    found = _ERROR.fullmatch(error)
    return meaning(int(found[1])).sentence(found[2]) if found else None


def _address_in(errmsg: str) -> str | None:
    """From where we called, as ``invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist`` says it."""
    found = [address for token in _ADDRESSES.findall(errmsg) if (address := _address(token))]
    return str(min(found, key=lambda address: address.version)) if found else None


def _field_in(errmsg: str) -> str | None:
    """The field of a template, as ``argument invalid! data.thing4.value invalid`` says it."""
    found = _FIELD_NAME.search(errmsg)
    return found[1] if found else None


def _address(token: str) -> IPv4Address | IPv6Address | None:
    for spelled in (token, token.strip(":.")):
        try:
            address = ip_address(spelled)
        except ValueError:
            continue
        return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    return None


def _again(
    code: int, says: str, after: timedelta | None = None, *, stale_token: bool = False, names: Named | None = None
) -> Meaning:
    return Meaning(code, says, TryAgain(_name(code), after), stale_token, names)


def _never(  # what a refusal may mean
    code: int,
    says: str,
    *,
    unreachable: bool = False,
    window_exhausted: bool = False,
    elsewhere: bool = False,
    names: Named | None = None,
) -> Meaning:
    return Meaning(
        code,
        says,
        Refused(_name(code), unreachable=unreachable, window_exhausted=window_exhausted, elsewhere=elsewhere),
        names=names,
    )


def _unwanted(code: int, says: str) -> Meaning:
    return Meaning(code, says, Refused(_name(code), unreachable=True, unwanted=True))


def _name(code: int) -> str:
    return f"wechat_{code}"


_WHITELIST = (
    "this machine's address is not in the account's IP whitelist: add {} (mp.weixin.qq.com: 设置与开发, 基本配置)"
)
_CONFIRM = "an administrator of the account has to confirm {} on WeChat, or add it to the IP whitelist"
_ADDRESS = Named(_address_in, "this machine's public address")
_FIELD = Named(_field_in, "one")

ERRCODES = {
    row.code: row
    for row in (
        _again(-1, "the platform is busy"),
        # the access token
        _again(
            40001,
            "the AppSecret is wrong: copy it again; or the access token is not valid",
            _A_MINUTE,
            stale_token=True,
        ),
        _again(40014, "access token not valid", _A_MINUTE, stale_token=True),
        _again(42001, "access token expired", _A_MINUTE, stale_token=True),
        _again(42007, "access token withdrawn, as the account's password was changed", _A_MINUTE, stale_token=True),
        _again(41001, "access token missing", _A_MINUTE, stale_token=True),
        # what an operator has to put right
        _again(40002, "grant_type not valid", _FOR_THE_OPERATOR),
        _again(40013, "app_id not valid: compare it with the AppID on the platform's page", _FOR_THE_OPERATOR),
        _again(40125, "the AppSecret is wrong: copy it again, or reset it on the platform's page", _FOR_THE_OPERATOR),
        _again(40164, _WHITELIST, _FOR_THE_OPERATOR, names=_ADDRESS),
        _again(40243, "AppSecret frozen: unfreeze it on the platform's page", _FOR_THE_OPERATOR),
        _again(41002, "app_id missing", _FOR_THE_OPERATOR),
        _again(41004, "AppSecret missing", _FOR_THE_OPERATOR),
        _again(43003, "the platform wants HTTPS: let api_url begin with https://", _FOR_THE_OPERATOR),
        _again(45035, _WHITELIST, _FOR_THE_OPERATOR, names=_ADDRESS),
        _again(48003, "the account has not agreed to the terms of sending: see mp.weixin.qq.com", _FOR_THE_OPERATOR),
        _again(48004, "interface closed for a breach of the rules: see mp.weixin.qq.com", _FOR_THE_OPERATOR),
        _again(40066, "there is no such interface: check api_url", _FOR_THE_OPERATOR),
        _again(50002, "the account is limited, frozen or closed: see mp.weixin.qq.com", _FOR_THE_OPERATOR),
        _again(50004, "the account may get no access token for now: see mp.weixin.qq.com", _FOR_THE_OPERATOR),
        _again(50007, "the account is frozen: see mp.weixin.qq.com", _FOR_THE_OPERATOR),
        _again(61003, "the account has not authorised the third-party platform", _FOR_THE_OPERATOR),
        _again(61004, _WHITELIST, _FOR_THE_OPERATOR, names=_ADDRESS),
        _again(61014, "a third-party platform's token is needed here: check api_url", _FOR_THE_OPERATOR),
        _again(
            61024, "app_id is a third-party platform's: give the one of the official account itself", _FOR_THE_OPERATOR
        ),
        _again(89501, _CONFIRM, _FOR_THE_OPERATOR, names=_ADDRESS),
        _again(89503, _CONFIRM, _FOR_THE_OPERATOR, names=_ADDRESS),
        _again(89506, "an administrator refused {} twice; it waits a day", _QUOTA, names=_ADDRESS),
        _again(89507, "an administrator refused {}; it waits an hour", _QUOTA, names=_ADDRESS),
        # a lack that stays: another way, or what the player says next, may bring the text there
        _never(48001, "the account may not use this interface: it is not verified", elsewhere=True),
        _never(48008, "the account may not send this kind of message", elsewhere=True),
        _never(50001, "the account has not authorised this interface", elsewhere=True),
        _never(61007, "the account has not authorised this interface for the third-party platform", elsewhere=True),
        # quotas of the account
        _again(45009, "the quota of this interface is used up for today", _QUOTA),
        _again(45011, "too many calls in this minute", _A_MINUTE),
        _again(48006, "the quota is used up, and was reset as often as it may be this month", _QUOTA),
        _again(43108, "two texts to one player at once"),
        _again(45066, "the same text twice within a minute"),
        # the right to send to one player
        _never(45015, "the player has not spoken for 48 hours, or has left", window_exhausted=True),
        _never(45047, "as many texts as the player's last words allow were sent", window_exhausted=True),
        _never(43101, "the player has not agreed to this notice, or has withdrawn that", window_exhausted=True),
        # the player
        _never(70000, "the player is a minor, and the platform keeps this text back", elsewhere=True),
        _never(40003, "no openid of this account: the player does not follow it", unreachable=True),
        _never(43004, "the player does not follow the account", unreachable=True),
        _never(43005, "the player does not follow the account", unreachable=True),
        _never(43019, "the account has blocked the player", unreachable=True),
        _unwanted(48002, "the player has switched the account's messages off"),
        _never(46004, "there is no such player", unreachable=True),
        _never(50005, "the player does not follow the account", unreachable=True),
        # the text: the platform has it already
        Meaning(45065, "the text was sent before", Delivered()),
        # a notice: its template or the table of it has to be mended, and the whole text may go as a message
        _never(40036, "template not valid: compare its id with the platform's page", elsewhere=True),
        _never(40037, "template not valid: the account does not have it", elsewhere=True),
        _never(40039, "the address to which the notice leads is too long", elsewhere=True),
        _never(40249, "no template may be used for marketing", elsewhere=True),
        _never(40165, "page of the mini program not valid", elsewhere=True),
        _never(40166, "app_id of the mini program not valid", elsewhere=True),
        _never(41030, "page not valid", elsewhere=True),
        _never(43107, "notices of this account or template are blocked", elsewhere=True),
        _never(43116, "template blocked for misuse", elsewhere=True),
        _never(
            47003, "of the template's fields {} is missing, or its value not of its kind", elsewhere=True, names=_FIELD
        ),
        _never(85005, "the mini program is not linked to the account", elsewhere=True),
        # the text
        _never(40004, "kind of media not valid"),
        _never(40007, "media_id not valid, or older than three days"),
        _never(40008, "kind of message not valid"),
        _never(40009, "picture too large"),
        _never(40033, "characters that the platform does not take"),
        _never(40035, "parameters not valid"),
        _never(41028, "form_id not valid"),
        _never(44002, "empty body"),
        _never(44003, "empty article"),
        _never(44004, "empty text"),
        _never(45001, "media too large"),
        _never(45002, "text too long", elsewhere=True),
        _never(45008, "article too long"),
        _never(45067, "id of the text too long"),
        _never(45168, "a word of the text is forbidden"),
        _never(47001, "body not readable"),
        _never(47501, "activity not valid"),
        _never(87014, "content is forbidden"),
        # menus and QR codes
        _never(40016, "too many buttons, or none"),
        _never(40018, "a button's name is too long"),
        _never(40019, "a button's key is too long"),
        _never(40020, "a button's address is too long"),
        _never(40023, "too many buttons in a submenu"),
        _never(40025, "the name of a button in a submenu is too long"),
        _never(40027, "the address of a button in a submenu is too long"),
        _never(40053, "what the QR code shall hold is not valid: a scene has 1 to 64 characters"),
        _never(45029, "too many permanent QR codes: there may be 100,000"),
        _never(45064, "a button opens a mini program that is not linked to the account"),
        _never(46003, "there is no menu"),
    )
}
