"""Paying: what a text costs is a transfer of the account's money, and is summed up by hour and block of numbers.

Money is counted in millionths of a currency's unit. The sums are what the breaker and the watch over pumped traffic
look at; the transfers are what an audit compares them with.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core import bulk
from core.context import TurnRows
from core.engine.locking import user_of
from core.ledger import HOUSE
from core.models import Address, Spending, Transfer
from core.models.base import table_of
from core.sending.outbound import Cost, Spent, dispatch_id
from core.times import hour_number

Place = tuple[str, str, int, str]
"""Primary key of a sum: channel, account, hour, block of numbers."""


def pay_at_once(rows: TurnRows, address: Address, sequence: Sequence[int], texts: Sequence[str], at: datetime) -> None:
    """Pay for ``texts`` that go back in the connection of a message, where the account has a tariff."""
    limits = rows.limits.get((address.channel, address.account))
    if limits is None:
        return
    user, tariff = user_of(rows, address), limits.tariff
    place = (address.channel, address.account, hour_number(at), tariff.prefix(user))
    for number, text in zip(sequence, texts, strict=True):
        cost = tariff.cost(user, text)
        if cost.micros:
            rows.append(Transfer, **payment(place, dispatch_id(address.key, number), cost, at))
        add_cost(rows.spent, place, cost)


def payment(place: Place, what: str, cost: Cost, at: datetime) -> dict[str, Any]:
    """The transfer that pays ``cost`` for the text known as ``what``; its ref works once."""
    channel, account, _, _ = place
    return {
        "owner_id": HOUSE,
        "ref": f"cost:{what}",
        "campaign_id": 0,
        "asset": f"money:{cost.currency}",
        "debit": f"account:{channel}:{account}:budget",
        "credit": f"account:{channel}:{account}:spent",
        "amount": cost.micros,
        "reason": "text",
        "note": None,
        "at": at,
    }


def add_cost(sums: dict[Place, Spent], place: Place, cost: Cost, texts: int = 1) -> None:
    """Add ``cost`` of ``texts`` texts to ``sums``."""
    old = sums.get(place, Spent(0, 0, 0))
    sums[place] = Spent(old.texts + texts, old.segments + cost.segments, old.micros + cost.micros)


def write_sums(session: Session, sums: Mapping[Place, Spent]) -> None:
    """Add ``sums`` to the table, in the order of its keys. One query, none when there is nothing to add."""
    if sums:
        bulk.add_up(session, table_of(Spending), list(_rows(sums)), "texts", "segments", "micros")


def _rows(sums: Mapping[Place, Spent]) -> Iterable[dict[str, Any]]:
    for (channel, account, hour, prefix), spent in sorted(sums.items()):
        yield {"channel": channel, "account": account, "hour": hour, "prefix": prefix, **spent._asdict()}
