"""Questions: at most one waits for a player's answer, on the player's own row, so it survives restarts.

Each has a number, and whatever can be tapped below it brings the number back: a tap answers the question that it stood
under, or none. What is typed answers the one that waits.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from core.context import Context, TurnRows
from core.engine.routes import Prompt
from core.messages import InboundKind, Reply
from core.models import Address, Player

NUMBERS = 2**24
"""Numbers of questions are below this; with two digits more they still fit in 31 bits, for platforms with small ids."""


class Question(NamedTuple):
    """What a player was asked: the kind of question, and what it is about ("" when there is nothing to say)."""

    player: Player
    prompt: str
    about: str


def ask(player: Player, prompt: Prompt, now: datetime, about: object = "") -> None:
    """Let ``prompt`` wait for the player's answer, in place of any other question.

    The one that waits already keeps its number; a list is a new one each time, as what stands in it may have changed.
    """
    asked = f"{prompt.name} {about}"
    if prompt.menu or player.question != asked or not is_asked(player, now):
        player.question_count += 1
    player.question, player.question_again = asked, False
    player.question_until = now + prompt.patience


def renew(player: Player) -> None:
    """Let what was shown below the question that waits be old: it is about to be put as another list."""
    player.question_count += 1


def drop(player: Player) -> None:
    """Wait for no answer any more."""
    player.question, player.question_until, player.question_again = None, None, False


def number_of(player: Player) -> int:
    """The number of the question that the player was asked last.

    It never comes again for this player, and the numbers of another one begin elsewhere by the random part of the id:
    two players may become one, and one person plays several campaigns.
    """
    return (player.id + player.question_count) % NUMBERS


def number_of_scan(address: Address) -> int | None:
    """The number of what is asked below a friend's word that ``address`` scanned: whether to join by that word.

    None while no such word waits. The same word has the same number, as a tap on it does the same.
    """
    if address.scanned is None:
        return None
    return int.from_bytes(hashlib.sha256(address.scanned.encode()).digest(), "big") % NUMBERS


def is_asked(player: Player, now: datetime) -> bool:
    """True while a question waits for the player's answer."""
    return player.question is not None and player.question_until is not None and now < player.question_until


def waiting(rows: TurnRows, address: Address, meant: int | None) -> Question | None:
    """The question that a text of ``address`` may answer, expired or not.

    It is the one of the campaign ``meant``, else the newest of any campaign that the address plays.
    """
    questions = all_waiting(rows, address)
    return max(questions, key=lambda each: (each.player.campaign_id == meant, each.player.question_until), default=None)


def spoken_of(ctx: Context) -> Question | None:
    """The question that waits and that the message may be about: under which it was tapped, else as `waiting`."""
    if ctx.message.question is None:
        return waiting(ctx.rows, ctx.address, ctx.campaign.id if ctx.campaign else None)
    mine = all_waiting(ctx.rows, ctx.address)
    return next((each for each in mine if number_of(each.player) == ctx.message.question), None)


_SHARED = frozenset({InboundKind.OWN_NUMBER, InboundKind.LOCATED})


def may_answer(ctx: Context) -> bool:
    """Whether the message could answer a question: it was typed, or tapped under one, or shared as its answer."""
    return ctx.message.question is not None or ctx.message.typed or ctx.message.kind in _SHARED


_HELP: Mapping[str, str] = {"zh": "帮助", "en": "help"}


def closed(ctx: Context) -> Reply:
    """What is said to a tap whose question is not open any more: answered, expired, or replaced by another one."""
    sections = ctx.campaign.rules.each() if ctx.campaign is not None else ()
    words = (word for section in sections if (word := section.shown_again_by()) is not None)
    return Reply("question.closed", {"word": next(words, _HELP)})


def all_waiting(rows: TurnRows, address: Address) -> list[Question]:
    """The questions that a text of ``address`` may answer: at most one of each campaign that is played there.

    What was spoken of there last may be answered, too, when its campaign is not played there any more.
    """
    found = list[Question]()
    for campaign_id, campaign in rows.campaigns.items():
        player = rows.players.get((address.key, campaign_id))
        here = campaign.rules.plays_at(address.place) or address.campaign_id == campaign_id
        if player and player.question and here:
            prompt, _, about = player.question.partition(" ")
            found.append(Question(player, prompt, about))
    return found
