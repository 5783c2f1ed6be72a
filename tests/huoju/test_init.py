"""`huoju init`: five questions, a folder that works, and nothing of anybody's overwritten."""

import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.keys import open_key_file
from core.operators import VerbRefused
from core.phrasebook import phrasebook_of
from core.randomness import SystemRandomness
from huoju.account_registry import look_at_registry
from huoju.cli import cli
from huoju.new_installation import FolderTaken, first_channels
from huoju.settings import Settings
from tests.repository import ROOT

ALL = ("--public-url", "https://play.example", "--brand", "火炬零食", "--yes")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def _init(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["init", *words], input=typed, catch_exceptions=False)


def _settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(folder)
    return Settings()


def test_five_questions_with_proposals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = _init(typed="\nmysql://x\n\n\n\n\n").output
    assert told.count("[") == 5  # proposed: folder, database twice, channel, brand
    assert "write sqlite, or postgresql://" in told
    assert told.rstrip().splitlines()[-3:] == [
        "  cd huoju && huoju db upgrade",
        "  huoju campaign publish snack.yaml",
        "  huoju run --playground",
    ]
    folder = tmp_path / "huoju"
    assert sorted(path.name for path in folder.iterdir()) == [".env", "huoju.toml", "snack.yaml", "systemd", "var"]
    for secret in (".env", "var/huoju.keys"):
        assert stat.S_IMODE((folder / secret).stat().st_mode) == 0o600
    open_key_file(folder / "var/huoju.keys", SystemRandomness())
    assert [unit.name for unit in (folder / "systemd").iterdir()] == ["huoju.service"]
    assert f"WorkingDirectory={folder}\n" in (folder / "systemd/huoju.service").read_text(encoding="utf-8")
    settings = _settings(folder, monkeypatch)
    assert (settings.database_url, settings.public_url) == ("sqlite:///var/huoju.db", None)


@pytest.mark.parametrize("channel", ["playground", "telegram", "wechat", "sms"])
def test_what_it_writes_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channel: str) -> None:
    database = "postgresql://me:secret@db.example/play"
    assert channel in first_channels()
    told = _init("new", "--channel", channel, "--database", database, *ALL)
    assert told.exit_code == 0
    assert "secret" not in told.output
    settings = _settings(tmp_path / "new", monkeypatch)
    assert settings.database_url == database
    assert settings.links_begin_with == "https://play.example"
    assert settings.proxies == 1
    assert (settings.playground_password is not None) is (channel == "playground")
    found = look_at_registry(settings)
    empty = {one.place for one in found.violations}
    wanted = {"telegram": {"token"}, "wechat": {"secret", "aes_key"}, "sms": {"password"}, "playground": set[str]()}
    assert {place.removeprefix(f"{channel}.main.") for place in empty} <= wanted[channel]
    assert bool(empty) is bool(wanted[channel])
    if shutil.which("systemd-analyze") and channel == "sms":
        units = list(Path("systemd").iterdir())
        assert len(units) == 7
        for unit in units:
            unit.write_text(unit.read_text("utf-8").replace("User=huoju", "User=root"), encoding="utf-8")
        told = subprocess.run(
            ["systemd-analyze", "verify", *map(str, units)], capture_output=True, text=True, check=False
        )
        assert told.stderr == ""


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    for name in ("huoju.toml", ".env", "snack.yaml", "var/huoju.keys", "systemd/huoju.service"):
        folder = tmp_path / name.replace("/", "-")
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("mine", encoding="utf-8")
        with pytest.raises((FolderTaken, VerbRefused), match="already"):
            _init(str(folder), "--yes")
        assert [path for path in folder.rglob("*") if path.is_file()] == [folder / name]
        assert (folder / name).read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("my folder",), "In which folder: name a folder without spaces"),
        (("--database", "mysql://x"), "Database: write sqlite"),
        (("--database", "postgresql:///x"), "Database: write sqlite"),
        (("--public-url", "play.example"), "Public address, such as https://play.example: write an address"),
        (("--channel", "whatsapp"), "First channel: write one of those"),
        (("--brand", 'a"b'), "Name of your brand: write a name"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_would_do(tmp_path: Path, words: tuple[str, ...], why: str) -> None:
    with pytest.raises(VerbRefused, match=why):
        _init(*words, "--yes")
    assert list(tmp_path.iterdir()) == []


def test_it_speaks_chinese_where_the_terminal_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    told = _init(typed="\n\n\n\n\n").output
    assert "品牌名称 [Huoju]: " in told
    assert "接下来：" in told
    phrases = phrasebook_of(ROOT / "huoju")
    asked = (ROOT / "huoju/cli/init.py").read_text("utf-8") + (ROOT / "huoju/new_installation.py").read_text("utf-8")
    assert [line for line in _sentences(asked) if phrases.lacks(line)] == []


def _sentences(code: str) -> list[str]:
    found = re.findall(r'(?:Unfitting|tell|told)\("([^"]+)"\)|ask\(\s*"([^"]+)"', code)
    assert len(found) > 10
    return [one or other for one, other in found]
