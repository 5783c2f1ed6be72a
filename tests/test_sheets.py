"""Sheets: nothing in them is ever calculated, nothing is written over, and what was written is read again."""

import csv
import gc
import io
import os
import re
import resource
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from huoju import sheet_reading
from huoju.sheet_reading import read_sheet
from huoju.sheets import SheetRefused, write_sheet

either_kind = pytest.mark.parametrize("kind", ["csv", "xlsx"])

DAY = datetime(2026, 5, 6)  # noqa: DTZ001  # a spreadsheet knows no zones
DANGEROUS = "=+-@\t\r\n＝＋－＠"
UNSEEN = ' \t\r\n"\u00a0\u200b\u200d\u2060\ufeff\u3000\u00ad\u3164'
RISKY = st.text(st.sampled_from(DANGEROUS + UNSEEN + "';,1a"), max_size=12)
CELLS = st.one_of(RISKY, st.text(max_size=20), st.tuples(RISKY, st.text(max_size=5)).map("".join))
# The reading library takes "_x005F_x0041_" for "_x005FA"; the specification's own escapes are the only such texts.
TABLES = st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=4)


def _normal(text: str) -> str:
    """What may change on the way: line breaks, control characters, and what no file can carry."""
    text = re.sub("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)
    return re.sub("[\ud800-\udfff\ufffe\uffff]", "\ufffd", text).strip()


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _saved(path: Path, *rows: list[object]) -> Path:
    """An .xlsx as somebody's spreadsheet saves it: numbers are numbers and dates are dates."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss"}) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    return path


def _repacked(path: Path, part: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in parts.items():
            packed.writestr(name, raw)


@contextmanager
def _disk_for(count: int) -> Iterator[None]:
    """No file of this process may grow beyond ``count`` bytes, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


# What is written


CSV_FIELDS = [
    # what somebody entered     what the file says
    ("Wuhan",                   "Wuhan"),
    ("=1+1",                    "'=1+1"),
    ("+8613800138000",          "'+8613800138000"),
    ("-5",                      "'-5"),
    ("@SUM(A1)",                "'@SUM(A1)"),
    ("＝1",                     "'＝1"),
    ("﹢1",                     "'﹢1"),
    ("\u22125",                 "'\u22125"),
    ("  =1",                    "'=1"),
    ("\t=1",                    "'=1"),
    ("\u200b\ufeff=1",          "'\u200b\ufeff=1"),
    ("\u00a0=1",                "'=1"),
    ('"=1',                     "'\"=1"),
    ("'=1",                     "''=1"),
    ("'tis",                    "'tis"),
    ("a;=1",                    "a;'=1"),
    ('a;"=1',                   "a;'\"=1"),
    ("a=1;b-2",                 "a=1;b-2"),
    ("Road 1\r\nRoom 2\x07",    "Road 1 Room 2"),
    ("a\u2028b\x85c",           "a b c"),
    ("\ud800\uffff",            "\ufffd\ufffd"),
]  # fmt: skip


@pytest.mark.parametrize(("entered", "field"), CSV_FIELDS)
def test_a_csv_field_is_one_line_that_nothing_calculates(tmp_path: Path, entered: str, field: str) -> None:
    assert write_sheet(tmp_path / "s.csv", ["note"], [[entered]]) == 1
    raw = (tmp_path / "s.csv").read_bytes().decode()
    assert raw == '\ufeff"note"\r\n"{}"\r\n'.format(field.replace('"', '""'))


@settings(deadline=None)  # it writes files
@given(TABLES)
def test_no_field_of_a_csv_begins_dangerously_whatever_separates_it(rows: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "s.csv")
        write_sheet(path, ["a", "b"], rows)
        text = path.read_text("utf-8-sig")
    for separator in ",;\t":
        fields = [field for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) for field in row]
        assert fields
        assert [field for field in fields if field.lstrip(UNSEEN)[:1] in set(DANGEROUS)] == []


