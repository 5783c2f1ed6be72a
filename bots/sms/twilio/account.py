"""A number or messaging service at Twilio: its fields in huoju.toml.

What the number's (or the messaging service's) page at Twilio says: "A message comes in" is a webhook, HTTP POST, to

    https://huoju.example/sms/NAME#rc=3&rp=all

where rc and rp let Twilio try again when we were away; by default it does so only when there was no connection.
https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides

Twilio answers STOP, HELP and START by itself, and refuses to send to who said STOP. Whoever wants our own words there
lets Twilio switch its default handling off.
"""

from typing import Literal

from pydantic import Field, SecretStr

from bots.sms.account import SmsAccount


class TwilioAccount(SmsAccount):
    """An account of kind "twilio"; a ``sender`` that begins with MG is a messaging service."""

    kind: Literal["twilio"] = "twilio"
    account_sid: str = Field(pattern=r"^AC[0-9A-Za-z]{1,62}$")
    auth_token: SecretStr
    """Signs Twilio's requests to us, and proves ours."""
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/?#]+(/[^?#]*)?$")
    """How Twilio calls us, up to /sms/NAME, where it is not as HUOJU_PUBLIC_URL says: another name, or a base path that
    a proxy takes off. Signatures count for this address only, with http or https, any port left out or said, and with
    or without a slash at the end."""
    base_url: str = Field(default="https://api.twilio.com", pattern=r"^https?://[^/?#]+/?$")
