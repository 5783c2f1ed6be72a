"""Sheets: nothing in them is ever calculated, nothing is written over, and what was written is read again."""

import csv
import gc
import io
import os
import re
import resource
import stat
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sheets import SheetRefused, write_sheet
from huoju.tables.reader import open_table

either_kind = pytest.mark.parametrize("kind", ["csv", "xlsx"])

DANGEROUS = "=+-@\t\r\n＝＋－＠"
UNSEEN = ' \t\r\n"\u00a0\u200b\u200d\u2060\ufeff\u3000\u00ad\u3164'
RISKY = st.text(st.sampled_from(DANGEROUS + UNSEEN + "';,1a"), max_size=12)
CELLS = st.one_of(RISKY, st.text(max_size=20), st.tuples(RISKY, st.text(max_size=5)).map("".join))
# The reading library takes "_x005F_x0041_" for "_x005FA"; the specification's own escapes are the only such texts.
ROW = st.lists(CELLS, min_size=2, max_size=2)
TABLES = st.lists(ROW, max_size=4)
# A workbook costs the same however many rows it has, so a few of them hold the many rows.
LONG_TABLES = st.one_of(TABLES, st.lists(ROW, min_size=30, max_size=40))


@cache  # most workers never ask
def _invisible() -> str:
    found = (c for c in map(chr, range(sys.maxunicode)) if c.isspace() or unicodedata.category(c) in {"Cf", "Cc"})
    return "".join(found)


def _normal(text: str) -> str:
    """What may change on the way: line breaks, control characters, and what no file can carry."""
    text = re.sub("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)
    return re.sub("[\ud800-\udfff\ufffe\uffff]", "\ufffd", text).strip(_invisible())


def _read(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a table as it is read again, each as wide as the first."""
    rows = list(open_table(path, lambda _: True).read())
    return [(row.number, [row.at(column).text for column in range(rows[0].width)]) for row in rows]


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


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


@settings(max_examples=15)
@given(LONG_TABLES)
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
    assert _read(tmp_path / "s.xlsx")[1] == (2, ["😀" * 16_383])


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
    assert _read(tmp_path / f"none.{kind}") == [(1, ["a"])]


@either_kind
def test_nothing_is_written_over_and_no_link_followed(tmp_path: Path, kind: str) -> None:
    (tmp_path / "precious").write_bytes(b"kept")
    (tmp_path / f"b.{kind}").symlink_to(tmp_path / "nowhere")
    (tmp_path / f"c.{kind}.part").symlink_to(tmp_path / "precious")
    (tmp_path / f"a.{kind}").write_bytes(b"kept")
    before = _names(tmp_path)
    for name, why in [("a", "exists; choose another name"), ("b", "exists"), ("c", "another one is being written")]:
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
    assert _read(tmp_path / "s.csv") == [(1, ["a"]), (2, ["1"])]
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
    gc.freeze()  # what other tests left behind is not looked at here
    with _disk_for(20), pytest.raises(SheetRefused, match=rf"s\.{kind} cannot be written: .*File too large"):
        write_sheet(tmp_path / f"s.{kind}", ["a"], [["12345"]] * count)
    gc.collect()  # here, where those warnings are expected
    gc.unfreeze()
    assert _names(tmp_path) == []


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    for name in ("s.xls", "s", "csv", "s.csv.gz"):
        with pytest.raises(SheetRefused, match=rf"{name} is neither \.csv nor \.xlsx; give it one of these endings"):
            write_sheet(tmp_path / name, ["a"], [])
    assert _names(tmp_path) == []


# What is read


@either_kind
@settings(max_examples=15)
@given(rows=LONG_TABLES)
def test_what_was_written_is_read_again(kind: str, rows: list[list[str]]) -> None:
    headings = ["=Ref", " 快递单号 "]
    with TemporaryDirectory() as folder:
        path = Path(folder, f"s.{kind}")
        assert write_sheet(path, headings, rows) == len(rows)
        again = _read(path)
    expected = [(line, [*map(_normal, row)]) for line, row in enumerate(rows, 2)]
    assert again == [(1, ["=Ref", "快递单号"]), *((line, row) for line, row in expected if any(row))]
