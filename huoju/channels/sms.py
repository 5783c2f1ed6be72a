"""SMS accounts in the processes: HTTP gateways have doors and the sender, SMPP has links that send by themselves."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from flask import Blueprint

from bots.base import Finding, Sends
from bots.sms.account import CHANNEL, outlet_of
from bots.sms.gateway.account import GatewayAccount
from bots.sms.kannel.account import KannelAccount
from bots.sms.links import HttpAccount, hears, sends
from bots.sms.receive import SmsDoors, blueprint
from bots.sms.twilio.account import TwilioAccount
from core.sending.outbound import Outlet
from huoju.channels.wiring import Channel, Desk, Surroundings

Table = HttpAccount


class Sms(Channel[Table]):
    """All our short codes and long numbers."""

    name = CHANNEL
    models: ClassVar = {"kannel": KannelAccount, "twilio": TwilioAccount, "gateway": GatewayAccount}

    def outlet(self, table: Table) -> Outlet:
        """How the account may be used for sending."""
        return outlet_of(table)

    def address(self, table: Table) -> str | None:
        """Where the gateway calls us; what became of a text comes to the same with /receipt."""
        return f"/{CHANNEL}/{table.name}"

    def doors(self, tables: Sequence[Table], around: Surroundings, desk: Desk) -> Blueprint:
        """/sms/<account> and /sms/<account>/receipt."""
        hearing = [hears(table, around.public_url) for table in tables]
        return blueprint(SmsDoors(desk.submit, desk.report, around.clock, hearing))

    def sends(self, table: Table, around: Surroundings) -> Sends | None:
        """By the gateway's interface."""
        return sends(table, around.public_url, around.clock)

    def findings(self, table: Table, around: Surroundings) -> Iterator[Finding]:
        """What the gateway says to us."""
        del table, around
        yield from ()
