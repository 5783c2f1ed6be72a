"""Plurals: the right form for every number, whatever the language, and mistakes that are told with their line."""

import re
from itertools import product
from pathlib import Path

import pytest

from core.campaign.checks import check_campaign
from core.campaign.reader import BadCampaign, read_campaign
from core.messages import Reply
from core.texts.catalogue import Texts, overridden, render
from core.texts.plurals import mistakes, parsed, placeholders
from handlers import MECHANICS
from tests.stage import CAMPAIGN, START

pytestmark = pytest.mark.reading

NUMBERS = (0, 1, 2, 5, 11, 21)
_COUNTED = "point|prize|gift|friend|code|day|hour|minute|second|question|letter|player|torch|time|tr(?:y|ie)|leg"
_ONE_OF_MANY = re.compile(rf"\b1 (?:more |extra |other )?(?:{_COUNTED})e?s\b", re.IGNORECASE)
_MANY_OF_ONE = re.compile(rf"\b(?:0|2|5|11|21) (?:more |extra |other )?(?:{_COUNTED})\b(?! of\b)", re.IGNORECASE)


def said(text: str, language: str, /, **shown: int) -> str:
    """``text`` as it is read."""
    return render(Reply("text", shown), Texts(language, {"text": text}))


def test_no_text_counts_wrongly() -> None:
    counted = 0
    for language, texts in MECHANICS.texts().items():
        for key, text in texts.items():
            assert list(mistakes(text, language)) == [], key
            names = sorted(placeholders(text))
            for number in NUMBERS if names else ():
                filled = said(text, language, **dict.fromkeys(names, number))
                assert "{" not in filled, key
                assert "plural" not in filled, key
                assert not _ONE_OF_MANY.search(filled), filled
                assert not _MANY_OF_ONE.search(filled), filled
                counted += 1
    assert counted > 1000


RUSSIAN = "{n, plural, =0 {ничего} one {# балл} few {# балла} many {# баллов} other {# балла}} за {code}"
FORMS = [
    ("en", "{n, plural, one {# point} other {# points}}", ["0 points", "1 point", "2 points", "5 points", "11 points"]),
    ("zh", "{n, plural, other {#分}}", ["0分", "1分", "2分", "5分", "11分"]),
    ("ru", RUSSIAN, ["ничего", "1 балл", "2 балла", "5 баллов", "11 баллов"]),
    ("en", "{n,plural,=1{just one}one{#}other{{n} of #}}", ["0 of 0", "just one", "2 of 2", "5 of 5", "11 of 11"]),
]


@pytest.mark.parametrize(("language", "text", "told"), FORMS, ids=[row[0] for row in FORMS])
def test_the_form_is_that_of_the_language(language: str, text: str, told: list[str]) -> None:
    assert list(mistakes(text, language)) == []
    for number, expected in zip(NUMBERS, told, strict=False):
        assert said(text, language, n=number, code=7).removesuffix(" за 7") == expected


def test_what_a_player_wrote_is_no_plural() -> None:
    shown = Reply("text", {"name": "{n, plural, one {a} other {b}} #"})
    assert render(shown, Texts("en", {"text": "Hi {name}!"})) == "Hi {n, plural, one {a} other {b}} #!"


def test_braces_that_are_no_plural_stay_as_they_are() -> None:
    for text in ("{", "}", "{}", "{ a }", "#", "{A}", "a {b", "{1, 2}"):
        assert said(text, "en") == text
        assert parsed(text).mistakes == ()


WRONG = [
    ("{balance, plural, one {# point}}", "lacks the form other"),
    ("{balance, plural, other {# points}}", "lacks the form one, which English has"),
    ("{balance, plural, one {#} few {#} other {#}}", "English has no plural form few; it has one, other"),
    ("{balance, plural, one {#} one {#} other {#}}", "has the form one twice"),
    ("{balance, plural, one {# point", "the form one in the plural of balance is not closed"),
    ("{balance, plurals, one {#} other {#}}", "cannot be read; write {balance, plural, one {# …} other {# …}}"),
    ("{points, plural, one {#} other {#}} {balance}", "{points} cannot be filled here"),
]


@pytest.mark.parametrize(("text", "why"), WRONG, ids=[text for text, _ in WRONG])
def test_a_mistake_in_a_file_is_told_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "snack.yaml"
    begin = CAMPAIGN.lstrip()
    path.write_text(f"{begin}texts:\n  en:\n    gifts.kept: '{text}'\n", encoding="utf-8")
    with pytest.raises(BadCampaign) as refused:
        check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), START)
    line = begin.count("\n") + 3
    assert any(str(each).startswith(f"{path}:{line}: texts.en.gifts.kept: ") for each in refused.value.violations)
    assert why in str(refused.value)


def test_every_language_has_forms_for_every_number() -> None:
    for language, number in product(("en", "zh", "ru", "ar", "fr", "ja"), NUMBERS):
        assert said("{n, plural, other {# x}}", language, n=number) == f"{number} x"


def test_campaigns_that_say_nothing_else_keep_one_catalogue() -> None:
    shipped = MECHANICS.texts()
    alike = overridden(shipped, {}, "zh", ("zh", "en"))
    assert {language: texts is shipped[language] for language, texts in alike.items()} == {"zh": True, "en": True}
    own = overridden(shipped, {"en": {"choice.yes": "Sure"}}, "zh", ("zh", "en"))
    assert (own["en"]["choice.yes"], own["zh"] is shipped["zh"]) == ("Sure", True)
