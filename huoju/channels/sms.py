"""SMS accounts in the processes: HTTP gateways have doors and the sender, SMPP has links that send by themselves."""

import threading
from collections.abc import Iterator, Sequence
from typing import ClassVar

from flask import Blueprint

from bots.base import Finding, Sends
from bots.sms import doctor as http
from bots.sms.account import CHANNEL, outlet_of
from bots.sms.gateway.account import GatewayAccount
from bots.sms.http_accounts import HttpAccount, hears, sends
from bots.sms.kannel.account import KannelAccount
from bots.sms.smpp import doctor as smpp
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.esme import Esme
from bots.sms.smpp.link import LinkState
from bots.sms.smpp.outbound import smpp_outlet
from bots.sms.twilio.account import TwilioAccount
from bots.sms.webhook import SmsDoors, blueprint
from core.sending.outbound import Outlet
from huoju.channels.wiring import Channel, Desk, Surroundings

Table = HttpAccount | SmppAccount


class _Smpp:
    """The links of one account; they mend themselves."""

    def __init__(self, account: SmppAccount, around: Surroundings, desk: Desk) -> None:
        self._esme = Esme(
            account,
            desk.submit,
            desk.report,
            clock=around.clock,
            randomness=around.randomness,
            unread=desk.unread,
        )
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


class Sms(Channel[Table]):
    """All our short codes and long numbers."""

    name = CHANNEL
    models: ClassVar = {
        "smpp": SmppAccount,
        "kannel": KannelAccount,
        "twilio": TwilioAccount,
        "gateway": GatewayAccount,
    }

    def outlet(self, table: Table) -> Outlet:
        """How the account may be used for sending."""
        if isinstance(table, SmppAccount):
            return smpp_outlet(table)
        return outlet_of(table)

    def address(self, table: Table) -> str | None:
        """Where a gateway calls us; what became of a text comes to the same with /receipt."""
        match table:
            case SmppAccount() | GatewayAccount(hear=None, receipt=None):
                return None
            case _:
                return f"/{CHANNEL}/{table.name}"

    def known_as(self, table: Table) -> str | None:
        """The number."""
        return table.sender

    def opens(self, table: Table, word: str) -> str | None:
        """RFC 5724; iPhones want the "&", and nobody else minds it."""
        return f"sms:{table.sender}?&body={word}"

    def doors(self, tables: Sequence[Table], around: Surroundings, desk: Desk) -> Blueprint:
        """/sms/<account> and /sms/<account>/receipt."""
        gateways = [hears(table, around.public_url) for table in tables if not isinstance(table, SmppAccount)]
        return blueprint(SmsDoors(desk.submit, desk.report, around.clock, gateways, unread=desk.unread, join=desk.join))

    def sends(self, table: Table, around: Surroundings) -> Sends | None:
        """By the gateway's interface."""
        return None if isinstance(table, SmppAccount) else sends(table, around.public_url, around.clock)

    def has_link(self, table: Table) -> bool:
        """Only SMPP."""
        return isinstance(table, SmppAccount)

    def link(self, table: Table, around: Surroundings, desk: Desk) -> _Smpp | None:
        """SMPP."""
        return _Smpp(table, around, desk) if isinstance(table, SmppAccount) else None

    def findings(self, table: Table, around: Surroundings) -> Iterator[Finding]:
        """What the other side says to us."""
        if isinstance(table, SmppAccount):
            return smpp.findings(table, around.clock)
        return http.findings(table, around.public_url, around.clock)
