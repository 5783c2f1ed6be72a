"""The file that a person is given of their data: a page to read, in both languages, and JSON, in one ZIP."""

import html
import io
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import BinaryIO

from core.personal import Cell, Kept, WhoseData

NAME = "my-data.zip"
_IN_MEMORY = 4 << 20
_HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>My data · 我的数据</title>
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;margin:1rem auto;max-width:72rem;padding:0 1rem}
h2{margin:2rem 0 .5rem;font-size:1.1rem}div{overflow-x:auto}
table{border-collapse:collapse;min-width:100%}
th,td{border:1px solid #8885;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600;background:#8882}td{white-space:pre-wrap;min-width:5rem}
</style>
<h1>My data · 我的数据</h1>
"""
_LEDE = (
    "<p>All that was kept here about you at {at} UTC, in all your chats and campaigns. Instants are in UTC.<br>"
    '<span lang="zh">截至 {at}（UTC）我们保存的与您有关的全部信息，含您所有的账号和活动。时间均为 UTC。</span></p>\n'
)


def written(whose: WhoseData, kept: Sequence[Kept], at: datetime) -> tuple[BinaryIO, int]:
    """The ZIP of all that is kept about a person, and how many bytes it has; whoever reads it closes it."""
    out = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # its reader closes it
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        document: dict[str, list[dict[str, object]]] = {}
        with archive.open("my-data.html", "w") as raw, io.TextIOWrapper(raw, encoding="utf-8") as page:
            page.write(_HEAD + _LEDE.format(at=f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"))
            for each in kept:
                rows = list(each.rows(whose))
                names = [label.en for label, _ in each.gives]
                document[each.title.en] = [
                    {name: _plain(cell) for name, cell in zip(names, row, strict=True)} for row in rows
                ]
                page.writelines(_section(each, rows))
            page.write("</html>\n")
        told = {"at": at.astimezone(UTC).isoformat(), "data": document}
        archive.writestr("my-data.json", json.dumps(told, ensure_ascii=False, indent=1))
    size = out.tell()
    out.seek(0)
    return out, size  # type: ignore[return-value]  # a file of bytes in all that is used of it


def _section(kept: Kept, rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    if not rows:
        return
    yield f"<h2>{_told(kept.title.en)} · <span lang=zh>{_told(kept.title.zh)}</span></h2>\n<div><table><tr>"
    for label, _ in kept.gives:
        yield f"<th>{_told(label.en)}<br><span lang=zh>{_told(label.zh)}</span></th>"
    yield "</tr>\n"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_told(_read(cell))}</td>" for cell in row) + "</tr>\n"
    yield "</table></div>\n"


def _told(text: str) -> str:
    return html.escape(text)


def _plain(cell: Cell) -> object:
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).isoformat()
    return cell.isoformat() if isinstance(cell, date) else cell


def _read(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case bool():
            return "yes · 是" if cell else "no · 否"
        case _:
            return str(cell)
