"""Speaking: an operator says one text to one player, as far as the platform and the player's own wishes let it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.arguments import PlayerName
from core.campaign.platforms import rights
from core.engine.lookup import find_player
from core.engine.replies import State, say
from core.engine.unit_of_work import UnitOfWork, unit_of_work
from core.messages import Reply
from core.models import Account, Address, NoticeRight, OutboundJob
from core.operators import VerbRefused
from core.places import Place
from core.sending.messaging_window import rights_left
from core.sending.outbound import Category, SendingAccount
from core.verbs import Desk

ANSWERS_WITHIN = timedelta(hours=48)
"""So long a text answers what a player wrote, where the platform says nothing else."""


@dataclass(frozen=True, slots=True)
class Said:
    """What becomes of a text that was said to a player."""

    place: Place
    heard_at: datetime
    """When the player turned to us last."""
    answers: bool
    """Whether it answers that; else it keeps quiet hours, and a STOP before it goes drops it."""
    held: bool
    """The platform lets us send nothing before the player speaks."""
    paused: bool
    """An operator, or an answer that nobody could read, keeps the account from sending."""


def say_to(desk: Desk, named: PlayerName, text: str) -> Said:
    """Queue ``text`` for whoever is ``named``: where they were named, or else where they were heard last.

    Raises VerbRefused where nobody is meant, nothing arrives there, or who opted out or is blocked has written nothing
    since that this could answer. Raises Moved.
    """
    with unit_of_work(desk.runtime, desk.at) as work:
        address = _locked(work, desk, named)
        campaign = work.rows.campaigns.get(address.campaign_id or 0)
        answers = _answers(address, desk.at)
        _refuse(address, answers=answers)
        category = Category.ANSWER if answers else Category.REMINDER
        session, outlet = work.session, _outlet(desk, address)
        account = session.get(Account, (address.channel, address.account))
        said = Said(
            address.place,
            address.heard_at,
            answers,
            not _has_right(session, address, outlet, category, desk.at),
            account is not None and account.paused,
        )
        ref = f"notice:said:{work.rows.new_id(desk.at)}"
        reply = Reply("player.said", {"text": text})
        say(work.rows, address, campaign, [reply], ref=ref, state=State.QUEUED, at=desk.at, category=category)
    return said


def _locked(work: UnitOfWork, desk: Desk, named: PlayerName) -> Address:
    found = find_player(work.session, desk, named)
    if found.player_id is not None:
        people = work.lock_people([found.player_id])
        return work.rows.preferred_addresses[people[found.player_id].id]
    work.lock_address(found.address_key)
    address = work.rows.addresses.get(found.address_key)
    if address is None:
        raise VerbRefused("nobody has ever written from {player}", player=named.said)
    return address


def _answers(address: Address, at: datetime) -> bool:
    """Whether what is said now answers what the player said last, and that was no STOP."""
    counted = rights(address.channel)
    window = counted.typed.lasts if counted is not None else ANSWERS_WITHIN
    is_spoken_to = address.opted_out_at is None or address.heard_at > address.opted_out_at
    return is_spoken_to and at - address.heard_at < window


def _refuse(address: Address, *, answers: bool) -> None:
    where = {"place": str(address.place)}
    if address.gone_at is not None:
        raise VerbRefused("nothing arrives at {place} since {at:%Y-%m-%d %H:%M} UTC", **where, at=address.gone_at)
    if answers:
        return
    if address.opted_out_at is not None:
        told = "the player said STOP at {place} on {at:%Y-%m-%d %H:%M} UTC, and has asked nothing since"
        raise VerbRefused(told, **where, at=address.opted_out_at)
    if address.blocked_at is not None:
        raise VerbRefused("the player is blocked, and has written nothing lately that this could answer")


def _outlet(desk: Desk, address: Address) -> SendingAccount | None:
    return next((one for one in desk.outlets() if (one.channel, one.account) == tuple(address.place)), None)


def _has_right(
    session: Session, address: Address, outlet: SendingAccount | None, category: Category, at: datetime
) -> bool:
    """Whether the platform lets this text go behind what waits for the same player already."""
    if rights(address.channel) is None:
        return True
    waiting = (OutboundJob.address_key == address.key) & (OutboundJob.state == "due")
    before = session.scalar(select(func.count()).where(waiting, OutboundJob.category <= int(category))) or 0
    if rights_left(address, at) > before:
        return True
    if category is Category.ANSWER or outlet is None:
        return False
    agreed = select(func.coalesce(func.sum(NoticeRight.left), 0)).where(
        NoticeRight.address_key == address.key, NoticeRight.template.in_(sorted(outlet.templates))
    )
    return outlet.template is not None or bool(session.scalar(agreed))
