"""Questions: at most one waits for a player's answer, on the player's own row, so it survives restarts."""

from datetime import datetime
from typing import NamedTuple

from core.context import TurnRows
from core.engine.routes import Topic
from core.models import Address, Player


class Question(NamedTuple):
    """What a player was asked: the kind of question, and what it is about ("" when there is nothing to say)."""

    player: Player
    topic: str
    about: str


def ask(player: Player, topic: Topic, now: datetime, about: object = "") -> None:
    """Let ``topic`` wait for the player's answer, in place of any other question."""
    player.question, player.question_again = f"{topic.name} {about}", False
    player.question_until = now + topic.patience


def drop(player: Player) -> None:
    """Wait for no answer any more."""
    player.question, player.question_until, player.question_again = None, None, False


def is_asked(player: Player, now: datetime) -> bool:
    """True while a question waits for the player's answer."""
    return player.question is not None and player.question_until is not None and now < player.question_until


def waiting(rows: TurnRows, address: Address, meant: int | None) -> Question | None:
    """The question that a text of ``address`` may answer, expired or not.

    It is the one of the campaign ``meant``, else the newest of any campaign that the address plays.
    """
    questions = all_waiting(rows, address)
    return max(questions, key=lambda each: (each.player.campaign_id == meant, each.player.question_until), default=None)


def all_waiting(rows: TurnRows, address: Address) -> list[Question]:
    """The questions of all campaigns that a text of ``address`` may answer: at most one of each."""
    mine = [rows.players.get((address.key, campaign_id)) for campaign_id in rows.campaigns]
    asked = [(player, player.question.partition(" ")) for player in mine if player and player.question]
    return [Question(player, topic, about) for player, (topic, _, about) in asked]
