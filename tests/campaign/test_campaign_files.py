"""Campaign files: every complaint names the file, the line and the remedy."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.campaign.checks import check_campaign
from core.campaign.reader import BadCampaign, read_campaign
from core.campaign.rules import Rules
from core.texts.languages import LANGUAGES
from core.texts.plurals import placeholders
from handlers import MECHANICS
from tests.stage import CAMPAIGN

NOW = datetime(2026, 12, 1, tzinfo=UTC)
LINES = {line.split(":")[0].strip(" -{"): number for number, line in enumerate(CAMPAIGN.splitlines(), 1)}

# id, what is changed in a good file, what is written instead, line, words of the complaint
COMPLAINTS = [
    ("a word misspelt", "organiser:", "organizer:", "organizer", "not known here"),
    ("no odds", "odds: 1/1000000000", "# no odds", "draw", "draw.odds: this is missing"),
    ("odds in per cent", "odds: 1/1000000000", "odds: 5%", "odds", "fraction, for example: 1/200"),
    ("odds above one", "odds: 1/1000000000", "odds: 3/2", "odds", "at most at 1/1"),
    ("odds of nothing", "odds: 1/1000000000", "odds: 1/0", "odds", "fraction"),
    ("points without a unit", "otherwise: 10 points", "otherwise: 10", "otherwise", "10 points"),
    ("money without currency", "2999 CNY", "2999", "name: phone", "2999 CNY"),
    ("a prize too dear", "2999 CNY", "50000.01 CNY", "name: phone", "Order 32"),
    ("no stock", "stock: 10", "stock: 0", "name: phone", "write 1 or more"),
    ("liability", "budget: 100000 CNY", "budget: 29989 CNY", "budget", "can cost 29990 CNY"),
    ("no budget", "budget: 100000 CNY", "# no budget", "draw", "budget: 100000 CNY"),
    ("two currencies", "budget: 100000 CNY", "budget: 100000 USD", "name: phone", "one currency"),
    ("no zone", "zone: Asia/Shanghai", "zone: Asia/Atlantis", "zone", "no time zone"),
    ("closes first", "90 days after opening", "2020-01-01 00:00 Asia/Shanghai", "closes", "after it opens"),
    ("an instant without zone", "at publication", "2026-12-01 00:00", "opens", "with its zone"),
    ("an impossible day", "at publication", "2026-02-30 00:00 Asia/Shanghai", "opens", "no such day"),
    ("codes too short", "length: 12", "length: 6", "codes", "longer codes"),
    ("more codes than safe", "length: 12,", "length: 12, planned: 40000000,", "codes", "longer codes"),
    ("a bad name", "name: snack", "name: Snack Time", "name", "a-z"),
    ("no channel", "channels: [test, second]", "channels: []", "channels", "at least 1"),
    ("no main language", "{zh: 开袋赢大奖, en: Open a bag}", "{zh: 开袋赢大奖}", "language: en", "add en: … to it"),
    ("an unknown text", "codes: {", "texts: {en: {redeem.wun: hi}}\ncodes: {", "budget", "no such text"),
    ("an unknown placeholder", "codes: {", "texts: {en: {redeem.won: '{name}'}}\ncodes: {", "budget", "{name}"),
    ("odds reworded away", "codes: {", "texts: {zh: {rules.odds: '机会很大'}}\ncodes: {", "budget", "{odds}"),
    ("no commitment", "codes: {", "texts: {en: {rules.commitment: ' '}}\ncodes: {", "budget", "{commitment}"),
    ("yuan by another name", "2999 CNY", "2999 RMB", "name: phone", "written CNY"),
    ("a comma for a point", "2999 CNY", "2.990,00 CNY", "name: phone", "amount and a currency"),
    ("points without end", "10 points", "99999999999999999999 points", "otherwise", "slip of the finger"),
    ("an endless campaign", "90 days after", "99999999999999999 days after", "closes", "slip of the finger"),
    ("a month too many", "at publication", "2026-13-31 00:00 Asia/Shanghai", "opens", "no such day"),
    ("a zone that is a folder", "at publication", "2026-12-31 00:00 Asia", "opens", "no time zone"),
    (
        "over already",
        "opens: at publication\ncloses: 90 days after opening",
        "opens: 2020-01-01 00:00 Asia/Shanghai\ncloses: 2020-02-01 00:00 Asia/Shanghai",
        "closes",
        "over already",
    ),
    ("yes for a number", "per_player_per_day: 10", "per_player_per_day: true", "codes", "a whole number"),
    ("rules that hide the odds", "codes: {", "texts: {en: {rules.answer: 'x'}}\ncodes: {", "budget", "{odds}"),
]


def _complaints(tmp_path: Path, raw: bytes) -> list[str]:
    path = tmp_path / "bad.yaml"
    path.write_bytes(raw)
    with pytest.raises(BadCampaign) as caught:
        check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), NOW)
    return str(caught.value).replace(str(tmp_path) + "/", "").splitlines()


@pytest.mark.parametrize(("name", "old", "new", "at", "says"), COMPLAINTS, ids=[row[0] for row in COMPLAINTS])
def test_a_complaint_names_line_and_remedy(tmp_path: Path, name: str, old: str, new: str, at: str, says: str) -> None:
    assert old in CAMPAIGN
    changed = CAMPAIGN.replace(old, new, 1)
    line = next(number for number, text in enumerate(changed.splitlines(), 1) if at in text)
    found = _complaints(tmp_path, changed.encode())
    assert any(says in violation for violation in found), found
    numbers = [int(violation.split(":")[1]) for violation in found if says in violation]
    assert numbers[0] in {line, line + 1}, (found, line)


HOSTILE = [
    ("empty", b"", "not a campaign file"),
    ("a list", b"- 1\n- 2\n", "not a campaign file"),
    ("a picture", b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8"),
    ("not YAML", b"name: [unclosed\n", "close it with ]"),
    ("a tab", b"name: a\n\tzone: b\n", "use spaces"),
    ("a key twice", b"name: a\nname: b\n", "name stands here a second time"),
    ("nested too deep", b"[" * 600 + b"]" * 600, "nested too deep"),
    ("a billion laughs", b"a: &a [x,x]\nb: &b [*a,*a]\nname: *b\n", "bad.yaml:2: aliases"),
    ("an object", b"name: !!python/object/apply:os.system ['true']\n", "name"),
    ("two documents", b"name: a\n---\nname: b\n", "bad.yaml:2: a second file begins here"),
    ("huge", b"#" * ((1 << 20) + 1), "larger than 1 MiB"),
]


@pytest.mark.parametrize(("name", "raw", "says"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_file_that_is_none_is_refused_in_words(tmp_path: Path, name: str, raw: bytes, says: str) -> None:
    assert any(says in violation for violation in _complaints(tmp_path, raw))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadCampaign, match="cannot be read"):
        read_campaign(tmp_path, MECHANICS.sections)


def test_canonical_rules_read_back_to_themselves(tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text(CAMPAIGN, encoding="utf-8")
    rules = check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), NOW)
    again = Rules.model_validate_json(rules.canonical()).knowing(MECHANICS.sections)
    assert again == rules
    assert again.canonical() == rules.canonical()


def test_every_example_is_good() -> None:
    paths = sorted(Path("examples").glob("*.yaml"))
    assert paths
    for path in paths:
        assert check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), NOW).name


def test_both_languages_have_the_same_texts_and_placeholders() -> None:
    assert len(MECHANICS.texts()["zh"]) > 20
    for language in LANGUAGES:
        assert MECHANICS.texts()[language].keys() == MECHANICS.texts()["zh"].keys()
        for key, text in MECHANICS.texts()[language].items():
            assert placeholders(text) == placeholders(MECHANICS.texts()["zh"][key]), key
