"""The list for the warehouse, there and back: nothing in it is calculated, nothing on it goes to an old address."""

import csv
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import OperationalError

from handlers.claims.shipments import AT_ONCE, dispatch, find_outgoing, prepare
from handlers.claims.tables import Claim
from tests.office import Office, change_address, fill_in, read_back, sit_down, win
from tests.snack import SURE
from tests.stage import Stage

pytestmark = pytest.mark.reading

SUFFIXES = ["csv", "xlsx"]
ENGLISH = [
    "Claim number",
    "Revision",
    "Item",
    "Title",
    "Quantity",
    "Recipient",
    "Phone",
    "Address",
    "Opened",
    "Carrier",
    "Tracking number",
]


@pytest.fixture
def office(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Office:
    stage.publish(SURE)
    return sit_down(stage, database_url, monkeypatch, capsys)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_list_holds_what_a_courier_needs_oldest_first(office: Office, suffix: str) -> None:
    win(office.stage)
    win(office.stage, by="u2", name="李四", address="北京市朝阳区一号")
    office.stage.say(office.stage.codes(1)[0], by="u3")
    path = Path(f"a.{suffix}")
    assert "2 parcels are in the file" in office("claims", "export", "snack", "--out", str(path))
    headings, *rows = read_back(path)
    first, second, _ = office.numbers()
    opened = "2026-12-01 12:00"
    assert headings == ENGLISH
    assert rows == [
        [first, "1", "phone", "A phone", "1", "Zhang San", "138 0013 8000", "1 Long Street, Beijing", opened, "", ""],
        [second, "1", "phone", "A phone", "1", "李四", "138 0013 8000", "北京市朝阳区一号", opened, "", ""],
    ]
    assert path.stat().st_mode & 0o777 == 0o600
    assert "no file was written" in office("claims", "export", "snack", "--out", "b.csv")
    assert not Path("b.csv").exists()
    assert "2 parcels" in office("claims", "export", "snack", "--out", "b.csv", "--all", "--language", "zh")
    headings, *again = read_back(Path("b.csv"))
    assert headings[0] == "领取编号"
    assert [row[3] for row in again] == ["手机", "手机"]
    assert office.faults() == []


TYPED = [
    '=HYPERLINK("http://evil.example","Click")',
    "+1 Ann",
    "-2 Ann",
    "@SUM(1+1) Ann",
    "＝HYPERLINK(1) Ann",
    '"; =1+1 Ann',
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are alike here
@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("typed", TYPED)
def test_what_a_player_types_is_never_calculated(office: Office, suffix: str, typed: str) -> None:
    win(office.stage, name=typed, address=f"{typed} Street")
    path = Path(f"a.{suffix}")
    office("claims", "export", "snack", "--out", str(path))
    _, row = read_back(path)
    name, address = row[5], row[7]
    if suffix == "xlsx":
        assert (name, address) == (typed, f"{typed} Street")
        with zipfile.ZipFile(path) as book:
            sheet = book.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet
        assert b"<hyperlink" not in sheet
    else:
        for cell in (name, address):
            for piece in cell.split(";"):
                assert piece.strip()[:1] not in set("=+-@＝"), cell
        assert name.replace("'", "") == typed
    back = fill_in(path, ["SF1234567890"])
    assert "shipped 1, skipped 0, refused 0" in office("claims", "ship", "--file", str(back))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_there_and_back(office: Office, suffix: str, language: str) -> None:
    for player in ("u1", "u2", "u3"):
        win(office.stage, by=player)
    path = Path(f"a.{suffix}")
    office("claims", "export", "snack", "--out", str(path), "--language", language)
    back = str(fill_in(path, ["0012345678901234567890", "", "SF3"]))
    assert "shipped 2, skipped 1, refused 0\n1 line has no tracking number yet." in office(
        "claims", "ship", "--file", back
    )
    shipped = "claim.shipped_with carrier=SF item=A phone tracking="
    assert office.stage.told("u1")[-1] == f"{shipped}0012345678901234567890"
    assert office.stage.told("u2")[-1] == "claim.ready item=A phone"
    assert office.stage.told("u3")[-1] == f"{shipped}SF3"
    said = len(office.stage.told("u1"))
    assert "shipped 0, shipped before 2, skipped 1, refused 0" in office("claims", "ship", "--file", back)
    office("claims", "deliver", office.numbers()[0])
    assert "shipped 0, shipped before 2, skipped 1, refused 0" in office("claims", "ship", "--file", back)
    assert len(office.stage.told("u1")) == said + 1
    assert office.faults() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are alike here
def test_a_list_is_read_however_the_warehouse_saved_it(office: Office) -> None:
    win(office.stage)
    win(office.stage, by="u2")
    office("claims", "export", "snack", "--out", "a.csv", "--language", "zh")
    headings, *rows = read_back(Path("a.csv"))
    renamed = {"快递公司": "承运商", "快递单号": "运单号（必填）"}
    lines = [["发货清单"], [*(renamed.get(name, name) for name in headings), "订单号"]]
    lines += [
        [*row[:-2], "SF", number, "20261201"]
        for row, number in zip(rows, ["001234567890", "https://sf.example/t?no=SF2000000001"], strict=True)
    ]
    text = "\r\n".join("\t".join(line) for line in lines)
    Path("b.txt").write_bytes(text.encode("utf-16"))
    assert "would ship 2, skipped 0, refused 0" in office("claims", "ship", "--file", "b.txt", "--dry-run")
    assert office.stage.told("u1")[-1] == "claim.ready item=A phone"
    Path("b.csv").write_bytes(text.replace("\t", ";").encode("gb18030"))
    assert "shipped 2, skipped 0, refused 0" in office("claims", "ship", "--file", "b.csv")
    assert office.stage.told("u1")[-1].endswith("carrier=SF item=A phone tracking=001234567890")
    assert office.stage.told("u2")[-1].endswith("tracking=SF2000000001")


def test_what_a_player_changed_after_the_list_does_not_ship_by_it(office: Office) -> None:
    win(office.stage)
    win(office.stage, by="u2")
    office("claims", "export", "snack", "--out", "a.csv")
    change_address(office.stage, "2 New Street, Beijing")
    said = office("claims", "ship", "--file", str(fill_in(Path("a.csv"), ["SF1", "SF2"])), fails=1)
    assert "shipped 1, skipped 0, refused 1" in said
    assert "line 2: " in said
    assert "changed by the player after this list (revision 2, the list has 1)" in said
    assert "1 parcels" in office("claims", "export", "snack", "--out", "b.xlsx")
    _, row = read_back(Path("b.xlsx"))
    assert (row[1], row[7]) == ("2", "2 New Street, Beijing")
    assert "shipped 1, skip" in office("claims", "ship", "--file", str(fill_in(Path("b.xlsx"), ["SF1"])))
    assert office.stage.told()[-1].endswith("tracking=SF1")
    assert office.faults() == []


# what the warehouse did to the first of two lines, and what it is told
SPOILT = [
    ("an exponent", {"Tracking number": "1.23457E+12"}, "line 2: 1.23457E+12 is what a spreadsheet made"),
    ("an exponent, shortest", {"Tracking number": "1E+12"}, "line 2: 1E+12 is what a spreadsheet made"),
    ("a rounded number", {"Tracking number": "123456789012345000"}, "is what a spreadsheet made"),
    ("a narrow column", {"Tracking number": "####"}, "line 2: #### is what a column shows that is too narrow"),
    ("a formula that failed", {"Tracking number": "#N/A"}, "line 2: #N/A is the error of a formula"),
    ("no revision", {"Revision": ""}, "line 2: the revision is missing"),
    ("a revision that is none", {"Revision": "one"}, "line 2: the revision 'one' is no number"),
    ("a mistyped number", {"Claim number": "C0000000000001A"}, "line 2: C0000000000001A is no number of ours"),
    ("no number", {"Claim number": ""}, "line 2: the claim number is empty"),
    ("too long a carrier", {"Carrier": "x" * 81}, "line 2: carrier and tracking number have at most 80"),
]


def _spoil(path: Path, changes: dict[str, str]) -> Path:
    back = fill_in(path, ["SF1", "SF2"])
    headings, first, second = read_back(back)
    with back.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        writer.writerows([[changes.get(name, cell) for name, cell in zip(headings, first, strict=True)], second])
    return back


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are alike here
@pytest.mark.parametrize(("changes", "why"), [row[1:] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_a_line_that_is_wrong_is_named_and_spoils_no_other(office: Office, changes: dict[str, str], why: str) -> None:
    win(office.stage)
    win(office.stage, by="u2")
    office("claims", "export", "snack", "--out", "a.csv")
    said = office("claims", "ship", "--file", str(_spoil(Path("a.csv"), changes)), fails=1)
    assert why in said
    assert "shipped 1, skipped 0, refused 1" in said
    assert office.stage.told("u2")[-1].endswith("tracking=SF2")
    assert office.stage.told()[-1] == "claim.ready item=A phone"


def test_a_line_that_differs_from_what_was_shipped_needs_to_be_a_correction(office: Office) -> None:
    for player in ("u1", "u2", "u3"):
        win(office.stage, by=player)
    office("claims", "export", "snack", "--out", "a.csv")
    assert "2 lines have no tracking number yet." in office(
        "claims", "ship", "--file", str(fill_in(Path("a.csv"), ["SF1", "", ""]))
    )
    words = ("claims", "ship", "--file", str(fill_in(Path("a.csv"), ["SF9", "SF2", ""])))
    said = office(*words, fails=1)
    assert f"line 2: {office.numbers()[0]} was shipped with SF SF1 already; add --correct to change it" in said
    assert "shipped 1, skipped 1, refused 1" in said
    assert office.stage.told()[-1].endswith("tracking=SF1")
    assert "shipped 1, shipped before 1, skipped 1, refused 0" in office(*words, "--correct")
    assert office.stage.told()[-1].endswith("tracking=SF9")
    assert office.faults() == []


def test_one_claim_on_two_lines_ships_once(office: Office) -> None:
    win(office.stage)
    office("claims", "export", "snack", "--out", "a.csv")
    headings, row = read_back(Path("a.csv"))
    for name, last, told in (("b.csv", "SF2", "refused 1"), ("c.csv", "SF1", "refused 0")):
        lines = [headings, [*row[:-1], "SF1"], [*row[:-1], last]]
        with Path(name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
        said = office("claims", "ship", "--file", name, fails=int(told == "refused 1"))
        assert told in said
        assert ("line 3: line 2 ships the same claim" in said) == (told == "refused 1")
    assert office.stage.told()[-1].endswith("tracking=SF1")


NO_LISTS = [
    ("a.txt", "x", "has no headings that are known here"),
    ("a.csv", "", "is empty"),
    (
        "a.csv",
        "C1,1,phone,A phone,1,Ann\nC2,1,phone,A phone,1,Bob\n",
        "it needs columns headed “Claim number” or “领取编号”",
    ),
    ("b.csv", "C1,1,SF,SF1\n", "“Tracking number” or “快递单号”:"),
    (
        "a.csv",
        "Claim number,Revision,Carrier\nC1,1,SF\n",
        "has no column for the tracking; head it “Tracking number” or “快递单号”",
    ),
    (
        "a.csv",
        "Claim number,Carrier,Tracking number\nC1,SF,1\n",
        "has no column for the revision; head it “Revision” or “版本”",
    ),
    ("a.csv", "Claim number,Revision,Carrier,Tracking number\n", "has no line below its headings"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are alike here
@pytest.mark.parametrize(("name", "text", "why"), NO_LISTS, ids=[row[2] for row in NO_LISTS])
def test_what_is_no_list_is_refused(office: Office, name: str, text: str, why: str) -> None:
    Path(name).write_text(text, encoding="utf-8")
    said = office("claims", "ship", "--file", name, fails=1)
    assert why in said
    assert said.startswith("huoju: ")


def test_a_list_is_never_written_over_and_then_nothing_is_marked(office: Office) -> None:
    win(office.stage)
    Path("a.csv").write_text("precious", encoding="utf-8")
    assert "a.csv exists" in office("claims", "export", "snack", "--out", "a.csv", fails=1)
    assert "neither .csv nor .xlsx" in office("claims", "export", "snack", "--out", "a.pdf", fails=1)
    assert Path("a.csv").read_text(encoding="utf-8") == "precious"
    assert "1 parcels" in office("claims", "export", "snack", "--out", "b.csv")


def test_when_the_commit_fails_the_list_is_kept_and_that_is_told(office: Office) -> None:
    win(office.stage)

    def lose(_connection: object) -> None:
        raise OperationalError("COMMIT", None, OSError("server closed the connection"))

    event.listen(Engine, "commit", lose)
    try:
        said = office("claims", "export", "snack", "--out", "a.csv", fails=1)
    finally:
        event.remove(Engine, "commit", lose)
    assert "a.csv is whole and is kept" in said
    assert "may or may not be marked" in said
    assert len(read_back(Path("a.csv"))) == 2
    assert "1 parcels" in office("claims", "export", "snack", "--out", "b.csv")


def _ready_claims(stage: Stage, count: int) -> None:
    """Copies of the one claim there is, in other hands."""
    with stage.sessions.begin() as session:
        one = session.scalars(select(Claim)).one()
        known = {column.name: getattr(one, column.name) for column in Claim.__table__.columns}
        for number in range(1, count):
            copy = Claim(**(known | {"id": one.id + number, "ref": f"copy:{number}"}))
            sealed = stage.keys.unseal(
                "claims.details", f"{one.player_id}/{one.id}".encode(), one.details_sealed or b""
            )
            copy.details_sealed = stage.keys.seal("claims.details", f"{one.player_id}/{copy.id}".encode(), sealed)
            session.add(copy)
        session.flush()


def test_a_list_longer_than_a_chunk_holds_each_parcel_once(office: Office) -> None:
    win(office.stage)
    _ready_claims(office.stage, 2 * AT_ONCE + 1)
    assert f"{2 * AT_ONCE + 1} parcels" in office("claims", "export", "snack", "--out", "a.csv")
    _, *rows = read_back(Path("a.csv"))
    assert [row[0] for row in rows] == office.numbers()
    with office.stage.sessions() as session:
        assert set(session.scalars(select(Claim.exported_revision))) == {1}


def test_of_two_lists_at_once_none_holds_what_the_other_does(office: Office) -> None:
    """What another list, or a cancellation, took after we looked is left out; what a player changed is read again."""
    for player in ("u1", "u2", "u3"):
        win(office.stage, by=player)
    keys = office.stage.keys
    with office.stage.sessions() as session:
        outgoing = find_outgoing(session, "snack", again=False, most=10)
        prepared = prepare(session, keys, outgoing)
    assert len(prepared) == 3
    office("claims", "cancel", office.numbers()[1], "--reason", "sold out", "--yes")
    assert "2 parcels" in office("claims", "export", "snack", "--out", "a.csv")
    change_address(office.stage, "2 New Street, Beijing", by="u3")
    with office.stage.sessions.begin() as session:
        (parcel,) = dispatch(session, keys, outgoing, prepared)
    assert (parcel.revision, parcel.details.address) == (2, "2 New Street, Beijing")
