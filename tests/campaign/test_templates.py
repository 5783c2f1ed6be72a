"""Templates: short files that are good as they are, and can be played."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.campaign.checks import check_campaign
from core.campaign.platforms import notes
from core.campaign.reader import read_content
from core.campaign.templates import from_template, templates
from core.operators import Role, VerbRefused
from handlers import MECHANICS
from huoju.cli.campaign import campaign
from tests.stage import START, Stage
from tests.talking import faults

pytestmark = pytest.mark.reading
EACH = pytest.mark.parametrize("name", templates())


def word_in(told: str) -> str:
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", told)
    assert found is not None
    return found[0]


def opened(stage: Stage, name: str, codes: int = 0) -> list[str]:
    stage.publish(from_template(name, "mine", "en").replace("[playground, terminal]", "[test]"), spelled=False)
    stage.say("english")
    return stage.codes(codes, "mine") if codes else []


def test_there_are_the_usual_ones() -> None:
    assert set(templates()) == {"stamp-card", "lottery", "promotion", "relay"}


@EACH
def test_a_template_is_short_and_good_in_both_languages(name: str) -> None:
    said = {language: from_template(name, "mine", language) for language in ("zh", "en")}
    for language, text in said.items():
        assert len(text.splitlines()) < 40
        assert "# en:" not in text
        assert "# zh:" not in text
        comments = [each.partition("# ")[2] for each in text.splitlines() if "# " in each]
        assert len(comments) > 5
        assert all(any("\u4e00" <= sign <= "\u9fff" for sign in each) is (language == "zh") for each in comments)
        file = read_content(f"{name}.yaml", text.encode(), MECHANICS.sections)
        rules = check_campaign(file, MECHANICS.texts(), START, words=MECHANICS.titles)
        assert (rules.name, rules.language) == ("mine", language)
        assert notes(rules) == []


def test_ten_stamps_are_a_coffee(stage: Stage) -> None:
    codes = opened(stage, "stamp-card", 10)
    for number, code in enumerate(codes, 1):
        assert str(number) in stage.say(code)
        stage.wait(hours=6)
    assert "A free coffee" in stage.say("gifts")
    assert "coffee" in stage.say("1").lower()
    assert "coffee" in stage.say("1").lower()
    assert not faults(stage)


def test_codes_of_the_lottery_win_in_the_end(stage: Stage) -> None:
    codes = opened(stage, "lottery", 100)
    told = stage.take(*(stage.delivery(code, by=f"u{number}") for number, code in enumerate(codes)))
    assert any("Another bottle" in text for answer in told for text in answer.texts), "one in twenty wins"
    assert re.search(r"1/20|1 in 20|5 ?%", stage.say("rules"))
    assert not faults(stage)


def test_the_promotion_gives_points_gifts_and_friends(stage: Stage) -> None:
    codes = opened(stage, "promotion", 2)
    assert "10" in stage.say(codes[0])
    assert "A mug" in stage.say("gifts")
    stage.say(word_in(stage.say("invite")), by="friend")
    stage.say(codes[1], by="friend")
    assert "30" in stage.say("points")
    assert not faults(stage)


def test_a_torch_of_the_relay_is_lit_by_a_friend(stage: Stage) -> None:
    opened(stage, "relay")
    stage.say(word_in(stage.say("torch")), by="friend")
    assert "burning" in stage.say("torch")
    assert not faults(stage)


def test_the_command_line_writes_a_file_and_never_over_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = CliRunner().invoke
    for name in templates():
        assert name in run(campaign, ["new"]).output
    assert "make it yours" in run(campaign, ["new", "relay", "spring.yaml", "--language", "en"]).output
    assert Path("spring.yaml").read_text("utf-8") == from_template("relay", "spring", "en")
    before = Path("spring.yaml").read_bytes()
    assert isinstance(run(campaign, ["new", "lottery", "spring"]).exception, VerbRefused)
    assert Path("spring.yaml").read_bytes() == before
    for wrong in (["new", "stampcard", "spring2"], ["new", "relay", "../x"], ["new", "relay", "Spring"]):
        assert isinstance(run(campaign, wrong).exception, VerbRefused)
    assert [each.name for each in tmp_path.iterdir()] == ["spring.yaml"]
    assert "改成您自己的" in run(campaign, ["new", "relay", "xia"], env={"LANG": "zh_CN.UTF-8", "LC_ALL": ""}).output
    assert "发送“重燃”" in Path("xia.yaml").read_text("utf-8")
    assert run(campaign, ["new", "--language", "fr"]).exit_code == 2
    assert run(campaign, ["new"], env={"LANG": "de_DE.UTF-8"}).exit_code == 0


def test_a_chat_answers_with_the_file(stage: Stage) -> None:
    stage.publish(spelled=False)
    stage.appoint(Role.OWNER)
    assert "stamp-card · A stamp card" in stage.command("/campaign new language=en", by="boss")
    told = stage.command("/campaign new stamp-card autumn language=en", by="boss")
    assert told.startswith(from_template("stamp-card", "autumn", "en").rstrip())
    assert told.endswith("/campaign check says what is wrong in it.")
    assert "do you mean stamp-card?" in stage.command("/campaign new stampcard", by="boss")
