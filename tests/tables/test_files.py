"""Files as people bring them: from each exactly the codes that were meant are taken, or none and it is said why."""

import codecs
import gzip
from pathlib import Path

import pytest

from huoju.tables.codes import codes_in, knows_codes, vouchers_in
from huoju.tables.reader import open_table
from huoju.tables.table import TableRefused
from tests.tables.files import DAY, Formula, delimited, workbook

A, B, C = "ABCD2345EFGH", "BCDE3456FGHJ", "CDEF4567GHJK"
LIST = [(2, A), (3, B)]
ZH = [["序号", "兑换码", "面值"], ["1", A, "五元"], ["2", B, "十元"]]
EN = [["No.", "Coupon code", "Worth"], ["1", A, "5"], ["2", B, "10"]]
CARDS = [["卡号", "卡密"], ["6222021234", "aB3-x"], ["6222021235", "0009"]]
JOINED = [(2, "6222021234\x1faB3-x"), (3, "6222021235\x1f0009")]
LINK = "https://brand.example/c/"


def _xlsx(*cells: object) -> bytes:
    return workbook(["抽奖码"], *([cell] for cell in cells))


TAKEN = [
    # a file as its program writes it                                                       what is taken
    ("Excel China, CSV", delimited(ZH).encode("gb18030"), LIST),
    ("Excel, CSV UTF-8", delimited(ZH).encode("utf-8-sig"), LIST),
    ("Excel, Unicode text", delimited(ZH, "\t").encode("utf-16"), LIST),
    ("the same, big end first", codecs.BOM_UTF16_BE + delimited(ZH, "\t").encode("utf-16-be"), LIST),
    ("UTF-16 without its mark", delimited(ZH, "\t").encode("utf-16-le"), LIST),
    ("the same, big end first, bare", delimited(EN, "\t").encode("utf-16-be"), LIST),
    ("UTF-32", delimited(ZH).encode("utf-32"), LIST),
    ("Excel in Europe", delimited([["Größe", "Code"], ["ä", A], ["ö", B]], ";").encode("cp1252"), LIST),
    ("the same with bars", delimited([["é", "Code"], ["é", A], ["é", B]], "|").encode("cp1252"), LIST),
    ("Excel in Taiwan", delimited([["序號", "兌換碼"], ["1", A], ["2", B]]).encode("big5"), LIST),
    ("LibreOffice, all in quotes", delimited(EN, quoted=True, end="\n").encode(), LIST),
    ("an old Mac", delimited(EN, end="\r").encode(), LIST),
    ("semicolons", delimited(EN, ";").encode(), LIST),
    ("bars", delimited(EN, "|").encode(), LIST),
    ("decimal commas", f"code;worth\n{A};3,50\n{B};4,50\n".encode(), LIST),
    ("sep=", f"sep=;\ncode;worth\n{A};1\n{B};2\n".encode(), [(3, A), (4, B)]),
    ("line breaks in quotes", f'note,code\n"one\ntwo",{A}\n"x, ""y""",{B}\n'.encode(), LIST),
    ("a list", f"code\n{A}\n{B}\n".encode(), LIST),
    ("a list without heading", f"{A}\n{B}\n".encode(), [(1, A), (2, B)]),
    ("one code", f"{A}".encode(), [(1, A)]),
    ("serials without headings", f"000001;{A}\n000002;{B}\n".encode(), [(1, A), (2, B)]),
    ("the same with bars, bare", f"000001|{A}\n000002|{B}\n".encode(), [(1, A), (2, B)]),
    ("the same with tabs", f"000001\t{A}\n000002\t{B}\n".encode(), [(1, A), (2, B)]),
    ("blank rows", f"\n\n序号,抽奖码\n\n1,{A}\n,\n2,{B}\n".encode(), [(5, A), (7, B)]),
    (
        "a title and a total",
        f"2026 抽奖码清单,\n序号,抽奖码\n1,{A}\n2,{B}\n合计,2\n制表：王\n".encode(),
        [(3, A), (4, B)],
    ),
    ("a total in the list", f"code\n{A}\n{B}\nTotal: 2 codes\n".encode(), LIST),
    ("grouped as we print", f"serial,code\n1,{A[:4]}-{A[4:8]}-{A[8:]}\n2,{B[:4]} {B[4:8]} {B[8:]}\n".encode(), LIST),
    ("other dashes, no-break", f"code\n{A[:6]}–{A[6:]}\n\u00a0{B[:6]}\u2011{B[6:]}\u3000\n".encode(), LIST),
    ("unseen marks", f"\ufeffcode\n\u202d{A}\u202c\n\u200b{B}\n".encode(), LIST),
    ("full width", "ｃｏｄｅ\nＡＢＣＤ２３４５ＥＦＧＨ\n".encode(), [(2, A)]),
    ("lower case", f"code\n{A.lower()}\n".encode(), [(2, A)]),
    ("addresses around", f"link\n{LINK}{A}\n{LINK}{B}\n".encode(), LIST),
    (
        "addresses with a question",
        f"code\nhttps://b.example/w?c={A}&s=7\nhttps://b.example/w?c={B}&s=7\n".encode(),
        LIST,
    ),
    ("addresses without scheme", f"二维码内容\nb.example/{A}\nb.example/{B}\n".encode(), LIST),
    ("addresses after a hash", f"code\n{LINK}#{A}\n{LINK}#{B}\n".encode(), LIST),
    ("a label around", f"code\nCode: {A}\nCode: {B}\n".encode(), LIST),
    ("code and link", f"serial,code,link\n1,{A},{LINK}{A}\n2,{B},{LINK}{B}\n".encode(), LIST),
    ("kept as text by a formula", f'code\n="001234567890"\n="{B}"\n'.encode(), [(2, "001234567890"), (3, B)]),
    ("kept as text by a mark", b"code\n'001234567890\n", [(2, "001234567890")]),
    ("a heading in two languages", f"兑换码 Code（12位）\n{A}\n{B}\n".encode(), LIST),
    ("a heading with more words", f"2026活动兑换码*,x\n{A},1\n{B},2\n".encode(), LIST),
    ("a heading in capitals", f"NO,COUPON_CODES:\n1,{A}\n2,{B}\n".encode(), LIST),
    ("beside another code", f"防伪码,兑换码,验证码\n{C},{A},1234\n{C},{B},1235\n".encode(), LIST),
    ("serials that are the codes", f"No,序列号\n1,{A}\n2,{B}\n".encode(), LIST),
    ("serials beside codes", f"Serial,Code\n100001,{A}\n100002,{B}\n".encode(), LIST),
    ("a workbook", workbook(*ZH), LIST),
    ("a workbook of numbers", _xlsx(234567890123, 345678901234), [(2, "234567890123"), (3, "345678901234")]),
    ("a workbook of formulas", _xlsx(Formula("=B2", A), Formula(f'=HYPERLINK("{LINK}{B}","{B}")', B)), LIST),
    ("a workbook of links", _xlsx(f"{LINK}{A}", f"{LINK}{B}"), LIST),
    ("a hidden column", workbook(["x", "code"], [1, A], [2, B], hidden=[1]), LIST),
    ("rows above and beside", workbook([], ["", "", "2026"], ["", "no", "code"], ["", 1, A]), [(4, A)]),
    ("a total in a workbook", workbook(["序号", "码"], [1, A], [2, B], ["合计", 2]), LIST),
    (
        "all digits, sixteen of them",
        b"code\n1234567890123450\n1234567890123461\n1234567890123472\n",
        [(2, "1234567890123450"), (3, "1234567890123461"), (4, "1234567890123472")],
    ),
]

