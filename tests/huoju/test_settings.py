"""What an operator may set, and how a setting that cannot be used is told."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

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


def _secret(monkeypatch: pytest.MonkeyPatch, path: Path, content: bytes | None, **more: str) -> None:
    if content is not None:
        path.write_bytes(content)
    for name, value in {"URL": "postgresql://me@db/play", "PASSWORD_FILE": str(path), **more}.items():
        monkeypatch.setenv(f"HUOJU_DATABASE_{name}", value)


def test_a_password_comes_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _secret(monkeypatch, tmp_path / "password", b"p@ss:w/rd\n")
    monkeypatch.setenv("HUOJU_METRICS_TOKEN_FILE", str(tmp_path / "password"))
    settings = read_settings()
    assert make_url(settings.database_url).password == "p@ss:w/rd"
    assert settings.metrics_token is not None
    assert settings.metrics_token.get_secret_value() == "p@ss:w/rd"
    assert "p@ss" not in repr(settings.database_password)


@pytest.mark.parametrize(
    ("content", "more", "why"),
    [
        (None, {}, "which cannot be read: No such file or directory; write the database password into it"),
        (b" \n", {}, "which is empty; write the database password into it"),
        (b"\xff", {}, "which is no text"),
        (b"x" * 70_000, {}, "which is too large"),
        (b"hunter2", {"PASSWORD": "other"}, "is given twice"),
        (b"hunter2", {"URL": "sqlite:///var/huoju.db"}, "has its place in postgresql://user@host/name"),
        (b"hunter2", {"URL": "postgresql://me:other@db/play"}, "has its place in postgresql://user@host/name"),
    ],
)
def test_a_secret_that_is_not_there_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, more: dict[str, str], why: str
) -> None:
    _secret(monkeypatch, tmp_path / "password", content, **more)
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    assert why in str(refused.value)
    assert "hunter2" not in str(refused.value)
