"""Reads QR pictures back into modules (1 is dark), as far as ours need it; PNG by ISO/IEC 15948."""

import re
import struct
import zlib

BORDER = 4


def modules_of_png(picture: bytes, size: int) -> list[list[int]]:
    """The ``size`` × ``size`` modules inside the quiet zone of a grey PNG of one bit a pixel."""
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    at, found = 8, {b"IDAT": b""}
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind = picture[at + 4 : at + 8]
        found[kind] = found.get(kind, b"") + picture[at + 8 : at + 8 + length]
        at += length + 12
    width, height, depth, colour = struct.unpack(">IIBB", found[b"IHDR"][:10])
    assert (width, depth, colour) == (height, 1, 0)
    assert 360 <= width <= 440
    scale, rest = divmod(width, size + 2 * BORDER)
    assert rest == 0
    lines = _unfiltered(zlib.decompress(found[b"IDAT"]), 1 + (width + 7) // 8)

    def dark(row: int, column: int) -> int:
        x, y = ((place + BORDER) * scale + scale // 2 for place in (column, row))
        return 1 - (lines[y][x // 8] >> (7 - x % 8) & 1)

    everything = range(-BORDER, size + BORDER)
    quiet = [dark(row, column) for row in everything for column in everything if not {row, column} <= set(range(size))]
    assert set(quiet) == {0}
    return [[dark(row, column) for column in range(size)] for row in range(size)]


def _unfiltered(data: bytes, stride: int) -> list[bytes]:
    lines = [bytes(stride - 1)]
    for start in range(0, len(data), stride):
        kind, line = data[start], data[start + 1 : start + stride]
        assert kind in {0, 2}  # none, up
        above = lines[-1] if kind == 2 else bytes(stride - 1)
        lines.append(bytes((byte + over) % 256 for byte, over in zip(line, above, strict=True)))
    return lines[1:]


def modules_of_svg(picture: str) -> list[list[int]]:
    """The modules inside the quiet zone of an SVG whose dark modules are horizontal strokes one module high."""
    box = re.search(r'viewBox="0 0 (\d+) \1"', picture)
    strokes = re.search(r' stroke="#000"[^>]* d="([^"]+)"|d="([^"]+)"[^>]* stroke="#000"', picture)
    assert box
    assert strokes
    size = int(box[1])
    modules = [[0] * size for _ in range(size)]
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", strokes[1] or strokes[2]):
        step = [float(number) for number in re.findall(r"-?(?:\d+\.\d+|\.\d+|\d+)", numbers)]
        if command == "M":
            x, y = step
        elif command == "m":
            x, y = x + step[0], y + step[1]
        else:
            modules[int(y)][int(x) : int(x + step[0])] = [1] * int(step[0])
            x += step[0]
    assert not any(map(any, modules[:BORDER] + modules[-BORDER:]))
    return [row[BORDER:-BORDER] for row in modules[BORDER:-BORDER]]