SPOILT = "what a spreadsheet made of a long number"
REFUSED = [
    # a file                                                                            why nothing of it is taken
    ("an exponent", f"code\n{A}\n3.88E+15\n", rf"row 3, column A “3.88E\+15” is {SPOILT}"),
    ("an exponent with a comma", "code;x\n3,88E+15;1\n", rf"row 2, column A “3,88E\+15” is {SPOILT}"),
    (
        "zeros at the end",
        "code\n1234567890123450000\n",
        "row 2: it ends in zeros from the sixteenth digit on, as 1 of 1",
    ),
    ("sixteen digits, all cut", "code\n1234567890123450\n2234567890123450\n3234567890123450\n", "as 3 of 3 numbers do"),
    (
        "zeros gone from the front",
        "code\n" + "".join(f"{n}234567\n" for n in range(10, 20)) + "1234567\n",
        "row 12: it is shorter than the 8 digits of most",
    ),
    ("a date", f"code\n{A}\n2026-01-02\n", "row 3, column A “2026-01-02” is a date"),
    ("a date of Excel", f"code\n{A}\n26-Mar-2026\n", "“26-Mar-2026” is a date"),
    ("a date in Chinese", f"code\n{A}\n2026年1月2日\n", "is a date"),
    ("an error", f"code\n{A}\n#N/A\n", "“#N/A” is the error of a formula"),
    ("a narrow column", f"code\n{A}\n########\n", "a column shows that is too narrow"),
    ("a formula", f'code\n"=HYPERLINK(""{LINK}{A}"")"\n', "is a formula that was not calculated"),
    ("nothing, as programs say", f"code\n{A}\nundefined\n", "row 3, column A “undefined” is how a program writes"),
    ("a number with decimals", f"code\n{A}\n234567890123.0\n", "is a number with decimals"),
    ("stars", f"code\n{A}\nABCD****EFGH\n", "is hidden by stars"),
    ("cut off", f"code\n{A}\nBCDE3456F...\n", "is cut off"),
    ("another encoding", f"code\n{A}\nBCDE3456\ufffdHJ\n", "was saved in another encoding"),
    ("a blank one", f"no,code\n1,{A}\n2,\n", "row 3, column B “” is empty"),
    ("a heading in between", f"code\n{A}\ncode\n{B}\n", "row 2: a value stands above the headings of row 3"),
    (
        "headings far below",
        "code\n" + "".join(f"ABCD{n}\n" for n in range(1000, 1060)) + "Coupon code\n",
        "row 62, column A “Coupon code” is a heading",
    ),
    ("Cyrillic", "code\nАBCD2345EFGH\n", "is no code: no code has 'А' in it"),
    ("two in one", f"code\n{A}/{B}\n", "is no code: no code has '/' in it"),
    ("a separator that is none", f"code\n000001:{A}\n", "is no code: no code has ':' in it"),
    ("serials before, spaces", f"code\n000001 {A}\n000002 {B}\n", "is a number that counts up beside a code"),
    ("serials before, hyphens", f"0001-{A}\n0002-{B}\n", "is a number that counts up beside a code"),
    ("serials behind", f"code\n{A}-1\n{B}-2\n", "is a number that counts up beside a code"),
    (
        "a separator in one row",
        f"code\n{A}\n{B},{C}\n",
        "row 3, column A “BCDE3456FGHJ” has more cells than there are columns",
    ),
    (
        "too short and too long",
        f"code\nAB123\n{A * 3}\n",
        "row 2, column A “AB123” is no code: 5 letters and digits.*\n.*row 3",
    ),
    ("several names", f"兑换码,券码\n{A},{B}\n", "several columns that can be the codes, or choose with --column"),
    ("number and secret", delimited(CARDS), "several columns that can be the codes"),
    ("no name", f"id,Gewinnschlüssel\n1,{A}\n", "does not say which column has the codes; head it “code” or “兑换码”"),
    ("an unknown heading alone", f"Rabattcode\n{A}\n{B}\n", "\n  row  A\n  1    Rabattcode\n  2    ABCD2345EFGH"),
    ("letters only, no heading", "DISCOUNT\nABCDEFGH\nBCDEFGHJ\n", "does not say which column"),
    ("one row of two", f"000001;{A}\n", "does not say which column"),
    ("two that count as codes", f"{A},{B}\n{B},{C}\n", "does not say which column"),
    ("only counting", "000001\n000002\n000003\n", "does not say which column"),
    ("other addresses", f"code\n{LINK}{A}\nhttps://evil.example/c/{B}\n", "has something else around it than row 2"),
    ("addresses of two codes", f"code\n{LINK}{A}?d={B}\n", "it is not clear what is the code"),
    ("serials that count", f"Serial,Los\n100001,{A}\n100002,{B}\n", "“Serial” to take, which counts up.*\n.*row  A"),
    ("two lines in a cell", f'code\n"{A}\n{B}"\n', "row 2, .* holds several codes; give each a row of its own"),
    ("lines that only some see", f"code\n{A}\x85{B}\n", "holds several codes"),
    ("two beside each other", f"code\n{A} {B}\n", "holds several codes"),
    ("headings alone", "no,code\n", "has no codes below its headings"),
    ("nothing", "", r"f\.csv is empty"),
    ("blank rows alone", "\n , \n", "is empty"),
    ("a quote left open", f'code\n{A}\n"{B}\n', "row 3: unexpected end of data"),
    ("a web page", f"<html><table><tr><td>{A}</td></tr></table></html>", "is a web page or XML"),
    ("no text", b"a,b\0\n\xff\xfe", "is no text"),
    ("no text in the middle", f"code\n{A}\n".encode() + b"\0" * 7, "is no text"),
    ("a PDF", b"%PDF-1.7\n", "is a PDF"),
    ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"is an old \.xls"),
    ("packed", gzip.compress(A.encode()), "is packed"),
    ("encrypted", b"age-encryption.org/v1\n", "is encrypted with age"),
    (
        "a workbook: rounded",
        _xlsx(A, 3880000000000000),
        r"row 3, column A “3.88E\+15” is a number that a spreadsheet has rounded",
    ),
    ("a workbook: decimals", _xlsx(A, 1234567.5), "one with decimals"),
    ("a workbook: a date", _xlsx(A, DAY), "row 3, column A “2026-05-06” is a date"),
    ("a workbook: a truth", _xlsx(A, True), "“TRUE” is a truth value"),
    (
        "a workbook: an error",
        _xlsx(A, Formula("=1/0", "#DIV/0!"), B),
        "row 3, column A “#DIV/0!” is the error of a formula",
    ),
    (
        "a workbook: error at the end",
        _xlsx(A, Formula("=NA()", "#N/A")),
        "row 3, column A “#N/A” is the error of a formula",
    ),
    (
        "a workbook: short numbers",
        _xlsx(*range(10000001, 10000009), 1234567),
        "a spreadsheet has taken zeros off the front",
    ),
    (
        "a workbook: two sheets",
        workbook(["code"], [A], more=["二"]),
        "several worksheets; say which: --sheet 'Sheet1' or '二'",
    ),
    ("a merged heading", workbook(["code", ""], [A, B]), "has more cells than there are columns"),
    ("a workbook of nothing", workbook(), "no worksheet that is shown|is empty"),
]


