"""Workbooks are read in a process of their own: what is hostile or broken ends that one, and is told."""

import io
import os
import resource
import subprocess
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from huoju.tables import workbook_child
from huoju.tables.codes import knows_codes
from huoju.tables.reader import open_table
from huoju.tables.table import Kind, TableRefused
from tests.tables.files import DAY, SHEET, Formula, refusal, repacked, workbook

CELLS = [
    # what is in a cell                 its text                 what the cell is
    (123, "123", Kind.NUMBER),
    (123.0, "123", Kind.NUMBER),
    (999999999999999, "999999999999999", Kind.NUMBER),
    (10**15, "1E+15", Kind.NUMBER),
    (-7, "-7", Kind.NUMBER),
    (0.1, "0.1", Kind.NUMBER),
    (0.0000001, "0.0000001", Kind.NUMBER),
    (True, "TRUE", Kind.TRUTH),
    (DAY, "2026-05-06", Kind.DATE),
    (DAY.replace(hour=7, second=9), "2026-05-06T07:00:09", Kind.DATE),
    (Formula("=NA()", "#N/A"), "#N/A", Kind.ERROR),
    (Formula("=A1", "0012"), "0012", Kind.TEXT),
    ("#N/A", "#N/A", Kind.TEXT),
    ("'=1+1", "=1+1", Kind.TEXT),
    ("'tis", "'tis", Kind.TEXT),
    (" 0012 ", "0012", Kind.TEXT),
]


def _written(folder: Path, raw: bytes) -> Path:
    path = folder / "s.xlsx"
    path.write_bytes(raw)
    return path


def test_each_cell_says_what_it_is(tmp_path: Path) -> None:
    raw = workbook([], ["", "code"], *(["", cell] for cell, _, _ in CELLS), ["x"])
    rows = list(open_table(_written(tmp_path, raw), knows_codes).read())
    assert [row.number for row in rows] == list(range(2, len(CELLS) + 4))
    assert [row.at(1) for row in rows[1:-1]] == [(text, kind) for _, text, kind in CELLS]
    assert rows[-1].width == 1


def test_the_sheet_that_is_shown_is_read(tmp_path: Path) -> None:
    raw = repacked(
        workbook(["wrong"], more=["second"]), "xl/workbook.xml", b'name="Sheet1"', b'name="Sheet1" state="hidden"'
    )
    assert open_table(_written(tmp_path, raw), knows_codes).told == "worksheet “second”"


BROKEN = [
    ("not XML", SHEET, b"</row>", b"<<", "cannot be read as .xlsx"),
    ("no workbook", "xl/workbook.xml", b"<", b"", "cannot be read as .xlsx"),
    ("no relations", "xl/_rels/workbook.xml.rels", b"worksheets/sheet1.xml", b"../../../etc/passwd", "cannot be read"),
    ("far below", SHEET, b'"A2"', b'"XFD1048576"', "needs too much memory: cells stand far below or beside the table"),
    ("an entity", SHEET, b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet', ""),
]


@pytest.mark.parametrize(("part", "old", "new", "why"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_workbook_made_by_hand_is_refused(tmp_path: Path, part: str, old: bytes, new: bytes, why: str) -> None:
    path = _written(tmp_path, repacked(workbook(["a"], [7]), part, old, new))
    said = refusal(lambda: list(open_table(path, knows_codes).read()))
    assert why in said
    assert ("s.xlsx" in said) == bool(why)


def test_an_entity_that_grows_is_read_by_nobody(tmp_path: Path) -> None:
    """Ten times ten times … of itself: what expands it runs into the limits of the child."""
    names = "abcdefghij"
    grows = "".join(f'<!ENTITY {x} "{f"&{y};" * 10}">' for y, x in pairwise(names))
    bomb = f'<!DOCTYPE s [<!ENTITY a "{"x" * 1000}">{grows}]><worksheet'.encode()
    raw = repacked(workbook(["a"], ["b"]), SHEET, b"<worksheet", bomb)
    raw = repacked(raw, SHEET, b"</row>", b'<c r="B1" t="str"><v>&j;</v></c></row>')
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    path = _written(tmp_path, raw)
    if not refusal(lambda: list(open_table(path, knows_codes).read())):
        assert all(len(cell.text) < 2000 for row in open_table(path, knows_codes).read() for cell in row.cells)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


@pytest.mark.parametrize(("declared", "why"), [(100, r"cannot be read"), (2**31, r"it unpacks to more than 1024 MiB")])
def test_a_directory_that_lies_lets_nothing_through(tmp_path: Path, declared: int, why: str) -> None:
    raw = repacked(workbook(["a"], [7]), SHEET, b"</sheetData>", b"</sheetData>" + b" " * 100_000)
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        size = packed.getinfo(SHEET).file_size
    before, directory, after = raw.rpartition(size.to_bytes(4, "little"))
    assert directory
    with pytest.raises(TableRefused, match=why):
        list(open_table(_written(tmp_path, before + declared.to_bytes(4, "little") + after), knows_codes).read())


@pytest.mark.parametrize("raw", [b"PK\x03\x04" + bytes(100), b"PK\x03\x04"])
def test_bytes_that_are_no_workbook_are_refused(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(TableRefused, match=r"cannot be read as \.xlsx"):
        open_table(_written(tmp_path, raw), knows_codes)


def test_a_child_that_never_answers_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow.py").write_text("import sys\nsys.stdin.read\nwhile True: pass\n", encoding="utf-8")
    monkeypatch.setattr(workbook_child, "__file__", str(tmp_path / "slow.py"))
    monkeypatch.setattr("huoju.tables.workbook._PATIENCE_S", 0.2)
    with pytest.raises(TableRefused, match="takes too long to read"):
        open_table(_written(tmp_path, workbook(["a"])), knows_codes)


def test_a_reader_that_stops_early_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []

    def begin(*told: Any, **more: Any) -> subprocess.Popen[bytes]:
        begun.append(popen(*told, **more))
        return begun[-1]

    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", begin)
    path = _written(tmp_path, workbook(["code"], *([f"ABCD2345{number:04}"] for number in range(5000))))
    rows = open_table(path, knows_codes).read()
    assert next(rows).number == 1
    rows.close()  # type: ignore[attr-defined]  # a generator, in truth
    assert begun
    for each in begun:
        with pytest.raises(ChildProcessError):  # it has been waited for
            os.waitpid(each.pid, os.WNOHANG)


def test_what_is_no_readable_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.csv")
    (tmp_path / "folder.csv").mkdir()
    for name in ("missing.csv", "fifo.csv", "folder.csv"):
        with pytest.raises(TableRefused, match=rf"{name} is no file; give the path of a table"):
            open_table(tmp_path / name, knows_codes)
