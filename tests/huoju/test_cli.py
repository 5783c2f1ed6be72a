"""The command line as an operator uses it: the whole story of a batch, and every refusal in one sentence."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest
from click import Context
from sqlalchemy.exc import OperationalError

from core.campaign.templates import from_template
from core.engine import checkup
from core.resealing import reseal
from huoju.bootstrap import open_installation
from huoju.cli import COMMANDS, cli
from huoju.cli.errors import TRACE_FILE
from huoju.settings import read_settings
from tests.command_line import CommandLine, Told
from tests.office import write_keys
from tests.stage import CAMPAIGN

Huoju = Callable[..., str]


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Huoju:
    """Run `huoju WORDS` in a folder that nobody set up; returns what it printed, and checks how it ended."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "snack.yaml").write_text(CAMPAIGN.replace("[test, second]", "[terminal]"), encoding="utf-8")

    command_line = CommandLine(monkeypatch, capsys)

    def run(*words: str, fails: int = 0, typed: tuple[str, ...] = ()) -> str:
        printed = command_line(*words, fails=fails, typed=typed)
        return printed.err if fails else printed.out

    return run


@pytest.fixture
def huoju(fresh: Huoju, tmp_path: Path, sqlite_template: Path) -> Huoju:
    """The same in a folder that is as `huoju db upgrade` leaves it."""
    (tmp_path / "var").mkdir()
    shutil.copy(sqlite_template, tmp_path / "var" / "huoju.db")
    write_keys(tmp_path / "var" / "huoju.keys")
    return fresh


def _codes(path: str) -> list[str]:
    return [line.split(",")[1] for line in Path(path).read_text(encoding="utf-8").split()[1:]]


def test_from_an_empty_folder_to_a_verified_draw(fresh: Huoju) -> None:
    assert "newest schema" in fresh("db", "upgrade")
    assert "good" in fresh("campaign", "check", "snack.yaml")
    assert "Published snack, version 1" in fresh("campaign", "publish", "snack.yaml")
    assert "nothing changed" in fresh("campaign", "publish", "snack.yaml")
    assert "Batch 1: 30 codes, inert" in fresh("codes", "issue", "snack", "--count", "30", "--out", "c.csv")
    codes = _codes("c.csv")
    assert len(set(codes)) == 30
    assert "We don't know" in fresh("chat", typed=("hello", codes[0]))
    assert "active" in fresh("codes", "activate", "1", "--file", "c.csv")
    said = fresh("chat", typed=(codes[0], codes[0], "points"))
    assert "You now have 10" in said
    assert "You've already used this code" in said
    assert "snack     active  30     1" in fresh("codes", "status")
    assert "+5" in fresh("points", "correct", "terminal/demo/me", "snack", "5", "--reason", "sorry", "--ref", "r1")
    assert "carried out before" in fresh(
        "points", "correct", "terminal/demo/me", "snack", "5", "--reason", "sorry", "--ref", "r1"
    )
    assert "balance" in fresh("points", "show", "terminal/demo/me")
    assert "corrected your points by +5" in fresh("chat")
    assert "paused" in fresh("campaign", "pause", "snack")
    assert "is paused for a moment" in fresh("chat", typed=(codes[1],))
    assert "live" in fresh("campaign", "resume", "snack")
    assert "1/1000000000" in fresh("draws", "latest")
    assert "0 players" in fresh("points", "expire")
    assert "void" in fresh("codes", "void", "1", "--yes")
    assert "ended" in fresh("campaign", "end", "snack", "--yes")
    seed = fresh("draws", "reveal", "snack", "--yes").split()[-1]
    assert "every draw of snack follows" in fresh("draws", "verify", "snack", "--seed", seed)
    assert seed in fresh("chat", typed=("rules",))
    assert "Every guarantee holds" in fresh("audit")
    assert "version 1, ended" in fresh("campaign", "show", "snack")
    assert "snack" in fresh("campaign", "list")


