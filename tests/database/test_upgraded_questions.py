"""Questions of a version in which they waited at players: migrated, each waits at one address, under its number."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from alembic import command
from sqlalchemy import Engine, MetaData, Table, insert, select

from core import schema
from core.database import Instant, open_database
from core.models import Address
from core.questions import NUMBERS
from tests import postgres
from tests.stage import START, keyring

SEALED = b"details"
STAMP, NOTHING = (hashlib.sha256(sealed).hexdigest()[:16] for sealed in (SEALED, b""))


class Waits(NamedTuple):
    """A question that waits in a campaign: what it was, the minute in which it ends, the count and the player's id."""

    question: str | None
    until: int | None
    count: int
    player: int


class Lives(NamedTuple):
    """An address: the minute in which it was heard, the campaign that it played last, and who it is in campaigns."""

    heard: int
    campaign: int | None
    joins: dict[int, Waits]


MENU = Waits("gifts.choose ", 30, 4, 5 * NUMBERS + 100)
SHARED = Waits("delivery.name 71", 90, 2, 7 * NUMBERS + 300)
# id, what was before
BEFORE = {
    "one": Lives(0, 1, {1: MENU}),
    "never asked": Lives(0, 1, {1: Waits(None, None, 0, 11)}),
    "asked before": Lives(0, 1, {1: Waits(None, None, 9, 13 * NUMBERS + 20)}),
    "played last": Lives(0, 1, {1: Waits("rules.which 1 2", 10, 1, 17), 2: Waits("prizes.choose ", 20, 6, 4000)}),
    "newest": Lives(0, None, {1: Waits("rules.which 1 2", 10, 1, 19), 2: Waits("prizes.choose ", 20, 6, 5000)}),
    "linked, heard last": Lives(8, 1, {1: SHARED}),
    "linked": Lives(3, 1, {1: SHARED}),
    "details": Lives(0, 1, {1: Waits("delivery.confirm 72", 90, 3, 23)}),
    "buyer": Lives(0, 1, {1: Waits("gifts.confirm mug 20", 30, 3, 29)}),
    "last number": Lives(0, 1, {1: Waits("gifts.choose ", 30, 1, 31 * NUMBERS - 1)}),
    "nobody": Lives(0, None, {}),
}
# id, question, campaign, minute of its end, number
AFTER = {
    "one": ("gifts.choose ", 1, 30, 104),
    "never asked": (None, None, None, 0),
    "asked before": (None, None, None, 29),
    "played last": ("rules.which 1 2", 1, 10, 18),
    "newest": ("prizes.choose ", 2, 20, 5006),
    "linked, heard last": (f"delivery.name 71 {NOTHING}", 1, 90, 302),
    "linked": (None, None, None, 302),
    "details": (f"delivery.confirm 72 {STAMP}", 1, 90, 26),
    "buyer": ("gifts.confirm mug 20 2", 1, 30, 32),
    "last number": ("gifts.choose ", 1, 30, 0),
    "nobody": (None, None, None, 0),
}
# id, player, item, state, details
CLAIMS = [
    (71, SHARED.player, "phone", "open", None),
    (72, 23, "phone", "open", SEALED),
    (73, 29, "mug", "ready", None),
    (74, 30, "mug", "shipped", None),  # of a player who became the buyer
    (75, 29, "mug", "cancelled", None),
    (76, 29, "ticket", "received", None),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of the revision before, with the questions of BEFORE."""
    with postgres.new_database() as address:
        database = open_database(address if request.param == "postgresql" else f"sqlite:///{tmp_path / 'old.db'}")
        with database.begin() as connection:
            command.upgrade(schema.migrations(connection), "0024")
            tables = MetaData()
            tables.reflect(connection)
            _fill(connection, tables)
        yield database
        database.dispose()


def _fill(connection: Any, tables: MetaData) -> None:
    def add(name: str, rows: list[dict[str, Any]]) -> None:
        table: Table = tables.tables[name]
        for column in table.columns:
            if column.name.endswith(("_at", "_until")):
                column.type = Instant()
        connection.execute(insert(table), rows)

    counters = {"said_count": 0, "wrong_tries": 0, "typed_left": 0, "tapped_left": 0}
    key_of = {by: keyring().address_key("test", "main", by) for by in BEFORE}
    addresses = [
        {
            "key": key_of[by],
            "channel": "test",
            "account": "main",
            "user_sealed": b"",
            "campaign_id": lives.campaign,
            "heard_at": START + timedelta(minutes=lives.heard),
            **counters,
        }
        for by, lives in BEFORE.items()
    ]
    add("addresses", addresses)
    waits = {one.player: (campaign, one) for lives in BEFORE.values() for campaign, one in lives.joins.items()}
    waits[30] = (1, Waits(None, None, 0, 30))
    players = [
        {
            "id": player,
            "campaign_id": campaign,
            "points": 0,
            "redeemed_today": 0,
            "drawn_today": 0,
            "wins": 0,
            "joined_at": START,
            "question": one.question,
            "question_until": None if one.until is None else START + timedelta(minutes=one.until),
            "question_again": one.question == "gifts.confirm mug 20",
            "question_count": one.count,
            "rewarded_today": 0,
            "merged_into": 29 if player == 30 else None,
        }
        for player, (campaign, one) in waits.items()
    ]
    add("players", players)
    joins = [
        {"address_key": key_of[by], "campaign_id": campaign, "player_id": one.player, "joined_at": START}
        for by, lives in BEFORE.items()
        for campaign, one in lives.joins.items()
    ]
    add("joins", joins)
    claims = [
        {
            "player_id": player,
            "id": claim,
            "campaign_id": 1,
            "source": "draw" if item == "phone" else "gift",
            "item": item,
            "ref": f"given:{claim}",
            "kind": "delivery",
            "state": state,
            "price": 0,
            "points": 0,
            "needs_approval": False,
            "opened_at": START,
            "revision": 0,
            "details_sealed": details,
        }
        for claim, player, item, state, details in CLAIMS
    ]
    add("claims", claims)


def test_each_question_waits_at_one_address_under_its_number(old: Engine) -> None:
    schema.upgrade(old, keyring())
    assert schema.differences(old) == []
    keys = {keyring().address_key("test", "main", by): by for by in BEFORE}
    asked = (Address.key, Address.question, Address.question_campaign_id, Address.question_until)
    with old.connect() as connection:
        found = connection.execute(select(*asked, Address.question_number, Address.question_again)).all()
    again = {keys[row.key] for row in found if row.question_again}
    told = {keys[row.key]: (*row[1:3], row[3] and (row[3] - START) // timedelta(minutes=1), row[4]) for row in found}
    assert told == AFTER
    assert again == {"buyer"}
