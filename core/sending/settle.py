"""Settle: write down what became of texts that were sent, in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from core import bulk
from core.consent import Refusal, keep_refusals, lock_persons
from core.keys import Keyring
from core.models import Address, NoticeRight, OutboundJob
from core.sending.backoff import RetryPolicy, hold_whole
from core.sending.delivery_reports import Told, apply, failed_later, note_ids, said_gone, said_unwanted
from core.sending.jobs import ClaimedJob, Sent, lock_dispatches, untouch, write_delivered
from core.sending.messaging_window import give_back_right, lose_rights
from core.sending.outbound import (
    Category,
    Delivered,
    Outcome,
    Refused,
    SendMode,
    TryAgain,
    Unknown,
)
from core.sending.rate_limit import LONGEST_CLOSED, lock_account
from core.sending.spend_limits import charge

log = structlog.get_logger()

NotDelivered = TryAgain | Refused | Unknown


def settle(
    sessions: sessionmaker[Session], keys: Keyring, retries: RetryPolicy, sent: Sequence[Sent], at: datetime
) -> None:
    """Write down what became of ``sent``; doing it again changes nothing.

    What was delivered is delivered, whoever has the text now. Any other outcome counts only while the try is the
    one that has the text.
    """
    outcomes = {taken.key: (taken, outcome) for taken, outcome in sent}
    delivered: list[OutboundJob] = []
    with sessions.begin() as session:
        _close(session, retries, sent, at)
        # Receipts before addresses before dispatches, as whoever takes receipts locks them.
        told = note_ids(session, retries.outlet, sent, at)
        addresses, refused = _lock_concerned(session, sent, told), list[Refusal]()
        for dispatch in lock_dispatches(session, sorted(outcomes)):
            taken, outcome = outcomes[dispatch.address_key, dispatch.sequence]
            if isinstance(outcome, Delivered):
                if outcome.cut and dispatch.state in {"sending", "due"}:  # due: it was given up for lost meanwhile
                    hold_whole(dispatch, spoke=_spoke(addresses, taken), at=at)
                elif not failed_later(dispatch):
                    delivered.append(dispatch)
            elif dispatch.state == "sending" and dispatch.taken_at == taken.taken_at:
                address, spoke = addresses.get(taken.address_key), _spoke(addresses, taken)
                retries.put_down(dispatch, _as_it_is_now(outcome, spoke=spoke), at)
                if address is not None and not spoke:
                    _note_on_address(address, taken, outcome)
                if isinstance(outcome, Refused) and outcome.unwanted:
                    refused.append(
                        Refusal(taken.address_key, taken.id, taken.taken_at)
                    )  # nobody says since when: a wish that came meanwhile counts
                _correct_notices(session, taken, outcome, spoke=spoke)
                log.info("dispatch.not_delivered", dispatch=taken.id, state=dispatch.state, error=outcome.error)
        keep_refusals(session, addresses, refused)
        bulk.write_changes(session)
        untouch(session, [taken.key for taken, outcome in outcomes.values() if _was_not_taken(taken, outcome)])
        write_delivered(session, delivered)
        apply(session, told, at)
        charge(session, keys, retries.outlet, sent, at)


def _was_not_taken(taken: ClaimedJob, outcome: Outcome) -> bool:
    """Whether the platform certainly took nothing, so that limits count no marketing."""
    return taken.category is Category.MARKETING and isinstance(outcome, TryAgain | Refused)


def _close(session: Session, retries: RetryPolicy, sent: Sequence[Sent], at: datetime) -> None:
    """Close the account for as long as the platform wants nothing more from it; pause it when it cannot be read."""
    outlet = retries.outlet
    unread = next((outcome.error for _, outcome in sent if isinstance(outcome, Unknown) and outcome.closes), None)
    if unread is not None:
        lock_account(session, outlet.channel, outlet.account, at).paused = True
        log.error("account.paused", channel=outlet.channel, account=outlet.account, why=unread)
    asked = [(outcome.after, outcome.error) for _, outcome in sent if isinstance(outcome, TryAgain) and outcome.after]
    if asked:
        account = lock_account(session, outlet.channel, outlet.account, at)
        after, why = max(asked)
        until = at + min(after, LONGEST_CLOSED)
        if account.closed_until is None or account.closed_until <= until:
            account.closed_until, account.closed_why = until, why


def _lock_concerned(session: Session, sent: Sequence[Sent], told: Sequence[Told]) -> Mapping[bytes, Address]:
    """The addresses that an outcome tells something about, locked: who has gone or refuses, whose rights were left."""
    keys = {taken.address_key for taken, outcome in sent if _concerns_address(taken, outcome)}
    keys |= {key for key, _ in said_gone(told)}
    refusing = {taken.address_key for taken, outcome in sent if isinstance(outcome, Refused) and outcome.unwanted}
    return lock_persons(session, keys, refusing | {key for key, _ in said_unwanted(told)})


def _spoke(addresses: Mapping[bytes, Address], taken: ClaimedJob) -> bool:
    """Whether the player has spoken since the text was taken."""
    address = addresses.get(taken.address_key)
    return address is not None and address.heard_at > taken.taken_at


def _concerns_address(taken: ClaimedJob, outcome: Outcome) -> bool:
    match outcome:
        case Refused(unreachable=unreachable, window_exhausted=exhausted, unwanted=unwanted):
            return unreachable or exhausted or unwanted or taken.right is not None
        case Delivered(cut=cut):
            return cut
        case TryAgain():
            return taken.right is not None
        case _:
            return False


def _as_it_is_now(outcome: NotDelivered, *, spoke: bool) -> NotDelivered:
    """What ``outcome`` means when the player has spoken meanwhile, which gave a right: no reason to hold it."""
    if isinstance(outcome, Refused) and outcome.window_exhausted and spoke:
        return TryAgain(outcome.error)
    return outcome


def _note_on_address(address: Address, taken: ClaimedJob, outcome: NotDelivered) -> None:
    """Of somebody who has not spoken since the text was taken: that would have changed all of it."""
    match outcome:
        case Refused(unreachable=True):
            address.gone_at = address.gone_at or taken.taken_at
        case Refused(window_exhausted=True) if taken.mode is SendMode.PLAIN:
            lose_rights(address)
        case TryAgain() | Refused() if taken.right is not None:
            give_back_right(address, taken.right)


def _correct_notices(session: Session, taken: ClaimedJob, outcome: NotDelivered, *, spoke: bool) -> None:
    """What a player agreed to get and did not get may still be sent, unless the platform knows of no such consent."""
    if taken.mode is not SendMode.CONSENT or not isinstance(outcome, TryAgain | Refused):
        return
    unknown = isinstance(outcome, Refused) and outcome.window_exhausted
    if unknown and spoke:
        return
    mine = (NoticeRight.address_key == taken.address_key) & (NoticeRight.template == taken.template)
    session.execute(update(NoticeRight).where(mine).values(left=0 if unknown else NoticeRight.left + 1))
