"""Say: render replies in the address's language and put them into the outbox, sealed, under a ref that works once."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from core.campaign.live import LiveCampaign
from core.context import TurnRows
from core.engine.claiming import REPLY_COLUMN, reply_row
from core.messages import Answer, Answered, Reply
from core.models import Address, Dispatch, Outbox
from core.sending.outbound import Duty
from core.texts.catalogue import render, shipped


class State(StrEnum):
    """Where a text of the outbox is on its way."""

    ANSWERED = "answered"
    """It goes back in the connection of its message."""
    QUEUED = "queued"
    """It is delivered later."""


def language_for(address: Address, campaign: LiveCampaign | None) -> str:
    """The address's own language, or the campaign's until it has one."""
    return address.language or (campaign.rules.language if campaign else "zh")


def say(
    rows: TurnRows,
    address: Address,
    campaign: LiveCampaign | None,
    replies: Sequence[Reply],
    *,
    ref: str,
    state: State,
    at: datetime,
    duty: Duty = Duty.NOTICE,
) -> Answer:
    """Append ``replies`` to the outbox under ``ref``, in the order of the conversation.

    What is queued is to be delivered from ``at`` on, as ``duty`` says.
    """
    language = language_for(address, campaign)
    catalogue = (campaign.published.texts if campaign else shipped())[language]
    texts = tuple(render(reply, catalogue, language) for reply in replies)
    sequence = tuple(range(address.said_count + 1, address.said_count + 1 + len(texts)))
    address.said_count += len(texts)
    for part, text in enumerate(texts):
        rows.append(
            Outbox,
            address_key=address.key,
            ref=ref,
            part=part,
            sequence=sequence[part],
            state=state.value,
            text_sealed=rows.keys.seal(REPLY_COLUMN, reply_row(address.key, ref, part), text),
            said_at=at,
        )
        if state is State.QUEUED:
            _dispatch(rows, address, sequence[part], (ref, part), at=at, duty=duty)
    return Answer(Answered.NEW, texts, sequence)


def _dispatch(
    rows: TurnRows, address: Address, sequence: int, text: tuple[str, int], *, at: datetime, duty: Duty
) -> None:
    """Let the sender deliver a text, known by its ref and part, from ``at`` on."""
    rows.append(
        Dispatch,
        address_key=address.key,
        sequence=sequence,
        ref=text[0],
        part=text[1],
        channel=address.channel,
        account=address.account,
        duty=int(duty),
        state="due",
        due_at=at,
        tries=0,
        taken_at=None,
        error=None,
    )
