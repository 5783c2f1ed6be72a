"""What an operator may set, and how a setting that cannot be used is told."""

from pathlib import Path

import pytest

from huoju.settings import Settings, SettingsRefused, read_settings
from huoju.web.server import serve
from pages.pictures.fonts import FontMissing
from tests.playground.rig import free_port


@pytest.mark.parametrize(
    ("given", "begin"),
    [
        ("https://play.example", "https://play.example"),
        ("https://play.example/", "https://play.example"),
        ("http://Play.Example:8080/huoju/", "http://play.example:8080/huoju"),
    ],
)
def test_links_begin_with_the_public_address(monkeypatch: pytest.MonkeyPatch, given: str, begin: str) -> None:
    monkeypatch.setenv("HUOJU_PUBLIC_URL", given)
    assert read_settings().links_begin_with == begin


def test_without_a_public_address_links_begin_with_nothing() -> None:
    assert read_settings().links_begin_with is None


@pytest.mark.parametrize(
    "given",
    [
        "",
        "play.example",
        "ftp://play.example",
        "javascript:alert(1)",
        "https://play.example?a=b",
        "https://play.example#a",
        "https://me:secret@play.example",
    ],
)
def test_an_address_that_cannot_begin_links_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("HUOJU_PUBLIC_URL", given)
    with pytest.raises(SettingsRefused, match=r"^HUOJU_PUBLIC_URL: \w") as refused:
        read_settings()
    assert "secret" not in str(refused.value)


def test_a_font_without_chinese_stops_the_web_process_with_a_sentence(tmp_path: Path) -> None:
    settings = Settings(font_file=tmp_path / "none.ttf")
    with pytest.raises(FontMissing, match="is not a font file with Chinese"):
        serve(settings, "127.0.0.1", free_port())