def _written(folder: Path, raw: str | bytes) -> Path:
    path = folder / "f.csv"
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return path


@pytest.mark.parametrize(("raw", "codes"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_exactly_the_codes_are_taken(tmp_path: Path, raw: bytes, codes: list[tuple[int, str]]) -> None:
    values = codes_in(open_table(_written(tmp_path, raw), knows_codes))
    assert list(values) == codes
    assert f"is read as {codes[0][1]}" in values.told


@pytest.mark.parametrize(("raw", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_damaged_or_unclear_is_refused_whole(tmp_path: Path, raw: str | bytes, why: str) -> None:
    with pytest.raises(TableRefused, match=why):
        list(_told_and_read(tmp_path, raw))


def _told_and_read(folder: Path, raw: str | bytes) -> list[tuple[int, str]]:
    values = codes_in(open_table(_written(folder, raw), knows_codes))
    assert values.told
    return list(values)


@pytest.mark.parametrize(
    "heading",
    """
    兑换码|券码|卡密|序列号|抽奖编码|兑奖编号|优惠券编码|礼包码|瓶盖码|刮刮码|防伪码|暗码|SN码|串号|抽獎序號|兌換序號
    Code|Serial|PIN|Serial Number|serial_no|S/N|CDKEY|CD-Key|Gift Card Code|Lottery code|Lucky draw code|License Key
    Scratch-off code|Coupon Codes List|Ticket number|Kode|Code-Nr.|Seriennummer|Code unique
    """.replace("\n", "|").split("|"),
)
def test_a_column_of_codes_is_known_by_any_of_its_names(tmp_path: Path, heading: str) -> None:
    table = open_table(_written(tmp_path, f"{heading.strip() or 'code'}\n{A}\n{B}\n"), knows_codes)
    assert list(codes_in(table)) == LIST


def test_what_look_alikes_change_is_shown(tmp_path: Path) -> None:
    values = codes_in(open_table(_written(tmp_path, f"code\n{A}\nOBCD2345EFGI\n"), knows_codes))
    assert list(values) == [(2, A), (3, "0BCD2345EFG1")]
    assert values.folded == ["row 3, column A “OBCD2345EFGI” is read as 0BCD2345EFG1"]


CHOSEN = [
    (f"Rabatt,Nr\n{A},{B}\n", "A", [(2, A)]),
    (f"Rabatt,Nr\n{A},{B}\n", "b", [(2, B)]),
    (f"Rabatt,Nr\n{A},{B}\n", "nr.", [(2, B)]),
    (f"兑换码,券码\n{A},{B}\n", "券码", [(2, B)]),
    (f"{A},{B}\n{B},{C}\n", "B", [(1, B), (2, C)]),
    (f"a title\nRabatt,B\n{A},{B}\n", "Rabatt", [(3, A)]),
    (f"{A},{B}\nZZZ,x\n", "B", "“BCDE3456FGHJ” can be a heading or a value that is not like"),
    (f"RABATT2026\n{A}\n{B}\n", "A", "row 1: “RABATT2026” can be a heading or a value"),
    (f"id,code\n{A},{B}\n", "Z", "has no column 'Z', or choose"),
]


@pytest.mark.parametrize(("text", "column", "expected"), CHOSEN)
def test_a_column_is_chosen(tmp_path: Path, text: str, column: str, expected: list[tuple[int, str]] | str) -> None:
    table = open_table(_written(tmp_path, text), knows_codes)
    if isinstance(expected, list):
        assert list(codes_in(table, [column])) == expected
    else:
        with pytest.raises(TableRefused, match=expected):
            list(codes_in(table, [column]))


def test_a_worksheet_is_chosen(tmp_path: Path) -> None:
    path = _written(tmp_path, workbook(["code"], [A], more=["二"]))
    assert list(codes_in(open_table(path, knows_codes, "二"))) == [(2, "ZZZZ2345ZZZZ")]
    with pytest.raises(TableRefused, match="has no worksheet '三' that is shown"):
        open_table(path, knows_codes, "三")
    with pytest.raises(TableRefused, match="leave --sheet out"):
        open_table(_written(tmp_path, "code\n"), knows_codes, "二")


VOUCHERS = [
    ("as they are", "券码,面值\ncine-1a,50\nCINE-2B,50\n".encode("gb18030"), [(2, "cine-1a"), (3, "CINE-2B")]),
    ("without heading", b"CINE-1\r\n\r\n  CINE-22 \r\n", [(1, "CINE-1"), (3, "CINE-22")]),
    ("an address to open", b"code\nhttps://c.example/v/1\n", [(2, "https://c.example/v/1")]),
    ("an e-card", delimited(CARDS).encode(), JOINED),
    ("an e-card, workbook", workbook(*CARDS), JOINED),
    ("an e-card in English", b"Serial;Card No.;PIN\n1;6222021234;aB3-x\n2;6222021235;0009\n", JOINED),
    ("a voucher with a PIN", "券号\t密码\n6222021234\taB3-x\n6222021235\t0009\n".encode("utf-16"), JOINED),
    ("a secret alone", "序列号,卡密\n1,aB3-x\n".encode(), [(2, "aB3-x")]),
]


@pytest.mark.parametrize(("raw", "expected"), [row[1:] for row in VOUCHERS], ids=[row[0] for row in VOUCHERS])
def test_vouchers_are_taken_as_they_are(tmp_path: Path, raw: bytes, expected: list[tuple[int, str]]) -> None:
    assert list(vouchers_in(open_table(_written(tmp_path, raw), knows_codes))) == expected


VOUCHERS_REFUSED = [
    ("code\nCINE-1\nCINE-1\n", "row 3, column A “CINE-1” is the same as row 2"),
    ("code\nCINE-1\n4.11112E+15\n", rf"is {SPOILT}"),
    ("code\nCINE-1\nFALSE\n", "“FALSE” is a truth value"),
    ("code\nCINE-1\n1/2\n", "“1/2” is a date"),
    ("code\n" + "X" * 61 + "\n", "is no voucher: it has 1 to 60"),
    ("code\nCINE-1\n,x\n", "row 3, column A “” has more cells"),
    ("卡号,卡密\n6222021234,\n", "is empty"),
    (
        "卡号,卡密\n6222021234,a1\n6222021234,a2\n",
        "row 3, column A “6222021234” and column B “a2” is the same as row 2",
    ),
    ("卡号,卡密\n6222021234,abc\n卡号,卡密\n6222021235,abd\n", "row 2: a value stands above the headings of row 3"),
    ("code\nABCDEFGH\ncode\nBCDEFGHJ\n", "row 2: a value stands above the headings of row 3"),
    ("卡号,卡密\n6.22E+18,a1\n", rf"is {SPOILT}"),
    ("Gutscheine\nCINE-1\n", "does not say which column has the vouchers"),
    ("voucher2026\nCINE-1\n", "does not say which column has the vouchers"),
]


@pytest.mark.parametrize(("text", "why"), VOUCHERS_REFUSED)
def test_vouchers_that_are_damaged_are_refused_whole(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(TableRefused, match=why):
        list(vouchers_in(open_table(_written(tmp_path, text), knows_codes)))


def test_numbers_that_look_cut_may_be_right(tmp_path: Path) -> None:
    path = _written(tmp_path, "code\n1234567890123450000\n")
    assert list(codes_in(open_table(path, knows_codes), as_is=True)) == [(2, "1234567890123450000")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中秋卡券,\n卡号,卡密\n6222021234,abc\n", [(3, "6222021234\x1fabc")]),
        ("Karte,Geheim\n6222021234,abc\n", "write a row of them above the values"),
        ("6222021234,abc\n6222021235,abd\n", "write a row of them above the values"),
    ],
)
def test_the_columns_of_e_cards_are_chosen_where_they_have_headings(
    tmp_path: Path, text: str, expected: list[tuple[int, str]] | str
) -> None:
    table = open_table(_written(tmp_path, text), knows_codes)
    if isinstance(expected, list):
        assert list(vouchers_in(table, ["A", "B"])) == list(vouchers_in(table)) == expected
    else:
        with pytest.raises(TableRefused, match=expected):
            list(vouchers_in(table, ["A", "B"]))


def test_numbers_of_a_workbook_are_said_to_be_numbers(tmp_path: Path) -> None:
    values = codes_in(open_table(_written(tmp_path, _xlsx(234567890123)), knows_codes))
    assert "zeros in front of it, if there were any, are gone" in values.told


def test_a_title_with_digits_is_no_voucher(tmp_path: Path) -> None:
    path = _written(tmp_path, "2026年影票\n券码\nCINE-1\n")
    assert list(vouchers_in(open_table(path, knows_codes))) == [(3, "CINE-1")]
