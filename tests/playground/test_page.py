"""The page as it leaves the server: policy, cache and files. What a visitor does with it is in test_browser."""

import re

import pytest

from bots.playground.web_page import page_files
from tests.playground.rig import Door

FILES = page_files()


def test_the_page_lets_nothing_else_in(door: Door) -> None:
    page = door.client.get("/playground/")
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert set(policy.values()) <= {"'none'", "'self'"}
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in page.headers


def test_the_page_s_files_are_there_and_kept_only_while_they_are_current(door: Door) -> None:
    linked = re.findall(r'(?:src|href)="([^"]+)"', FILES["index.html"].decode())
    assert set(linked) == {f"page/{name}" for name in FILES if not name.endswith(".html")}
    for name in linked:
        first = door.client.get(f"/playground/{name}")
        again = door.client.get(f"/playground/{name}", headers={"If-None-Match": first.headers["ETag"]})
        assert (first.status_code, again.status_code) == (200, 304)
        assert first.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", FILES)
def test_no_file_needs_another_site_or_an_inline_script(name: str) -> None:
    text = FILES[name].decode().replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "http:" not in text
    assert "https:" not in text
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|style=|javascript:|innerHTML|insertAdjacentHTML|eval\(", text)


def test_the_page_says_everything_in_both_languages() -> None:
    script = FILES["words.js"].decode()
    english, chinese = (
        re.findall(r"^    (\w+): ", script[script.index(f"  {language}: {{") :].partition("\n  },")[0], re.MULTILINE)
        for language in ("en", "zh")
    )
    assert len(english) > 20
    assert english == chinese
    assert set(re.findall(r'data-word="(\w+)"', FILES["index.html"].decode())) <= set(english)
