"""Sections: what a campaign file says of one mechanic, of which nobody else knows."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from core.campaign.checks import check_campaign
from core.campaign.findings import Finding, remedy
from core.campaign.grammar import Named, Section, SectionList, UsualSection
from core.campaign.published import read_rules
from core.campaign.reader import BadCampaign, read_campaign
from core.campaign.rules import Rules
from core.mechanics import Mechanic, Mechanics
from core.texts.catalogue import shipped
from core.texts.languages import LANGUAGES
from handlers import MECHANICS

NOW = datetime(2026, 12, 1, tzinfo=UTC)
FILE = """\
name: toy
title: {zh: 玩具, en: A toy}
organiser: {zh: 火炬, en: Huoju}
zone: Asia/Shanghai
opens: at publication
closes: 90 days after opening
channels: [test]
"""


class Marbles(Section):
    """How many there are."""

    key: ClassVar[str] = "marbles"
    count: Annotated[int, Field(ge=1)]
    colour: str = "red"

    @property
    def played(self) -> bool:
        return True

    def findings(self, rules: Rules) -> Iterable[Finding]:
        if self.count > 9:
            yield ("count",), remedy("{name} has room for 9", name=rules.name)


class Bag(UsualSection):
    """How it is, where nobody says it, too."""

    key: ClassVar[str] = "bag"
    published: ClassVar[bool] = True
    size: Annotated[int, Field(ge=1)] = 5


class Pocket(UsualSection):
    key: ClassVar[str] = "pocket"
    deep: bool = False


class Kid(Named):
    age: int = 7


class Kids(SectionList[Kid]):
    key: ClassVar[str] = "kids"
    called: ClassVar[str] = "children"

    def findings(self, rules: Rules) -> Iterable[Finding]:
        if not self.each:
            yield (), remedy("{name} has no list", name=rules.name)


def read(tmp_path: Path, more: str, *sections: type[Section]) -> Rules:
    path = tmp_path / "toy.yaml"
    path.write_text(FILE + more, encoding="utf-8")
    return check_campaign(read_campaign(path, sections), MECHANICS.texts(), NOW)


def test_a_section_is_frozen_and_read_where_nobody_lists_them(tmp_path: Path) -> None:
    rules = read(tmp_path, "marbles: {count: 3}\n", Marbles)
    assert '"marbles":{"colour":"red","count":3}' in rules.canonical()
    again = read_rules(rules.canonical(), (Marbles,))
    assert again == rules
    assert again.section(Marbles) == Marbles(count=3)
    assert again.section(Marbles) is again.section(Marbles)
    assert again.canonical() == rules.canonical()


def test_a_file_without_it_has_none_and_then_nothing_can_be_won(tmp_path: Path) -> None:
    with pytest.raises(BadCampaign, match="nothing can be won"):
        read(tmp_path, "", Marbles)
    rules = read(tmp_path, "points: {earn: 10 points}\nmarbles:\n", Marbles)
    assert rules.section(Marbles) is None
    assert "marbles" not in rules.canonical()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("marbles: {count: 0}\n", "toy.yaml:8: marbles.count: write 1 or more"),
        ("marbles:\n  count: 10\n", "toy.yaml:9: marbles.count: toy has room for 9"),
        ("marbles:\n  cuont: 1\n", "toy.yaml:9: marbles.cuont: this word is not known here (do you mean count?)"),
        ("marblse: {count: 1}\n", "toy.yaml:8: marblse: this word is not known here (do you mean marbles?)"),
        ("count: 1\n", "toy.yaml:8: count: this word is not known here; it belongs to marbles"),
        ("marbles: 3\n", "toy.yaml:8: marbles: write what belongs to it: {count: …}"),
    ],
)
def test_what_is_wrong_in_it_is_told_by_line(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(BadCampaign) as refused:
        read(tmp_path, more, Marbles)
    assert said in str(refused.value)


def test_a_section_of_no_mechanic_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCampaign, match="marbles: this word is not known here"):
        read(tmp_path, "marbles: {count: 3}\n")


def test_usual_values_hold_where_nothing_is_said_and_are_frozen_where_they_are_published(tmp_path: Path) -> None:
    rules = read(tmp_path, "points: {earn: 10 points}\n", Bag, Pocket, Kids)
    assert rules.section(Bag) == Bag()
    assert rules.section(Pocket) == Pocket()
    assert rules.section(Kids).each == ()
    assert '"bag":{"size":5}' in rules.canonical()
    assert "pocket" not in rules.canonical()
    assert "kids" not in rules.canonical()
    assert not rules.says(Pocket)
    assert read(tmp_path, "points: {earn: 10 points}\nbag: {size: 6}\n", Bag).section(Bag).size == 6


def test_what_is_said_or_holds_is_found_together_by_whoever_knows_the_mechanics(tmp_path: Path) -> None:
    kinds = (Kids, Marbles, Bag)
    rules = read(tmp_path, "points: {earn: 10 points}\nbag: {size: 6}\n", *kinds)
    for known in (rules, read_rules(rules.canonical(), kinds)):
        assert list(known.each()) == [Kids(()), Bag(size=6)]
    with pytest.raises(AssertionError, match="nobody told"):
        list(read_rules(rules.canonical()).each())


def test_a_list_is_frozen_as_one_and_its_parts_are_found_by_name(tmp_path: Path) -> None:
    rules = read(tmp_path, "points: {earn: 10 points}\nkids: [{name: ann}, {name: bob, age: 9}]\n", Kids)
    assert '"kids":[{"age":7,"name":"ann"},{"age":9,"name":"bob"}]' in rules.canonical()
    kids = read_rules(rules.canonical()).section(Kids)
    assert [kid.name for kid in kids.each] == ["ann", "bob"]
    assert kids.named("bob") == Kid(name="bob", age=9)
    assert kids.named("eve") is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("kids: []\n", "toy.yaml:9: kids: toy has no list"),
        ("kids: 3\n", "toy.yaml:9: kids: write a list, such as [one, another]"),
        (
            "kids:\n  - {name: ann}\n  - {nmae: bob}\n",
            "toy.yaml:11: kids.2.nmae: this word is not known here (do you mean",
        ),
        ("kids: [{name: a}, {name: a}]\n", "toy.yaml:9: kids: two children are named a; give each its own name"),
        (f"kids: {[{'name': f'a{n}'} for n in range(51)]}\n", "toy.yaml:9: kids: list at most 50 here"),
        ("age: 1\n", "toy.yaml:9: age: this word is not known here; it belongs to kids"),
        ("bag:\n", "toy.yaml:9: bag: write what belongs to it: {size: …}"),
    ],
)
def test_what_is_wrong_in_a_list_is_told_by_line(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(BadCampaign) as refused:
        read(tmp_path, "points: {earn: 10 points}\n" + more, Bag, Kids)
    assert said in str(refused.value)


def test_one_key_has_one_meaning() -> None:
    class Title(Section):
        key: ClassVar[str] = "title"

    for sections in ([Title], [Marbles, Marbles]):
        with pytest.raises(ValueError, match="two meanings"):
            Mechanics.of(*(Mechanic(name=str(n), sections=(each,)) for n, each in enumerate(sections)))


def test_texts_of_a_mechanic_are_shipped_and_overridden_like_any(tmp_path: Path) -> None:
    (tmp_path / "zh.yaml").write_text("marbles.won: 你有 {count} 颗。\n", encoding="utf-8")
    (tmp_path / "en.yaml").write_text("marbles.won: You have {count}.\n", encoding="utf-8")
    texts = Mechanics.of(Mechanic(name="marbles", texts=tmp_path)).texts()
    assert texts["en"].items() > shipped()["en"].items()
    assert texts["en"]["marbles.won"] == "You have {count}."
    path = tmp_path / "toy.yaml"
    own = "points: {earn: 10 points}\ntexts: {en: {marbles.won: 'Yours: {number}'}}\n"
    path.write_text(FILE + own, encoding="utf-8")
    with pytest.raises(BadCampaign, match=r"\{number\} cannot be filled here; this text has \{count\}"):
        check_campaign(read_campaign(path, ()), texts, NOW)


def test_a_text_that_two_have_is_an_error(tmp_path: Path) -> None:
    for language in LANGUAGES:
        (tmp_path / f"{language}.yaml").write_text("inbox.failed: Oh.\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"there already: inbox\.failed"):
        Mechanics.of(Mechanic(name="marbles", texts=tmp_path)).texts()