def test_keys_can_be_rotated_and_are_never_replaced(huoju: Huoju) -> None:
    huoju("campaign", "publish", "snack.yaml")
    huoju("chat", typed=("hello",))
    assert "key 2" in huoju("keys", "rotate")
    assert "Every guarantee holds" in huoju("audit")
    keys = Path("var/huoju.keys")
    assert keys.stat().st_mode & 0o077 == 0
    saved = keys.read_bytes()
    keys.unlink()
    assert "no key file here" in huoju("db", "upgrade", fails=1)
    assert not keys.exists()
    keys.write_bytes(saved[:-40])
    assert "cannot be read as a key file" in huoju("audit", fails=1)
    keys.write_text('{"pepper": "aa"}')
    assert "not a Huoju key file" in huoju("audit", fails=1)


def _resealed() -> int:
    here = open_installation(read_settings())
    try:
        return reseal(here.runtime(), here.clock())
    finally:
        here.database.dispose()


def test_an_old_key_is_retired_when_nothing_needs_it(huoju: Huoju, monkeypatch: pytest.MonkeyPatch) -> None:
    huoju("campaign", "publish", "snack.yaml")
    huoju("chat", typed=("hello",))
    keys = Path("var/huoju.keys")
    assert "1 is the newest, which seals; make another one first: huoju keys rotate" in huoju(
        "keys", "retire", "1", "--yes", fails=1
    )
    huoju("keys", "rotate")
    assert "codes and people are found by it" in huoju("keys", "retire", "pepper", "--yes", fails=1)
    assert "there is no sealing key 7; the file has 1, 2" in huoju("keys", "retire", "7", "--yes", fails=1)
    assert "younger than an hour" in huoju("keys", "retire", "1", "--yes", fails=1)
    told = Told.model_validate_json(huoju("keys", "status", "--json"))
    assert [(one["key"], one["can_be_retired"]) for one in told.tables["keys"]] == [(1, False), (2, False)]
    assert [one["why_not"] for one in told.tables["keys"]] == ["it still seals values", "it is the newest"]
    assert told.says[0].text == "0% is sealed with key 2."
    document = json.loads(keys.read_text(encoding="utf-8"))
    document["made"]["2"] = "2026-01-01T00:00:00+00:00"
    keys.write_text(json.dumps(document), encoding="utf-8")
    assert "key 1 still seals 5 values (addresses.user_sealed: 1, " in huoju("keys", "retire", "1", "--yes", fails=1)
    assert _resealed() == 5
    told = Told.model_validate_json(huoju("keys", "status", "--json"))
    assert [one["can_be_retired"] for one in told.tables["keys"]] == [True, False]
    assert told.says[0].text == "100% is sealed with key 2."
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _prompt: "n")
    assert "you said no; nothing was changed" in huoju("keys", "retire", "1", fails=1)
    assert "1" in json.loads(keys.read_text(encoding="utf-8"))["sealing"]
    assert "retired" in huoju("keys", "retire", "1", "--yes")
    assert "Every guarantee holds" in huoju("audit")
    assert huoju("chat", typed=("hello",))
    document["sealing"].pop("2")
    keys.write_text(json.dumps(document), encoding="utf-8")
    assert "key 2 sealed" in huoju("keys", "status", fails=1)


