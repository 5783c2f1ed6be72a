"""Settle: write down what became of texts that were sent, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from core import bulk, database
from core.context import Spent
from core.engine.locking import USER_COLUMN
from core.keys import Keyring
from core.models import Address, Dispatch, NoticeRight, Transfer
from core.models.base import table_of
from core.reach import give_back_right, lose_rights
from core.sending.admitting import next_hour, spent_micros
from core.sending.claiming import LONGEST_CLOSED, lock_account
from core.sending.marking import lock_dispatches, write_delivered
from core.sending.noting import apply, note_ids
from core.sending.outbound import Cost, Delivered, Outcome, Refused, TryAgain, Way
from core.sending.paying import Place, add_cost, payment, write_sums
from core.sending.retrying import Retrying
from core.sending.taken import Taken
from core.times import hour_number, milliseconds

log = structlog.get_logger()

Sent = tuple[Taken, Outcome]


def settle(
    sessions: sessionmaker[Session], keys: Keyring, retrying: Retrying, sent: Sequence[Sent], at: datetime
) -> None:
    """Write down what became of ``sent``; doing it again changes nothing.

    What was delivered is delivered, whoever has the text now. Any other outcome counts only while the try is the
    one that has the text.
    """
    outcomes = {taken.key: (taken, outcome) for taken, outcome in sent}
    delivered: list[Dispatch] = []
    with sessions.begin() as session:
        _close(session, retrying, sent, at)
        addresses = _lock_concerned(session, sent)
        for dispatch in lock_dispatches(session, sorted(outcomes)):
            taken, outcome = outcomes[dispatch.address_key, dispatch.sequence]
            if isinstance(outcome, Delivered):
                delivered.append(dispatch)
            elif dispatch.state == "sending" and dispatch.taken_at == taken.taken_at:
                retrying.put_down(dispatch, outcome, at)
                _note_on_address(addresses.get(taken.address_key), taken, outcome, at)
                log.info("dispatch.not_delivered", dispatch=taken.id, state=dispatch.state, error=outcome.error)
        bulk.write_changes(session)
        write_delivered(session, delivered)
        _give_back_notices(session, sent)
        _pay(session, keys, retrying, sent, at)
        apply(session, note_ids(session, retrying.outlet, sent, at), at)


def _close(session: Session, retrying: Retrying, sent: Sequence[Sent], at: datetime) -> None:
    """Close the account for as long as the platform wants nothing more from it."""
    asked = [outcome.after for _, outcome in sent if isinstance(outcome, TryAgain) and outcome.after]
    if asked:
        account = lock_account(session, retrying.outlet.channel, retrying.outlet.account, at)
        until = at + min(max(asked), LONGEST_CLOSED)
        account.closed_until = max(account.closed_until or until, until)


def _lock_concerned(session: Session, sent: Sequence[Sent]) -> Mapping[bytes, Address]:
    """The addresses that an outcome tells something about, locked: who has gone, whose rights were not used."""
    keys = sorted({taken.address_key for taken, outcome in sent if _concerns_address(taken, outcome)})
    if not keys:
        return {}
    statement = database.locked(select(Address).where(Address.key.in_(keys)), Address.key, Address)
    return {address.key: address for address in session.scalars(statement)}


def _concerns_address(taken: Taken, outcome: Outcome) -> bool:
    match outcome:
        case Refused(gone=gone, spent=spent):
            return gone or spent or taken.counted
        case TryAgain():
            return taken.counted
        case _:
            return False


def _note_on_address(address: Address | None, taken: Taken, outcome: Outcome, at: datetime) -> None:
    match outcome:
        case _ if address is None:
            return
        case Refused(gone=True):
            address.gone_at = address.gone_at or at
        case Refused(spent=True):
            lose_rights(address)
        case TryAgain() | Refused() if taken.counted and taken.way is Way.PLAIN:
            give_back_right(address, at)


def _give_back_notices(session: Session, sent: Sequence[Sent]) -> None:
    """What a player agreed to get and did not get may still be sent."""
    for taken, outcome in sent:
        if taken.way is Way.CONSENT and isinstance(outcome, TryAgain | Refused):
            mine = (NoticeRight.address_key == taken.address_key) & (NoticeRight.template == taken.template)
            session.execute(update(NoticeRight).where(mine).values(left=NoticeRight.left + 1))


def _pay(session: Session, keys: Keyring, retrying: Retrying, sent: Sequence[Sent], at: datetime) -> None:
    """Pay for what was delivered and costs something, once for each try."""
    limits, outlet = retrying.outlet.limits, retrying.outlet
    costs: dict[str, tuple[Place, Cost]] = {}
    for taken, outcome in sent:
        if limits is not None and isinstance(outcome, Delivered) and outcome.cost is not None:
            prefix = limits.tariff.prefix(keys.unseal(USER_COLUMN, taken.address_key, taken.user_sealed))
            place = (outlet.channel, outlet.account, hour_number(at), prefix)
            costs[f"{taken.id}:{milliseconds(taken.taken_at)}"] = place, outcome.cost
    if not costs:
        return
    transfers = [payment(place, what, cost, at) for what, (place, cost) in sorted(costs.items()) if cost.micros]
    table = table_of(Transfer)
    paid = {row[0] for row in bulk.claim(session, table, transfers, table.c.ref)}
    sums: dict[Place, Spent] = {}
    for what, (place, cost) in costs.items():
        if not cost.micros or f"cost:{what}" in paid:
            add_cost(sums, place, cost)
    before = spent_micros(session, outlet, at)
    write_sums(session, sums)
    limit = limits.micros_per_hour if limits else None
    if limit is not None and before < limit <= before + sum(spent.micros for spent in sums.values()):
        log.error("account.breaker", channel=outlet.channel, account=outlet.account, until=next_hour(at).isoformat())
