"""Numbers, countries, prices and how a text is written: what all SMS accounts share."""

import pytest
from pydantic import ValidationError

from bots.sms.account import country_of, outlet_of
from bots.sms.numbers import sender_of
from bots.sms.rendering import TooLong, rendered, signed
from bots.sms.tariff import PartTariff
from core.sending.outbound import Category, Cost, Limits
from tests.adapters.sms.rig import kannel_account, outbound

SPELLINGS = [
    # spelled, region, number
    ("+8613800138000", None, "+8613800138000"),
    ("8613800138000", "CN", "+8613800138000"),
    ("8613800138000", None, "+8613800138000"),
    ("008613800138000", "CN", "+8613800138000"),
    ("13800138000", "CN", "+8613800138000"),
    (" 13800138000\n", "CN", "+8613800138000"),
    ("13800138000", None, None),
    ("14158675309", "CN", "+14158675309"),
    ("+14158675309", "CN", "+14158675309"),
    ("4158675309", "US", "+14158675309"),
    ("15551234567", "US", "+15551234567"),
    ("+15005550006", None, "+15005550006"),
    ("13800001007", "CN", "+8613800001007"),
    ("13800001007", None, None),
    ("+13800001007", "CN", "+8613800001007"),
    ("0013800001007", "CN", "+8613800001007"),
    ("013800138000", "CN", "+8613800138000"),
    ("86013800138000", "CN", "+8613800138000"),
    ("+86 138-0013-8000", "US", "+8613800138000"),
    ("0118613800138000", "US", "+8613800138000"),
    ("+008613800138000", "CN", "+8613800138000"),
    ("(415) 867-5309", "US", "+14158675309"),
    ("07911 123456", "GB", "+447911123456"),
    ("+07911123456", "GB", "+447911123456"),
    ("+9876543210", "IN", "+919876543210"),
    ("8 (916) 123-45-67", "RU", "+79161234567"),
    ("13128675309", "CN", "+8613128675309"),
    ("+13128675309", "CN", "+13128675309"),
    ("13128675309", "US", "+13128675309"),
    ("19912345678901", None, None),
    ("10086", "CN", None),
    ("106900001234", "CN", None),
    ("106900001234", None, None),
    ("Alibaba", "CN", None),
    ("whatsapp:+14158675309", "US", None),
    ("+٨٦١٣٨٠٠١٣٨٠٠٠", "CN", None),
    ("+86138001380001234567", "CN", None),
    ("", "CN", None),
    ("\x00" * 200, "CN", None),
]


@pytest.mark.parametrize(("spelled", "region", "number"), SPELLINGS, ids=[f"{row[0]!r} {row[1]}" for row in SPELLINGS])
def test_a_sender_is_read_as_networks_spell_it(spelled: str, region: str | None, number: str | None) -> None:
    assert sender_of(spelled, region) == number


COUNTRIES = [
    ("+8613800138000", "CN"),
    ("+85291234567", "HK"),
    ("+14158675309", "US"),
    ("+16042345678", "CA"),
    ("+18762345678", "JM"),
    ("+15551234567", "US"),
    ("+8600000000000", "CN"),
    ("+99912345678", None),
    ("anna", None),
]


@pytest.mark.parametrize(("user", "country"), COUNTRIES)
def test_a_number_has_a_country(user: str, country: str | None) -> None:
    assert country_of(user) == country


def test_an_account_serves_its_countries_only() -> None:
    account = kannel_account(countries=("CN", "HK"))
    assert [account.serves(user) for user in ("+8613800138000", "+85291234567", "+14158675309")] == [True, True, False]
    assert kannel_account().serves("+99912345678")


COSTS = [
    # text, signature, parts
    ("a" * 160, None, 1),
    ("a" * 161, None, 2),
    ("a" * 160, "火炬", 3),
    ("火" * 66, "火炬", 1),
    ("火" * 67, "火炬", 2),
    ("【火炬】" + "火" * 66, "火炬", 1),
]


@pytest.mark.parametrize(("text", "signature", "count"), COSTS, ids=[f"{row[0][:3]} {len(row[0])}" for row in COSTS])
def test_the_signature_is_counted_and_paid(text: str, signature: str | None, count: int) -> None:
    assert PartTariff(50, "CNY", signature).cost("+8613800138000", text) == Cost(count, 50 * count, "CNY")


PREFIXES = [
    ("+8613800138000", "+8613800"),
    ("+14158675309", "+141586"),
    ("+85291234567", "+85291234"),
    ("anna", "anna"),
]


@pytest.mark.parametrize(("user", "prefix"), PREFIXES)
def test_a_number_belongs_to_a_block(user: str, prefix: str) -> None:
    assert PartTariff(50, "CNY").prefix(user) == prefix


WRITTEN = [
    # id, text, signature, category, language, opt-out line, written
    ("plain", "Hello", None, Category.ANSWER, "en", True, "Hello"),
    ("signed", "你好", "火炬", Category.ANSWER, "zh", True, "【火炬】你好"),
    ("signed once", "【火炬】你好", "火炬", Category.NOTICE, "zh", True, "【火炬】你好"),
    ("marketing", "特价", "火炬", Category.MARKETING, "zh", True, "【火炬】特价\n拒收请回复R"),
    ("in English", "Sale ", None, Category.MARKETING, "en", True, "Sale\nReply STOP to opt out"),
    ("in a language without one", "Soldes", None, Category.MARKETING, "fr", True, "Soldes\nReply STOP to opt out"),
    ("that says it already", "特价,拒收请回复R", None, Category.MARKETING, "zh", True, "特价,拒收请回复R"),
    ("where it is not wanted", "Sale", None, Category.MARKETING, "en", False, "Sale"),
]


@pytest.mark.parametrize(
    ("text", "signature", "category", "language", "line", "result"),
    [row[1:] for row in WRITTEN],
    ids=[row[0] for row in WRITTEN],
)
def test_a_text_is_signed_and_shows_the_way_out(
    text: str, signature: str | None, category: Category, language: str, line: bool, result: str
) -> None:
    assert rendered(outbound(text, category=category, language=language), signature, line) == result


def test_nothing_is_cut_silently() -> None:
    assert rendered(outbound("a" * 500), None, True) == "a" * 500
    assert signed("a", None) == "a"
    with pytest.raises(TooLong):
        rendered(outbound("a" * 501), None, True)
    assert len(rendered(outbound("a" * 1600, user="+14158675309"), None, True)) == 1600


def test_an_outlet_has_limits_when_texts_have_a_price() -> None:
    free = outlet_of(kannel_account(rate=20, at_once=3))
    assert (free.channel, free.account, free.rate.texts, free.at_once, free.limits) == ("sms", "main", 20, 3, None)
    priced = outlet_of(
        kannel_account(
            price_micros=45, currency="CNY", signature="火炬", micros_per_hour=1000, texts_per_prefix_per_hour=5
        )
    )
    assert priced.limits == Limits(PartTariff(45, "CNY", "火炬"), 1000, 5)


@pytest.mark.parametrize("name", ["", "Main", "a b", "-a", "a" * 33, "main\n"])
def test_a_name_is_small_and_plain(name: str) -> None:
    with pytest.raises(ValidationError):
        kannel_account(name=name)
