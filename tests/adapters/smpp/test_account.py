"""What an account can say of its SMSC: to bind, to count, how long a text is tried; and what it cannot."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from bots.sms.account import valid_for
from bots.sms.smpp.pdu import bind_body
from tests.adapters.smpp.rig import NOON, account

WRONG = [
    ({"codings": {"0": "latin1"}}, "codings: 0 is what alphabet"),
    ({"codings": {"four": "latin1"}}, "no data_coding"),
    ({"codings": {"0x100": "latin1"}}, "less than or equal to 255"),
    ({"codings": {"4": "klingon"}}, "Input should be"),
    ({"sent_as": {"ucs2": 4}}, "sent_as: ucs2 texts would go as 0x04, which stands for data here"),
    ({"codings": {"8": "utf-8"}}, "sent_as: ucs2 texts would go as 0x08, which stands for utf-8 here"),
    ({"sent_as": {"gsm7": 8}}, "sent_as: gsm7 texts would go as 0x08"),
    ({"alphabet": "latin1", "codings": {"3": "data"}}, "sent_as: latin1 texts would go as 0x03"),
    ({"interface_version": "3.3"}, "knows no transceiver"),
    ({"interface_version": "3.3", "bind": "pair", "long_texts": "sar"}, "knows no optional parameters"),
    ({"interface_version": "3.5"}, "Input should be"),
    ({"service_type": "TOOLONG"}, "at most 5 characters"),
    ({"address_range": "1" * 41}, "at most 40 characters"),
    ({"validity_s": 59}, "greater than or equal to 60"),
]


@pytest.mark.parametrize(("settings", "why"), WRONG, ids=[row[1] for row in WRONG])
def test_settings_that_fit_nothing_are_refused(settings, why):
    with pytest.raises(ValidationError, match=why):
        account(**settings)


@pytest.mark.parametrize(
    "wrong", [{"password": "p" * 65}, {"system_id": "x" * 16}, {"sender": ""}, {"unknown": 1}, {"window": 0}]
)
def test_an_account_that_cannot_be(wrong):
    with pytest.raises(ValidationError):
        account(**wrong)


def test_a_bind_says_what_the_account_says():
    plain = b"h\0p\0\0\x34\0\0\0"
    assert bind_body(account()) == plain
    told = account(
        password="longer-than-eight",
        system_type="VMA",
        interface_version="5.0",
        address_ton=3,
        address_npi=1,
        address_range="^10690000",
    )
    assert bind_body(told) == b"h\0longer-than-eight\0VMA\0\x50\3\1^10690000\0"
    assert bind_body(account(interface_version="3.3", bind="pair"))[5] == 0x33


VALID = [
    # validity_s of the account, seconds until nobody wants the text, seconds that the SMSC is told
    (None, None, None),
    (600, None, 600),
    (None, 3600, 3600),
    (600, 3600, 600),
    (7200, 3600, 3600),
    (None, 5, 60),
    (None, -5, 60),
]


@pytest.mark.parametrize(("validity_s", "left_s", "told_s"), VALID)
def test_the_smsc_tries_no_longer_than_anybody_wants_a_text(validity_s, left_s, told_s):
    expires_at = None if left_s is None else NOON + timedelta(seconds=left_s)
    assert valid_for(account(validity_s=validity_s), expires_at, NOON) == told_s


def test_a_price_counts_parts_in_the_alphabet_that_goes_out():
    tariff = account(price_micros=45000, currency="CNY", signature="火炬").tariff
    assert tariff.cost("+8613800138000", "a" * 66).parts == 1
    assert tariff.cost("+8613800138000", "a" * 67).parts == 2
