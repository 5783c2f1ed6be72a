"""Files with slips of a beginner: each is told in plain words, with its line, what to do, and in both languages."""

import random
import re
from collections.abc import Sequence

import pytest

from core.answers import Line
from core.campaign.checks import check_campaign
from core.campaign.reader import BadCampaign, Violation, read_content
from handlers import MECHANICS
from handlers.operators.say import Teller
from tests.campaign.test_misspelt_files import MISSPELT
from tests.operators.test_phrases import FORMS, PHRASES
from tests.snack import SNACK
from tests.stage import CAMPAIGN, START

pytestmark = pytest.mark.reading


def told(text: str | bytes) -> Sequence[Violation]:
    raw = text if isinstance(text, bytes) else text.encode()
    try:
        check_campaign(
            read_content("f.yaml", raw, MECHANICS.sections), MECHANICS.texts(), START, words=MECHANICS.titles
        )
    except BadCampaign as refused:
        return refused.violations
    return []


TITLE, DRAW, PRIZE = 3, 13, 16
SLIPS = [
    ("  odds", "\todds", DRAW, "a tab stands here; use spaces"),
    ("    - {name", "\t- {name", PRIZE, "a tab stands here; use spaces"),
    ("en: Open a bag", "en: Open: a bag", TITLE, 'put this text in quotes: "Open: a bag"'),
    ("en: Open a bag", "en: Open #1 bag", TITLE, 'put this text in quotes: "Open #1 bag"'),
    ("en: Open a bag", "en: @open", TITLE, 'put this text in quotes: "@open"'),
    ("en: Open a bag", "en: %5 off", TITLE, 'put this text in quotes: "%5 off"'),
    ("en: Open a bag", "en: 'It's open'", TITLE, 'the quotes end at the apostrophe; use double ones: "It\'s open"'),
    ("en: Open a bag", 'en: "Open a bag', TITLE, 'a quote is opened here and not closed; close it with "'),
    ("en: Open a bag}", "en: Open a bag", TITLE, "{ is opened here and not closed; close it with }"),
    ("[test, second]", "[test, second", 8, "[ is opened here and not closed; close it with ]"),
    ("name: snack", "name：snack", 2, "use a plain colon and a space (: ), not the full-width ："),
    ("  odds: 1/", "  odds：1/", DRAW, "use a plain colon and a space (: ), not the full-width ："),
    ("{zh: 开袋", "{zh：开袋", TITLE, "use a plain colon and a space (: ), not the full-width ："),
    ("赢大奖, en", "赢大奖，en", TITLE, "use a plain comma (,), not the full-width ，"),
    ("[test, second]", "[test，second]", 8, "write it with plain signs, not with full-width ones: test, second"),
    ("1/1000000000", "1／200", DRAW, "write it with plain signs, not with full-width ones: 1/200"),
    ("en: Open a bag", "en: “Open: a bag”", TITLE, 'use plain quotes ("), not “ ”'),
    ("zone: Asia", "zone:Asia", 5, "a blank is missing behind the colon"),
    ("    - {name", "    -{name", PRIZE, "a blank is missing behind the -"),
    ("  odds", "\u3000odds", DRAW, "a blank here is no plain one; delete it and type spaces"),
    ("  otherwise", "   otherwise", 14, "the line begins 3 blanks in; begin it exactly below odds, 2 blanks in"),
    ("zone:", " zone:", 5, "the line begins 1 blanks in; begin it exactly below organiser, 0 blanks in"),
    ("zone: ", "zone: Europe/Berlin\nzone: ", 6, "zone stands here a second time; keep one of them"),
    ("codes: {", "---\ncodes: {", 11, "a second file begins here, at the ---; one file holds one campaign"),
    ("Open a", "Open\x07a", TITLE, "a sign that nobody can see stands here (U+0007); delete it, or type the line anew"),
    ("channels:", "chanels:", 8, "this word is not known here (do you mean channels?)"),
    ("stock: 10}", "stock: 10, claim: delivry}", PRIZE, "delivry is not known here (do you mean delivery?); write"),
    ("Asia/Shanghai", "Asia/Shanhai", 5, "Asia/Shanhai is no time zone (do you mean Asia/Shanghai?)"),
    ("Asia/Shanghai", "Berlin", 5, "Berlin is no time zone (do you mean Europe/Berlin?)"),
    ("Asia/Shanghai", "GMT+8", 5, "GMT+8 is no time zone (do you mean Asia/Shanghai?)"),
    ("Asia/Shanghai", "北京", 5, "北京 is no time zone (do you mean Asia/Shanghai?)"),
    ("Asia/Shanghai", "localtime", 5, "localtime is not the same on every machine; use a name such as"),
    ("Asia/Shanghai", "posixrules", 5, "posixrules is not the same on every machine; use a name such as"),
    ("at publication", "at publicaton", 6, "(do you mean at publication?)"),
    ("90 days after opening", "90 days after openning", 7, "(do you mean 90 days after opening?)"),
    ("1/1000000000", "5%", DRAW, "1/200 (do you mean 1/20?)"),
    ("2999 CNY", "¥2999", PRIZE, "(do you mean 2999 CNY?)"),
    ("otherwise: 10 points", "otherwise: 10", 14, "(do you mean 10 points?)"),
    (
        "at publication",
        "2027-03-28 02:30 Europe/Berlin",
        6,
        "does not come in Europe/Berlin on that day: the clocks go",
    ),
    (
        "90 days after opening",
        "2027-10-31 02:30 Europe/Berlin",
        7,
        "comes twice in Europe/Berlin on that day, as the clocks go back; write 2027-10-31 00:30 UTC or",
    ),
    (
        "length: 12,",
        "length: 8, planned: 5000,",
        11,
        "8 symbols allow 31 codes that nobody can guess; use longer codes: ",
    ),
]


