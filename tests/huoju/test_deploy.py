"""What stands in deploy/: an image without secrets, a Compose file that wants them, units and proxies that fit."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bots.base import BODY_LIMIT
from huoju.cli import COMMANDS
from huoju.web.server import HEADERS_WITHIN_S
from tests.repository import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
FIVE = {"web", "sms", "telegram", "sender", "clock"}


def _compose() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(DEPLOY / "compose.yaml")
    return found


def _said_by(unit: Path) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(unit, encoding="utf-8")
    return read


def _instructions() -> Iterator[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, " ".join(rest.split())


def test_every_process_is_a_service_a_unit_and_a_line_of_the_procfile() -> None:
    services = {name: one for name, one in _compose()["services"].items() if name not in {"database", "proxy"}}
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    procfile = {name: said for name, _, said in (line.partition(": ") for line in lines)}
    assert set(procfile) == FIVE
    assert {*FIVE, "upgrade"} == set(services)
    assert {*FIVE, "upgrade"} <= {unit.stem.removeprefix("huoju-") for unit in UNITS}
    said = [*(one["command"] for one in services.values())]
    said += [shlex.split(_said_by(unit)["Service"]["ExecStart"])[1:] for unit in UNITS if unit.suffix == ".service"]
    assert len(said) == 13
    assert [words for words in said if words[0] not in COMMANDS] == []


def test_compose_wants_its_secrets_and_upgrades_before_anything_begins() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    wanted = dict(re.findall(r"\$\{(\w+):\?([^}]+)\}", text))
    given = re.findall(r"^(\w+)=", (DEPLOY / "env.example").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(wanted) == sorted(given)
    assert [name for name, what in wanted.items() if not re.search(r"name|say", what)] == []
    found = _compose()
    assert all("file" in one for one in found["secrets"].values())
    assert not re.search(r"PASSWORD: |TOKEN: |://\w+:\w+@", text)
    for name in FIVE:
        one = found["services"][name]
        assert one["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
        assert one["secrets"] == ["database_password"]
    assert found["services"]["upgrade"]["restart"] == "no"
    assert found["services"]["upgrade"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "healthcheck" in found["services"]["database"]
    used = {
        mount.split(":")[0] for one in found["services"].values() for mount in one["volumes"] if isinstance(mount, str)
    }
    assert {name for name in used if not name.startswith(".")} == set(found["volumes"])


def test_the_image_is_small_runs_as_nobody_and_holds_no_secret() -> None:
    said = list(_instructions())
    stages = [rest for word, rest in said if word == "FROM"]
    assert len(stages) == 2
    last = said[[word for word, _ in said].index("FROM", 2) :]
    words = [word for word, _ in last]
    assert ("USER", "10001:10001") in last
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "HEALTHCHECK" in words
    assert not [rest for _, rest in last if re.search(r"\bgcc|build-essential|-dev\b|pip install", rest)]
    assert [rest for word, rest in said if "pip" in rest and "install -r" in rest] == []
    assert any("--require-hashes" in rest for _, rest in said)
    for _, rest in said:
        assert "apt-get install" not in rest or ("--no-install-recommends" in rest and "rm -rf /var/lib/apt" in rest)
    copied = [rest.split()[:-1] for word, rest in said if word == "COPY" and "--from" not in rest]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert {name for names in copied for name in names} == let_in
    assert all((ROOT / name).exists() for name in let_in)


def test_units_are_hardened_and_begin_after_the_upgrade() -> None:
    services = [unit for unit in UNITS if unit.suffix == ".service"]
    assert len(services) == 7
    for unit in services:
        said = _said_by(unit)
        one = said["Service"]
        assert one["NoNewPrivileges"] == "yes"
        assert one["ProtectSystem"] == "strict"
        assert not one["CapabilityBoundingSet"]
        assert one["ReadWritePaths"] == one["WorkingDirectory"]
        assert one["User"] == "huoju"
        if unit.stem not in {"huoju", "huoju-upgrade"}:
            assert one["Restart"] == "always"
            assert "huoju-upgrade.service" in said["Unit"]["After"].split()
            assert unit.name in _said_by(DEPLOY / "systemd" / "huoju.target")["Unit"]["Wants"].split()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/huoju/bin/huoju", "/bin/true")
        (tmp_path / unit.name).write_text(
            text.replace("/srv/huoju", "/tmp").replace("User=huoju", "User=root"), "utf-8"
        )
    told = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_proxies_let_through_what_is_taken_and_say_who_came() -> None:
    caddy, nginx = ((DEPLOY / name).read_text(encoding="utf-8") for name in ("Caddyfile", "nginx.conf"))
    assert BODY_LIMIT < 1_000_000
    assert "max_size 1MB" in caddy
    assert "client_max_body_size 1m;" in nginx
    assert f"read_header {HEADERS_WITHIN_S}s" in caddy
    assert f"client_header_timeout {HEADERS_WITHIN_S}s;" in nginx
    assert "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;" in nginx
    for text in (caddy, nginx):
        assert "HUOJU_PROXIES=1" in text
        assert "/metrics" in text
        assert "/readyz" in text
