"""Campaign files with misspelt words: all of them are told at once, each with its line and what was probably meant."""

from collections.abc import Iterator
from copy import deepcopy
from functools import reduce
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from ruamel.yaml import YAML

from core.campaign.checks import check_campaign
from core.campaign.explanations import explain
from core.campaign.reader import BadCampaign, Violation, grammar_of, read_campaign
from handlers import MECHANICS
from tests.snack import SNACK
from tests.stage import START

MISSPELT = """\
name: snack
titel: {zh: 开袋赢大奖, en: Open a bag}
Organizer: {zh: 火炬食品, en: Huoju Foods}
zone: Asia/Shangai
opens: at publication
closes: 90 days after opening
channels: [test]
language: eng
odds: 1/3
1: x
codes: {lenght: 12, per-player-per-day: 10, stock: 3}
draw:
  odds: 1/1000000000
  otherwize: 10 points
  prizes:
    - {name: phone, titel: {zh: 手机, en: A phone}, value: 2999 CNY, stock: 10, claim: delivry, pace: dayly}
    - {name: mug, title: Mug, value: 2999 CNY, stok: 10, claim: [voucher]}
relay: {window: 10m, qualify: code, typed_words: [x]}
follow_ups:
  - {name: a, when: 24h after first contct, unless: clamed, say: {zh: a, en: b}}
names: {allowed: maybe, review: douptful}
texts: {french: {redeem.won: x}}
follow_up_limits: []
prizes: []
字: {}
"""
TOLD = [
    ("2: titel", "this word is not known here (do you mean title?)"),
    ("3: Organizer", "this word is not known here (do you mean organiser?)"),
    ("4: zone", "Asia/Shangai is no time zone (do you mean Asia/Shanghai?); use a name such as"),
    ("8: language", "eng is no language (do you mean en?); write its code of two or three letters"),
    ("9: odds", "this word is not known here; it belongs to draw"),
    ("10: 1", "this word is not known here; there are name, title, organiser, zone,"),
    ("11: codes.lenght", "(do you mean length?)"),
    ("11: codes.per-player-per-day", "(do you mean per_player_per_day?)"),
    ("11: codes.stock", "this word is not known here; it belongs to draw.prizes or gifts"),
    ("14: draw.otherwize", "(do you mean otherwise?)"),
    ("16: draw.prizes.1.pace", "dayly is not known here (do you mean daily?); write 'none', 'hourly' or 'daily'"),
    ("16: draw.prizes.1.claim", "(do you mean delivery?); write 'delivery', 'voucher', 'counter' or 'points'"),
    ("16: draw.prizes.1.titel", "(do you mean title?)"),
    ("17: draw.prizes.2.title", "say in which language this is: {zh: …, en: …}; or language: en"),
    ("17: draw.prizes.2.claim", "this is not known here; write 'delivery', 'voucher'"),
    ("17: draw.prizes.2.stok", "(do you mean stock?)"),
    ("18: relay.qualify", "write a list, such as [one, another]"),
    ("18: relay.typed_words", "(do you mean typed_word?)"),
    ("20: follow_ups.1.when", "first contct is no event (do you mean first contact?); write a length of time"),
    ("21: names.allowed", "write true or false"),
    ("21: names.review", "(do you mean doubtful?); write 'none', 'doubtful' or 'all'"),
    ("22: texts.french", "french is no language (do you mean fr?)"),
    ("23: follow_up_limits", "write what belongs to it: {quiet: …, per_day: …, per_week: …}"),
    ("24: prizes", "this word is not known here; it belongs to draw"),
    ("25: 字", "this word is not known here; there are name, title,"),
]


def _complaints(path: Path, text: str) -> list[Violation]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadCampaign) as refused:
        check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), START)
    return refused.value.violations


def test_every_misspelt_word_is_told_at_once_and_nothing_twice(tmp_path: Path) -> None:
    found = _complaints(tmp_path / "bad.yaml", MISSPELT)
    assert [(f"{each.line}: {each.place}", each.remedy) for each in found] == [
        (at, next((each.remedy for each in found if says in each.remedy), says)) for at, says in TOLD
    ]


def test_a_text_that_is_none_is_guessed(tmp_path: Path) -> None:
    (told,) = _complaints(tmp_path / "bad.yaml", SNACK + "texts: {en: {redeem.wun: hi}}\n")
    assert told.remedy == "there is no such text (do you mean redeem.won?); `huoju texts` lists them all"


Keys = tuple[str | int, ...]
GRAMMAR = grammar_of(*MECHANICS.sections)
WHOLE = YAML(typ="safe", pure=True).load(
    SNACK
    + """
relay: {window: 10m, qualify: [invited, code], remind: [5m], perk: {name: skin, title: {zh: 皮肤, en: Skin}}}
follow_ups: [{name: hello, when: 24h after first contact, unless: [spoke], say: {zh: 好, en: Hi}}]
calendar: [{name: noon, cron: 0 12 * * *, to: everybody, late: 1h, say: {zh: 好, en: Hi}}]
follow_up_limits: {per_day: 1}
names: {allowed: true, review: all}
contact: {zh: 好, en: Hi}
"""
)


def _keys(node: object, place: Keys = ()) -> Iterator[Keys]:
    """The places of all keys that are long enough for a slip."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield from ((*place, key),) if isinstance(key, str) and len(key) > 3 else ()
        yield from _keys(value, (*place, key))


@given(st.sampled_from(list(_keys(WHOLE))), st.integers(0, 20), st.sampled_from(["twice", "swapped", "missing"]))
def test_of_any_key_with_a_slip_the_right_one_is_guessed(place: Keys, at: int, how: str) -> None:
    *above, word = place
    assert isinstance(word, str)
    at %= len(word) - 1
    middle = {"twice": word[at] * 2 + word[at + 1], "swapped": word[at + 1] + word[at], "missing": word[at + 1]}[how]
    slip = word[:at] + middle + word[at + 2 :]
    document = deepcopy(WHOLE)
    node = reduce(lambda node, step: node[step], above, document)
    node[slip] = node.pop(word)
    if slip == word:
        return
    with pytest.raises(ValidationError) as refused:
        GRAMMAR.model_validate(document)
    assert [(at, why.text) for at, why in explain(refused.value.errors(), document, GRAMMAR)] == [
        ((*above, slip), f"this word is not known here (do you mean {word}?)")
    ]
