"""Say: render replies in the address's language and put them into the outbox, sealed, under a ref that works once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from core.campaign.live import LiveCampaign
from core.campaign.platforms import rights
from core.context import TurnRows
from core.engine.locks import user_of
from core.messages import Answer, Answered, Reply, Rich
from core.models import Address, OutboundJob, Outbox, Transfer
from core.outbox import REPLY_COLUMN, RICH_COLUMN, reply_row
from core.sending.outbound import STALE, Category, dispatch_id
from core.sending.spend_limits import add_cost, payment
from core.texts.catalogue import compose
from core.texts.pieces import BYTES, split
from core.times import hour_number


class Run(NamedTuple):
    """An occurrence of a job of a campaign's calendar: what an announcement is known by."""

    job: str
    scheduled_at: datetime


class State(StrEnum):
    """Where a text of the outbox is on its way."""

    ANSWERED = "answered"
    """It goes back in the connection of its message."""
    QUEUED = "queued"
    """It is delivered later."""


def language_for(address: Address, campaign: LiveCampaign | None) -> str:
    """The address's own language, or that of its app until it has one, where the campaign speaks it, or else its."""
    own = (each for each in (address.language, address.app_language) if each)
    if campaign is None:
        return next(own, "zh")
    return next((each for each in own if each in campaign.published.texts), campaign.rules.language)


def say(
    rows: TurnRows,
    address: Address,
    campaign: LiveCampaign | None,
    replies: Sequence[Reply],
    *,
    ref: str,
    state: State,
    at: datetime,
    category: Category = Category.NOTICE,
    expires_at: datetime | None = None,
    run: Run | None = None,
    broadcast_id: int | None = None,
    room_bytes: int | None = None,
) -> Answer:
    """Append ``replies`` to the outbox under ``ref``, in the order of the conversation.

    What is queued is to be delivered from ``at`` on, as ``category`` says, until ``expires_at``; what is unasked until
    STALE when that is not given. ``run`` is the run of the calendar that it announces, ``broadcast_id`` the broadcast
    whose text it is. Of what is answered so many
    texts, the first ones, go back in the connection as fit in ``room_bytes``, and the others are queued.
    """
    composed = _composed(rows, replies, address, campaign, room_bytes)
    texts = tuple(text for text, _ in composed)
    here = _fitting(texts, room_bytes) if state is State.ANSWERED else 0
    terms = {**_terms(campaign, at, category, expires_at, run), "broadcast_id": broadcast_id}
    sequence = tuple(range(address.said_count + 1, address.said_count + 1 + len(texts)))
    address.said_count += len(texts)
    for part, (text, rich) in enumerate(composed):
        row = reply_row(address.key, ref, part)
        rows.append(
            Outbox,
            address_key=address.key,
            ref=ref,
            part=part,
            sequence=sequence[part],
            campaign_id=campaign.id if campaign else None,
            state=(State.ANSWERED if part < here else State.QUEUED).value,
            category=int(category),
            text_sealed=rows.keys.seal(REPLY_COLUMN, row, text),
            rich_sealed=None if rich is None else rows.keys.seal(RICH_COLUMN, row, rich.dumped()),
            said_at=at,
        )
        if part >= here:
            _dispatch(rows, address, sequence[part], (ref, part), terms)
    if here:
        pay_at_once(rows, address, sequence[:here], texts[:here], at, campaign_id=campaign.id if campaign else None)
    return Answer(Answered.NEW, texts, sequence, tuple(rich for _, rich in composed), here)


def pay_at_once(
    rows: TurnRows,
    address: Address,
    sequence: Sequence[int],
    texts: Sequence[str],
    at: datetime,
    *,
    campaign_id: int | None = None,
) -> None:
    """Pay for ``texts`` that go back in the connection of a message, where the account has a tariff.

    ``campaign_id`` is the campaign in which they were said, where that is one.
    """
    limits = rows.limits.get((address.channel, address.account))
    if limits is None:
        return
    user, tariff = user_of(rows, address), limits.tariff
    place = (address.channel, address.account, hour_number(at), tariff.prefix(user))
    for number, text in zip(sequence, texts, strict=True):
        cost = tariff.cost(user, text)
        if cost.micros:
            rows.append(Transfer, **payment(place, dispatch_id(address.key, number), cost, at, campaign_id))
        add_cost(rows.spent, place, cost)


def _composed(
    rows: TurnRows,
    replies: Sequence[Reply],
    address: Address,
    campaign: LiveCampaign | None,
    room_bytes: int | None,
) -> Sequence[tuple[str, Rich | None]]:
    """The texts of ``replies`` in the address's language, and each where there are buttons and pictures."""
    composed = list[tuple[str, Rich | None]]()
    for reply in replies:
        whose = rows.campaigns[reply.campaign_id] if reply.campaign_id else campaign
        texts = whose.published.texts if whose else rows.texts()
        composed.append(compose(reply, texts.speaking(language_for(address, whose))))
    if room_bytes is None or rights(address.channel) is None:
        return composed
    return [piece for each in composed for piece in _pieces(*each, room_bytes)]


def _pieces(text: str, rich: Rich | None, room_bytes: int) -> Sequence[tuple[str, Rich | None]]:
    """A text with no room in a connection in pieces, two of which have it; where nothing else may arrive, one comes.

    The others ride on later answers where they cannot be sent. What could be tapped has to be typed then.
    """
    if len(text.encode()) <= room_bytes:
        return [(text, rich)]
    return [(piece, None) for piece in split(text, (room_bytes - len("\n\n")) // 2, BYTES)]


def _fitting(texts: Sequence[str], room_bytes: int | None) -> int:
    """How many of ``texts`` fit in ``room_bytes`` of UTF-8, one empty line between two."""
    if room_bytes is None:
        return len(texts)
    ends = accumulate(len(text.encode()) + 2 for text in texts)
    return sum(end - 2 <= room_bytes for end in ends)


def _terms(
    campaign: LiveCampaign | None, at: datetime, category: Category, expires_at: datetime | None, run: Run | None
) -> Mapping[str, object]:
    """On which terms what is queued may go."""
    return {
        "category": int(category),
        "campaign_id": campaign.id if campaign else None,
        "job": run and run.job,
        "scheduled_at": run and run.scheduled_at,
        "due_at": at,
        "expires_at": expires_at or (at + STALE if category.unasked else None),
    }


def _dispatch(
    rows: TurnRows, address: Address, sequence: int, text: tuple[str, int], terms: Mapping[str, object]
) -> None:
    """Let the sender deliver a text, known by its ref and part, on these terms."""
    rows.append(
        OutboundJob,
        address_key=address.key,
        sequence=sequence,
        ref=text[0],
        part=text[1],
        channel=address.channel,
        account=address.account,
        **terms,
        capped=False,
        state="due",
        tries=0,
        taken_at=None,
        by_right=None,
        error=None,
    )
