"""SMS accounts in the processes: HTTP gateways have doors and the sender, SMPP has links that send by themselves."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Protocol

from flask import Blueprint

from bots.base import Finding, Sends
from bots.sms.account import CHANNEL, SmsAccount, outlet_of
from bots.sms.hearing import Hears
from bots.sms.kannel.account import KannelAccount
from bots.sms.kannel.hearing import KannelHears
from bots.sms.kannel.sending import KannelSends
from bots.sms.receive import SmsDoors, blueprint
from bots.sms.twilio.account import TwilioAccount
from bots.sms.twilio.hearing import TwilioHears
from bots.sms.twilio.sending import TwilioSends
from core.sending.outbound import Outlet
from huoju.channels.wiring import Channel, Desk, Surroundings


class _Closes(Sends, Protocol):
    def close(self) -> None: ...


class _Gateway(NamedTuple):
    """The halves of one kind of HTTP gateway."""

    hears: Callable[[Any, str | None], Hears]
    sends: Callable[[Any, str | None], _Closes]


_GATEWAYS: Mapping[type[SmsAccount], _Gateway] = {
    KannelAccount: _Gateway(lambda table, _public_url: KannelHears(table), KannelSends),
    TwilioAccount: _Gateway(TwilioHears, TwilioSends),
}


class Sms(Channel[SmsAccount]):
    """All our short codes and long numbers."""

    name = CHANNEL
    models: ClassVar = {"kannel": KannelAccount, "twilio": TwilioAccount}

    def outlet(self, table: SmsAccount) -> Outlet:
        """How the account may be used for sending."""
        return outlet_of(table)

    def address(self, table: SmsAccount) -> str | None:
        """Where the gateway calls us; what became of a text comes to the same with /receipt."""
        return f"/{CHANNEL}/{table.name}"

    def doors(self, tables: Sequence[SmsAccount], around: Surroundings, desk: Desk) -> Blueprint:
        """/sms/<account> and /sms/<account>/receipt."""
        hearing = [_GATEWAYS[type(table)].hears(table, around.public_url) for table in tables]
        return blueprint(SmsDoors(desk.submit, desk.report, around.clock, hearing))

    def sends(self, table: SmsAccount, around: Surroundings) -> Sends | None:
        """By the gateway's interface."""
        made = _GATEWAYS[type(table)].sends(table, around.public_url)
        around.ends.callback(made.close)
        return made

    def findings(self, table: SmsAccount, around: Surroundings) -> Iterator[Finding]:
        """What the gateway says to us."""
        del table, around
        yield from ()
