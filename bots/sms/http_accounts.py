"""The two halves of an SMS account at an HTTP gateway, by its kind."""

from typing import assert_never

from bots.base import Sends
from bots.sms.gateway.account import GatewayAccount
from bots.sms.gateway.inbound import GatewayInbound
from bots.sms.gateway.outbound import GatewayOutbound
from bots.sms.inbound import Inbound
from bots.sms.kannel.account import KannelAccount
from bots.sms.kannel.inbound import KannelInbound
from bots.sms.kannel.outbound import KannelOutbound
from bots.sms.twilio.account import TwilioAccount
from bots.sms.twilio.inbound import TwilioInbound
from bots.sms.twilio.outbound import TwilioOutbound
from core.times import Clock

HttpAccount = KannelAccount | TwilioAccount | GatewayAccount


def inbound_of(account: HttpAccount, public_url: str | None) -> Inbound:
    """The receiving half; ``public_url`` is how the world calls us, such as "https://huoju.example"."""
    match account:
        case KannelAccount():
            return KannelInbound(account)
        case TwilioAccount():
            return TwilioInbound(account, account.public_url or public_url)
        case GatewayAccount():
            return GatewayInbound(account)
        case _:
            assert_never(account)


def outbound_of(account: HttpAccount, public_url: str | None, clock: Clock) -> Sends:
    """The sending half."""
    match account:
        case KannelAccount():
            return KannelOutbound(account, public_url, clock)
        case TwilioAccount():
            return TwilioOutbound(account, account.public_url or public_url, clock)
        case GatewayAccount():
            return GatewayOutbound(account, public_url, clock)
        case _:
            assert_never(account)