@settings(deadline=None)  # it writes files
@given(TABLES)
def test_an_xlsx_holds_text_and_nothing_else(rows: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "s.xlsx")
        write_sheet(path, ["=a", "http://b"], rows)
        with zipfile.ZipFile(path) as packed:
            assert [name for name in packed.namelist() if "sheet" in name] == ["xl/worksheets/sheet1.xml"]
            xml = packed.read("xl/worksheets/sheet1.xml").decode()
    cells = re.findall(r"<c (?![^>]*/>)[^>]*>", xml)
    assert len(cells) >= 2
    assert [cell for cell in cells if 't="inlineStr"' not in cell] == []
    assert not re.search(r"<f[ >/]|<v[ >/]|<hyperlink", xml)


def test_an_xlsx_shows_its_headings_and_formats_everything_as_text(tmp_path: Path) -> None:
    write_sheet(tmp_path / "s.xlsx", ["收件人姓名和地址以及电话", "b"], [["1", "2"]])
    with zipfile.ZipFile(tmp_path / "s.xlsx") as packed:
        sheet, styles = (packed.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles"))
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert [width[:2] for width in re.findall(r'<col [^>]*width="([^"]+)"', sheet)] == ["28", "16"]
    assert re.findall(r'numFmtId="(\d+)" fontId="(\d)"', styles.split("<cellXfs")[1]) == [
        ("0", "0"),
        ("49", "1"),
        ("49", "0"),
    ]
    assert re.search(r"<font><b/>", styles)
    assert re.findall(r'<c r="(\w+)" s="(\d)"', sheet) == [("A1", "1"), ("B1", "1"), ("A2", "2"), ("B2", "2")]


def test_an_xlsx_cell_is_cut_where_excel_ends(tmp_path: Path) -> None:
    write_sheet(tmp_path / "s.xlsx", ["a"], [["😀" * 20_000]])
    assert read_sheet(tmp_path / "s.xlsx") == [(2, {"a": "😀" * 16_383})]


def test_more_columns_than_excel_has_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SheetRefused, match=r"s\.xlsx would have more lines or columns than Excel reads; write \.csv"):
        write_sheet(tmp_path / "s.xlsx", ["a"] * 16_385, [])
    assert _names(tmp_path) == []


# Where it is written


@either_kind
def test_a_sheet_is_alone_and_its_owners(tmp_path: Path, kind: str) -> None:
    assert write_sheet(tmp_path / f"s.{kind}", ["a"], iter([["1"], ["2"]])) == 2
    assert write_sheet(tmp_path / f"none.{kind}", ["a"], []) == 0
    assert _names(tmp_path) == [f"none.{kind}", f"s.{kind}"]
    assert stat.S_IMODE((tmp_path / f"s.{kind}").stat().st_mode) == 0o600
    assert read_sheet(tmp_path / f"none.{kind}") == []


@either_kind
def test_nothing_is_written_over_and_no_link_followed(tmp_path: Path, kind: str) -> None:
    (tmp_path / "precious").write_bytes(b"kept")
    (tmp_path / f"b.{kind}").symlink_to(tmp_path / "nowhere")
    (tmp_path / f"c.{kind}.part").symlink_to(tmp_path / "precious")
    (tmp_path / f"a.{kind}").write_bytes(b"kept")
    before = _names(tmp_path)
    for name, why in [("a", "exists; choose another name"), ("b", "exists"), ("c", "another sheet is being written")]:
        with pytest.raises(SheetRefused, match=rf"{name}\.{kind}.*{why}"):
            write_sheet(tmp_path / f"{name}.{kind}", ["a"], [["1"]])
    assert _names(tmp_path) == before
    assert (tmp_path / "precious").read_bytes() == (tmp_path / f"a.{kind}").read_bytes() == b"kept"


@either_kind
@pytest.mark.parametrize("links", [True, False], ids=["with hard links", "without hard links"])
def test_a_file_that_appeared_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, links: bool
) -> None:
    def rows() -> Iterator[list[str]]:
        (tmp_path / f"s.{kind}").write_bytes(b"theirs")
        yield ["ours"]

    if not links:
        _without_links(monkeypatch)
    with pytest.raises(SheetRefused, match=rf"s\.{kind} has appeared meanwhile; choose another name"):
        write_sheet(tmp_path / f"s.{kind}", ["a"], rows())
    assert (tmp_path / f"s.{kind}").read_bytes() == b"theirs"
    assert _names(tmp_path) == [f"s.{kind}"]


