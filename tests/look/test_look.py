"""The look of a brand: which colours can be read, which pictures are taken, and what is kept of them."""

import hashlib
import io
import re
import struct
import zlib
from itertools import product
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.campaign.checks import check_campaign
from core.campaign.findings import Unfit
from core.campaign.publication import publish
from core.campaign.reader import BadCampaign, read_campaign, read_content
from handlers import MECHANICS
from handlers.look.contrast import BLACK, DARK, ENOUGH, LIGHT, contrast, ink_on, lowest, nearest, tint
from handlers.look.picture import HEIGHT_PX, WIDTH_PX, redrawn
from tests.playground.rig import Door
from tests.repository import ROOT
from tests.stage import CAMPAIGN, START, Stage
from tests.talking import play

LOGO = 'look: {colour: "#C8102E", logo: logo.png}\n'
GRID = [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in product((0, 85, 170, 255), repeat=3)]


def picture(size: tuple[int, int] = (300, 100), fill: str = "#c8102e", kind: str = "PNG", **how) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, fill).save(out, format=kind, **how)
    return out.getvalue()


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48  # which WCAG's own examples call not enough
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("dark", [False, True])
def test_the_nearest_colour_can_be_read_everywhere(dark: bool) -> None:
    for colour in GRID:
        found = nearest(colour, dark=dark)
        assert lowest(found, dark=dark) >= ENOUGH
        assert all(contrast(found, ground) >= ENOUGH for ground in (*(DARK if dark else LIGHT), tint(found, dark=dark)))
        assert (found == colour) is (lowest(colour, dark=dark) >= ENOUGH)
        assert contrast(ink_on(found), found) >= ENOUGH
        for ink in ("#f1e7db", "#b8a898") if dark else ("#2b211a", "#685a4e"):  # --ink and --soft stand on it, too
            assert contrast(ink, tint(found, dark=dark)) > ENOUGH


def test_the_grounds_are_those_of_the_pages() -> None:
    sheet = (ROOT / "pages" / "page" / "base.css").read_text(encoding="utf-8")
    assert re.findall(r"--ground: (#\w+);\n +--sheet: (#\w+);", sheet) == [LIGHT, DARK]
    assert f".on-dark {{ background: {BLACK}" in sheet


def _wrong(said: str) -> str:
    with pytest.raises(BadCampaign) as refused:
        check_campaign(read_content("c.yaml", (CAMPAIGN + said).encode(), MECHANICS.sections), MECHANICS.texts(), START)
    return str(refused.value)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('look: {colour: "#ffd100"}', "#ffd100 cannot be read on light ground (contrast 1.2, at least 4.5 is needed)"),
        ('look: {colour: "#ffd100"}', f'the nearest that can is "{nearest("#ffd100", dark=False)}"'),
        ('look: {colour: "#c8102e", dark: "#5a0010"}', "look.dark: #5a0010 cannot be read on dark ground"),
        ('look: {dark: "#ff8a80"}', "give colour, too"),
        ("look:\n  colour: #c8102e", 'write a colour like "#c8102e", in quotes'),
        ("look: {colour: red}", 'write a colour like "#c8102e", in quotes'),
        ("look: {logo: ../logo.png}", "name a PNG, JPEG or WebP picture that lies beside"),
        ("look: {logo: /etc/passwd}", "name a PNG, JPEG or WebP picture that lies beside"),
        ("look: {logo: logo.svg}", "name a PNG, JPEG or WebP picture that lies beside"),
        ("look: {logo: logo.png}", "logo.png is no part of what was sent"),
    ],
)
def test_what_cannot_be_seen_is_refused_with_what_can(said: str, told: str) -> None:
    assert told in _wrong(said)


def test_what_can_be_seen_is_good() -> None:
    said = 'look: {colour: "#C8102E", dark: "#ff8a80"}\n'
    file = read_content("c.yaml", (CAMPAIGN + said).encode(), MECHANICS.sections)
    assert check_campaign(file, MECHANICS.texts(), START)


