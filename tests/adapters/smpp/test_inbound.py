"""Whose message it is: what a number looks like, whatever the SMSC says of its type; what is ignored is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.base import InboundSink
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.delivery_reports import DeliveryReportQueue, MessageIds
from bots.sms.smpp.inbound import SmppInbound
from bots.sms.smpp.pdu import Deliver, read_deliver
from bots.sms.smpp.reassembly import Reassembly
from tests.adapters.smpp.rig import ANNA, NOON, QUICK, Ear
from tests.fakes.smsc import Mo


class Unlinked:
    """The receiving half of one account, without a link."""

    def __init__(self, **settings: object) -> None:
        self.ear, self.statuses, self.unread = Ear(), list[int](), list[tuple[str, str | None]]()
        given = {"name": "main", "host": "smsc", "system_id": "huoju", "password": "secret", "sender": "10690000"}
        account = SmppAccount(**{**given, **settings})
        self.inbound = SmppInbound(
            account,
            InboundSink(
                self.ear.submit,
                lambda _reports: None,
                lambda _channel, _account, what, name: self.unread.append((what, name)),
            ),
            DeliveryReportQueue(lambda _receipts: None, "main"),
            reassembly=Reassembly(lambda: 0.0, QUICK),
            message_ids=MessageIds(),
            clock=lambda: NOON,
        )

    def receive(self, mo: Mo) -> None:
        self.inbound.receive(_read(mo), self)

    def answer(self, status: int, key: object = None) -> None:
        assert key is None or status == 0
        self.statuses.append(status)

    @property
    def users(self) -> list[str]:
        return [message.user for message in self.ear.messages]


def _read(mo: Mo) -> Deliver:
    return read_deliver(mo.body())


SPELLINGS = ["8613800001007", "+8613800001007", "008613800001007", "13800001007", "013800001007", "+13800001007"]


@given(spelled=st.sampled_from(SPELLINGS), ton=st.integers(0, 255), npi=st.integers(0, 255))
def test_a_number_is_one_whatever_its_type_is_called(spelled: str, ton: int, npi: int) -> None:
    inbound = Unlinked(region="CN")
    inbound.receive(Mo(spelled, b"hello", ton=ton, npi=npi))
    assert (inbound.users, inbound.statuses, inbound.unread) == (["+8613800001007"], [0], [])


def test_the_only_country_of_an_account_is_home() -> None:
    inbound = Unlinked(countries=("CN",))
    inbound.receive(Mo("13800001007", b"hello", ton=1))
    assert inbound.users == ["+8613800001007"]


IGNORED = [
    # source, type of number, what is told
    ("HUOJU", 5, "sender:name"),
    ("10086", 3, "sender:short_code"),
    ("10086", 1, "sender:short_code"),
    ("106900001234", 6, "sender:no_number"),
    ("", 0, "sender:nothing"),
    ("+14158675309", 1, "sender:country"),
]


@pytest.mark.parametrize(("source", "ton", "what"), IGNORED)
def test_what_is_ignored_is_acknowledged_counted_and_named(source: str, ton: int, what: str) -> None:
    inbound = Unlinked(countries=("CN",))
    inbound.receive(Mo(source, b"hello", ton=ton))
    assert (inbound.users, inbound.statuses) == ([], [0])
    assert inbound.unread == [(what, f"ton:{ton},coding:0x00,parameters:none")]


def test_without_a_home_a_national_number_is_nobody_and_never_somebody_elses() -> None:
    inbound = Unlinked()
    inbound.receive(Mo("13800001007", b"hello", ton=1))
    inbound.receive(Mo(ANNA, b"hello", ton=4))
    assert (inbound.users, [what for what, _ in inbound.unread]) == (["+" + ANNA], ["sender:no_number"])
