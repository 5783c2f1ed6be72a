"""Conversations about codes, in the order of precedence of what may refuse them."""

import pytest

from core.alphabet import normalise
from handlers import MECHANICS
from handlers.codes.batches import Issue, activate, void
from handlers.codes.importer import import_codes
from handlers.codes.limits import BatchRefused
from tests.stage import CAMPAIGN, Stage

EARNED = "redeem.points balance=10 points=10"
FULL_WIDTH = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in map(chr, range(0x21, 0x7F))})


def _cyrillic(code: str) -> str:
    return code.translate(str.maketrans("ABEKMHPCTX", "АВЕКМНРСТХ"))


SPELLINGS = [
    ("as printed", lambda code: code),
    ("lower case", lambda code: code.lower()),
    ("no hyphens", lambda code: code.replace("-", "")),
    ("spaces", lambda code: " " + " ".join(code) + "\n"),
    ("full width", lambda code: code.translate(FULL_WIDTH)),
    ("O for 0", lambda code: code.replace("0", "O")),
    ("I and l for 1", lambda code: code.replace("1", "I", 1).replace("1", "l")),
    ("Cyrillic twins", _cyrillic),
    ("right-to-left marks", lambda code: f"\u200f{code}\u202c"),
    ("a Chinese word before", lambda code: f"抽奖码：{code}"),
    ("an English word before", lambda code: f"Code {code}"),
    ("dots", lambda code: code.replace("-", ".")),
    ("a full stop", lambda code: f"{code}。"),
    ("brackets and quotes", lambda code: f"【“{code}”】！"),
    ("an emoji", lambda code: f"{code} 🎉"),
    ("slashes", lambda code: code.replace("-", "/")),
    ("thanks", lambda code: f"{code}，谢谢"),
    ("an English sentence", lambda code: f"Hello, my code is {code}, thank you"),
    ("a Chinese sentence", lambda code: f"你好，我的码是{code}吗？"),
    ("groups in a sentence", lambda code: f"it says {code.replace('-', ' ')} on the card"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are alike here
@pytest.mark.parametrize(("name", "spell"), SPELLINGS, ids=[name for name, _ in SPELLINGS])
def test_a_code_is_read_however_it_is_typed(stage: Stage, name: str, spell) -> None:
    stage.publish()
    codes = [code for code in stage.codes(40) if any(c in code for c in "01")][:3]
    assert len(codes) == 3
    assert [stage.say(spell(code), by=code) for code in codes] == [EARNED] * 3


def test_two_codes_in_one_message_are_asked_for_one_by_one(stage: Stage) -> None:
    stage.publish()
    first, second = [code for code in stage.codes(20) if not code.replace("-", "").isalpha()][:2]
    assert stage.say(f"{first} {second}") == "redeem.several"
    assert stage.say(f"{first}，还有 {second}") == "redeem.several"
    assert stage.say(first) == EARNED


@pytest.mark.parametrize("word", ["code", "兑奖", "抽奖码：", "怎么抽奖"])
def test_the_word_alone_asks_for_the_code(stage: Stage, word: str) -> None:
    stage.publish()
    assert stage.say(word) == "redeem.ask"


def test_an_imported_batch_changes_nothing_for_typos_and_words(stage: Stage) -> None:
    stage.publish()
    stage.say("help")
    (code,) = stage.codes(1)
    how = Issue(stage.keys, stage.randomness, stage.now, MECHANICS.sections)
    codes = [(n + 1, normalise(stage.keys.code_hash(str(n)).hex()[:14])) for n in range(30)]
    with pytest.raises(BatchRefused, match="another length"), stage.sessions.begin() as session:
        import_codes(session, "snack", [(1, "ABCDEFGH1234")], "0" * 64, how)
    with stage.sessions.begin() as session:
        batch = import_codes(session, "snack", codes, "0" * 64, how)
    assert stage.say("happynewyears!") == "unknown.answer"  # inert: no word is taken for a code of it
    with stage.sessions.begin() as session:
        activate(session, batch.batch_id, stage.now)
    assert stage.say("happynewyears!") == "unknown.answer"
    assert stage.say("happynewyearss") == "redeem.unknown"
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert stage.say(wrong) == "redeem.typo length=12"


def test_a_code_counts_once(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    assert stage.say(code) == EARNED
    assert stage.say(code) == "redeem.used_by_you"
    assert stage.say(code, by="u2") == "redeem.used"


def test_two_senders_of_one_code_in_one_turn(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    answers = stage.take(stage.delivery(code, by="u1"), stage.delivery(code, by="u2"), stage.delivery(code, by="u1"))
    assert [answer.texts[0] for answer in answers] == [EARNED, "redeem.used", "redeem.used_by_you"]


def test_a_typo_is_told_and_costs_no_guess(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    swapped = code[1] + code[0] + code[2:] if code[0] != code[1] else code[0] + code[2] + code[1] + code[3:]
    for _ in range(10):
        assert stage.say(wrong) == "redeem.typo length=12"
    assert stage.say(swapped) == "redeem.typo length=12"
    assert stage.say(code[:-2]) == "redeem.typo length=12"
    assert stage.say(code) == EARNED


def test_wrong_codes_lock_the_sender_for_the_day(stage: Stage) -> None:
    stage.publish()
    code, *strangers = [*stage.codes(1), *stage.issue(5, active=False)[1]]
    assert [stage.say(stranger) for stranger in strangers] == ["redeem.unknown"] * 5
    assert stage.say(code) == "redeem.locked"
    assert stage.say(code, by="u2") == EARNED
    stage.wait(hours=11, minutes=59)
    assert stage.say(strangers[0]) == "redeem.locked"
    stage.wait(minutes=1)  # midnight in Shanghai
    assert stage.say(code) == "redeem.used"


def test_a_clock_that_jumps_back_gives_no_second_day(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("per_player_per_day: 10", "per_player_per_day: 1"))
    first, second, third = stage.codes(3)
    stage.wait(days=1)
    assert stage.say(first) == EARNED
    stage.wait(days=-1)
    assert stage.say(second) == "redeem.limit limit=1"
    stage.wait(days=2)
    assert stage.say(third) == "redeem.points balance=20 points=10"


def test_under_attack_everybody_has_fewer_tries_and_nobody_is_shut_out(stage: Stage) -> None:
    stage.publish()
    stage.wrong_per_hour = 4
    code, *strangers = [*stage.codes(1), *stage.issue(6, active=False)[1]]
    for number, stranger in enumerate(strangers[:4]):
        assert stage.say(stranger, by=f"attacker-{number}") == "redeem.unknown"
    assert [stage.say(strangers[4], by="guesser") for _ in range(4)] == ["redeem.unknown"] * 3 + ["redeem.locked"]
    assert stage.say(code, by="honest") == EARNED
    stage.wait(hours=1)
    assert stage.say(strangers[4], by="guesser") == "redeem.unknown"


def test_a_campaign_under_attack_has_its_own_limit(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("wrong_tries_per_day: 5", "wrong_tries_per_day: 5, wrong_tries_per_hour: 2"))
    strangers = stage.issue(4, active=False)[1]
    answers = [stage.say(stranger) for stranger in strangers]
    assert answers == ["redeem.unknown"] * 3 + ["redeem.locked"]


def test_inert_and_void_codes_are_answered_like_unknown_ones(stage: Stage) -> None:
    stage.publish()
    batch, (inert, voided) = stage.issue(2, active=False)
    assert stage.say(inert) == "redeem.unknown"
    with stage.sessions.begin() as session:
        activate(session, batch.batch_id, stage.now, batch.file_sha256)
    assert stage.say(inert) == EARNED
    with stage.sessions.begin() as session:
        void(session, batch.batch_id, stage.now)
    assert stage.say(voided) == "redeem.unknown"


def test_the_daily_limit_keeps_the_code_good(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("per_player_per_day: 10", "per_player_per_day: 2"))
    codes = stage.codes(3)
    assert [stage.say(code) for code in codes][-1] == "redeem.limit limit=2"
    stage.wait(hours=12)
    assert stage.say(codes[2]) == "redeem.points balance=30 points=10"


def test_a_closed_campaign_says_when(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("at publication", "2026-12-24 18:00 Asia/Shanghai"))
    (code,) = stage.codes(1)
    assert "campaign.not_open" in stage.say(code)
    assert "Thursday 24 December, 18:00" in stage.say(code)
    stage.wait(days=24)
    assert stage.say(code) == EARNED
    stage.wait(days=90)
    assert "campaign.over" in stage.say(code)


def test_a_code_of_another_channel_is_unknown_here(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    assert "redeem.unknown" not in stage.say(code, channel="second")
    stage.publish(CAMPAIGN.replace("[test, second]", "[second]"))
    (other,) = stage.codes(1)
    assert stage.say(other, by="u9") != EARNED
    assert stage.say(other, by="u9", channel="second") == EARNED


def test_several_campaigns_a_code_finds_its_own(stage: Stage) -> None:
    stage.publish()
    stage.publish(CAMPAIGN.replace("name: snack", "name: tea").replace("10 points", "7 points"))
    snack, tea = stage.codes(1, "snack") + stage.codes(1, "tea")
    assert stage.say(tea) == "redeem.points balance=7 points=7"
    assert stage.say(snack) == EARNED
    assert "balance=10" in stage.say("points")
