"""What a segment means however it is spelt, what is refused at which word, and what can match nobody."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.campaign.reader import read_content
from core.campaign.rules import Rules
from core.mechanics import Mechanic, Mechanics
from core.segments.segment import BadSegment, Segment, read
from core.segments.times import all_of
from core.segments.words import Asked, Predicate
from handlers import MECHANICS
from tests.snack import SNACK

pytestmark = pytest.mark.reading

NOW = datetime(2026, 12, 10, 4, tzinfo=UTC)
TEXT = SNACK + "relay: {window: 20m, qualify: [invited]}\n"


def _rules(text: str = TEXT, mechanics: Mechanics = MECHANICS) -> Rules:
    return read_content("snack.yaml", text.encode(), mechanics.sections).rules


RULES = _rules()


def _read(text: str) -> Segment:
    return read(text, MECHANICS.segments, RULES, NOW)


SAME = [
    ("redeemed in the last 14 days and points >= 100 and not has torch", "近14天兑过码 且 积分>=100 且 没有火炬"),
    ("redeemed in the last 14 days", "兑过码 最近 １４ 天 内", "近十四天兑过码", "14天内兑过码", "近2周兑过码"),
    ("redeemed at least 3 times in the last 30 days", "近30天兑码至少3次", "近30天兑码三次以上", "近30天兑码>=3次"),
    ("not redeemed in the last 30 days", "近30天没兑过码", "30天内没有兑过码"),
    ("channel is wechat or sms", "渠道是微信或短信", "channel = wechat, sms", "渠道 微信、短信"),
    ("not channel is sms", "channel is not sms", "渠道不是短信", "CHANNEL != SMS"),
    ("language is unknown", "unknown(language)", "语言未知", "unknown language is zh", "未知（语言是中文）"),
    ("points >= 100", "at least 100 points", "points 100 or more", "积分 １００ 分以上", "积分至少100分", "POINTS≥100"),
    ("points between 5 and 10", "积分介于5 且 10", "points at least 5 and points <= 10"),
    ("last word more than 14 days ago", "最后说话超过14天前", "last spoke 14 days ago"),
    ("joined since 2026-12-01", "自2026年12月1日起加入", "joined on or joined since 2026-12-01"),
    ("joined before 2026-12-01", "2026-12-01前加入", "2026-12-1之前 加入"),
    ("won phone twice", 'won "phone" exactly 2 times', "中过手机正好2次"),
    ("prize is phone", "奖品是手机", 'prize = "A phone"', "奖品 为 “手机”"),
    ("lit or (spoke and not lit)", "火炬已点亮 或 （说过话 且 未 火炬已点亮）"),
    ("codes >= 3 since the campaign opened", "活动开始以来 兑码数 >= 3"),
    ("friends >= 2", "好友数≥2人", "friends at least 2 friends"),
]


def _meaning(text: str) -> object:
    return _shape(_read(text).node)


def _shape(node: object) -> object:
    match type(node).__name__:
        case "Leaf":
            when = all_of(node.when, Asked(RULES, NOW))
            return node.word.name, tuple(sorted(node.things)), node.range, when
        case "Denied":
            return "not", _shape(node.part)
        case "Unknown":
            return "unknown", _shape(node.part)[0]
        case name:
            return (name, *(_shape(part) for part in node.parts))


@pytest.mark.parametrize("each", SAME, ids=[row[0] for row in SAME])
def test_it_may_be_said_in_many_ways(each: tuple[str, ...]) -> None:
    said = [one for one in each if "joined on or" not in one and "<= 10" not in one and "介于" not in one]
    assert {str(_meaning(one)) for one in said} == {str(_meaning(each[0]))}


REFUSED = [
    # id, what is written, the word that is pointed at, words of the complaint
    ("a slip", "redeemd", "redeemd", "do you mean redeemed?"),
    ("a slip in the middle", "lit and (spoke or pionts > 5)", "pionts", "do you mean points?"),
    ("a slip behind values", "channel is sms or pionts > 5", "pionts", "do you mean points?"),
    ("nothing behind and", "lit and", "", "a word such as"),
    ("nothing in front", "and lit", "and", "a word such as"),
    ("two words", "lit spoke", "spoke", "and, or"),
    ("an open bracket", "((lit)", "", ")"),
    ("no number", "points >", "", "a whole number"),
    ("a word for a number", "积分 >= 很多", "很多", "a whole number"),
    ("no unit", "redeemed in the last 14 dogs", "dogs", "days, hours or weeks"),
    ("no such value", "channel is wehcat", "wehcat", "do you mean wechat?"),
    ("no such prize", "lit or prize is fone", "fone", "there are phone"),
    ("no such thing", "won fone", "fone", "do you mean phone?"),
    ("nothing to name", "redeemed coffee", "coffee", "nothing can be named"),
    ("no such day", "joined since 2026-02-30", "2026-02-30", "no such day"),
    ("a time of points", "points > 5 in the last 3 days", "in the last 3 days", "no time can stand here"),
    ("below nothing", "points < 0", "< 0", "matches nobody"),
    ("twice as often", "redeemed twice once", "once", "once how often"),
    ("no length", "redeemed in the last 0 days", "in the last", "above zero"),
    ("empty", "  ", "", "write whom you mean"),
    ("a sign", "points > 5; lit", ";", "and, or"),
    ("a half", "points > 1.5", "1.5", "whole number"),
    ("deep", "(" * 60 + "lit" + ")" * 60, "(", "nested too deep"),
    ("long", "lit or " * 200 + "lit", "", "too long"),
]


@pytest.mark.parametrize(("name", "text", "word", "says"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_read_is_told_at_its_word(name: str, text: str, word: str, says: str) -> None:
    with pytest.raises(BadSegment) as caught:
        _read(text)
    assert says in caught.value.why.text
    assert text[caught.value.span.begin : caught.value.span.end] == word
    assert caught.value.finding.text.startswith(f"at sign {caught.value.span.begin + 1}: ")


def test_a_caret_stands_below_the_word() -> None:
    with pytest.raises(BadSegment) as caught:
        _read("积分 >= 100 且 coffe")
    assert caught.value.line.text.split("\n")[1:] == ["积分 >= 100 且 coffe", "　　        　 ^^^^^"]


NOBODY = [
    ("points > 5 and points < 3", "points < 3", "cannot be both"),
    ("points > 5 and not (points > 4 or lit)", "points > 4", "cannot be both"),
    ("lit and not lit", "lit", "so and not so"),
    ("points is unknown", "points is unknown", "always known"),
    ("unknown(lit or points > 5)", "unknown(lit or points > 5)", "always known"),
    ("language is unknown and language is zh", "language is zh", "known and unknown"),
    ("joined after 2030-01-01", "joined after 2030-01-01", "not come yet"),
    ("won between 2026-12-05 and 2026-12-01", "won between 2026-12-05 and 2026-12-01", "swap the days"),
    ("joined before 2026-11-01 and joined since 2026-12-01", "joined since 2026-12-01", "both times"),
    ("(points > 5 and points < 3) or (lit and not lit)", "points < 3", "cannot be both"),
]


@pytest.mark.parametrize(("text", "word", "says"), NOBODY, ids=[row[0] for row in NOBODY])
def test_what_matches_nobody_is_told_at_its_word(text: str, word: str, says: str) -> None:
    with pytest.raises(BadSegment) as caught:
        _read(text)
    assert says in caught.value.why.text
    assert text[caught.value.span.begin : caught.value.span.end] == word


def test_what_may_match_somebody_is_not_refused() -> None:
    for text in (
        "(points > 5 and points < 3) or lit",
        "channel is sms and channel is wechat",
        "redeemed at least 3 times and not redeemed in the last 14 days",
        "language is unknown or language is zh",
        "not (points > 5 and points < 3)",
        "prize is phone and not lit",
    ):
        assert _read(text).text == text


def test_what_the_campaign_does_not_use_is_refused() -> None:
    without = _rules(SNACK)
    with pytest.raises(BadSegment, match="there are no torches") as caught:
        read("points > 5 or not has torch", MECHANICS.segments, without, NOW)
    assert caught.value.span.begin == len("points > 5 or not ")
    assert read("points > 5 or not has torch", MECHANICS.segments).text


def test_days_are_those_of_the_campaign() -> None:
    (leaf,) = _read("joined yesterday").leaves
    begins = datetime(2026, 12, 8, 16, tzinfo=UTC)
    assert all_of(leaf.when, Asked(RULES, NOW)) == (begins, begins + timedelta(days=1))
    (leaf,) = _read("last word in the last 1 month").leaves
    assert all_of(leaf.when, Asked(RULES, NOW)).since == datetime(2026, 11, 10, 4, tzinfo=UTC)


def test_a_new_mechanic_brings_its_words() -> None:
    rich = Predicate(name="rich", chinese=("富有",), where=lambda _: None, check=lambda *_: True)
    made = Mechanics.of(*MECHANICS.each, Mechanic(name="marbles", segments=(rich,)))
    assert read("not 富有", made.segments).leaves[0].word is rich
    twin = Predicate(name="very rich", also=("兑过码",), where=lambda _: None, check=lambda *_: True)
    with pytest.raises(ValueError, match="spelt 兑过码"):
        Mechanics.of(*MECHANICS.each, Mechanic(name="marbles", segments=(twin,)))


def test_core_names_no_word_of_a_mechanic() -> None:
    kinds = {word.name for word in MECHANICS.segments.by_name.values()}
    assert len(kinds) > 20
    for path in sorted(Path("core/segments").glob("*.py")):
        found = {name for name in kinds if f'name="{name}"' in path.read_text("utf-8")}
        assert not found, path
