"""Titles: one word means one thing, so no gift is called what players say for something else."""

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from core.campaign.checks import check_campaign
from core.campaign.reader import BadCampaign, read_campaign
from core.campaign.rules import Rules
from core.speech.keywords import Means
from handlers import MECHANICS
from handlers.gifts.titles import title_findings
from tests.office import sit_down
from tests.snack import SNACK
from tests.stage import START, Stage

pytestmark = pytest.mark.reading

MUG = "{zh: 马克杯, en: Mug}"

# what the mug is called, where the complaint is, what it says
WRONG = [
    ("{zh: 马克杯, en: Rules}", "gifts.1.title.en", "our word for “rules”"),
    ("{zh: 规则, en: Mug}", "gifts.1.title.zh", "our word for “rules”"),
    ("{zh: 马克杯, en: ' POINTS! '}", "gifts.1.title.en", "our word for “points”"),
    ("{zh: 我的奖品, en: Mug}", "gifts.1.title.zh", "our word for “prizes”"),
    ("{zh: 马克杯, en: Voucher}", "gifts.1.title.en", "our word for “prizes”"),
    ("{zh: 退订, en: Mug}", "gifts.1.title.zh", "our word for “stop”"),
    ("{zh: 马克杯, en: Stop!}", "gifts.1.title.en", "our word for “stop”"),
    ("{zh: 取消, en: Mug}", "gifts.1.title.zh", "our word for “cancel”"),
    ("{zh: 马克杯, en: How do I play?}", "gifts.1.title.en", "our word for “help”"),
    ("{zh: 马克杯, en: English}", "gifts.1.title.en", "our word for “language”"),
    ("{zh: 马克杯, en: 'No. 2'}", "gifts.1.title.en", "a number of the list"),
    ("{zh: 三, en: Mug}", "gifts.1.title.zh", "a number of the list"),
    ("{zh: 好的, en: Mug}", "gifts.1.title.zh", "yes or no"),
    ("{zh: 马克杯, en: '🎁'}", "gifts.1.title.en", "nothing that can be read"),
    ("{zh: 马克杯, en: cinema-ticket}", "gifts.2.title.en", "the gift mug is called “Cinema ticket” already"),
    ("{zh: 马克杯, en: ticket}", "gifts.2.name", "the gift mug is called “ticket” already"),
    ("{zh: 电影票, en: Mug}", "gifts.2.title.zh", "the gift mug is called “电影票” already"),
]
FINE = [
    "A voucher",
    "Points card holder",
    "Thanks card",
    "Hello Kitty",
    "Kitty mug",
    "帮助中心抱枕",
    "规则之书",
    "积分加油包",
    "12 eggs",
    "礼物盒",
]


FINDINGS = partial(title_findings, routes=MECHANICS.routes)


@pytest.mark.parametrize(("title", "place", "says"), WRONG, ids=[title for title, _, _ in WRONG])
def test_a_title_that_means_something_else_is_refused(tmp_path: Path, title: str, place: str, says: str) -> None:
    path = tmp_path / "campaign.yaml"
    path.write_text(text := SNACK.replace(MUG, title), encoding="utf-8")
    with pytest.raises(BadCampaign) as refused:
        check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), START, words=FINDINGS)
    (told,) = refused.value.violations
    line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith("gifts:"))
    assert (told.place, told.line) == (place, line + int(place.split(".")[1]))
    assert says in told.remedy


WORDS = [
    word
    for route in MECHANICS.routes
    if isinstance(route.recognise, Means) and not route.defers_to_prompt
    for word in route.recognise.words
    if word != "?"
]


@given(st.sampled_from(WORDS), st.sampled_from(["{}", "{}!", " {} ", "{}。", "{} 🎁"]), st.sampled_from(["zh", "en"]))
def test_no_word_of_ours_is_a_gift(word: str, around: str, language: str) -> None:
    assert [place[-1] for place, _ in FINDINGS(_called(around.format(word), language))] == [language]


_PLAIN = YAML(typ="safe", pure=True).load(SNACK)


def _called(title: str, language: str) -> Rules:
    """Rules whose first gift has ``title`` in one language."""
    both = {"zh": "马克杯", "en": "Mug"} | {language: title}
    return Rules.model_validate(_PLAIN | {"gifts": [_PLAIN["gifts"][0] | {"title": both}]}).knowing(MECHANICS.sections)


def test_every_title_that_is_good_can_be_typed(stage: Stage) -> None:
    gift = "  - {{name: g{0}, title: {{zh: '{1}', en: '{1}'}}, price: 900 points, stock: 2, claim: counter}}\n"
    listed = "".join(gift.format(at, title) for at, title in enumerate(FINE))
    before, _, rest = SNACK.partition("gifts:\n")
    stage.publish(before + "gifts:\n" + listed + rest[rest.index("claims:") :])
    (code,) = stage.codes(1)
    stage.say(code)
    for title in FINE:
        stage.say("gifts")
        assert f"item={title} " in stage.say(title)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_check_and_publication_refuse_it(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office = sit_down(stage, database_url, monkeypatch, capsys)
    text = SNACK.replace(MUG, "{zh: 马克杯, en: Help}").replace("[test, second]", "[playground]")
    Path("called.yaml").write_text(text, encoding="utf-8")
    for word in ("check", "publish"):
        told = office("campaign", word, "called.yaml", fails=1)
        assert "gifts.1.title.en: who types “Help” means our word for “help”" in told
    stage.publish(text)  # before it was our word
    told = office("doctor", fails=1)
    assert "each gift of the campaign snack can be chosen by its title who types “Help”" in " ".join(told.split())
