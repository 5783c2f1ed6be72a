"""Texts as they go out: signed once, and plain where a plain twin costs half."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.sms.parts import Alphabet, alphabet_of, in_parts
from bots.sms.rendering import _TWINS, TooLong, rendered, signed, transliterated
from bots.sms.tariff import PartTariff
from core.sending.outbound import Category
from tests.adapters.sms.rig import kannel_account, outbound

SIGNED = [
    # text, as it goes out by an account whose signature is "火炬 Food"
    ("你好", "【火炬 Food】你好"),
    ("【火炬 Food】你好", "【火炬 Food】你好"),
    (" 【火炬food】 你好", " 【火炬food】 你好"),
    ("【火炬　ＦＯＯＤ】你好", "【火炬　ＦＯＯＤ】你好"),
    ("你好【火炬 Food】", "你好【火炬 Food】"),
    ("你好 【火炬 Food】\n", "你好 【火炬 Food】\n"),
    ("【火炬 Food】", "【火炬 Food】"),
    ("欢迎来到【火炬 Food】抽奖", "【火炬 Food】欢迎来到【火炬 Food】抽奖"),
    ("【新品】你好", "【火炬 Food】【新品】你好"),
    ("【火炬】你好", "【火炬 Food】【火炬】你好"),
    ("【火炬 Food 你好", "【火炬 Food】【火炬 Food 你好"),
    ("", "【火炬 Food】"),
]


@pytest.mark.parametrize(("text", "out"), SIGNED)
def test_a_text_is_signed_once(text: str, out: str) -> None:
    assert signed(text, "火炬 Food") == out
    assert signed(out, "火炬 Food") == out


@pytest.mark.parametrize("given", ["火炬", "【火炬】"])
def test_a_signature_is_written_with_or_without_its_brackets(given: str) -> None:
    assert signed("你好", kannel_account(signature=given).signature) == "【火炬】你好"


MARKETING = [
    ("来抽奖", "【火炬】来抽奖\n拒收请回复R"),
    ("来抽奖【火炬】", "来抽奖\n拒收请回复R【火炬】"),
    ("来抽奖\n拒收请回复R【火炬】", "来抽奖\n拒收请回复R【火炬】"),
    ("【火炬】", "【火炬】\n拒收请回复R"),
]


@pytest.mark.parametrize(("text", "out"), MARKETING)
def test_the_way_out_stands_before_a_signature_at_the_end(text: str, out: str) -> None:
    assert rendered(outbound(text, category=Category.MARKETING), "火炬", opt_out_line=True) == out


def test_the_way_out_is_in_no_language_that_the_text_is_not_in() -> None:
    message = outbound("Come and play", category=Category.MARKETING)
    assert message.language == "zh"
    assert rendered(message, None, opt_out_line=True) == "Come and play\nReply STOP to opt out"


PLAIN = [
    # text, as it goes out
    ("It’s “yours” – come…", 'It\'s "yours" - come...'),
    ("10\u00a0€ off\u2009!", "10 € off !"),
    ("a\u200bb\u00adc\ufeff\u202ad\u202c", "abcd"),
    ("ﬁve ﬂat oﬀers", "five flat offers"),
    ("ＡＢＣ：１２３，ok。", "ABC:123,ok."),
    ("cafe\u0301", "café"),
    ("2 × 3 → 6", "2 x 3 -> 6"),
    ("a\tb\u2028c", "a b\nc"),
    ("• one\n• two", "- one\n- two"),
    ("plain", "plain"),
    # what would lose something, or would not be cheaper for it
    ("mañana será “así”", "mañana será “así”"),
    ("façade – ok", "façade – ok"),
    ("中奖了…", "中奖了…"),
    ("🔥 “hot”", "🔥 “hot”"),
    ("5 ≤ 6", "5 ≤ 6"),
]


@pytest.mark.parametrize(("text", "out"), PLAIN)
def test_a_plain_twin_goes_out_where_it_loses_nothing(text: str, out: str) -> None:
    assert transliterated(text) == out
    assert rendered(outbound(text, user="+14158675309"), None, opt_out_line=True) == out


@given(st.text(st.sampled_from([*map(chr, _TWINS), *"aé€火 \n"]), max_size=200))
def test_what_goes_out_is_never_longer_in_octets_nor_in_parts(text: str) -> None:
    out = transliterated(text)
    assert out == text or alphabet_of(out) is Alphabet.GSM7
    assert len(out.encode()) <= len(text.encode())
    assert transliterated(out) == out


def test_a_curly_quote_costs_nothing() -> None:
    text = "It’s yours: " + "a" * 140
    tariff = PartTariff(45_000, "EUR")
    assert (len(in_parts(text)), tariff.cost("+14158675309", text).parts) == (3, 1)


def test_a_twin_that_would_be_too_long_does_not_go() -> None:
    text = "a" * 1599 + "…"
    assert rendered(outbound(text, user="+14158675309"), None, opt_out_line=True) == text
    with pytest.raises(TooLong):
        rendered(outbound(text + "a", user="+14158675309"), None, opt_out_line=True)
