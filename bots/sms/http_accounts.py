"""The two halves of an SMS account at an HTTP gateway, by its kind."""

from typing import assert_never

from bots.base import Sends
from bots.sms.gateway.account import GatewayAccount
from bots.sms.gateway.inbound import GatewayHears
from bots.sms.gateway.outbound import GatewaySends
from bots.sms.inbound import Hears
from bots.sms.kannel.account import KannelAccount
from bots.sms.kannel.inbound import KannelHears
from bots.sms.kannel.outbound import KannelSends
from bots.sms.twilio.account import TwilioAccount
from bots.sms.twilio.inbound import TwilioHears
from bots.sms.twilio.outbound import TwilioSends
from core.times import Clock

HttpAccount = KannelAccount | TwilioAccount | GatewayAccount


def hears(account: HttpAccount, public_url: str | None) -> Hears:
    """The receiving half; ``public_url`` is how the world calls us, such as "https://huoju.example"."""
    match account:
        case KannelAccount():
            return KannelHears(account)
        case TwilioAccount():
            return TwilioHears(account, account.public_url or public_url)
        case GatewayAccount():
            return GatewayHears(account)
        case _:
            assert_never(account)


def sends(account: HttpAccount, public_url: str | None, clock: Clock) -> Sends:
    """The sending half."""
    match account:
        case KannelAccount():
            return KannelSends(account, public_url, clock)
        case TwilioAccount():
            return TwilioSends(account, account.public_url or public_url, clock)
        case GatewayAccount():
            return GatewaySends(account, public_url, clock)
        case _:
            assert_never(account)
