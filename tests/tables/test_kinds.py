"""Files of many kinds, whatever their names say: each is read rightly, or refused in a sentence with a remedy."""

import codecs
from pathlib import Path

import pytest

from huoju.tables.codes import codes_in, knows_codes, vouchers_in
from huoju.tables.reader import open_table
from huoju.tables.table import Kind, Table
from tests.tables.files import ODS_TYPE, ods, ods_cell, packed, refusal, workbook

A, B = "ABCD2345EFGH", "BCDE3456FGHJ"


def _written(folder: Path, raw: bytes) -> Path:
    path = folder / "list.xlsx"
    path.write_bytes(raw)
    return path


def _codes(folder: Path, raw: bytes) -> list[tuple[int, str]]:
    return list(codes_in(open_table(_written(folder, raw), knows_codes), (), as_is=False))


# how LibreOffice writes a cell, its text, what it is
CELLS = [
    (ods_cell(A), A, Kind.TEXT),
    (
        ods_cell(f"{A[:6]}<text:span>{A[6:]}</text:span>"),
        A,
        Kind.TEXT,
    ),
    (ods_cell("123", "float", office__value="123"), "123", Kind.NUMBER),
    (ods_cell("1", "float", office__value="1.23456789012346E+017"), "1.23456789012346E+17", Kind.NUMBER),
    (ods_cell("50%", "percentage", office__value="0.5"), "0.5", Kind.NUMBER),
    (ods_cell("6.5.26", "date", office__date_value="2026-05-06"), "2026-05-06", Kind.DATE),
    (ods_cell("7:00", "time", office__time_value="PT07H00M00S"), "07:00:00", Kind.DATE),
    (ods_cell("TRUE", "boolean", office__boolean_value="true"), "TRUE", Kind.TRUTH),
    (
        ods_cell("#N/A", table__formula="of:=NA()", office__string_value="", calcext__value_type="error"),
        "#N/A",
        Kind.ERROR,
    ),
    (ods_cell("#DIV/0!", "float", office__value="0", table__formula="of:=1/0"), "#DIV/0!", Kind.ERROR),
    (ods_cell(B, table__formula="of:=A1", office__string_value=B), B, Kind.TEXT),
]


def test_each_cell_of_an_open_document_says_what_it_is(tmp_path: Path) -> None:
    blank = "<table:table-cell/>"
    raw = ods("", ods_cell("no") + ods_cell("code"), *(blank + cell for cell, _, _ in CELLS), "", ods_cell("x"))
    table = open_table(_written(tmp_path, raw), knows_codes)
    rows = list(table.read())
    assert table.told == "worksheet “Sheet1”"
    assert [row.number for row in rows] == [*range(4, len(CELLS) + 5), len(CELLS) + 8]
    assert [row.at(1) for row in rows[1:-1]] == [(text, kind) for _, text, kind in CELLS]


@pytest.mark.parametrize(
    "raw",
    [
        ods(ods_cell("coupon_code"), ods_cell("兑换码"), ods_cell(A), ods_cell(B), hidden=[0, 3]),
        workbook(["coupon_code"], ["兑换码"], [A], [B], hidden_rows=[0, 3]),
    ],
    ids=["ods", "xlsx"],
)
def test_what_a_spreadsheet_hides_is_not_taken_silently(tmp_path: Path, raw: bytes) -> None:
    rows = list(open_table(_written(tmp_path, raw), knows_codes).read())
    assert [row.hidden for row in rows] == [True, False, False, True]
    table = Table(tmp_path, "", None, lambda: iter(rows))
    why = "row 4, column A “BCDE3456FGHJ” is in a row that is hidden; show it, or delete it"
    assert why in refusal(lambda: list(codes_in(table, (), as_is=False)))
    shown = Table(tmp_path, "", None, lambda: iter(rows[:3]))
    assert list(codes_in(shown, (), as_is=False)) == [(3, A)]


