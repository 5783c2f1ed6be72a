"""Cards: what stands on them leads back to exactly their codes, in the list and on the printed sheet."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pyrage
import pytest
import zxingcpp

from core.alphabet import SYMBOLS, normalise
from handlers.codes.issuance import MOST_ON_SHEETS
from handlers.codes.limits import BatchRefused
from huoju.cards import CardSheets
from pages.pictures.fonts import find_fonts
from tests.office import Office, sit_down
from tests.stage import CAMPAIGN, Stage

pytestmark = pytest.mark.reading


URL = "https://play.example/huoju"


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    stage.publish(CAMPAIGN)
    monkeypatch.setenv("HUOJU_PUBLIC_URL", URL)
    return sit_down(stage, database_url, monkeypatch, capsys)


@contextmanager
def _opened(raw: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(raw)
    try:
        yield document
    finally:
        document.close()


def _read(raw: bytes) -> tuple[list[str], list[str]]:
    """What the QR pictures of a PDF say, and the codes that are printed, both sorted."""
    says: list[str] = []
    printed: list[str] = []
    with _opened(raw) as document:
        for page in document:
            picture = page.render(scale=2.5).to_pil()
            says += [found.text for found in zxingcpp.read_barcodes(picture)]
            text = page.get_textpage()
            printed += re.findall(r"[0-9A-Z]{3,}(?:-[0-9A-Z]+)+", text.get_text_range())
            text.close()
            page.close()
    return sorted(says), sorted(printed)


def test_the_list_has_a_link_for_each_card(office: Office) -> None:
    office("codes", "issue", "snack", "--count", "3", "--out", "c.csv")
    with Path("c.csv").open(encoding="utf-8", newline="") as file:
        headings, *rows = csv.reader(file)
    assert headings == ["serial", "code", "link"]
    assert [row[2] for row in rows] == [f"{URL}/c/1/{normalise(row[1])}" for row in rows]
    office("codes", "activate", "1", "--file", "c.csv")
    assert office.stage.say(rows[0][1]).startswith("redeem.points")


def test_without_a_public_address_there_are_no_links(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUOJU_PUBLIC_URL")
    office("codes", "issue", "snack", "--count", "3", "--out", "c.csv")
    assert Path("c.csv").read_text(encoding="utf-8").startswith("serial,code\n")
    office("codes", "issue", "snack", "--count", "3", "--out", "c.pdf")
    says, printed = _read(Path("c.pdf").read_bytes())
    assert says == [code.replace("-", "") for code in printed]


def test_every_card_of_a_sheet_leads_to_the_code_that_is_printed_on_it(office: Office) -> None:
    said = office("codes", "issue", "snack", "--count", "23", "--out", "c.pdf")
    assert "23 codes, inert" in said
    says, printed = _read(Path("c.pdf").read_bytes())
    assert len(printed) == len(set(printed)) == 23
    assert says == [f"{URL}/c/1/{code.replace('-', '')}" for code in printed]
    office("codes", "activate", "1", "--file", "c.pdf")
    assert office.stage.say(printed[7]).startswith("redeem.points")
    assert office.faults() == []


def test_a_sheet_may_be_encrypted_like_a_list(office: Office) -> None:
    printer = pyrage.x25519.Identity.generate()
    words = ("codes", "issue", "snack", "--count", "2", "--out", "c.pdf.age", "--recipient", str(printer.to_public()))
    assert "SHA-256 of the file once decrypted" in office(*words)
    raw = Path("c.pdf.age").read_bytes()
    assert raw.startswith(b"age-encryption.org/v1")
    Path("c.pdf").write_bytes(pyrage.decrypt(raw, [printer]))
    assert len(_read(Path("c.pdf").read_bytes())[1]) == 2
    assert "active" in office("codes", "activate", "1", "--file", "c.pdf")


def test_more_cards_than_a_sheet_holds_are_refused(office: Office) -> None:
    said = office("codes", "issue", "snack", "--count", str(MOST_ON_SHEETS + 1), "--out", "c.pdf", fails=1)
    assert said == f"huoju: a PDF holds at most {MOST_ON_SHEETS} cards; give the printer the list, a CSV\n"
    assert not Path("c.pdf").exists()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no database is asked
@pytest.mark.parametrize("length", [6, 9, 13, 20])
def test_codes_of_every_length_fit_on_a_card(stage: Stage, length: int) -> None:
    stage.publish(CAMPAIGN)
    rules = next(iter(stage.runtime.shelf.read(stage.sessions()).values())).rules
    out, code = io.BytesIO(), SYMBOLS[:length]
    sheets = CardSheets(out, rules, f"https://{'long.' * 20}example/c/999/", find_fonts(), 1)
    sheets.add(1, [code])
    sheets.end()
    says, (printed,) = _read(out.getvalue())
    assert says == [f"https://{'long.' * 20}example/c/999/{code}"]
    assert normalise(printed) == code
    with pytest.raises(BatchRefused, match="at most"):
        CardSheets(out, rules, None, find_fonts(), MOST_ON_SHEETS + 1)