def _bomb(side: int) -> bytes:
    """A few bytes that say they are so many pixels."""
    chunks = (b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0), b"IDAT" + zlib.compress(bytes(99)))
    told = (struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no PNG, JPEG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no PNG, JPEG or WebP"),
        (picture(kind="GIF"), "no PNG, JPEG or WebP"),
        (b"GIF89a" + picture()[6:], "no PNG, JPEG or WebP"),
        (picture()[:200], "damaged"),
        (_bomb(60_000), "more than 4 million pixels"),
        (_bomb(11_000), "more than 4 million pixels"),
        (picture((2001, 2000)), "more than 4 million pixels"),
        (picture((300, 23)), "fewer than 24 pixels"),
        (picture((1300, 100)), "too long and thin"),
        (picture() + bytes(1 << 19), "more than 512 KiB"),
    ],
)
def test_what_is_no_logo_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(Unfit, match=told):
        redrawn(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_nothing_of_the_file_stays_but_what_is_seen(kind: str) -> None:
    secret, notes = b"taken at home", PngInfo()
    notes.add_text("Comment", secret.decode())
    how = {"PNG": {"pnginfo": notes}, "JPEG": {"comment": secret}, "WEBP": {"xmp": secret}}[kind]
    content = picture((1300, 400), kind=kind, **how) + b"<script>"
    assert secret in content
    drawn = redrawn(content)
    assert secret not in drawn.png
    assert b"script" not in drawn.png
    with Image.open(io.BytesIO(drawn.png)) as shown:
        assert shown.format == "PNG"
        assert shown.size == (drawn.width, drawn.height)
        assert shown.info == {}
    assert drawn.width <= WIDTH_PX
    assert drawn.height <= HEIGHT_PX
    assert not drawn.on_dark
    assert redrawn(picture(fill="#ffffff")).on_dark


def _file(folder: Path, said: str = LOGO):
    path = folder / "campaign.yaml"
    path.write_text(CAMPAIGN.replace("[test, second]", "[playground, test]") + INVITES + said, encoding="utf-8")
    return read_campaign(path, MECHANICS.sections)


INVITES = "invites: {inviter: 5 points, invitee: 5 points}\n"


def _publish(stage: Stage, file) -> int:
    with stage.sessions.begin() as session:
        return publish(session, file, stage.now, stage.keys, stage.randomness, mechanics=MECHANICS).version


def test_a_logo_is_kept_with_its_version_and_shown_by_any_process(stage: Stage, tmp_path: Path) -> None:
    content = picture()
    (tmp_path / "logo.png").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    file = _file(tmp_path)
    assert _publish(stage, file) == 1
    (tmp_path / "logo.png").unlink()  # nothing reads it any more
    door = Door(stage)
    play(stage, "anna")
    (word,) = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", stage.say("invite", by="anna"))
    page = door.client.get(f"/i/{word}").text
    dark = nearest("#c8102e", dark=True).removeprefix("#")
    for address in (f"../look/c8102e-{dark}.css", f"../look/{digest}.png"):
        assert address in page
        answer = door.client.get(address.removeprefix(".."))
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == redrawn(content).png
    assert "--ember:#c8102e;--on-ember:#ffffff" in door.client.get(f"/look/c8102e-{dark}.css").text
    assert door.client.get(f"/i/{word}/poster.png").data.startswith(b"\x89PNG")
    for unknown in (f"{'0' * 64}.png", "ffd100-ffd100.css", "c8102e.css", "x.png", f"{digest.upper()}.png"):
        assert door.client.get(f"/look/{unknown}").status_code == 404

    kept = f'look: {{colour: "#C8102E", logo: "sha256:{digest}"}}\n'
    assert _publish(stage, _file(tmp_path, kept)) == 1  # which says the same
    with pytest.raises(BadCampaign, match="no logo with this sha256"):
        _publish(stage, _file(tmp_path, kept.replace(digest, "0" * 64)))
    with pytest.raises(BadCampaign, match=r"look\.logo: there is no file logo\.png beside this one"):
        _file(tmp_path)
    (tmp_path / "logo.png").write_text("<svg/>", encoding="utf-8")
    with pytest.raises(BadCampaign, match=r"look\.logo: this is no PNG, JPEG or WebP picture"):
        _file(tmp_path)
    (tmp_path / "logo.png").write_bytes(picture(fill="#ffffff"))
    assert _publish(stage, _file(tmp_path)) == 2
    assert "logo on-dark" in door.client.get(f"/i/{word}").text
    door.engine.close()
