"""A campaign speaks the languages of its title: one alone, or one that Huoju does not come in, and no other one."""

import re

import pytest

from core.campaign.checks import check_campaign
from core.campaign.reader import BadCampaign, read_content
from handlers import MECHANICS
from tests.snack import SURE
from tests.stage import CAMPAIGN, START, Stage

_PHRASE = re.compile(r"\{zh: ([^,{}]+), en: ([^{}]+)\}")
CHINESE = _PHRASE.sub(r"\1", SURE).replace("language: en", "language: zh")
ENGLISH = _PHRASE.sub(r"\2", SURE)
VIETNAMESE = (
    _PHRASE.sub(r"{vi: \2, en: \2}", SURE).replace("language: en", "language: vi").replace("A phone", "Điện thoại", 1)
    + """
texts:
  vi:
    points.balance: "{title}: bạn có {balance} điểm.{boost}{expiry}{history}"
    language.changed: "Từ giờ chúng tôi sẽ nói tiếng Việt với bạn."
"""
)
SAID = ("hello", "?", "help", "rules", "points", "English", "中文", "积分", "gifts", "prizes", "STOP", "START", "xyz")
SAID += ("invite", "privacy", "contact us")
_HAN, _SENTENCE = re.compile(r"[\u3400-\u9fff]"), re.compile(r"(?:[A-Za-z]+ ){4}")


@pytest.mark.parametrize("channel", ["test", "second"])
def test_a_campaign_in_one_language_never_says_a_sentence_of_another(stage: Stage, channel: str) -> None:
    for text, wrong in ((CHINESE, _SENTENCE), (ENGLISH, _HAN)):
        name = "zh" if text is CHINESE else "en"
        stage.publish(
            text.replace("name: snack", f"name: {name}").replace(
                "[test, second]", f"[{channel}/{name}, {channel}/{name}x]"
            ),
            spelled=False,
        )
        for said in (*SAID, stage.codes(1, name)[0], "1", "no"):
            stage.say(said, channel=channel, account=name)
        told = stage.told(channel=channel, account=name)
        assert len(told) > len(SAID)
        assert [each for each in told if wrong.search(each)] == []


def test_a_third_language_is_added_by_the_file_and_answers_whoever_begins_in_it(stage: Stage) -> None:
    stage.publish(VIETNAMESE, spelled=False)
    assert "bạn có 0 điểm" in stage.say("积分", by="u2")
    assert "TIẾNG VIỆT" in stage.say("help")
    assert stage.say("Tiếng Việt") == "Từ giờ chúng tôi sẽ nói tiếng Việt với bạn."
    assert "bạn có 0 điểm" in stage.say("points")
    assert stage.say("English") == "English it is!"
    assert stage.say("tieng viet") == "Từ giờ chúng tôi sẽ nói tiếng Việt với bạn."
    assert stage.say("中文") == "This campaign is in Vietnamese and English only."  # not translated
    assert "bạn có 0 điểm" in stage.say("points")


def test_whoever_begins_in_letters_of_one_language_is_answered_in_it(stage: Stage) -> None:
    thai = _PHRASE.sub(r"{en: \2, th: \2}", SURE)
    texts = "\ntexts:\n  th:\n    unknown.answer: ขออภัย เราไม่เข้าใจ\n"
    stage.publish(thai + texts, spelled=False)
    stage.say("สวัสดีครับ", by="thai")
    assert stage.say("xyz", by="thai") == "ขออภัย เราไม่เข้าใจ"
    stage.say("hello there", by="other")
    assert stage.say("xyzzy", by="other").startswith("Sorry")


WRONG = [
    ("language: en", "language: vn", "vn is no language (do you mean vi?)"),
    ("en: Open a bag}", "vn: Mở túi}", "vn is no language (do you mean vi?)"),
    ("en: Open a bag}", "en: Open a bag, vi: Mở túi}", "the title is in Tiếng Việt, too, and this is not; add vi: …"),
    ("en: A phone}", "en: A phone, vi: Máy}", "the campaign does not speak Tiếng Việt"),
    ("{zh: 手机, en: A phone}", "A phone", "say this in each language of the title: {zh: …, en: …}"),
    ("codes: {", "texts: {de: {help.none: Hallo}}\ncodes: {", "the campaign does not speak Deutsch"),
    ("codes: {", "texts: {en: {points.balance: '{balance, plural, one {#}}'}}\ncodes: {", "lacks the form other"),
]


@pytest.mark.reading
@pytest.mark.parametrize(("good", "bad", "says"), WRONG, ids=[bad for _, bad, _ in WRONG])
def test_a_wrong_language_is_told_with_its_line(good: str, bad: str, says: str) -> None:
    assert good in CAMPAIGN
    raw = CAMPAIGN.replace(good, bad, 1).encode()
    with pytest.raises(BadCampaign) as refused:
        check_campaign(read_content("f.yaml", raw, MECHANICS.sections), MECHANICS.texts(), START)
    assert [each for each in refused.value.violations if says in each.remedy and each.line], refused.value.violations
