"""The follow-ups that today's rules have for what has happened to a player."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import lists
from core.campaign.follow_ups import Event
from core.campaign.rules import Rules
from core.context import TurnRows
from core.models import Player, Transfer
from core.models.players import ROOT
from core.timers.replanting import Due, Schedule
from handlers.follow_ups.known import Known
from handlers.follow_ups.react import FOLLOW_UP, subject_of
from handlers.relay.load import RelayRows, load_torches_of

_CODES = (
    select(ROOT, Transfer.reason, Transfer.at)
    .join(Player, Player.id == Transfer.owner_id)
    .where(lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids"), Transfer.reason.in_(["code", "won"]))
    .order_by(Transfer.at)
)
"""What codes brought: redemptions are not found by player, transfers are."""


def _load(session: Session, rows: TurnRows, rules: Rules, people: Mapping[int, Player]) -> None:
    events = {each.when.event for each in rules.follow_ups or ()}
    if events & {"torch lit", "torch out"}:
        load_torches_of(session, rows, people)
    if events & {"first code", "win"}:
        for root, reason, at in session.execute(_CODES, {"ids": list(people)}):
            rows.of(Known).codes.setdefault(root, []).append((reason, at))


def _due(rows: TurnRows, player: Player) -> Iterator[list[Due]]:
    for rule in rows.campaigns[player.campaign_id].rules.follow_ups or ():
        subject = subject_of(rule.name, rule.when.event)
        for owner_id, number, happened_at in _happened(rows, player, rule.when.event):
            since = player.joined_at if rule.when.event == "last word" else happened_at
            yield [Due(owner_id, FOLLOW_UP, subject, number, happened_at + rule.when.after, since)]


def _happened(rows: TurnRows, player: Player, event: Event) -> Iterator[tuple[int, int, datetime]]:
    """(whose timer, its number, when it happened) of all that a follow-up would have been planted with."""
    codes, torches = rows.of(Known).codes.get(player.id, ()), rows.of(RelayRows).torches.get(player.id, ())
    match event:
        case "first contact":
            yield player.id, 1, player.joined_at
        case "last word":
            yield player.id, 1, rows.preferred_addresses[player.id].heard_at
        case "first code":
            yield from ((player.id, 1, at) for _, at in codes[:1])
        case "win":
            wins = (at for reason, at in codes if reason == "won")
            yield from ((player.id, number, at) for number, at in enumerate(wins, start=1))
        case "torch lit":
            yield from ((each.player_id, each.number, each.lit_at) for each in torches if each.lit_at is not None)
        case "torch out":
            yield from ((each.player_id, each.number, each.ends_at) for each in torches if each.state == "out")


SCHEDULE = Schedule(kinds=(FOLLOW_UP,), timed=lambda rules: rules.follow_ups, load=_load, due=_due)
