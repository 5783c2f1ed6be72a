import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, features

from handlers.relay.views import TorchState
from pages.pictures.badge import SIZE_PX, Badge, badge
from pages.pictures.fonts import FontMissing, Fonts, find_fonts
from pages.pictures.names import clean, clipped, clusters
from pages.pictures.poster import HEIGHT_PX, WIDTH_PX, Poster, poster
from pages.pictures.wording import WORDING

FONTS = find_fonts()
NAMES = [None, "欧阳修文" * 5, "W" * 20, "😀" * 20, "علي " * 5, "é\u0301" * 20, "\u202e\u200b", "\x00<b>"]
LINK = "https://play.example.com/i/7K2M-9QXR"


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


@pytest.mark.parametrize("name", NAMES)
def test_a_badge_takes_any_name(name) -> None:
    png = badge(Badge(TorchState.LIT, 1_234_567, name, name, 30_000), "zh", FONTS)
    assert len(png) < 60_000
    picture = opened(png)
    assert picture.size == (SIZE_PX, SIZE_PX)
    ground = Image.new("RGB", (24, SIZE_PX - 160), picture.getpixel((30, 300)))
    assert not ImageChops.difference(picture.crop((20, 80, 44, SIZE_PX - 80)), ground).getbbox()  # nothing runs out


def test_states_differ_without_colour_and_without_their_word() -> None:
    medals = [
        opened(badge(Badge(state, 1), "en", FONTS)).crop((100, 70, 500, 400)).convert("L") for state in TorchState
    ]
    code_formats = [medal.point(lambda light: 255 if light > 100 else 0) for medal in medals]
    for one, other in ((0, 1), (1, 2), (0, 2)):
        changed = ImageChops.difference(code_formats[one], code_formats[other]).histogram()[255]
        assert changed > 1_500


def test_both_languages_are_written() -> None:
    zh, en = (badge(Badge(TorchState.OUT, 2), language, FONTS) for language in ("zh", "en"))
    assert zh != en


WRITTEN = [
    # a name                 what is written of it
    ("火炬 𠮷田㛃 Zoë", "火炬 𠮷田㛃 Zoë"),
    ("Nguyễn Приве́т Ελλάδα", "Nguyễn Приве́т Ελλάδα"),
    ("한글 ひらがな", "한글 ひらがな"),
    ("ไทย नम", "ไทย नम"),
    ("张Zoë😀 ok", "张Zoë ok"),
    ("x\U0010ffff\ue000", "x"),
]


@pytest.mark.parametrize(("name", "written"), WRITTEN)
@pytest.mark.parametrize("bold", [False, True])
def test_what_a_bare_machine_writes(name, written, bold) -> None:
    assert "".join(piece for piece, _ in FONTS.runs(name, 20, bold=bold)) == written


def test_the_fonts_are_those_that_were_installed_with_the_product() -> None:
    home = Path(sys.prefix).resolve()
    assert all(home in Path(face.path).resolve().parents for face in (FONTS.regular, FONTS.bold, *FONTS.others))
    assert FONTS.others
    assert [FONTS.regular.at(20).getname()[0], FONTS.regular.index] == ["Noto Sans CJK SC", FONTS.bold.index]


def test_bold_is_bolder() -> None:
    regular, bold = (sum(bytes(face.at(40).getmask("火炬"))) for face in (FONTS.regular, FONTS.bold))
    assert bold > regular * 1.2


def test_a_font_that_is_named_takes_the_place_of_the_shipped_one(tmp_path) -> None:
    named = tmp_path / "named.ttc"
    named.symlink_to(FONTS.regular.path)
    assert find_fonts(named) == Fonts(
        replace(FONTS.regular, path=str(named)), replace(FONTS.bold, path=str(named)), FONTS.others
    )


def test_a_named_font_that_is_none_is_refused(tmp_path) -> None:
    wrong = tmp_path / "font.ttf"
    wrong.write_bytes(b"no font")
    with pytest.raises(FontMissing, match="is not a font file with Chinese"):
        find_fonts(wrong)


@pytest.mark.skipif(not features.check("raqm"), reason="without raqm what runs from the right is left out")
def test_what_runs_from_the_right_is_in_one_piece() -> None:
    assert [piece.strip() for piece, _ in FONTS.runs("علي שלום", 20)] == ["علي", "שלום"]
    assert [piece for piece, _ in FONTS.runs("to أحمد محمد!", 20)] == ["to ", "أحمد محمد", "!"]


@pytest.mark.parametrize("title", ["开袋赢大奖" * 9, "Open a bag and win " * 5])
def test_a_poster_takes_any_title(title) -> None:
    png = poster(Poster(title, "好味" * 30, "7K2M-9QXR", LINK), "zh", FONTS)
    assert len(png) < 300_000
    picture = opened(png)
    assert picture.size == (WIDTH_PX, HEIGHT_PX)
    assert len(picture.crop((0, 0, 20, HEIGHT_PX)).getcolors()) == 1


def test_the_qr_picture_has_its_quiet_zone_and_even_modules() -> None:
    grey = opened(poster(Poster("Open", "Shop", "7K2M-9QXR", LINK), "en", FONTS)).convert("L")
    black = grey.crop((200, 830, 880, 1260)).point(lambda light: 255 if light < 40 else 0)
    left, top, right, bottom = black.getbbox()
    assert right - left == bottom - top
    module, rest = divmod(right - left, 29)  # version 3 holds this link
    assert rest == 0
    around = grey.crop((200 + left - 4 * module, 830 + top - 4 * module, 200 + right + 4 * module, 830 + top))
    assert around.getextrema() == (255, 255)
    assert black.crop((left, top, left + 7 * module, top + module)).getextrema() == (255, 255)  # a finder's upper bar


CLEANED = [
    # what somebody calls themselves     what is written
    ("  张  伟\n", "张 伟"),
    ("\u202eabc\u2066\u200b\ufeff\x07", "abc"),
    ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ("a\u200db", "ab"),
    ("z" + "\u0301" * 50, "ź\u0301\u0301\u0301"),
    ("x" * 50, "x" * 40 + "…"),
    ("\u3164\u2800\u200b", None),
    ("\u0301", None),
    ("\ud800", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("given", "kept"), CLEANED)
def test_names_are_made_harmless(given, kept) -> None:
    assert clean(given) == kept


def test_a_symbol_is_never_cut_in_half() -> None:
    name = "é\u0301" + "👩\u200d🚀" + "b"
    assert len(clusters(name)) == 3
    assert clipped(name, lambda text: len(text) <= 5) == "é\u0301…"
    assert clipped(name + "bb", lambda text: len(text) <= 6) == "é\u0301" + "👩\u200d🚀" + "…"
    assert clipped(name, lambda text: not text) == ""


def test_every_sentence_is_there_in_both_languages() -> None:
    once = {"chain_length_one", "torches_one"}
    assert set(WORDING["zh"]) - once == set(WORDING["en"]) - once
