"""Whatever program saves a list of codes: what comes back is exactly these codes, or nothing."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.alphabet import SYMBOLS, check_symbol, grouped
from huoju.tables.codes import codes_in, knows_codes, vouchers_in
from huoju.tables.reader import open_table
from huoju.tables.table import Table, TableRefused
from huoju.tables.values import Values
from tests.tables.files import refusal, workbook

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"]
HEADINGS = [
    ("serial", "code", "worth"),
    ("No.", "Coupon code", "worth"),
    ("序号", "抽奖码", "面值"),
    ("编号", "兑换码（12位）", "备注说明"),
    None,
]
LENGTHS = st.sampled_from([8, 9, 12, 16])


@st.composite
def code_lists(draw: st.DrawFn) -> list[str]:
    length = draw(LENGTHS)
    bodies = st.text(SYMBOLS, min_size=length - 1, max_size=length - 1)
    return [body + check_symbol(body) for body in draw(st.lists(bodies, min_size=1, max_size=12, unique=True))]


@settings(max_examples=200)  # it writes files
@example(["AAAAAACB"], "utf-8", ",", csv.QUOTE_MINIMAL, "\r\n", None, True, "", str)
@example(["AAAAAACB"], "utf-8", ",", csv.QUOTE_MINIMAL, "\r\n", None, True, "", grouped)
@given(
    codes=code_lists(),
    encoding=st.sampled_from(ENCODINGS),
    separator=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\r\n", "\n", "\r"]),
    heading=st.sampled_from(HEADINGS),
    serials=st.booleans(),
    note=st.sampled_from(["", "5", "五元", "a, b; c|d", 'say "hi"\nthere']),
    spelt=st.sampled_from([str, grouped, str.lower]),
)
def test_a_list_as_text_comes_back_as_it_was_or_not_at_all(
    codes: list[str],
    encoding: str,
    separator: str,
    quoting: int,
    end: str,
    heading: tuple[str, str, str] | None,
    serials: bool,
    note: str,
    spelt,
) -> None:
    rows = [[f"{serial:06}", spelt(code), note] for serial, code in enumerate(codes, start=1)]
    if heading is not None:
        rows.insert(0, list(heading))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end).writerows(
        row if serials else row[1:] for row in rows
    )
    _comes_back(out.getvalue().encode(encoding), codes, sure=heading is not None)


@settings(max_examples=8)
@given(codes=code_lists(), heading=st.sampled_from(HEADINGS), spelt=st.sampled_from([str, grouped]))
def test_a_workbook_of_text_comes_back_as_it_was(codes: list[str], heading, spelt) -> None:
    rows = [[serial, spelt(code), "5"] for serial, code in enumerate(codes, start=1)]
    _comes_back(workbook(*([heading] if heading else []), *rows), codes, sure=heading is not None)


@settings(max_examples=8)
@given(st.lists(st.text("0123456789", min_size=6, max_size=20), min_size=1, max_size=12, unique=True))
def test_numbers_in_a_workbook_come_back_whole_or_not_at_all(codes: list[str]) -> None:
    """As a spreadsheet keeps them that was not told that they are text: in at most 15 digits, without zeros before."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "f")
        path.write_bytes(workbook(["code"], *([float(code)] for code in codes)))
        try:
            taken = [code for _, code in codes_in(open_table(path, knows_codes))]
        except TableRefused:
            return
    if len(set(map(len, taken))) == 1:  # a batch takes no others
        assert taken == [str(int(code)) for code in codes]
        assert all(len(code) <= 15 for code in taken)


@settings(max_examples=200)
@example(b"\x800\x81")
@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_bring_anything_but_codes_or_a_sentence(raw: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "f")
        path.write_bytes(raw)
        said, values = _read(path, codes_in)
        assert all(code.isascii() and 6 <= len(code) <= 32 for code in values)
        assert not said or str(path) in said
        said, _ = _read(path, vouchers_in)
        assert not said or str(path) in said


def _read(path: Path, read: Callable[[Table], Values]) -> tuple[str, list[str]]:
    values: list[str] = []
    said = refusal(lambda: values.extend(value for _, value in read(open_table(path, knows_codes))))
    return said, values


def _comes_back(raw: bytes, codes: list[str], *, sure: bool) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "f")
        path.write_bytes(raw)
        try:
            taken = [code for _, code in codes_in(open_table(path, knows_codes))]
        except TableRefused:
            assert not sure or any(code.isdigit() for code in codes)
        else:
            assert taken == codes
