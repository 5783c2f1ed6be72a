"""What was published is read for ever, and hashed: neither may change by a byte, wherever the grammar stands."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.campaign.checks import check_campaign
from core.campaign.published import read_rules
from core.campaign.reader import read_campaign
from core.campaign.rules import rules_hash
from handlers import MECHANICS

PUBLISHED = Path(__file__).parent.parent / "fixtures" / "published"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
AT = datetime(2026, 12, 1, tzinfo=UTC)
HASHES = {
    "everything": "44dc4caa72c86a94ad3911cc60fbb3db688bc1032194463456abe37431b8dcf2",
    "little": "cbac2eb5106626929e99b5c3cb56cc923c9746b6541da5e78b5afcc57704ce7b",
    "quiz": "06f0abbe48346940209e1b074a497c6cffbf369b2c58e912e7804514913114e0",
    "snack": "3d70acc16a7838878cc4deac1b94e17ab476928a494055144cccc0b925649366",
    "torch-relay": "41d90e977ffd769003f565a8582572971b10394f72851990c2ac6291134ab1ad",
}
each_file = pytest.mark.parametrize("name", sorted(HASHES))


def frozen(name: str) -> str:
    """The canonical JSON of a file, as it was published when it was pinned."""
    return (PUBLISHED / f"{name}.json").read_text(encoding="utf-8").removesuffix("\n")


def test_every_file_is_pinned() -> None:
    files = [*EXAMPLES.glob("*.yaml"), *PUBLISHED.glob("*.yaml")]
    assert len(files) >= 5
    assert sorted(path.stem for path in files) == sorted(HASHES)


@each_file
def test_a_file_is_frozen_byte_for_byte_as_ever(name: str) -> None:
    (path,) = [*EXAMPLES.glob(f"{name}.yaml"), *PUBLISHED.glob(f"{name}.yaml")]
    rules = check_campaign(read_campaign(path, MECHANICS.sections), MECHANICS.texts(), AT)
    assert rules.canonical() == frozen(name)
    assert rules_hash(rules.canonical()) == HASHES[name]


@each_file
def test_published_rules_are_read_as_they_were_written(name: str) -> None:
    rules = read_rules(frozen(name))
    for section in MECHANICS.sections:
        rules.section(section)
    assert rules.canonical() == frozen(name)