EURO = f"面值,兑换码\n5€,{A}\n9€,{B}\n".encode("gb18030").replace("€".encode("gb18030"), b"\x80")
READ = [
    ("the euro of Windows in China", EURO, [(2, A), (3, B)]),
    ("the euro of Windows in Europe", f"worth,code\n5€,{A}\n9é€,{B}\n".encode("cp1252"), [(2, A), (3, B)]),
    ("a mark within", f"\ufeffcode\n{A}\n\ufeff{B}\n".encode(), [(2, A), (3, B)]),
]


@pytest.mark.parametrize(("raw", "codes"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_it_is_read_rightly(tmp_path: Path, raw: bytes, codes: list[tuple[int, str]]) -> None:
    assert _codes(tmp_path, raw) == codes


def test_the_euro_of_windows_is_a_euro(tmp_path: Path) -> None:
    table = open_table(_written(tmp_path, EURO), knows_codes)
    assert [row.at(0).text for row in table.read()] == ["面值", "5€", "9€"]


_PAGE = "<html><table><tr><td>code</td></tr></table></html>"
_LIST = "".join(f"KA{number:04}XY\n" for number in range(40))
REFUSED = [
    ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is an old .xls, or a workbook with"),
    ("a binary one", packed(("xl/workbook.bin", "x")), "is a binary workbook (.xlsb); save it as .xlsx"),
    ("Apple Numbers", packed(("Index/Document.iwa", "x")), "is of Apple Numbers, or the like; export it as"),
    ("an older one", packed(("a.numbers/index.apxl", "x")), "is of Apple Numbers, or the like; export it as"),
    ("Word", packed(("word/document.xml", "x")), "is a Word document; copy its table into a spreadsheet"),
    ("Writer", packed(("mimetype", "application/vnd…text"), ("content.xml", "x")), "but no spreadsheet; copy its"),
    (
        "a password",
        packed(("mimetype", ODS_TYPE), ("content.xml", "x"), ("META-INF/manifest.xml", "<encryption-data/>")),
        "has a password; save it without one",
    ),
    ("no XML", packed(("mimetype", ODS_TYPE), ("content.xml", "<x")), "cannot be read as .xlsx or .ods"),
    ("an archive", packed(("codes.csv", f"code\n{A}\n")), "is a packed folder and no workbook; unpack it first"),
    ("an empty archive", packed(), "is an empty archive"),
    ("a page", _PAGE.encode(), "is a web page or XML, whatever its name; open it and save it as .xlsx or CSV"),
    ("a page in UTF-16", _PAGE.encode("utf-16"), "is a web page or XML, whatever its name"),
    ("big end first", codecs.BOM_UTF16_BE + _PAGE.encode("utf-16-be"), "is a web page or XML, whatever its name"),
    ("a page in one file", b"MIME-Version: 1.0\r\n\r\n<html>", "is a web page in one file"),
    ("SYLK", b'ID;PWXL;N;E\nC;Y1;X1;K"code"\nE\n', "is a SYLK file; open it and save it as .xlsx"),
    ("a zero within", f"code\n{A}\0\n{B}\n".encode(), "is no text that can be read here; save it as CSV UTF-8"),
    ("zeros at the end", f"code\n{A}\n".encode() + bytes(100), "is no text that can be read here"),
    ("nothing", b"", "is empty"),
    ("a mark and nothing", codecs.BOM_UTF8, "is empty"),
    ("an empty sheet", workbook([]), "is empty"),
    ("joined", f"code\n{_LIST}\ufeffcode\nKB0001XY\n".encode(), "row 42, column A “code” stands above the values"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_it_is_refused_in_a_sentence(tmp_path: Path, raw: bytes, why: str) -> None:
    said = refusal(lambda: list(vouchers_in(open_table(_written(tmp_path, raw), knows_codes), (), as_is=False)))
    assert why in said
    assert "KeyError" not in said