def test_an_older_database_and_one_that_somebody_changed_are_told(huoju: Huoju) -> None:
    with sqlite3.connect("var/huoju.db") as connection:
        connection.execute("CREATE TABLE notes (id INTEGER)")
    assert "differs from this program's in 1 place: table notes" in huoju("db", "upgrade")
    with sqlite3.connect("var/huoju.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    older = "huoju: this database is older than this program; run: huoju db upgrade\n"
    assert huoju("campaign", "list", fails=1) == older


def test_a_database_of_other_keys_is_refused(huoju: Huoju, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUOJU_KEYS_FILE", "other.keys")
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("HUOJU_DATABASE_URL", "sqlite:///other.db")
        huoju("db", "upgrade")
    for words in (("campaign", "list"), ("db", "upgrade")):
        assert "another key file" in huoju(*words, fails=1)


def test_the_printers_file_may_be_encrypted(huoju: Huoju) -> None:
    huoju("campaign", "publish", "snack.yaml")
    printer = pyrage.x25519.Identity.generate()
    words = ("codes", "issue", "snack", "--count", "3", "--out", "c.age", "--recipient")
    assert "no age public key" in huoju(*words, "age1nonsense", fails=1)
    issued = huoju(*words, str(printer.to_public()))
    assert "once decrypted" in issued
    assert "huoju codes activate 1" in issued
    plain = pyrage.decrypt(Path("c.age").read_bytes(), [printer])
    Path("c.csv").write_bytes(plain)
    assert len(_codes("c.csv")) == 3
    assert "active" in huoju("codes", "activate", "1", "--file", "c.csv")


def test_codes_printed_elsewhere_can_be_imported(huoju: Huoju) -> None:
    huoju("campaign", "publish", "snack.yaml")
    good = "no,code\r\n1,4711 0815 1234 OOIL\r\n\r\n2,471108151234AAAA\r\n合计,2\r\n"
    Path("good.txt").write_text(good, encoding="gb18030")
    said = huoju("codes", "import", "snack", "good.txt", "--dry-run")
    assert "2 codes are good. Nothing was stored" in said
    assert "row 2, column B “4711 0815 1234 OO…” is read as 4711081512340011" in said
    assert "good.txt" not in huoju("codes", "status")
    assert "Batch 1: 2 codes" in huoju("codes", "import", "snack", "good.txt")
    huoju("codes", "activate", "1")
    assert "You now have 10" in huoju("chat", typed=("4711-0815-1234-0011",))
    refused = [
        ("4711081512340011\n", "known already: the codes in row 2; each code can exist once"),
        ("AAAA11112222AAAA\nAAAA11112222AAA\n", "row 3 has 15 symbols"),
        ("AAAA11112222AAA1\nAAAA11112222AAAI\n", "row 3 is the same code as row 2"),
        ("AAAA11112222AAA1\nAAAA-ÜÜÜÜ\n", "row 3, column A “AAAA-ÜÜÜÜ” is no code"),
        ("12345678\n", "use longer codes"),
        ("", "bad.txt is empty"),
    ]
    for text, why in refused:
        Path("bad.txt").write_text(f"code\n{text}" if text else "", encoding="utf-8")
        assert why in huoju("codes", "import", "snack", "bad.txt", fails=1), text
    assert "batch" in huoju("codes", "status")
    assert "inert" not in huoju("codes", "status")
    assert "Every guarantee holds" in huoju("audit")


@pytest.mark.parametrize("heading", ["", "No.;Coupon code\n"])
def test_what_is_printed_on_the_cards_redeems_and_nothing_else_of_the_file(huoju: Huoju, heading: str) -> None:
    huoju("campaign", "publish", "snack.yaml")
    Path("f.csv").write_text(f"{heading}000001;4711-0815-AB23-CDEF\n000002;4711-0815-GH45-KMNP\n", encoding="utf-8")
    said = huoju("codes", "import", "snack", "f.csv")
    assert "column B" in said
    assert "is read as 47110815AB23CDEF" in said
    assert "Batch 1: 2 codes" in said
    huoju("codes", "activate", "1")
    assert "You now have 10" in huoju("chat", typed=("4711 0815 ab23 cdef",))
    for text in ("coupon code", "000001", "0000014711-0815-AB23-CDEF"):
        assert "You now have 20" not in huoju("chat", typed=(text,))


def test_one_row_that_is_refused_refuses_the_file(huoju: Huoju) -> None:
    huoju("campaign", "publish", "snack.yaml")
    rows = "".join(f"47110815{number:08}\n" for number in range(23_456_000, 23_477_000))
    Path("f.csv").write_text(f"code\n{rows}3.88E+15\n", encoding="utf-16")
    said = huoju("codes", "import", "snack", "f.csv", fails=1)
    assert "row 21002, column A “3.88E+15” is what a spreadsheet made of a long number" in said
    assert "snack" not in huoju("codes", "status")
    Path("f.csv").write_text(f"code\n{rows}4711081523456000\n", encoding="utf-16")
    said = huoju("codes", "import", "snack", "f.csv", fails=1)
    assert "row 21002 is the same code as row 2 " in said
    assert "snack" not in huoju("codes", "status")


REFUSALS = [
    (("campaign", "check", "nowhere.yaml"), "cannot be read"),
    (("campaign", "show", "tea"), "there is no campaign 'tea'; known: snack"),
    (("campaign", "resume", "snack"), "snack is live; it cannot resume now"),
    (("codes", "issue", "tea", "--count", "1", "--out", "t.csv"), "there is no campaign 'tea'"),
    (("codes", "issue", "snack", "--count", "40000000", "--out", "t.csv"), "use longer codes"),
    (("codes", "issue", "snack", "--count", "1", "--out", "snack.yaml"), "snack.yaml exists"),
    (("codes", "issue", "snack", "--count", "1", "--out", "no/such/t.csv"), "cannot be written"),
    (("codes", "activate", "7"), "there is no batch 7"),
    (("draws", "reveal", "snack", "--yes"), "end it first"),
    (("draws", "verify", "snack", "--seed", "zz"), "give the seed in hex"),
    (("draws", "verify", "snack", "--seed", "00"), "is not the one"),
    (("inbox", "replay", "--yes", "0"), "no failed message has the id 0"),
    (("points", "correct", "terminal/demo/me", "snack", "5", "--reason", "x"), "has not joined snack"),
    (("chat", "--as", ""), "user: give 1 to 128"),
]


@pytest.mark.parametrize(("words", "why"), REFUSALS, ids=[" ".join(words) for words, _ in REFUSALS])
def test_a_refusal_is_one_sentence(huoju: Huoju, words: tuple[str, ...], why: str) -> None:
    huoju("campaign", "publish", "snack.yaml")
    said = huoju(*words, fails=1)
    assert why in said
    assert said.startswith("huoju: ")
    assert not TRACE_FILE.exists()
    assert not Path("t.csv").exists()


BAD_SETTINGS = [
    ("HUOJU_DATABASE_URL", "mysql://x", "use sqlite:///path or postgresql://"),
    ("HUOJU_DATABASE_URL", "nonsense", "not a database address"),
    ("HUOJU_DATABASE_URL", "postgresql://127.0.0.1:1/x", "cannot be opened"),
    ("HUOJU_DATABASE_CONNECTIONS", "many", "HUOJU_DATABASE_CONNECTIONS: input should be a valid integer"),
]


@pytest.mark.parametrize(("name", "value", "why"), BAD_SETTINGS)
def test_a_bad_setting_is_named(fresh: Huoju, monkeypatch: pytest.MonkeyPatch, name: str, value: str, why: str) -> None:
    monkeypatch.setenv(name, value)
    assert why in fresh("db", "upgrade", fails=1)


def test_texts_are_shown_as_long_as_they_arrive(fresh: Huoju) -> None:
    told = fresh("texts", "--preview", "sms")
    assert re.search(
        r"redeem.used\n  zh: .*\n      sms: \d+ of 70 UCS-2, 1 part\n  en: .*\n      sms: \d+ of 160 GSM-7", told
    )
    assert " of 67 UCS-2, 2 parts\n" in told
    assert " of 4096 UTF-16, 1 part\n" in fresh("texts", "--preview", "telegram")
    assert "there is no channel smms (do you mean sms?)" in fresh("texts", "--preview", "smms", fails=2)


PRICED = """
[sms.code]
kind = "smpp"
host = "127.0.0.1"
system_id = "huoju"
sender = "10690001"
price_micros = 45000
currency = "CNY"
"""


def test_what_a_typical_player_costs_is_told(fresh: Huoju, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUOJU_SMS_CODE_PASSWORD", "pa55word")
    Path("huoju.toml").write_text(PRICED, encoding="utf-8")
    Path("card.yaml").write_text(from_template("stamp-card", "card", "en"), encoding="utf-8")
    told = fresh("texts", "--preview", "sms", "card.yaml").splitlines()
    begins, counted = told[-4], told[-1].split()
    assert begins.startswith("A typical player says hello, reads the rules, sends 10 codes, looks at the points")
    texts, parts, cost = int(counted[2]), int(counted[3]), float(counted[4])
    assert 10 < texts <= parts < 2 * texts
    assert counted[-1] == "CNY"
    assert cost == pytest.approx(parts * 0.045)


def test_what_a_language_lacks_is_listed_to_be_pasted(fresh: Huoju) -> None:
    card = re.sub(
        r'\{zh: ([^,{}]+), en: ("[^"]*"|[^{}]+)\}', r"{fr: \2, en: \2}", from_template("stamp-card", "card", "en")
    )
    Path("card.yaml").write_text(card, encoding="utf-8")
    lacks = re.search(r"Français lacks (\d+) of \1 texts", fresh("campaign", "check", "card.yaml"))
    assert lacks is not None
    listed = fresh("texts", "--missing", "fr", "card.yaml")
    assert listed.count("\n    # ") > int(lacks[1]) > 100
    filled = re.sub(r"(?m)^    # (?=[a-z_.]+: \")", "    ", listed)
    Path("card.yaml").write_text(f"{card}\n{filled}", encoding="utf-8")
    assert "lacks" not in fresh("campaign", "check", "card.yaml")
    assert "# Français lacks 0 of" in fresh("texts", "--missing", "fr", "card.yaml")
    assert fresh("texts", "--missing", "en", "card.yaml") == "Huoju comes in English; nothing is missing.\n"
    assert "card does not speak de; it speaks en, fr" in fresh("texts", "--missing", "de", "card.yaml", fails=1)
    assert "name the campaign file as well" in fresh("texts", "--missing", "fr", fails=2)


def test_usage_errors_are_clicks(huoju: Huoju) -> None:
    assert "Missing option '--count'" in huoju("codes", "issue", "snack", fails=2)
    assert "channel/account/user" in huoju("points", "show", "me", fails=2)


def _explode(*_: object) -> None:
    raise ZeroDivisionError("what anna wrote")


def test_what_nobody_foresaw_leaves_its_kind_and_places_in_a_file(
    huoju: Huoju, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup, "look", _explode)
    assert "ZeroDivisionError" in huoju("audit", fails=70)
    trace = TRACE_FILE.read_text(encoding="utf-8")
    assert re.search(r" ZeroDivisionError\n(  \S+\.py:\d+ \S+\n)+$", trace)
    assert "  test_cli.py:" in trace
    assert "anna" not in trace


def test_details_that_cannot_be_written_are_told(huoju: Huoju, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "look", _explode)
    TRACE_FILE.mkdir()
    assert "could not be written to var/huoju-error.log (Is a directory)" in huoju("audit", fails=70)


def test_a_folder_that_cannot_be_made_is_named(fresh: Huoju) -> None:
    Path("var").write_text("a file", encoding="utf-8")
    assert fresh("db", "upgrade", fails=1) == "huoju: var cannot be used: File exists\n"


def test_words_are_shown_as_they_are(huoju: Huoju, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets are no markup, and colons no emoji, in what organisers, operators and players write."""
    source = Path("snack.yaml").read_text(encoding="utf-8")
    assert "zh: 开袋赢大奖, en: Open a bag" in source
    titles = 'zh: "[/]开袋", en: "[/]Snack :smile:"'
    Path("snack.yaml").write_text(source.replace("zh: 开袋赢大奖, en: Open a bag", titles), encoding="utf-8")
    huoju("campaign", "publish", "snack.yaml")
    huoju("codes", "issue", "snack", "--count", "2", "--out", "[b]c.csv")
    huoju("codes", "activate", "1")
    huoju("chat", typed=(_codes("[b]c.csv")[0],))
    assert "[/]Snack :smile:" in huoju("campaign", "show", "snack")
    assert "[/]开袋" in huoju("draws", "latest")
    words = ("points", "correct", "terminal/demo/me", "snack", "5", "--reason", "[/]x", "--ref", "[b]x")
    assert "under [b]x;" in huoju(*words)
    assert "[b]x was carried out before" in huoju(*words)
    assert "[/]x" in huoju("points", "show", "terminal/demo/me")
    assert "[/]me/x/y has not joined" in huoju("points", "show", "[/]me/x/y")
    assert "Every guarantee holds." in huoju("audit")
    assert "redeem.points\n" in huoju("texts")
    monkeypatch.setattr("core.engine.failures.take_turn", _explode)
    huoju("chat", typed=("[/] :smile:",))
    assert "'[/] :smile:'" in huoju("inbox", "failed", "--texts")


NUMBERS = [
    ("codes", "activate", "99999999999999999999"),
    ("codes", "void", "0", "--yes"),
    ("points", "correct", "terminal/demo/me", "snack", "99999999999999999999", "--reason", "x"),
]


@pytest.mark.parametrize("words", NUMBERS, ids=[" ".join(words) for words in NUMBERS])
def test_a_number_out_of_range_is_a_usage_error(huoju: Huoju, words: tuple[str, ...]) -> None:
    assert "write a whole number from" in huoju(*words, fails=2)


def test_a_database_that_is_away_is_told(huoju: Huoju, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("SELECT", None, OSError("no route"))

    monkeypatch.setattr(checkup, "look", fail)
    assert huoju("audit", fails=1).startswith("huoju: the database is busy or away (no route)")


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_make_run_takes_another_port(readme: str) -> None:
    root = Path(__file__).parents[2]
    assert "--port $(PORT)" in (root / "Makefile").read_text(encoding="utf-8")
    assert "make run PORT=8001" in (root / readme).read_text(encoding="utf-8")


def test_a_command_that_there_is_not_is_asked_about(fresh: Huoju) -> None:
    assert "there is no huoju campain (do you mean huoju campaign?)" in fresh("campain", "list", fails=2)
    assert "there is no huoju xyzzy; huoju --help lists all" in fresh("xyzzy", fails=2)


_STOPPED = """
import os, signal, sys
from huoju.backup import sqlite
copy = sqlite.copy
def copy_and_be_stopped(*given):
    rows = copy(*given)
    os.kill(os.getpid(), signal.SIGINT)
    return rows
sqlite.copy = copy_and_be_stopped
sys.argv = ["huoju", "backup"]
from huoju.cli import main
main()
"""


def test_ctrl_c_leaves_no_half_backup(huoju: Huoju, tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _STOPPED], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.strip() == "huoju: stopped; no backup was left"
    assert list((tmp_path / "var" / "backups").iterdir()) == []


HEAVY = {"telegram", "wechatpy", "smpplib", "httpx", "flask", "sqlalchemy", "PIL", "granian", "phonenumbers", "rich"}


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_whoever_asks_what_there_is_waits_for_no_library(word: str) -> None:
    look = f"import sys, huoju.cli\ntry: huoju.cli.cli([{word!r}])\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert {"huoju.cli", "click"} <= set(done.stderr.split())
    assert not HEAVY & {name.split(".")[0] for name in done.stderr.split()}
    assert done.stdout.strip()


def test_no_process_imports_a_channel_that_no_account_is_on_or_what_migrates() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, huoju.web.server; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert {"huoju", "flask", "sqlalchemy"} <= loaded
    assert not {"telegram", "wechatpy", "smpplib", "alembic"} & loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str) -> None:
    command = cli.get_command(Context(cli), name)
    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(1000) == COMMANDS[name].says
