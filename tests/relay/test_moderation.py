"""Names that others read are looked at first: what is refused, what waits for an operator, who is shown meanwhile."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from structlog.testing import capture_logs

from core.campaign.published import read_rules
from core.campaign.rules import Rules
from core.models import Player
from core.words import Mark
from handlers import MECHANICS
from handlers.relay import name
from handlers.relay.moderation import compiled, judge
from handlers.relay.names import clean_name, waiting_name
from huoju.account_registry import read_registry
from huoju.doctor import names_waiting
from huoju.metrics import database_metrics
from huoju.settings import Settings
from tests.office import Office, numbers_in, sit_down
from tests.relay.torchbearers import RELAY, begin, count, open_relay, param
from tests.stage import Stage
from tests.talking import all_of, faults

REFUSED = """
phuck|fcuk|Bo 🅵🆄🅲🅺|ⓕⓤⓒⓚ|𝐟𝐮𝐜𝐤|Bo 🇫🇺🇨🇰|fu¢k
ѕhіt|b!tch|bi7ch|a$$|as$hole|F.U.C.K.|xXfuckXx|FuckYou88|heil hitler|傻比|傻叉|caonima|nmsl
fuck|Fuck You|FuckYou|fuckyou|F U C K|f.u.c.k|f-u-c-k|fuuuuck|fuuck|f*ck|f**k|ｆｕｃｋ|fück|fuсk
FUCKER|Sh1t|5hit|sh!t|Big Ass|a55|Hitler|H1tler|nazi boy|傻逼|傻 逼|傻*逼|傻b|傻Ｂ|操你妈|幹你娘|強姦|王八蛋|大傻逼|cunt
kys|cnm|shiiiit|Motherfucker|ni99er|n1gger|傻\u200b逼
"""
DOUBTFUL = """
sha bi|cao ni ma|fu-ck|SB|王八|牛逼|曹操你好|做爱国者|Isis|加群|工作人员
Dick|官方|官方客服|加我微信|微信小明|wx 123|vx12345|Admin|Huoju Foods|火炬食品|火炬食品客服|系统管理员|fu ck|official Bo
casino|Shi T
"""
HONEST = """
Shabina|Li Na|Bass|Assam|Passion|Tate Moss|Putin|Peacock|Sexton|Draper|Pissarro|Killian|Supporting
你妈妈|他妈妈|毒蛇|狗日子
Scunthorpe|Essex|Sussex Bob|Cassandra|Dickens|Hancock|Cockburn|Matsushita|Penistone|Assad|Grass
Titus|Mass|Constance|Shitake Ken|Arsenal|曹操|王小明|妈妈的宝|尼玛次仁|小草|今日你好|Ann|Bob 5|J. R. Tolkien|Иван
محمد|น้ําฝน|O'Neil|多多|Ana Zidane|Nigeria|Niger|Analise|Kristin Cummings|Chinka Li|傻傻|小鸡|张三丰
Nazim Hikmet|Snigdha|Will Cumberbatch|Cassie|Bassett|Wank Li|Ken Fukuda|Pornchai|Slutsky
Ubitcheva|Cocker|Kazi|Rapunzel|Grape|Spice|Therapist|Sir Francis
"""
CASES = [
    (name, verdict)
    for names, verdict in ((REFUSED, "blocked"), (DOUBTFUL, "waits"), (HONEST, "shown"))
    for line in names.strip().split("\n")
    for name in line.split("|")
]


def _rules(names: str = "") -> Rules:
    """The rules of a relay by 火炬食品 / Huoju Foods with this section on names."""
    return read_rules(
        '{"name": "torch", "title": {"zh": "火炬", "en": "Torch"}, "organiser": {"zh": "火炬食品", "en": "Huoju Foods"}'
        ', "zone": "Asia/Shanghai", "opens": "at publication", "closes": "90 days after opening", "channels": ["test"],'
        f' "points": {{"earn": "1 points"}} {names} }}'
    )


PLAIN = _rules()


def test_there_are_many_of_each() -> None:
    assert len(CASES) == len(set(CASES)) > 100


@pytest.mark.parametrize(("name", "verdict"), CASES)
def test_what_becomes_of_a_name(name: str, verdict: str) -> None:
    assert judge(name, PLAIN) == verdict


_BAD = st.sampled_from(["fuck", "shit", "hitler", "傻逼", "王八蛋", "操你妈"])
_DRESSED = st.sampled_from(
    [str, str.upper, str.title, " ".join, "-".join, ".".join, "\u200b".join, lambda word: f"{word}!"]
)
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@given(_BAD, _DRESSED, st.booleans(), st.sampled_from(["{}", "Big {}", "{} 88", "小{}", "✨{}✨"]))
def test_no_dress_makes_a_bad_word_a_good_one(word: str, dressed, wide: bool, around: str) -> None:
    said = dressed(word).translate(_WIDE) if wide else dressed(word)
    assert (around == "小{}" and word.isascii()) or judge(around.format(said), PLAIN) == "blocked"


@given(st.text(max_size=20))
def test_any_name_is_judged(name: str) -> None:
    assert judge(name, PLAIN) in {"shown", "waits", "blocked"}


# the section of the file, a name, what becomes of it
SWITCHES = [
    ('"review": "none"', "Fuck", "shown"),
    ('"review": "none"', "官方", "shown"),
    ('"review": "all"', "Ann", "waits"),
    ('"review": "all"', "Fuck", "blocked"),
    ('"blocked": ["durian", "~kiwi", "*xx", "榴莲"]', "Fuck", "shown"),
    ('"blocked": ["durian", "~kiwi", "*xx", "榴莲"]', "DUR1AN", "blocked"),
    ('"blocked": ["durian", "~kiwi", "*xx", "榴莲"]', "Durians", "shown"),
    ('"blocked": ["durian", "~kiwi", "*xx", "榴莲"]', "axxb", "blocked"),
    ('"blocked": ["durian", "~kiwi", "*xx", "榴莲"]', "Kiwi", "waits"),
    ('"blocked": ["durian", "~kiwi", "*xx", "榴莲"]', "小榴 莲", "blocked"),
    ('"blocked": []', "Hitler", "shown"),
]


@pytest.mark.parametrize(("section", "name", "verdict"), SWITCHES)
def test_a_campaign_has_its_own_list_and_switches(section: str, name: str, verdict: str) -> None:
    assert judge(name, _rules(f', "names": {{{section}}}')) == verdict


def test_the_installations_list_stands_between_the_campaigns_and_the_shipped_one() -> None:
    ours = compiled(("durian", "~kiwi"))
    assert [judge(name, PLAIN, ours) for name in ("Durian", "Kiwi", "Fuck")] == ["blocked", "waits", "shown"]
    own = _rules(', "names": {"blocked": ["mango"]}')
    assert [judge(name, own, ours) for name in ("Durian", "Mango")] == ["shown", "blocked"]
    assert judge("Durian", _rules(', "names": {"review": "none"}'), ours) == "shown"
    assert judge("Hitler", PLAIN, compiled(())) == "shown"


# a word as a list has it, a name with it, and an honest one
SPELT = [
    ("Дурак", "дурак", "Придурак"),
    ("Дурак", "Big ДУРАК 88", "Дуракович"),
    ("賤人", "小贱人", "贱"),
    ("贱人", "賤 人", "人贱"),
    ("Café", "cafe", "cafeteria"),
    ("バカ", "ばかじゃない バカ", "ばか"),
    ("씨발", "야씨발아", "씨앗"),
    ("ควาย", "ไอควายครับ", "ความ"),
    ("μαλάκας", "Μαλάκας", "μαλακά"),
    ("كلب", "كلب", "كلبة"),
    ("*хуй", "похуйу", "хая"),
    ("~Durian", "durian", "durians"),
    ("ｄｕｒｉａｎ", "durian", "dur"),
]


@pytest.mark.parametrize(("word", "bad", "honest"), SPELT)
def test_a_word_of_a_list_is_folded_as_names_are(word: str, bad: str, honest: str) -> None:
    ours = compiled((word,))
    assert judge(bad, PLAIN, ours) == ("waits" if word.startswith("~") else "blocked")
    assert judge(honest, PLAIN, ours) == "shown"


@settings(max_examples=30)
@given(st.lists(st.from_regex(r"\A[~*]?[^\s~*]{1,40}\Z"), max_size=3), st.text(max_size=20))
def test_any_list_judges_any_name(words: list[str], name: str) -> None:
    assert judge(name, PLAIN, compiled(words)) in {"shown", "waits", "blocked"}


_SCRIPTS = ("az", "àö", "αω", "ая", "اي", "กฮ", "ぁん", "가힣", "一龥")


@given(st.sampled_from(_SCRIPTS), st.data())
def test_a_word_of_any_script_is_seen_in_itself(script: str, data: st.DataObject) -> None:
    letters = st.characters(min_codepoint=ord(script[0]), max_codepoint=ord(script[1]), categories=["Ll", "Lo"])
    word = data.draw(st.text(letters, min_size=2, max_size=10))
    assert judge(word, PLAIN, compiled((word,))) == "blocked"


def _board(stage: Stage, by: str = "x") -> str:
    count(stage)
    return stage.say("board", by=by)


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    open_relay(stage)
    stage.say(begin(stage, "a"), by="b")
    return sit_down(stage, database_url, monkeypatch, capsys)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_list_of_an_installation_is_a_file_beside_huoju_toml(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "words.txt").write_text("# ours\n\n榴莲\r\n  ~kiwi  # ripe\n榴莲\n", encoding=encoding)
    (tmp_path / "huoju.toml").write_text("[names]\nblocked_file = 'lists/words.txt'\n", encoding="utf-8")
    assert read_registry(Settings(config_file=tmp_path / "huoju.toml")).blocked_words == ("榴莲", "~kiwi")


def test_a_message_that_is_replayed_is_judged_by_the_same_list(office: Office, tmp_path: Path) -> None:
    stage = office.stage
    stage.routes = (replace(name.ROUTE, handle=_explode),)
    with capture_logs():
        stage.say("call me Durian", by="a")
    stage.routes = MECHANICS.routes
    office.monkeypatch.setenv("HUOJU_CONFIG_FILE", str(tmp_path / "huoju.toml"))
    (tmp_path / "huoju.toml").write_text("[names]\nblocked = ['durian', 'two words']\n", encoding="utf-8")
    assert "word 2: “two words” is no word" in office("inbox", "replay", "--yes", "--all", fails=1)
    (tmp_path / "huoju.toml").write_text("[names]\nblocked = ['durian']\n[sms.code]\n", encoding="utf-8")
    assert "1 are done" in office("inbox", "replay", "--yes", "--all")
    with stage.sessions() as session:
        assert set(session.scalars(select(Player.name_sealed))) == {None}


def _explode(_ctx: object, _intent: object) -> list[object]:
    raise ZeroDivisionError


def test_a_bad_name_joins_nobody_and_the_one_before_stays(stage: Stage) -> None:
    open_relay(stage)
    assert stage.say("call me Big Fuck", by="z") == "name.blocked"
    assert all_of(stage, Player) == []
    stage.say(begin(stage, "a"), by="b")
    assert stage.say("我叫小明", by="a").startswith("name.taken")
    for bad in ("叫我傻逼", "叫我王八蛋", "call me fuck", "my name is bullshit"):
        assert stage.say(bad, by="a") == "name.blocked", bad
    assert "name=小明" in _board(stage)
    assert faults(stage) == []


def test_a_doubtful_name_waits_for_an_operator(office: Office) -> None:
    stage = office.stage
    assert stage.say("call me Official Ann", by="a").startswith("name.waits name=Official Ann")
    assert "Official" not in _board(stage)
    assert "friend=a friend" in stage.say(param(stage.say("torch", by="a"), "word"), by="c")
    shown = office("names", "list", "torch")
    (number,) = numbers_in(shown, Mark.FRIEND)
    assert "Official Ann" in shown
    for nobody in ("", "ann "):
        assert "name the operator" in office("names", "approve", number, "--operator", nobody, fails=1)
    assert "is no number" in office("names", "approve", number, "F123", "--operator", "Wang", fails=1)
    assert "Official" not in _board(stage)
    assert "“Official Ann” is shown from now on." in office("names", "approve", number, "--operator", "Wang")
    assert "name=Official Ann" in _board(stage)
    assert "no name of" in office("names", "approve", number, "--operator", "Wang", fails=1)
    assert office("names", "list").startswith("No name waits")
    assert "Official Ann" in office("names", "list", "--shown")
    assert office.faults() == []


def test_names_that_wait_are_counted_and_the_doctor_tells_of_old_ones(office: Office) -> None:
    stage = office.stage

    def seen() -> tuple[float, str, bool]:
        """The number in /metrics, and what the doctor finds."""
        (gauge,) = [
            each for each in database_metrics(stage.database, lambda: stage.now) if each.name == "huoju_names_waiting"
        ]
        finding = names_waiting(stage.database, lambda: stage.now)
        return gauge.samples[0].value, finding.what, finding.well

    assert seen() == (0, "no name waits for review", True)
    stage.say("call me Official Ann", by="a")
    since = f"{stage.now:%Y-%m-%d %H:%M} UTC"
    stage.wait(hours=24)
    stage.say("call me Official Bo", by="b")
    assert seen() == (2, f"names that wait for review: 2, the first since {since}", True)
    stage.now += timedelta(seconds=1)
    assert seen() == (2, f"names that wait for review: 2, the first since {since}", False)
    for number in numbers_in(office("names", "list"), Mark.FRIEND):
        office("names", "refuse", number, "--operator", "Li")
    assert seen() == (0, "no name waits for review", True)
    assert "installation: no name waits for review" in office("doctor", fails=1)


def test_a_refused_name_is_shown_to_nobody_and_the_next_one_waits(office: Office) -> None:
    stage = office.stage
    assert stage.say("call me Ann", by="a").startswith("name.taken")
    word = param(stage.say("torch", by="a"), "word")
    assert "“Ann” is shown to nobody." in office("names", "refuse", word, "--operator", "Wang")
    assert "Ann" not in _board(stage)
    assert stage.say("call me Anna", by="a").startswith("name.waits name=Anna")
    assert "Anna" not in _board(stage)
    (number,) = numbers_in(office("names", "list"), Mark.FRIEND)
    office("names", "approve", number, "--operator", "Li")
    assert "name=Anna" in _board(stage)
    assert stage.say("call me Anne", by="a").startswith("name.taken name=Anne")
    assert "“Anne” is shown" in office("names", "refuse", number, "--operator", "Li")
    assert "has chosen no name" in office("names", "refuse", number, "--operator", "Li", fails=1)
    assert "is no number of ours" in office("names", "refuse", "F123", "--operator", "Li", fails=1)
    assert office.faults() == []


def test_the_name_before_is_shown_while_a_doubtful_one_waits(office: Office) -> None:
    stage = office.stage
    stage.say("call me Ann", by="a")
    stage.say("call me Official Ann", by="a")
    assert "name=Ann " in _board(stage)
    (number,) = numbers_in(office("names", "list"), Mark.FRIEND)
    assert "“Official Ann” is shown to nobody." in office("names", "refuse", number, "--operator", "Li")
    assert "name=Ann " in _board(stage)
    stage.say("call me Official Ann", by="a")
    assert stage.say("call me Bo", by="a").startswith("name.taken")
    assert office("names", "list").startswith("No name waits")
    assert office.faults() == []


def test_what_waits_and_what_was_refused_follow_a_link(office: Office) -> None:
    stage = office.stage
    begin(stage, "x", channel="second")
    stage.say("call me Official X", by="x", channel="second")
    assert stage.say(param(stage.say("link", by="a"), "word"), by="x", channel="second").startswith("link.linked")
    players = [each for each in all_of(stage, Player) if isinstance(each, Player)]
    assert [waiting_name(stage.keys, each) for each in players if each.name_waiting_at] == ["Official X"]
    (number,) = numbers_in(office("names", "list"), Mark.FRIEND)
    office("names", "approve", number, "--operator", "Li")
    assert "name=Official X" in _board(stage)
    assert office.faults() == []


def test_nobody_is_called_by_a_name_where_that_is_off(stage: Stage) -> None:
    open_relay(stage, RELAY + "names: {allowed: false}\n")
    stage.say("hello", by="a")
    assert stage.say("call me Ann", by="a") == "unknown.relay"
    assert all_of(stage, Player) == []


def test_names_of_the_list_are_clean_names_else_they_were_needless() -> None:
    assert [name for name, verdict in CASES if verdict != "shown" and clean_name(name) is None] == []