def test_a_disk_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _without_links(monkeypatch)
    write_sheet(tmp_path / "s.csv", ["a"], [["1"]])
    assert read_sheet(tmp_path / "s.csv") == [(2, {"a": "1"})]
    assert _names(tmp_path) == ["s.csv"]


def _without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)


@either_kind
def test_what_fails_on_the_way_leaves_nothing(tmp_path: Path, kind: str) -> None:
    def rows() -> Iterator[list[str]]:
        yield ["1"]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_sheet(tmp_path / f"s.{kind}", ["a"], rows())
    with pytest.raises(ValueError, match="a row has 2 cells for 1 headings"):
        write_sheet(tmp_path / f"s.{kind}", ["a"], [["1", "2"]])
    assert _names(tmp_path) == []


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # xlsxwriter leaves its own temporary files open
@either_kind
@pytest.mark.parametrize("count", [10, 100_000])
def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path, kind: str, count: int) -> None:
    with _disk_for(20), pytest.raises(SheetRefused, match=rf"s\.{kind} cannot be written: .*File too large"):
        write_sheet(tmp_path / f"s.{kind}", ["a"], [["12345"]] * count)
    gc.collect()  # here, where those warnings are expected
    assert _names(tmp_path) == []


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    for name in ("s.xls", "s", "csv", "s.csv.gz"):
        with pytest.raises(SheetRefused, match=rf"{name} is neither \.csv nor \.xlsx; give it one of these endings"):
            write_sheet(tmp_path / name, ["a"], [])
        with pytest.raises(SheetRefused, match=rf"{name} is neither \.csv nor \.xlsx; save the sheet as one of these"):
            read_sheet(tmp_path / name)
    assert _names(tmp_path) == []


# What is read


@either_kind
@settings(deadline=None)  # it writes files
@given(rows=TABLES)
def test_what_was_written_is_read_again(kind: str, rows: list[list[str]]) -> None:
    headings = ["=Ref", " 快递单号 "]
    with TemporaryDirectory() as folder:
        path = Path(folder, f"s.{kind}")
        assert write_sheet(path, headings, rows) == len(rows)
        again = read_sheet(path)
    expected = [
        (line, dict(zip(["=ref", "快递单号"], map(_normal, row), strict=True))) for line, row in enumerate(rows, 2)
    ]
    assert again == [(line, row) for line, row in expected if any(row.values())]


ROWS = [(2, {"单号": "甲", "note": "x"}), (4, {"单号": "乙", "note": ""})]
CSV_FILES = [
    ("as ours",        '\ufeff"单号","note"\r\n"甲","x"\r\n\r\n"乙",""\r\n'.encode(), ROWS),
    ("without mark",   "单号,Note\n甲 ,x\n,\n乙\n".encode(),                          ROWS),
    ("GB 18030",       "单号,note\r\n甲,x\r\n,\r\n乙,\r\n".encode("gb18030"),         ROWS),
    ("semicolons",     "单号;NOTE\r甲;x\r;\r乙;".encode(),                            ROWS),
    ("tabs",           "单号\t note\n甲\tx\n\t\n乙\t\n".encode(),                     ROWS),
    ("empty columns",  "单号,,note,,\n甲,,x,,\n,,,,\n乙,,,,\n".encode(),              ROWS),
    ("in the heading", b'"a;b","c;d;e"\n1,2\n',                                     [(2, {"a;b": "1", "c;d;e": "2"})]),
    ("line breaks",    b'\n\n\na\n"1\n2"\n',                                         [(5, {"a": "1\n2"})]),
    ("apostrophes",    b"a,b\n'=1,'tis\n",                                            [(2, {"a": "=1", "b": "'tis"})]),
    ("more of them",   b"a,b\n''-1,a;'+1\n",                                          [(2, {"a": "'-1", "b": "a;+1"})]),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "rows"), [case[1:] for case in CSV_FILES], ids=[case[0] for case in CSV_FILES])
