"""SMS as a channel: HTTP gateways have routes and the sender, SMPP has links that send by themselves."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace

from flask import Blueprint

from bots.base import Beginner, Channel, ChannelDependencies, Finding, FirstAccount, InboundSink, Sends
from bots.sms import doctor as http
from bots.sms.account import CHANNEL, outlet_of
from bots.sms.gateway.account import GatewayAccount
from bots.sms.http_accounts import HttpAccount, inbound_of, outbound_of
from bots.sms.kannel.account import KannelAccount
from bots.sms.parts import alphabet_of, preview
from bots.sms.rendering import worded
from bots.sms.smpp import doctor as smpp
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.esme import Esme
from bots.sms.smpp.link import LinkState
from bots.sms.smpp.outbound import smpp_outlet
from bots.sms.twilio.account import TwilioAccount
from bots.sms.twilio.media import TwilioMedia
from bots.sms.webhook import blueprint
from core.attachments import MediaFetcher
from core.sending.outbound import SendingAccount
from core.texts.previews import Preview

Account = HttpAccount | SmppAccount


class _Smpp:
    """The links of one account; they mend themselves."""

    def __init__(self, account: SmppAccount, dependencies: ChannelDependencies, sink: InboundSink) -> None:
        self._esme = Esme(account, sink, clock=dependencies.clock, randomness=dependencies.randomness)
        self.sends: Sends | None = self._esme.outbound

    def standing(self) -> int:
        """How many are bound."""
        return sum(link.state is LinkState.BOUND for link in self._esme.state())

    def run(self, stopping: threading.Event) -> None:
        """Bind, and stay so until ``stopping``."""
        self._esme.start()
        stopping.wait()

    def close(self) -> None:
        """Finish what is in flight, and unbind."""
        self._esme.stop()


def _outlet(account: Account) -> SendingAccount:
    return smpp_outlet(account) if isinstance(account, SmppAccount) else outlet_of(account)


def _webhook_path(account: Account) -> str | None:
    """Where a gateway calls us; what became of a text comes to the same with /receipt."""
    match account:
        case SmppAccount() | GatewayAccount(hear=None, receipt=None):
            return None
        case _:
            return f"/{CHANNEL}/{account.name}"


def _routes(accounts: Sequence[Account], dependencies: ChannelDependencies, sink: InboundSink) -> Blueprint:
    """/sms/<account> and /sms/<account>/receipt."""
    gateways = [inbound_of(each, dependencies.public_url) for each in accounts if not isinstance(each, SmppAccount)]
    return blueprint(gateways, sink, dependencies.clock)


def _sender(account: Account, dependencies: ChannelDependencies) -> Sends | None:
    """By the gateway's interface."""
    if isinstance(account, SmppAccount):
        return None
    return outbound_of(account, dependencies.public_url, dependencies.clock)


def _fetcher(account: Account, dependencies: ChannelDependencies) -> MediaFetcher | None:
    """Of MMS, which Twilio alone hands on."""
    if not isinstance(account, TwilioAccount):
        return None
    fetcher = TwilioMedia(account)
    dependencies.ends.callback(fetcher.close)
    return fetcher


def _link(account: Account, dependencies: ChannelDependencies, sink: InboundSink) -> _Smpp | None:
    return _Smpp(account, dependencies, sink) if isinstance(account, SmppAccount) else None


def _preview(account: Account | None, text: str) -> Preview:
    """Signed, and in the alphabet of the account."""
    whole = worded(text, None if account is None else account.signature)
    alphabet = account.alphabet_for(whole) if isinstance(account, SmppAccount) else alphabet_of(whole)
    arrives = replace(preview(whole, alphabet), is_paid=True)
    if account is None or account.price_micros is None:
        return arrives
    return replace(arrives, micros=len(arrives.parts) * account.price_micros, currency=account.currency)


def _doctor(account: Account, dependencies: ChannelDependencies) -> Iterator[Finding]:
    """What the other side says to us."""
    if isinstance(account, SmppAccount):
        return smpp.findings(account, dependencies.clock)
    return http.findings(account, dependencies.public_url, dependencies.clock)


_IGNORED = (
    ("sender:country", "messages from countries that the account does not serve"),
    ("sender:", "messages from what is no phone number, such as a name or a short code"),
    ("message:AccountSid", "messages of another Twilio account: see account_sid"),
    ("receipt:AccountSid", "receipts of another Twilio account: see account_sid"),
    ("message:report", "receipts that came as messages and name no text"),
    ("item:", "entries of a list that are no messages: is [hear] as the gateway writes it?"),
    ("receipt:MessageStatus", "receipts with a state that Twilio has added since: ask for a newer Huoju"),
    ("receipt:state", "receipts with a state that is in no list of [receipt]: what do the gateway's documents say?"),
    ("receipt:unnamed", "receipts that name no text: is [receipt] as the gateway writes it?"),
    ("receipt:", "receipts that cannot be read"),
    ("pdu:deliver_sm", "messages that the SMSC cut or garbled; it was told so"),
    ("pdu:alert_notification", "notes that a phone can be reached again"),
    ("pdu:", "requests of kinds that are not spoken here; the SMSC was told so"),
)


def _first(beginner: Beginner) -> FirstAccount:
    """A short code at an SMS centre."""
    table = (
        *('kind = "smpp"', 'host = "smsc.example"       # yours, as the next two', 'system_id = "huoju"'),
        *('sender = "10690000"', f'signature = "{beginner.brand}"'),
    )
    return FirstAccount(table, {"password": ""})


SMS: Channel[Account] = Channel(
    name=CHANNEL,
    first=_first,
    models={
        "smpp": SmppAccount,
        "kannel": KannelAccount,
        "twilio": TwilioAccount,
        "gateway": GatewayAccount,
    },
    outlet=_outlet,
    webhook_path=_webhook_path,
    known_as=lambda account: account.sender,
    deep_link=lambda account, word: f"sms:{account.sender}?&body={word}",  # RFC 5724; iPhones want the "&"
    routes=_routes,
    sender=_sender,
    fetcher=_fetcher,
    preview=_preview,
    has_link=lambda account: isinstance(account, SmppAccount),
    link=_link,
    doctor=_doctor,
    ignored=_IGNORED,
)
"""All our short codes and long numbers."""
