"""The pictures of the papers, from the running product: ``python -m tests.screenshots``.

Plays the campaign of docs/first-campaign.md in the playground and a torch of examples/torch-relay.yaml, in both
languages, and writes docs/pictures: PNGs with a palette, small enough to be read about before they have loaded.
"""

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from itertools import count
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browsing import chromium
from tests.repository import ROOT

PICTURES = ROOT / "docs" / "pictures"
HELLO = {"en": "hello", "zh": "你好"}

TORCH = {"en": "torch", "zh": "火炬"}
NAMES = {"en": "my name is Anna", "zh": "我叫小安"}
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
_COLOURS = 64


@contextmanager
def running(campaign: str, name: str, language: str) -> Iterator[tuple[str, Path]]:
    """(address, folder) of an installation that plays ``campaign`` in processes of its own."""
    with tempfile.TemporaryDirectory() as kept, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        folder, address = Path(kept), f"http://127.0.0.1:{port}"
        (folder / f"{name}.yaml").write_text(campaign, encoding="utf-8")
        zone = {"en": "en_GB.UTF-8", "zh": "zh_CN.UTF-8"}[language]
        environment = os.environ | {"HUOJU_PUBLIC_URL": address, "LANG": zone}
        huoju = [sys.executable, "-m", "huoju"]

        def say(*words: str) -> None:
            subprocess.run([*huoju, *words], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)

        say("db", "upgrade")
        say("campaign", "publish", f"{name}.yaml")
        if "codes:" in campaign:
            say("codes", "issue", name, "--count", "20", "--out", "cards.csv")
            say("codes", "activate", "1", "--file", "cards.csv")
        served = subprocess.Popen(
            [*huoju, "run", "--playground", "--port", str(port)],
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield address, folder
        finally:
            served.send_signal(signal.SIGTERM)
            served.wait(60)


def asked(address: str, what: dict[str, str] | None = None) -> str:
    """What the address answers; a POST of ``what`` as JSON."""
    body = None if what is None else json.dumps(what).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return str(answer.read().decode())


def _up(address: str) -> None:
    for _ in range(120):
        try:
            asked(f"{address}/healthz")
        except OSError:
            time.sleep(0.25)
        else:
            return
    raise TimeoutError(address)


def keep(picture: bytes, name: str) -> None:
    """Write ``picture`` with a palette."""
    small = Image.open(io.BytesIO(picture)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    small.save(PICTURES / name, optimize=True)


def chat(browser: Browser, language: str) -> None:
    """A code that wins, in the playground."""
    page_of = ROOT / "docs" / {"en": "first-campaign.md", "zh": "first-campaign.zh.md"}[language]
    told = re.search(
        r"^```yaml campaign [^\n]*\n(.*?)^```", page_of.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert told
    with running(told[1], "coffee", language) as (address, folder):
        _up(address)
        with (folder / "cards.csv").open(encoding="utf-8-sig", newline="") as file:
            code = next(csv.DictReader(file))["code"]
        page = browser.new_page(locale=LOCALES[language], viewport={"width": 1000, "height": 900})
        page.goto(f"{address}/playground/")
        phone = page.locator(".phone").first
        for number, text in enumerate((HELLO[language], code), 1):
            box = phone.get_by_role("textbox").last
            box.fill(text)
            box.press("Enter")
            expect(phone.get_by_role("log").locator(".line")).not_to_have_count(2 * number - 1)
            page.wait_for_timeout(1500)
        keep(phone.screenshot(), f"chat.{language}.png")
        page.close()


def torch(browser: Browser, language: str) -> None:
    """The page of a torch that burns down."""
    campaign = (ROOT / "examples" / "torch-relay.yaml").read_text(encoding="utf-8")
    with running(campaign, "torch-relay", language) as (address, _):
        _up(address)
        numbers = count(1)

        def say(phone: str, text: str) -> str:
            sent = {"phone": phone, "id": f"m{next(numbers)}", "text": text}
            return asked(f"{address}/playground/say", sent)

        said = say("anna", TORCH[language])
        say("anna", NAMES[language])
        found = re.search(r"/t/([0-9A-Z-]+)", said)
        assert found, said
        page = browser.new_page(locale=LOCALES[language], viewport={"width": 390, "height": 700})
        page.goto(f"{address}/t/{found[1]}")
        page.wait_for_timeout(1500)
        keep(page.screenshot(), f"torch.{language}.png")
        page.close()


@contextmanager
def chinese() -> Iterator[None]:
    """The browser finds the Chinese font that comes with Huoju, where the machine has none."""
    with tempfile.TemporaryDirectory() as kept:
        fonts = Path(str(files("manimgx_fonts_cjk")))
        config = Path(kept, "fonts.conf")
        config.write_text(
            '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
            f'<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir>'
            f"<cachedir>{kept}</cachedir></fontconfig>",
            encoding="utf-8",
        )
        os.environ["FONTCONFIG_FILE"] = str(config)
        yield


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    with chinese(), chromium() as opened:
        for each in ("en", "zh"):
            chat(opened, each)
            torch(opened, each)
