"""Open a table by what is in the file, whatever its name says."""

import re
from collections.abc import Callable
from pathlib import Path

from huoju.tables.delimited_text import text_table
from huoju.tables.table import Row, Table, TableRefused
from huoju.tables.workbook import workbook_table

_FORMATS = (
    # begins with               what that is                                        what to do
    (b"\xd0\xcf\x11\xe0",       "is an old .xls, or a workbook with a password",    "save it as .xlsx without one"),
    (b"%PDF",                   "is a PDF",                                         "ask for the table itself"),
    (b"\x1f\x8b",               "is packed",                                        "unpack it first"),
    (b"7z\xbc\xaf",             "is packed (7z)",                                   "unpack it first"),
    (b"Rar!\x1a",               "is packed (RAR)",                                  "unpack it first"),
    (b"BZh91AY&SY",             "is packed (bzip2)",                                "unpack it first"),
    (b"\xfd7zXZ",               "is packed (xz)",                                   "unpack it first"),
    (b"PK\x05\x06",             "is an empty archive",                              "ask for the table itself"),
    (b"SQLite format 3",        "is a database",                                    "save the list as .xlsx or CSV"),
    (b"ID;PWXL",                "is a SYLK file",                                   "open it and save it as .xlsx"),
    (b"MIME-Version:",          "is a web page in one file, whatever its name",     "open it and save it as .xlsx"),
    (b"age-encryption.org",     "is encrypted with age",                            "decrypt it first"),
    (b"{\\rtf",                 "is a text document",                               "save the list as plain text"),
)  # fmt: skip
_BEFORE_XML = re.compile(rb"^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*")


def open_table(path: Path, knows: Callable[[Row], bool], sheet: str | None = None) -> Table:
    """The table in a file of text or in a workbook; ``knows`` recognises a row of headings.

    Raises TableRefused when there is none, or several worksheets and no ``sheet`` that says which.
    """
    if not path.is_file():
        raise TableRefused(f"{path} is no file; give the path of a table")
    try:
        with path.open("rb") as file:
            start = file.read(512)
        for magic, what, remedy in _FORMATS:
            if start.startswith(magic):
                raise TableRefused(f"{path} {what}; {remedy}")
        if _BEFORE_XML.sub(b"", start)[:1] == b"<":
            raise TableRefused(f"{path} is a web page or XML, whatever its name; open it and save it as .xlsx or CSV")
        if start.startswith(b"PK\x03\x04"):
            return workbook_table(path, sheet)
        if sheet is not None:
            raise TableRefused(f"{path} is text and has no worksheets; leave --sheet out")
        return text_table(path, knows)
    except OSError as error:
        raise TableRefused(f"{path} cannot be read: {error.strerror or error}") from None
