"""Spend limits: what texts cost, and what an account may spend.

What a text costs is a transfer of the account's money, in millionths of a currency's unit, and is summed up by hour and
block of numbers; an audit compares the two. A breaker stops an account for the rest of the hour, pumped traffic (SMS
pumping) stops its own block of numbers. Sums are of what was sent; what is on its way comes on top, so a limit may be
passed by as many texts as the account has on the way at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from core import bulk
from core.keys import Keyring, KeysUnusable
from core.messages import InboundMessage
from core.models import Spending, Transfer
from core.models.base import table_of
from core.models.ledger import HOUSE
from core.models.players import USER_COLUMN
from core.sending.jobs import ClaimedJob, Sent, put_off
from core.sending.outbound import Cost, Delivered, Limits, Outcome, SendingAccount, Spent, Unknown
from core.times import hour_number, milliseconds

log = structlog.get_logger()

_HOUR = timedelta(hours=1)

SpendKey = tuple[str, str, int, str]
"""Primary key of a sum: channel, account, hour, block of numbers."""


def breaker_open(session: Session, outlet: SendingAccount, at: datetime) -> timedelta | None:
    """How long the account has to wait because it has spent what it may in this hour; None when it may go on."""
    limit = outlet.limits.micros_per_hour if outlet.limits else None
    if limit is None or spent_micros(session, outlet, at) < limit:
        return None
    return next_hour(at) - at


def over_limit(
    session: Session, limited: Mapping[tuple[str, str], Limits], messages: Sequence[tuple[bytes, InboundMessage]]
) -> set[bytes]:
    """Addresses whose answers may not go back at once: their account, or block of numbers, is over its limit.

    ``messages`` are given with the keys of their addresses. Two queries, none where no account has a limit.
    """
    places = {
        key: (message.channel, message.account, limits.tariff.prefix(message.user))
        for key, message in messages
        if message.waits and (limits := limited.get((message.channel, message.account))) is not None
    }
    if not places:
        return set()
    hour = hour_number(max(message.received_at for _, message in messages))
    mine = tuple_(Spending.channel, Spending.account).in_(sorted({place[:2] for place in places.values()}))
    group = (Spending.channel, Spending.account)
    sums = select(*group, func.sum(Spending.micros)).where(mine, Spending.hour == hour).group_by(*group)
    micros = {(row[0], row[1]): int(row[2]) for row in session.execute(sums)}
    blocks = tuple_(*group, Spending.prefix).in_(sorted(set(places.values())))
    found = select(*group, Spending.prefix, Spending.texts).where(blocks, Spending.hour == hour)
    texts = {(row[0], row[1], row[2]): row[3] for row in session.execute(found)}
    return {
        key
        for key, place in places.items()
        if _is_over(limited[place[:2]], micros.get(place[:2], 0), texts.get(place, 0))
    }


def _is_over(limits: Limits, micros: int, texts: int) -> bool:
    spent = limits.micros_per_hour is not None and micros >= limits.micros_per_hour
    return spent or (limits.texts_per_prefix_per_hour is not None and texts >= limits.texts_per_prefix_per_hour)


def admit(
    session: Session, keys: Keyring, outlet: SendingAccount, at: datetime, candidates: Sequence[ClaimedJob]
) -> Sequence[ClaimedJob]:
    """Those of ``candidates`` whose block of numbers may be sent more in this hour; the others are put off."""
    limits = outlet.limits
    if limits is None or limits.texts_per_prefix_per_hour is None or not candidates:
        return candidates
    prefixes = [_prefix(limits, keys, each) for each in candidates]
    sent = _sent(session, outlet, at, prefixes)
    admitted, refused = [], []
    for each, prefix in zip(candidates, prefixes, strict=True):
        if not prefix or sent[prefix] < limits.texts_per_prefix_per_hour:
            sent[prefix] += 1
            admitted.append(each)
        else:
            refused.append(each.key)
    if refused:
        log.warning("account.pumped", channel=outlet.channel, account=outlet.account, texts=len(refused))
        put_off(session, refused, next_hour(at), "pumped")
    return admitted


def _prefix(limits: Limits, keys: Keyring, taken: ClaimedJob) -> str:
    """The block of numbers; "" for one that this process cannot open, which it cannot send to, either."""
    try:
        return limits.tariff.prefix(keys.unseal(USER_COLUMN, taken.address_key, taken.user_sealed))
    except KeysUnusable:
        return ""


def _sent(session: Session, outlet: SendingAccount, at: datetime, prefixes: Sequence[str]) -> Counter[str]:
    mine = (Spending.channel == outlet.channel) & (Spending.account == outlet.account)
    statement = select(Spending.prefix, Spending.texts).where(
        mine, Spending.hour == hour_number(at), Spending.prefix.in_(sorted(set(prefixes)))
    )
    return Counter({row[0]: row[1] for row in session.execute(statement)})


def charge(session: Session, keys: Keyring, outlet: SendingAccount, sent: Sequence[Sent], at: datetime) -> None:
    """Pay for what was delivered, or may have been, and costs something, once for each try."""
    limits = outlet.limits
    costs: dict[str, tuple[SpendKey, Cost]] = {}
    said_in: dict[str, int | None] = {}
    for taken, outcome in sent:
        if limits is not None and (cost := _cost(keys, limits, outlet, taken, outcome)) is not None:
            prefix = limits.tariff.prefix(keys.unseal(USER_COLUMN, taken.address_key, taken.user_sealed))
            place = (outlet.channel, outlet.account, hour_number(at), prefix)
            what = f"{taken.id}:{milliseconds(taken.taken_at)}"
            costs[what], said_in[what] = (place, cost), taken.campaign_id
    if not costs:
        return
    transfers = [
        payment(place, what, cost, at, said_in[what]) for what, (place, cost) in sorted(costs.items()) if cost.micros
    ]
    table = table_of(Transfer)
    paid = {row[0] for row in bulk.claim(session, table, transfers, table.c.ref)}
    sums: dict[SpendKey, Spent] = {}
    for what, (place, cost) in costs.items():
        if not cost.micros or f"cost:{what}" in paid:
            add_cost(sums, place, cost)
    before = spent_micros(session, outlet, at)
    write_sums(session, sums)
    limit = limits.micros_per_hour if limits else None
    if limit is not None and before < limit <= before + sum(spent.micros for spent in sums.values()):
        log.error("account.breaker", channel=outlet.channel, account=outlet.account, until=next_hour(at).isoformat())


def _cost(keys: Keyring, limits: Limits, outlet: SendingAccount, taken: ClaimedJob, outcome: Outcome) -> Cost | None:
    """What a try costs: a text that nobody knows of may be charged for, so a breaker has to count it."""
    if isinstance(outcome, Delivered):
        return outcome.cost
    if not isinstance(outcome, Unknown):
        return None
    try:
        message = taken.open(outlet, keys)
    except KeysUnusable:
        return None  # it was never sent from here
    return limits.tariff.cost(message.user, message.text)


def payment(place: SpendKey, what: str, cost: Cost, at: datetime, campaign_id: int | None) -> dict[str, Any]:
    """The transfer that pays ``cost`` for the text known as ``what``; its ref works once.

    ``campaign_id`` is the campaign in which it was said, None where that is none.
    """
    channel, account, _, _ = place
    return {
        "owner_id": HOUSE,
        "ref": f"cost:{what}",
        "campaign_id": campaign_id or 0,
        "asset": f"money:{cost.currency}",
        "debit": f"account:{channel}:{account}:budget",
        "credit": f"account:{channel}:{account}:spent",
        "amount": cost.micros,
        "reason": "text",
        "note": None,
        "at": at,
    }


def add_cost(sums: dict[SpendKey, Spent], place: SpendKey, cost: Cost, texts: int = 1) -> None:
    """Add ``cost`` of ``texts`` texts to ``sums``."""
    old = sums.get(place, Spent(0, 0, 0))
    sums[place] = Spent(old.texts + texts, old.parts + cost.parts, old.micros + cost.micros)


def write_sums(session: Session, sums: Mapping[SpendKey, Spent]) -> None:
    """Add ``sums`` to the table, in the order of its keys. One query, none when there is nothing to add."""
    if sums:
        bulk.add_up(session, table_of(Spending), list(_rows(sums)), "texts", "parts", "micros")


def _rows(sums: Mapping[SpendKey, Spent]) -> Iterable[dict[str, Any]]:
    for (channel, account, hour, prefix), spent in sorted(sums.items()):
        yield {"channel": channel, "account": account, "hour": hour, "prefix": prefix, **spent._asdict()}


def spent_micros(session: Session, outlet: SendingAccount, at: datetime) -> int:
    """What the account has spent in this hour."""
    mine = (Spending.channel == outlet.channel) & (Spending.account == outlet.account)
    found = session.scalar(select(func.sum(Spending.micros)).where(mine, Spending.hour == hour_number(at)))
    return int(found or 0)


def next_hour(at: datetime) -> datetime:
    """When the hour of ``at`` is over."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR
