"""What players type in a language that Huoju does not come in: a campaign lists it, and everybody is understood."""

import re

import pytest

from core.campaign.checks import check_campaign
from core.campaign.reader import BadCampaign, Violation, read_content
from handlers import MECHANICS
from tests.snack import SNACK
from tests.stage import START, Stage

_PHRASE = re.compile(r"\{zh: ([^,{}]+), en: ([^{}]+)\}")
FRENCH = (
    _PHRASE.sub(r"{fr: \2, en: \2}", SNACK).replace("language: en", "language: fr")
    + """
words:
  fr:
    help: [aide, au secours]
    points: [mes points, solde]
    gifts: [cadeaux, récompenses]
    prizes: lots
    stop: arrêter
    yes: oui
    no: non
texts:
  fr:
    points.balance: "Vous avez {balance} points.{boost}{expiry}{history}"
    question.expired: "Envoyez {word} pour revoir la liste."
    unknown.meant: "Vouliez-vous dire {word} ?"
    stop.done: "C'est noté."
    gifts.confirm: "{item} pour {price} points ?"
    gifts.bought: "À vous : {item} !"
    gifts.kept: "Vous gardez vos {balance} points."
"""
)


def test_players_type_the_words_of_their_language_and_ours(stage: Stage) -> None:
    stage.publish(FRENCH, spelled=False)
    assert "Vous avez 0 points" in stage.say("Mes points, svp !")
    assert "Vous avez 0 points" in stage.say("points")
    assert stage.say("RECOMPENSES") == stage.say("récompenses") == stage.say("gifts")
    assert stage.say("Arrêter") == "C'est noté."
    stage.say("Solde", by="u2")
    assert stage.say("stop", by="u2") == "C'est noté."


def test_a_slip_in_a_word_of_a_campaign_is_asked_about(stage: Stage) -> None:
    stage.publish(FRENCH, spelled=False)
    stage.say("aide")
    assert stage.say("cadaeux") == "Vouliez-vous dire CADEAUX ?"
    assert stage.say("oui") == stage.say("cadeaux")
    assert stage.say("recompenes") == "Vouliez-vous dire RÉCOMPENSES ?"
    assert stage.say("non") == stage.say("aide")


def test_yes_and_no_answer_in_the_language_of_the_question(stage: Stage) -> None:
    stage.publish(FRENCH, spelled=False)
    stage.say("aide")
    for code in stage.codes(6):
        stage.say(code)
    stage.say("cadeaux")
    assert "pour" in stage.say("1")
    assert stage.say("non").startswith("Vous gardez")
    stage.say("cadeaux")
    stage.say("1")
    assert stage.say("Oui merci").startswith("À vous")
    stage.say("cadeaux")
    stage.wait(hours=1)
    assert stage.say("1") == "Envoyez CADEAUX pour revoir la liste."


WRONG = [
    ("prizes: lots", "prices: lots", "no word of ours is prices (do you mean prizes?)"),
    ("prizes: lots", "prizes: gifts", "“gifts” means gifts already"),
    ("prizes: lots", "prizes: Solde", "“Solde” stands for points already"),
    ("prizes: lots", "prizes: stop", "“stop” means stop already"),
    ("prizes: lots", "prizes: td", "“td” means carriers_stop already"),
    ("prizes: lots", "prizes: '2'", "“2” answers a question already"),
    ("prizes: lots", "prizes: yes", "“yes” answers a question already"),
    ("yes: oui", "yes: no", "“no” answers a question already"),
    ("prizes: lots", "prizes: français", "Français is called “français”"),
    ("prizes: lots", "prizes: Mug", "Mug is called “Mug”"),
    ("prizes: lots", "prizes: lotsgagnants", "“lotsgagnants” is as long as a code"),
    ("prizes: lots", "prizes: '!!'", "nothing of “!!” can be read"),
    ("prizes: lots", "prizes: []", "list at least 1 here"),
    ("  fr:\n    help", "  de:\n    help", "the campaign does not speak Deutsch"),
]


@pytest.mark.reading
def test_a_word_that_means_something_else_is_refused_with_its_line() -> None:
    assert _refused(FRENCH) == []
    for good, bad, says in WRONG:
        assert good in FRENCH
        found = [each for each in _refused(FRENCH.replace(good, bad, 1)) if each.line]
        assert [each.remedy for each in found if says in each.remedy], (bad, found)


def _refused(text: str) -> list[Violation]:
    try:
        file = read_content("f.yaml", text.encode(), MECHANICS.sections)
        check_campaign(file, MECHANICS.texts(), START, words=MECHANICS.titles)
    except BadCampaign as refused:
        return refused.violations
    return []
