"""Campaign files: every refusal about gifts, claims, invites and the region names its line and the remedy."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.campaign.checks import check_campaign
from core.campaign.reader import BadCampaign, read_campaign
from handlers import MECHANICS
from tests.snack import SNACK

NOW = datetime(2026, 12, 1, tzinfo=UTC)
CLAIMS, INVITES = (next(line for line in SNACK.splitlines() if line.startswith(w)) for w in ("claims:", "invites:"))
GIFTS = SNACK[SNACK.index("gifts:") : SNACK.index("claims:")]

# id, what is changed in a good file, what is written instead, a word of the line, words of the complaint
COMPLAINTS = [
    (
        "vouchers of a parcel",
        "stock: 10, claim: delivery",
        "stock: 10, claim: delivery, vouchers: imported",
        "phone",
        "only a prize with claim: voucher",
    ),
    (
        "points of a parcel",
        "stock: 10, claim: delivery",
        "stock: 10, claim: delivery, points: 5 points",
        "phone",
        "says how many, and only such",
    ),
    ("points without a number", "stock: 10, claim: delivery", "stock: 10, claim: points", "phone", "says how many"),
    ("an unknown way", "stock: 10, claim: delivery", "stock: 10, claim: pigeon", "phone", "'delivery', 'voucher'"),
    ("a gift of points", "claim: counter", "claim: points", "name: bag", "'delivery', 'voucher'"),
    ("a gift nobody hands over", ", claim: counter}", "}", "name: bag", "this is missing"),
    (
        "vouchers of a bag",
        "claim: counter",
        "claim: counter, vouchers: generated",
        "name: bag",
        "only a gift with claim: voucher",
    ),
    ("a free gift", "price: 20 points", "price: 0 points", "name: mug", "write 1 or more"),
    ("a price without unit", "price: 20 points", "price: 20", "name: mug", "10 points"),
    ("no stock", "stock: 2,", "stock: 0,", "name: mug", "write 1 or more"),
    ("none for a player", "per_player: 1}", "per_player: 0}", "name: mug", "write 1 or more"),
    ("twins", "name: bag", "name: mug", "gifts", "two gifts are named mug"),
    ("a value in dollars", "price: 20 points", "value: 5 USD, price: 20 points", "name: mug", "one currency"),
    ("no gift at all", GIFTS, "gifts: []\n", "gifts", "the list is empty"),
    ("no way to earn", f"{INVITES}\n", "", "gifts", "nobody can earn points"),
    ("claims of nothing", GIFTS, "", "claims", "no prize and no gift is claimed"),
    ("no time", "within: 10 days", "within: 30s", "claims", "at least a minute"),
    ("a reminder too early", "remind: [2 days]", "remind: [10 days]", "claims", "between the win and the deadline"),
    ("a reminder too late", "remind: [2 days]", "remind: [0s]", "claims", "between the win and the deadline"),
    ("too many reminders", "remind: [2 days]", "remind: [1d, 2d, 3d, 4d, 5d, 6d]", "claims", "at most 5"),
    ("an unknown end", "unclaimed: stock", "unclaimed: burn", "claims", "'stock' or 'second draw'"),
    (
        "approval in dollars",
        "approve_above: 2000 CNY",
        "approve_above: 2000 USD",
        "claims",
        "is in USD, but a value is in CNY",
    ),
    (
        "invites for nothing",
        "inviter: 20 points, invitee: 5 points",
        "inviter: 0 points, invitee: 0 points",
        "invites",
        "nobody gets anything",
    ),
    (
        "invites elsewhere",
        "per_player_per_day: 10}\n",
        "channels: [mail]}\n",
        "invites",
        "none of the campaign's channels",
    ),
    ("another act", "inviter: 20", "after: first smile, inviter: 20", "invites", "'first redemption'"),
    (
        "no cap",
        "invitee: 5 points, per_player_per_day: 10",
        "invitee: 5 points, per_player_per_day: 0",
        "invites",
        "write 1 or more",
    ),
    ("a region in words", "region: CN", "region: China", "region", "two capital letters"),
    ("no such region", "region: CN", "region: XX", "region", "no country with phone numbers"),
]


def _complaints(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadCampaign) as caught:
        check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), NOW)
    return str(caught.value).replace(str(tmp_path) + "/", "").splitlines()


@pytest.mark.parametrize(("name", "old", "new", "at", "says"), COMPLAINTS, ids=[row[0] for row in COMPLAINTS])
def test_a_complaint_names_line_and_remedy(tmp_path: Path, name: str, old: str, new: str, at: str, says: str) -> None:
    assert old in SNACK
    changed = SNACK.replace(old, new, 1)
    if name == "no way to earn":
        changed = changed.replace("  otherwise: 10 points\n", "")
    if name == "claims of nothing":
        changed = changed.replace(", claim: delivery", "")
    found = [violation for violation in _complaints(tmp_path, changed) if says in violation]
    assert found, _complaints(tmp_path, changed)
    line = next(number for number, text in enumerate(changed.splitlines(), 1) if at in text)
    assert int(found[0].split(":")[1]) == line, (found, line)


def test_gifts_and_friends_count_against_the_budget(tmp_path: Path) -> None:
    """29990 for phones; 20 + 5 points for a friend and 10 for each of 1000 codes at 1 CNY; 2 mugs of 100 less 20."""
    dear = SNACK.replace("price: 20 points", "value: 100 CNY, price: 20 points").replace(
        "length: 12", "length: 12, planned: 1000"
    )
    dear = dear.replace("budget: 100000 CNY", "budget: 65149 CNY") + "points: {worth: 1 CNY}\n"
    assert "65150 CNY" in "".join(_complaints(tmp_path, dear))
    path = tmp_path / "good.yaml"
    path.write_text(dear.replace("65149", "65150"), encoding="utf-8")
    assert check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), NOW).name == "snack"
