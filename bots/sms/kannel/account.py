"""A short code behind a Kannel gateway: its fields in huoju.toml.

What kannel.conf says for it (one line each; SECRET is the account's secret, and huoju.example our address):

    group = sms-service
    keyword = default
    catch-all = true
    get-url = "https://huoju.example/sms/NAME?secret=SECRET&id=%I&from=%q&to=%P&text=%b&charset=%C&coding=%c&udh=%u&time=%T"
    accept-x-kannel-headers = true     # else Chinese answers arrive as question marks
    omit-empty = true                  # else players get a warning when there is nothing to say
    max-messages = 10                  # else an answer is cut after one part
    concatenation = true

    group = sendsms-user
    username = NAME
    password = PASSWORD
    max-messages = 10
    concatenation = true

    group = smsbox
    http-request-retry = 10            # else a message is lost while we are away: the default is no retry
    http-queue-delay = 5
    reply-couldnotfetch = ""           # else players read of our troubles

``post-url`` instead of ``get-url`` takes the same address; then the text is the body. A secret with other characters
than letters, digits, "-", "." and "_" must be percent-encoded, with each % doubled. Instead of the parameter the secret
may come as the password of the address (https://kannel:SECRET@huoju.example/…) or in a header X-Huoju-Secret that a
proxy adds; neither is then in anybody's access log.
"""

from typing import Literal

from pydantic import Field, SecretStr

from bots.sms.account import SmsAccount
from bots.sms.opt_out_codes import OptedOutCode


class KannelAccount(SmsAccount):
    """An account of kind "kannel"."""

    kind: Literal["kannel"] = "kannel"
    secret: SecretStr = Field(min_length=16)
    """What Kannel's requests to us prove themselves with."""
    url: str = Field(default="http://127.0.0.1:13013/cgi-bin/sendsms", pattern=r"^https?://[^/?#]+/[^?#]*$")
    """Of sendsms."""
    username: str = Field(min_length=1)
    password: SecretStr
    """Of the sendsms-user."""
    smsc: str | None = None
    """The link that texts go out by, where Kannel has several and does not choose by itself."""
    opted_out_codes: frozenset[OptedOutCode] = frozenset()
    """By which this network says that a player opted out there (bots/sms/opt_out_codes.py): as good as STOP."""
    receipts: int = Field(default=19, ge=0, le=31)
    """The dlr-mask: 1 delivered, 2 failed, 4 buffered, 8 taken by the network, 16 refused by it, added up."""