def test_a_csv_is_read_however_it_was_saved(tmp_path: Path, raw: bytes, rows: list[tuple[int, dict[str, str]]]) -> None:
    (tmp_path / "s.CSV").write_bytes(raw)
    assert read_sheet(tmp_path / "s.CSV") == rows


XLSX_CELLS = [
    (123,                                "123"),
    (123.0,                              "123"),
    (1234567890123,                      "1234567890123"),
    (999999999999999,                    "999999999999999"),
    (-7,                                 "-7"),
    (0.1,                                "0.1"),
    (0.0000001,                          "0.0000001"),
    (True,                               "TRUE"),
    (DAY,                                 "2026-05-06"),
    (DAY.replace(hour=7, second=9),       "2026-05-06T07:00:09"),
    ("'=1+1",                            "=1+1"),
    ("'tis",                             "'tis"),
    (" 0012 ",                           "0012"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "text"), XLSX_CELLS)
def test_an_xlsx_cell_is_read_as_it_was_typed(tmp_path: Path, cell: object, text: str) -> None:
    _saved(tmp_path / "s.xlsx", [], [" Ref", "Value"], [], ["r", cell])
    assert read_sheet(tmp_path / "s.xlsx") == [(4, {"ref": "r", "value": text})]


def test_the_first_sheet_that_is_shown_is_read_wherever_its_table_stands(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "s.xlsx") as book:
        hidden, shown = book.add_worksheet(), book.add_worksheet()
        shown.activate()
        shown.set_first_sheet()
        hidden.hide()
        hidden.write_string(0, 0, "wrong")
        shown.write_string(0, 3, "sent")
        shown.write_string(1, 3, "yes")
        shown.write_blank(1_048_575, 30, None, book.add_format({"bold": True}))
    assert read_sheet(tmp_path / "s.xlsx") == [(2, {"sent": "yes"})]


# What is refused


CSV_REFUSALS = [
    (b"",                            r"s\.csv is empty; its first line must have the headings"),
    (b"\n , \n",                     r"s\.csv is empty"),
    (b"a,b\0\n",                     r"s\.csv is no text; save the sheet as CSV UTF-8"),
    (b"\x80\xff\xfe\xff",            r"s\.csv is no text"),
    ("a,b".encode("utf-16"),         r"s\.csv is no text"),
    (b"\na, A \n",                   r"s\.csv line 2: the heading 'a' stands twice; rename or delete one column"),
    (b"a,b\n1,2\n\n1,2,3\n",         r"s\.csv line 4: a cell stands outside the columns that have headings; delete it"),
    (b"a,,c\n1,2,3\n",               r"s\.csv line 2: a cell stands outside"),
    (b'a\n1\n"2\n3\n',               r"s\.csv line 3: unexpected end of data; open and save it in a spreadsheet"),
    (b'a,b\n"1"2,3\n',               r"s\.csv line 2: ',' expected after '\"'"),
    (b"a\n" + b"1" * 200_000,        r"s\.csv line 2: field larger than field limit"),
    (b"a\n1\n2\n3\n\n4\n",           r"s\.csv line 6: more than 3 rows; divide the sheet"),
    (bytes(20 * 2**20 + 1),          r"s\.csv is larger than 20 MiB; divide the sheet"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "why"), CSV_REFUSALS, ids=[why for _, why in CSV_REFUSALS])
def test_a_csv_that_is_no_sheet_is_refused(tmp_path: Path, raw: bytes, why: str) -> None:
    (tmp_path / "s.csv").write_bytes(raw)
    with pytest.raises(SheetRefused, match=why):
        read_sheet(tmp_path / "s.csv", most_rows=3)


XLSX_REFUSALS = [
    ([[]],                             r"s\.xlsx is empty"),
    ([["a", "A"]],                     r"s\.xlsx line 1: the heading 'a' stands twice"),
    ([["a"], ["1"], ["1", "2"]],       r"s\.xlsx line 3: a cell stands outside"),
    ([["a"], *[["1"]] * 4],            r"s\.xlsx line 5: more than 3 rows"),
    ([["a"], ["1"], [10**15]],         r"s\.xlsx line 3: Excel has rounded a number of more than 15 digits; give the"),
    ([["a"], [-(10**15)]],             r"s\.xlsx line 2: Excel has rounded"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "why"), XLSX_REFUSALS, ids=[why for _, why in XLSX_REFUSALS])