@pytest.mark.parametrize(("good", "bad", "line", "says"), SLIPS, ids=[repr(bad) for _, bad, _, _ in SLIPS])
def test_a_slip_is_told_in_plain_words(good: str, bad: str, line: int, says: str) -> None:
    assert good in CAMPAIGN
    found = told(CAMPAIGN.replace(good, bad, 1))
    assert [each for each in found if each.line == line and says in each.remedy], found


def test_what_suffices_is_said() -> None:
    (short,) = told(CAMPAIGN.replace("length: 12,", "length: 8, planned: 5000,", 1))
    enough = re.search(r"(\d+) symbols suffice", short.remedy)
    assert enough is not None
    assert told(CAMPAIGN.replace("length: 12,", f"length: {enough[1]}, planned: 5000,", 1)) == []
    assert told(CAMPAIGN.replace("length: 12,", f"length: {int(enough[1]) - 1}, planned: 5000,", 1))


@pytest.mark.parametrize(
    ("encoding", "says"),
    [("gbk", "saved as GBK (Notepad calls it ANSI)"), ("utf-16", "saved as UTF-16"), ("utf-8-sig", None)],
)
def test_a_file_of_another_encoding_says_how_to_save_it(encoding: str, says: str | None) -> None:
    found = told(CAMPAIGN.encode(encoding))
    assert [says in each.remedy for each in found if says] == ([] if says is None else [True])
    assert says is not None or not found


def test_a_document_may_begin_with_its_mark() -> None:
    assert told("---\n" + CAMPAIGN) == []


OURS = re.compile(
    r"Rules\b|Phrases\b|Knowing|Grammar|Boost\b|Money\b|Moment\b|instance of|Input should|valid |pydantic|dict|tuple"
    r"|mapping values|scalar|block end|token|stream|NoneType|None\b|Error\b|validator|isoformat"
)
CHINESE = Teller(PHRASES, "zh")
SWAPS = [
    "",
    " ",
    "  ",
    "\t",
    ":",
    ": ",
    "：",
    "，",
    '"',
    "'",
    "{",
    "}",
    "[",
    "]",
    "- ",
    "#",
    "&a",
    "!x",
    "|",
    "%",
    "5",
    "x",
]
SWAPS += ["null", "true", "[]", "{}", "points", "1e9", "2026-12-01", "0x1F", "~", "@", "`", "\u3000", "- - "]


def lines_of(one: Line) -> list[Line]:
    return [one, *(each for value in one.values.values() if isinstance(value, Line) for each in lines_of(value))]


def test_whatever_is_wrong_is_told_in_our_words_with_a_line_and_in_both_languages() -> None:
    random_, looked_at = random.Random(4), 0
    for _ in range(60):
        text = random_.choice([SNACK, CAMPAIGN, MISSPELT])
        at = random_.randrange(len(text))
        changed = text[:at] + random_.choice(SWAPS) + text[at + random_.randrange(4) :]
        for each in told(changed):
            assert each.line >= 1, (changed, each)
            mine = each.remedy
            for quoted in re.findall(r"\w+", changed):
                mine = mine.replace(quoted, "") if len(quoted) > 3 and OURS.search(quoted) else mine
            assert not OURS.search(mine), (each, changed[max(0, at - 60) : at + 60])
            lacking = [one.sentence for one in lines_of(each.told) if PHRASES.lacks(one.sentence)]
            assert set(lacking) <= FORMS, each
            assert re.search("[\u4e00-\u9fff]", CHINESE.line(each.why)), each
            looked_at += 1
    assert looked_at > 100
