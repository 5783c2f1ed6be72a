"""Vouchers from a partner's file: taken in once, counted, and missed in time."""

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from handlers.claims.vouchers import serve_waiting
from tests.office import Office, sit_down
from tests.snack import SNACK
from tests.stage import Stage

pytestmark = pytest.mark.reading


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    stage.publish(SNACK)
    return sit_down(stage, database_url, monkeypatch, capsys)


def _buy_ticket(stage: Stage) -> str:
    stage.say(stage.codes(1)[0])
    for text in ("gifts", "ticket"):
        stage.say(text)
    return stage.say("yes")


def _text(path: Path) -> None:
    path.write_text("CINE-1\r\n\r\n  CINE-2 \r\n", encoding="utf-8-sig")


def _text_with_heading(path: Path) -> None:
    path.write_text("Code\nCINE-1\nCINE-2\n", encoding="utf-8")


def _csv(path: Path) -> None:
    path.write_text('券码,面值\n"CINE-1",50\n"CINE-2",50\n', encoding="gb18030")


def _xlsx(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate((("Voucher", "worth"), ("CINE-1", 50), ("CINE-2", 50))):
            sheet.write_row(line, 0, cells)


FILES = [("v.txt", _text), ("w.txt", _text_with_heading), ("v.csv", _csv), ("v.xlsx", _xlsx)]


@pytest.mark.parametrize(("name", "write"), FILES, ids=[f"{name} {write.__name__}" for name, write in FILES])
def test_a_partners_file_is_taken_in_once(office: Office, name: str, write: Callable[[Path], None]) -> None:
    write(Path(name))
    words = ("vouchers", "import", "snack", "gift:ticket", name)
    dry = office(*words, "--dry-run")
    assert "“CINE-1” is read as CINE-1" in dry
    assert "gift:ticket: 2 vouchers are new, 0 were here already.\nNothing was stored" in dry
    assert "gift:ticket: 2 vouchers are new, 0 were here already" in office(*words)
    assert "gift:ticket: 0 vouchers are new, 2 were here already.\nHere already: row " in office(*words)
    said = _buy_ticket(office.stage)
    assert "claim.voucher code=CINE-" in said
    shown = office("vouchers", "status", "snack")
    assert "snack     gift:ticket  imported  2       1           1     0                2" in shown
    assert "CINE" not in shown
    assert office.faults() == []


def test_too_few_vouchers_are_missed_before_they_are_asked_for(office: Office) -> None:
    nothing = "snack gift:ticket: 3 pieces are in stock and 0 players wait, but 0 vouchers are free; import 3 more"
    assert nothing in office("vouchers", "status")
    assert "claim.voucher_follows" in _buy_ticket(office.stage)
    waiting = "2 pieces are in stock and 1 players wait, but 0 vouchers are free; import 3 more"
    assert waiting in office("vouchers", "status")
    Path("v.txt").write_text("CINE-1\nCINE-2\nCINE-3\n", encoding="utf-8")
    office("vouchers", "import", "snack", "gift:ticket", "v.txt")
    assert "import" not in office("vouchers", "status").replace("imported", "")
    assert serve_waiting(office.stage.runtime, office.stage.now) == 1
    assert "claim.voucher code=CINE-" in office.stage.told()[-1]
    assert "import" not in office("vouchers", "status").replace("imported", "")
    assert office.faults() == []


REFUSED = [
    ("phone", "v.txt", "CINE-1\n", "phone is not handed out by voucher; this campaign has: gift:ticket"),
    ("ticket", "v.txt", "CINE-1\n", "ticket is not handed out by voucher"),
    ("gift:ticket", "v.txt", "\n\n", "v.txt is empty"),
    (
        "gift:ticket",
        "v.txt",
        "code\n" + "X" * 61 + "\n",
        "row 2, column A “XXXXXXXXXXXXXXXXX…” is no voucher: it has 1 to",
    ),
    ("gift:ticket", "v.csv", "code\nCINE-1\n4.11112E+15\n", "row 3, column A “4.11112E+15” is what a spreadsheet made"),
    ("gift:ticket", "v.csv", "Kino\nCINE-2\n", "v.csv does not say which column has the vouchers; head it “code”"),
    ("gift:ticket", "v.csv", "code\nCINE-1\nCINE-1\n", "row 3, column A “CINE-1” is the same as row 2"),
    ("gift:ticket", "v.csv", "code,worth\nCINE-1,5\n,5\n", "row 3, column A “” is empty"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are alike here
@pytest.mark.parametrize(("item", "name", "text", "why"), REFUSED, ids=[row[3] for row in REFUSED])
def test_a_file_that_is_wrong_is_refused_whole(office: Office, item: str, name: str, text: str, why: str) -> None:
    Path(name).write_text(text, encoding="utf-8")
    said = office("vouchers", "import", "snack", item, name, fails=1)
    assert why in said
    assert "huoju: " in said
    assert said.endswith("; nothing was imported\n") == (item == "gift:ticket")
    assert "imported  0 " in office("vouchers", "status")


def test_a_gift_that_makes_its_own_vouchers_is_told(office: Office) -> None:
    made = SNACK.replace("stock: 3, claim: voucher", "stock: 3, claim: voucher, vouchers: generated")
    office.stage.publish(made.replace("name: snack", "name: other"))
    Path("v.txt").write_text("CINE-1\n", encoding="utf-8")
    assert office("vouchers", "import", "snack", "ticket", "v.txt", fails=1).endswith("has: gift:ticket\n")
    said = office("vouchers", "import", "other", "ticket", "v.txt", fails=1)
    assert said == "huoju: gift:ticket makes its own vouchers; nothing to import\n"
    assert "are generated here" in office("vouchers", "import", "other", "gift:ticket", "v.txt", fails=1)


def test_what_is_no_text_is_refused(office: Office) -> None:
    Path("v.txt").write_bytes(b"\x89PNG\r\n\x00\xff\xfe")
    assert "is no text that can be read here" in office("vouchers", "import", "snack", "gift:ticket", "v.txt", fails=1)
    assert "there is no campaign 'tea'" in office("vouchers", "status", "tea", fails=1)


def test_an_e_card_reaches_its_player_whole(office: Office) -> None:
    Path("v.csv").write_text("卡号,卡密\n6222021234,aB3-x\n", encoding="gb18030")
    office("vouchers", "import", "snack", "gift:ticket", "v.csv")
    said = _buy_ticket(office.stage)
    assert "claim.card number=6222021234 secret=aB3-x" in said
    assert "aB3-x" in office.stage.say("prizes")
    assert office.faults() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are alike here
def test_an_e_card_reads_well(office: Office) -> None:
    office.stage.publish(SNACK, spelled=False)
    Path("v.csv").write_text("Card No.;PIN\n6222021234;0009\n", encoding="utf-8")
    office("vouchers", "import", "snack", "gift:ticket", "v.csv")
    assert "your voucher code is 6222021234, secret 0009" in _buy_ticket(office.stage)
