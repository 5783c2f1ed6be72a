"""The page about segments: it is up to date, and all that it tells to write can be written."""

import re

import pytest

from core.segments.segment import read
from handlers import MECHANICS
from tests.segments_page import HEAD, PAGES, page

pytestmark = pytest.mark.reading


@pytest.mark.parametrize("language", list(PAGES))
def test_it_is_up_to_date(language: str) -> None:
    assert PAGES[language].read_text(encoding="utf-8") == page(language), "say: python -m tests.segments_page"


@pytest.mark.parametrize("language", list(PAGES))
def test_what_it_tells_to_write_can_be_read(language: str) -> None:
    block = re.findall(r"^/(?:segment|人群) (.*)$", HEAD[language], re.MULTILINE)
    terminal = re.findall(r'huoju segment "([^"]+)"', HEAD[language])
    assert len(block + terminal) == 3
    for text in block + terminal:
        assert read(text, MECHANICS.segments).leaves


def test_every_word_has_both_languages_and_says_what_it_means() -> None:
    phrases = MECHANICS.phrases()
    for word in MECHANICS.segments.by_name.values():
        assert word.chinese, word.name
        assert word.says, word.name
        assert not phrases.lacks(word.says), word.name
