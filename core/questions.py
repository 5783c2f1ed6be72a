"""Questions: at most one waits for an address, on its own row, so it survives restarts.

Each has a number, and whatever can be tapped below it brings the number back: a tap answers the question that it stood
under, or none. What is typed answers the one that waits. Two linked addresses are asked apart, though one player
answers: what a question is about says what it was asked of, so that an answer finds out what has changed meanwhile.
"""

import hashlib
from datetime import datetime
from typing import NamedTuple

from core.campaign.live import LiveCampaign
from core.context import Context, TurnRows
from core.engine.routes import HELP, Prompt
from core.messages import InboundKind, Reply
from core.models import Address

NUMBERS = 2**24
"""Numbers of questions are below this; with two digits more they still fit in 31 bits, for platforms with small ids."""


class Question(NamedTuple):
    """What an address was asked: of which campaign, if any, which kind of question, and about what ("" for nothing)."""

    campaign_id: int | None
    prompt: str
    about: str


def ask(ctx: Context, prompt: Prompt, about: object = "") -> None:
    """Let ``prompt`` wait for the sender's answer, in place of any other question.

    It is of the campaign that is meant, where the sender plays it. The one that waits already keeps its number; a list
    is a new one each time, as what stands in it may have changed.
    """
    address, asked = ctx.address, f"{prompt.name} {about}"
    campaign_id = ctx.player.campaign_id if ctx.player else None
    same = (address.question, address.question_campaign_id) == (asked, campaign_id)
    if prompt.menu or not same or not is_asked(address, ctx.now):
        renew(address)
    address.question, address.question_campaign_id, address.question_again = asked, campaign_id, False
    address.question_until = ctx.now + prompt.patience


def renew(address: Address) -> None:
    """Let what was shown below the question that waits be old: it is about to be put as another list."""
    address.question_number = (address.question_number + 1) % NUMBERS


def drop(address: Address) -> None:
    """Wait for no answer any more."""
    address.question, address.question_campaign_id = None, None
    address.question_until, address.question_again = None, False


def number_of_scan(address: Address) -> int | None:
    """The number of what is asked below a friend's word that ``address`` scanned: whether to join by that word.

    None while no such word waits. The same word has the same number, as a tap on it does the same.
    """
    if address.scanned is None:
        return None
    return int.from_bytes(hashlib.sha256(address.scanned.encode()).digest(), "big") % NUMBERS


def is_asked(address: Address, now: datetime) -> bool:
    """True while a question waits for the address's answer."""
    return address.question is not None and address.question_until is not None and now < address.question_until


def waiting(rows: TurnRows, address: Address) -> Question | None:
    """The question that a text of ``address`` may answer, expired or not.

    It is of no campaign, or of one that the address has joined and that is played there, or was spoken of there last.
    """
    if address.question is None:
        return None
    campaign_id, (prompt, _, about) = address.question_campaign_id, address.question.partition(" ")
    if campaign_id is not None:
        campaign = rows.campaigns.get(campaign_id)
        if campaign is None or (address.key, campaign_id) not in rows.players:
            return None
        if not campaign.rules.plays_at(address.place) and address.campaign_id != campaign_id:
            return None
    return Question(campaign_id, prompt, about)


def spoken_of(ctx: Context) -> Question | None:
    """The question that waits and that the message may be about: any for what was typed, its own for a tap."""
    if ctx.message.question not in {None, ctx.address.question_number}:
        return None
    return waiting(ctx.rows, ctx.address)


_SHARED = frozenset({InboundKind.OWN_NUMBER, InboundKind.LOCATED})


def may_answer(ctx: Context) -> bool:
    """Whether the message could answer a question: it was typed, or tapped under one, or shared as its answer."""
    return ctx.message.question is not None or ctx.message.typed or ctx.message.kind in _SHARED


def turn_to(ctx: Context, question: Question) -> LiveCampaign | None:
    """Mean the campaign that ``question`` is of, if it is of one; returns the one that was meant."""
    meant = ctx.campaign
    if question.campaign_id is not None:
        ctx.campaign = ctx.rows.campaigns[question.campaign_id]
    return meant


def closed(ctx: Context, prompt: Prompt | None = None) -> Reply:
    """What is said to a tap whose question is not open any more: answered, expired, or replaced by another one.

    ``prompt`` is the kind of question, where that is known.
    """
    if prompt is not None:
        return Reply("question.closed", {"word": prompt.begun_by})
    sections = ctx.campaign.rules.each() if ctx.campaign is not None else ()
    words = (word for section in sections if (word := section.shown_again_by()) is not None)
    return Reply("question.closed", {"word": next(words, HELP)})


def expired(prompt: Prompt | None) -> Reply:
    """What is said to an answer that came when its question was over."""
    return Reply("question.expired", {"word": HELP if prompt is None else prompt.begun_by})


def let_go(prompt: Prompt) -> Reply:
    """What is said where a second answer could not be understood either, and the question waits no more."""
    return Reply("question.dropped", {"word": prompt.begun_by})