def test_an_xlsx_that_is_wrong_is_refused(tmp_path: Path, rows: list[list[object]], why: str) -> None:
    with pytest.raises(SheetRefused, match=why):
        read_sheet(_saved(tmp_path / "s.xlsx", *rows), most_rows=3)


@pytest.mark.parametrize("raw", [b"", b"garbage", b"PK\x03\x04" + bytes(100), b"\xd0\xcf\x11\xe0" + bytes(600)])
def test_bytes_that_are_no_workbook_are_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "s.xlsx").write_bytes(raw)
    with pytest.raises(SheetRefused, match=r"s\.xlsx is no \.xlsx, or has a password; save it as \.xlsx without one"):
        read_sheet(tmp_path / "s.xlsx")


SHEET = "xl/worksheets/sheet1.xml"
BROKEN = [
    # id                   part                what stands there   what does then    why it is refused
    ("not XML",            SHEET,              b"</row>",         b"<<",           r"is no \.xlsx that can be read"),
    ("no workbook",        "xl/workbook.xml",  b"<",               b"",              r"is no \.xlsx that can be read"),
    ("not a number",       SHEET,              b"<v>7</v>",        b"<v>NaN</v>",   r"line 2: Excel has rounded"),
    ("infinite",           SHEET,              b"<v>7</v>",        b"<v>1e999</v>", r"line 2: Excel has rounded"),
    ("another encoding",   SHEET,              b"<v>7</v>",        b"<v>7\0</v>",   r"is not written in UTF-8"),
    ("without addresses",  SHEET,              b'<c r="A2"',       b"<c",            r"cells without an address"),
    ("far below",          SHEET,              b'"A2"',            b'"XFD1048576"', r"cells far below or beside"),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "why"), [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_workbook_made_by_hand_is_refused(tmp_path: Path, part: str, old: bytes, new: bytes, why: str) -> None:
    path = _saved(tmp_path / "s.xlsx", ["a"], [7])
    assert read_sheet(path) == [(2, {"a": "7"})]
    _repacked(path, part, old, new)
    with pytest.raises(SheetRefused, match=rf"s\.xlsx.*{why}"):
        read_sheet(path)


@pytest.mark.parametrize(
    ("declared", "why"),
    [(100, r"is no \.xlsx, or"), (200 * 2**20 + 1, r"unpacks to more than 200 MiB; divide the sheet")],
)
def test_a_workbook_is_measured_before_it_is_unpacked(tmp_path: Path, declared: int, why: str) -> None:
    """Nor does a directory that says too little let the rest through."""
    path = _saved(tmp_path / "s.xlsx", ["a"], [7])
    _repacked(path, SHEET, b"</sheetData>", b"</sheetData>" + b" " * 100_000)
    with zipfile.ZipFile(path) as packed:
        size = packed.getinfo(SHEET).file_size
    before, directory, after = path.read_bytes().rpartition(size.to_bytes(4, "little"))
    assert directory
    path.write_bytes(before + declared.to_bytes(4, "little") + after)
    with zipfile.ZipFile(path) as packed:
        assert packed.getinfo(SHEET).file_size == declared
    with pytest.raises(SheetRefused, match=rf"s\.xlsx {why}"):
        read_sheet(path)


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.csv")
    (tmp_path / "folder.csv").mkdir()
    for name in ("missing.csv", "fifo.csv", "folder.csv"):
        with pytest.raises(SheetRefused, match=rf"{name} is no file; give the path of a sheet"):
            read_sheet(tmp_path / name)


def test_as_many_rows_as_allowed_are_read(tmp_path: Path) -> None:
    write_sheet(tmp_path / "s.xlsx", ["a"], [["1"]] * 3)
    assert len(read_sheet(tmp_path / "s.xlsx", most_rows=3)) == 3
    assert sheet_reading._number(b"XFD") == 16_384
