"""Torches: grant one, light it, put it out. What state a torch has follows from its window and the joins alone.

A torch is lit if and only if a friend's first join was received within [granted, ends), however late or in whatever
order the messages are dealt with. So one that the clock has put out burns after all when such a message was still on
its way; nothing else changes a torch that is settled.
"""

from datetime import datetime

from core import bulk
from core.alphabet import grouped
from core.context import TurnRows
from core.keys import Keyring
from core.models import Player
from core.timers.schedule import set_timer
from core.times import local_day
from core.words import Kind, word_of
from handlers.invites import invite_word
from handlers.relay.events import Lit, WentOut
from handlers.relay.load import RelayRows
from handlers.relay.rules import RelayRules
from handlers.relay.tables import RelayNews, Torch

REMIND, OUT, MAY_RELIGHT = "torch.remind", "torch.out", "torch.relight"


def relay_rules(rows: TurnRows, player: Player) -> RelayRules:
    """The relay of the campaign that ``player`` plays; there is one."""
    rules = rows.campaigns[player.campaign_id].rules.section(RelayRules)
    assert rules is not None
    return rules


def latest(rows: TurnRows, player: Player, at: datetime | None = None) -> Torch | None:
    """The torch of ``player`` that was granted last (by ``at``); None before the first."""
    mine = rows.of(RelayRows).torches.get(player.id, ())
    by_then = [torch for torch in mine if at is None or torch.granted_at <= at] or mine
    return max(by_then, key=lambda torch: (torch.granted_at, torch.number), default=None)


def burns(rows: TurnRows, player: Player) -> bool:
    """Whether a torch of ``player`` is lit."""
    return any(torch.state == "lit" for torch in rows.of(RelayRows).torches.get(player.id, ()))


def grant(rows: TurnRows, player: Player, how: str, at: datetime, parent: Torch | None = None) -> Torch:
    """Give ``player`` a torch with its window and timers: handed on from ``parent``, or the beginning of a chain.

    A relit one takes the place of the player's last. It burns at once when a friend was received within its window
    and dealt with before. Two torches of one player break a key; the turn is taken again.
    """
    rules, mine = relay_rules(rows, player), rows.of(RelayRows).torches.setdefault(player.id, [])
    before = latest(rows, player) if how == "relit" else None
    own = [torch.number for torch in mine if torch.player_id == player.id]
    torch = bulk.fresh(
        Torch,
        player_id=player.id,
        number=max(own, default=0) + 1,
        campaign_id=player.campaign_id,
        how=how,
        granted_at=at,
        ends_at=at + rules.window,
        state="unlit",
        lit_at=None,
        lit_by=None,
        settled_at=None,
        perk=None,
        perk_hash=None,
        **_place(player, parent, before),
    )
    mine.append(torch)
    rows.add(torch)
    invite_word(rows, player, at)  # what a friend is asked to send
    for occurrence, after in enumerate(sorted(rules.remind), start=1):
        _time(rows, torch, REMIND, at + after, occurrence)
    _time(rows, torch, OUT, torch.ends_at)
    _note(rows, torch, "granted", at)
    for joined_at, friend_id in sorted(rows.of(RelayRows).came.get(player.id, ())):
        light(rows, player, friend_id, joined_at)
    return torch


def _place(player: Player, parent: Torch | None, before: Torch | None) -> dict[str, int | None]:
    if before is not None:
        same = ("chain_id", "leg", "parent_id", "parent_number")
        return {name: getattr(before, name) for name in same}
    if parent is not None:
        leg, number = parent.leg + 1, parent.number
        return {"chain_id": parent.chain_id, "leg": leg, "parent_id": parent.player_id, "parent_number": number}
    return {"chain_id": player.id, "leg": 1, "parent_id": None, "parent_number": None}


def light(rows: TurnRows, passer: Player, friend_id: int, at: datetime) -> Torch | None:
    """Light what of ``passer``'s torches waits at ``at``, because this friend joined then; the torch when it was unlit.

    A friend who was received before the one that had lit it takes that one's place.
    """
    newly: Torch | None = None
    for torch in rows.of(RelayRows).torches.get(passer.id, ()):
        if not torch.granted_at <= at < torch.ends_at or (torch.lit_at is not None and torch.lit_at <= at):
            continue
        if torch.state == "lit":
            assert torch.lit_at is not None
            _note(rows, torch, "lit", torch.lit_at, amount=-1)
        elif torch.state == "out":
            _note(rows, torch, "out", torch.ends_at, amount=-1)
        if torch.state != "lit":
            _give_perk(rows, passer, torch)
            rows.happened(Lit(torch, at))
            newly = torch
        torch.state, torch.lit_at, torch.lit_by, torch.settled_at = "lit", at, friend_id, None
        _note(rows, torch, "lit", at)
    return newly


def put_out(rows: TurnRows, torch: Torch, at: datetime) -> None:
    """The window of ``torch`` has passed, and nobody came."""
    torch.state, torch.settled_at = "out", at
    rows.happened(WentOut(torch, torch.ends_at))
    _note(rows, torch, "out", torch.ends_at)


def _give_perk(rows: TurnRows, player: Player, torch: Torch) -> None:
    if (perk := relay_rules(rows, player).perk) is not None:
        torch.perk, torch.perk_hash = perk.name, rows.keys.index("perk", perk_code(rows.keys, torch))


def perk_code(keys: Keyring, torch: Torch) -> str:
    """What the player shows to staff, normalised: it follows from torch and keyring, and is kept nowhere."""
    return word_of(Kind.PERK, keys.index("perk-code", f"{torch.player_id}/{torch.number}"))


def shown_perk_code(keys: Keyring, torch: Torch) -> str:
    """:func:`perk_code` in groups, as people read it out."""
    return grouped(perk_code(keys, torch))


def _time(rows: TurnRows, torch: Torch, kind: str, due_at: datetime, occurrence: int = 1) -> None:
    set_timer(rows, torch.player_id, kind, subject=torch.number, due_at=due_at, occurrence=occurrence)


def time_relight(rows: TurnRows, torch: Torch, due_at: datetime) -> None:
    """Let the player hear when ``torch``, which went out, may be lit anew."""
    _time(rows, torch, MAY_RELIGHT, due_at)


def _note(rows: TurnRows, torch: Torch, what: str, at: datetime, amount: int = 1) -> None:
    """Write for the boards what happened to ``torch``."""
    lit = what == "lit"
    rows.append(
        RelayNews,
        id=rows.random_id(),
        campaign_id=torch.campaign_id,
        what=what,
        amount=amount,
        chain_id=torch.chain_id,
        leg=torch.leg,
        first=torch.how != "relit",
        parent_id=torch.parent_id,
        day=local_day(at, rows.campaigns[torch.campaign_id].rules.zone),
        seconds=int((at - torch.granted_at).total_seconds()) if lit else None,
        at=at,
    )
