"""Campaign files with follow-ups and a calendar: every complaint names the line and the remedy."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.campaign.checks import check_campaign
from core.campaign.findings import remedy
from core.campaign.reader import BadCampaign, read_campaign
from core.campaign.rules import Rules
from core.mechanics import Mechanic, Mechanics
from core.models import Player
from core.segments.words import Predicate
from handlers import MECHANICS
from handlers.follow_ups.rules import FollowUps
from tests.follow_ups.scene import say
from tests.relay.torchbearers import RELAY
from tests.stage import CAMPAIGN

NOW = datetime(2026, 12, 1, tzinfo=UTC)
GOOD = f"""
follow_ups:
  - {{name: come-back, when: 24h after first contact, unless: redeemed, {say("come")}}}
  - {{name: miss-you, when: 3 days after last word, {say("miss")}}}
calendar:
  - {{name: morning, cron: "0 9 * * *", to: everybody, {say("good")}}}
follow_up_limits: {{quiet: "22:00-08:00", per_day: 1, per_week: 3}}
"""

# id, what is changed in a good file, what is written instead, words of the complaint
COMPLAINTS = [
    ("no event", "24h after first contact", "24h", "24h after first contact (first code, first contact"),
    ("no such event", "first contact", "first kiss", "last word, torch lit, torch out, win"),
    ("no time", "3 days after", "soon after", "10m, 24 hours or 90 days"),
    ("at once", "3 days after", "0 days after", "above zero"),
    ("no such reason", "redeemed", "bored", "bored is not known here (do you mean"),
    ("two of one name", "miss-you", "come-back", "named come-back"),
    (
        "one language",
        "{zh: come, en: come}",
        "{zh: come}",
        "say: the title is in English, too, and this is not; add en",
    ),
    ("a torch without a relay", "last word", "torch out", "add relay"),
    ("a reason without a relay", "redeemed", "lit", "add relay"),
    ("a friend without invites", "redeemed", "brought a friend", "add invites"),
    ("claimed without a win", "redeemed", "claimed", "after win"),
    ("redeemed before it counts", "24h after first contact", "24h after first code", "use spoke"),
    ("spoke after the last word", "after last word", "after last word, unless: spoke", "remove spoke"),
    ("a reason twice", "redeemed", "[redeemed, redeemed]", "once"),
    ("no cron", "0 9 * * *", "nine o'clock", "five fields"),
    ("four fields", "0 9 * * *", "9 * * *", "0 9 * * *"),
    ("no such hour", "0 9 * * *", "0 25 * * *", "0 9 * * *"),
    ("a day that never comes", "0 9 * * *", "0 9 31 2 *", "cron"),
    ("every minute of the hour", "0 9 * * *", "* 9 * * *", "first field is the minute"),
    ("no such audience", "everybody", "grandma", "grandma is not known here"),
    ("ambassadors without torches", "everybody", "ambassadors", "add relay"),
    ("quiet for how long", "22:00-08:00", "at night", '"22:00-08:00"'),
    ("quiet at 25 o'clock", "22:00-08:00", "25:00-08:00", '"22:00-08:00"'),
    ("quiet always", "22:00-08:00", "08:00-08:00", '"22:00-08:00"'),
    ("limits that limit nothing", '{quiet: "22:00-08:00", per_day: 1, per_week: 3}', "{}", "remove this"),
    ("fewer a week than a day", "per_day: 1, per_week: 3", "per_day: 5, per_week: 3", "at least as many"),
]


def _read(tmp_path: Path, text: str) -> Rules:
    path = tmp_path / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), NOW)


@pytest.mark.parametrize(("name", "old", "new", "says"), COMPLAINTS, ids=[row[0] for row in COMPLAINTS])
def test_a_complaint_names_line_and_remedy(tmp_path: Path, name: str, old: str, new: str, says: str) -> None:
    assert GOOD.count(old) == 1
    line = next(number for number, text in enumerate((CAMPAIGN + GOOD).splitlines(), 1) if old in text)
    with pytest.raises(BadCampaign) as caught:
        _read(tmp_path, CAMPAIGN + GOOD.replace(old, new))
    found = str(caught.value).splitlines()
    assert any(says in violation for violation in found), found
    lines = {int(violation.rsplit("file.yaml:")[1].split(":")[0]) for violation in found if says in violation}
    assert lines & {line, line - 1, line - 2}, (found, line)


def test_limits_of_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCampaign, match="nothing to limit"):
        _read(tmp_path, CAMPAIGN + "follow_up_limits: {per_day: 1}\n")
    with pytest.raises(BadCampaign, match="list is empty"):
        _read(tmp_path, CAMPAIGN + "follow_ups: []\n")


def test_canonical_rules_read_back_to_themselves(tmp_path: Path) -> None:
    rules = _read(tmp_path, CAMPAIGN + GOOD)
    again = Rules.model_validate_json(rules.canonical()).knowing(MECHANICS.sections)
    assert again == rules
    assert again.canonical() == rules.canonical()


def test_a_relay_has_torches_to_speak_of(tmp_path: Path) -> None:
    torches = GOOD.replace("last word", "torch out").replace("everybody", "unlit").replace("redeemed", "[lit, spoke]")
    assert _read(tmp_path, RELAY + torches).section(FollowUps).named("miss-you")


def test_a_word_of_any_mechanic_may_stand_in_a_file(tmp_path: Path) -> None:
    rich = Predicate(
        name="rich",
        where=lambda _: Player.points > 10,
        check=lambda seen, _: seen.player.points > 10,
        as_reason=lambda _, after: remedy("nobody is rich after a win") if after == "win" else None,
        as_audience=lambda _: None,
    )
    sections = Mechanics.of(*MECHANICS.each, Mechanic(name="marbles", segments=(rich,))).sections
    path = tmp_path / "file.yaml"

    def rules(text: str) -> Rules:
        path.write_text(CAMPAIGN + text, encoding="utf-8")
        return check_campaign(read_campaign(path, sections), MECHANICS.texts(), NOW)

    found = rules(GOOD.replace("redeemed", "rich").replace("everybody", "rich"))
    assert found.section(FollowUps).each[0].unless == ("rich",)
    with pytest.raises(BadCampaign, match="nobody is rich after a win"):
        rules(GOOD.replace("first contact, unless: redeemed", "win, unless: rich"))
    with pytest.raises(BadCampaign, match="poor is not known here"):
        rules(GOOD.replace("redeemed", "poor"))


def test_files_without_them_keep_their_hash(tmp_path: Path) -> None:
    assert "follow" not in _read(tmp_path, CAMPAIGN).canonical()
    assert "calendar" not in _read(tmp_path, CAMPAIGN).canonical()
