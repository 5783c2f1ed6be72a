"""What anybody may see of a torch: how it stands, and its chain. Of a person nothing but the name that they chose.

Of whoever is blocked nothing is seen, but that somebody stands there in a chain.
:func:`torch_behind` gives what the page of an invite word shows; :func:`chain_of` the people of its chain, as a tree to
draw: all of a small one, and of a large one the first legs, the way down to the word's owner, and the owner's friends.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, aliased, sessionmaker

from core.alphabet import grouped, normalise
from core.blocks import blocked_since
from core.campaign.live import Campaigns, CampaignShelf
from core.campaign.rules import Rules
from core.context import TurnRows
from core.database import read_only
from core.keys import Keyring
from core.models import Player
from core.models.players import ROOT
from core.randomness import Randomness
from core.words import Kind, is_word
from handlers.invites import InviteWord
from handlers.relay.load import RelayRows, load_torches_of
from handlers.relay.names import name_of
from handlers.relay.relight import next_relight
from handlers.relay.rules import RelayRules
from handlers.relay.tables import Chain, Torch
from handlers.relay.torches import latest
from handlers.relay.views import ChainNode, ChainTotals, ShownChain, ShownTorch, TorchState, TorchView

MOST_DRAWN = 30_000
"""People of a chain that are read for its picture."""


class Gallery(NamedTuple):
    """What is needed to look at torches."""

    sessions: sessionmaker[Session]
    shelf: CampaignShelf
    keys: Keyring
    randomness: Randomness


def torch_behind(gallery: Gallery, word: str, at: datetime) -> tuple[Rules, TorchView] | None:
    """How the torch behind ``word``, as somebody typed it, stands at ``at``, and the rules that it is played by.

    None when there is no such word, or no relay in its campaign.
    """
    with read_only(gallery.sessions) as session:
        found = _owner(session, word)
        if found is None:
            return None
        owner, is_blocked = found
        rows = TurnRows(gallery.shelf.look(session), gallery.keys, gallery.randomness, 0)
        campaign = rows.campaigns[owner.campaign_id]
        rules, relay = campaign.rules, campaign.rules.section(RelayRules)
        if relay is None:
            return None
        mine = [] if is_blocked else _torches(session, rows, owner)
        one = next((each for each in mine if each.state == "lit"), None) or (latest(rows, owner, at) if mine else None)
        torch, chain, may_use = None, None, False
        if one is not None:
            torch = _shown(rows, owner, one, at)
            chain = _totals(torch, session.get(Chain, one.chain_id))
            may_use = torch.state is TorchState.UNLIT or one.perk is not None
        return rules, TorchView(
            campaign=rules.name,
            title=rules.title.model_dump(),
            organiser=rules.organiser.model_dump(),
            word=grouped(normalise(word)),
            name=None if is_blocked else name_of(gallery.keys, owner.id, owner.name_sealed),
            open=campaign.why_closed(at) is None,
            zone=rules.zone,
            torch=torch,
            chain=chain,
            perk=relay.perk.title.model_dump() if relay.perk is not None and may_use else None,
            friend_has=relay.window if "invited" in relay.qualify else None,
        )


def _shown(rows: TurnRows, owner: Player, torch: Torch, at: datetime) -> ShownTorch:
    state = _state(torch.state, torch.ends_at, at)
    relight_at = next_relight(rows, owner) if state is TorchState.OUT else None
    return ShownTorch(state, torch.leg, torch.granted_at, torch.ends_at, relight_at)


def _totals(torch: ShownTorch, chain: Chain | None) -> ChainTotals:
    """The boards are counted a little later, so a chain has at least what its torch shows by itself."""
    torches, lit, legs = (chain.torches, chain.lit, chain.legs) if chain else (1, 0, torch.leg)
    return ChainTotals(max(torches, torch.leg), max(lit, int(torch.state is TorchState.LIT)), max(legs, torch.leg))


def _owner(session: Session, word: str) -> tuple[Player, bool] | None:
    """Whose word it is, and whether that one is blocked."""
    normal = normalise(word)
    if not is_word(Kind.INVITE, normal):
        return None
    of_word = select(InviteWord.player_id).where(InviteWord.word == normal).scalar_subquery()
    root = select(ROOT).where(Player.id == of_word).scalar_subquery()
    statement = select(Player, blocked_since(Player.id)).where(Player.id == root)
    found = session.execute(statement).one_or_none()
    return None if found is None else (found[0], found[1] is not None)


def _torches(session: Session, rows: TurnRows, owner: Player) -> Sequence[Torch]:
    load_torches_of(session, rows, [owner.id])
    return rows.of(RelayRows).torches[owner.id]


def _state(state: str, ends_at: datetime, at: datetime) -> TorchState:
    return TorchState.OUT if state == "unlit" and at >= ends_at else TorchState(state)


_NAMED = aliased(Player)
_PLACE = (Torch.player_id, Torch.parent_id, Torch.leg, Torch.state, Torch.ends_at, Torch.number)
_SHOWN_NAME = case((_NAMED.name_sealed.is_(None), None), (blocked_since(_NAMED.id).is_(None), _NAMED.name_sealed))
"""Looked up for those alone who have one."""
_PEOPLE = (
    select(*_PLACE, _NAMED.id, _SHOWN_NAME).join(Player, Player.id == Torch.player_id).join(_NAMED, _NAMED.id == ROOT)
)


def chain_of(gallery: Gallery, word: str, at: datetime, most: int = MOST_DRAWN) -> ShownChain | None:
    """The chain of the torch behind ``word``; None when there is no such word, or no torch."""
    with read_only(gallery.sessions) as session:
        found_owner = _owner(session, word)
        if found_owner is None or found_owner[1]:
            return None
        owner, _ = found_owner
        rows = TurnRows(Campaigns(), gallery.keys, gallery.randomness, 0)
        mine = _torches(session, rows, owner)
        if not mine:
            return None
        torch = mine[0]
        first = _PEOPLE.where(Torch.chain_id == torch.chain_id).order_by(Torch.leg, Torch.player_id, Torch.number)
        found = {(row[0], row[5]): row for row in session.execute(first.limit(most))}
        if len(found) == most:
            above = _PEOPLE.where(Torch.player_id.in_(_way_up(torch.player_id)))
            friends = _PEOPLE.where(Torch.parent_id == torch.player_id).order_by(Torch.granted_at).limit(most)
            for statement in (above, friends):
                found.update({(row[0], row[5]): row for row in session.execute(statement)})
        chain = session.get(Chain, torch.chain_id)
        nodes = _nodes(gallery.keys, found.values(), at)
        unread = max(chain.torches if chain else 0, len(nodes)) - len(nodes)
        return ShownChain([each if each.parent_id else replace(each, hidden=unread) for each in nodes], torch.player_id)


def _way_up(player_id: int) -> Select[Any]:
    """The players from ``player_id`` up to the beginning of the chain."""
    one = select(Torch.player_id, Torch.parent_id).where(Torch.player_id == player_id, Torch.number == 1)
    way = one.cte("way", recursive=True)
    above = aliased(Torch)
    step = select(above.player_id, above.parent_id).where(above.player_id == way.c.parent_id, above.number == 1)
    return select(way.union_all(step).c.player_id)


def _nodes(keys: Keyring, rows: Iterable[Any], at: datetime) -> list[ChainNode]:
    """One node a person: lit when any of the torches is, else as the last one stands."""
    nodes: dict[int, ChainNode] = {}
    for player_id, parent_id, leg, state, ends_at, _, named, sealed in sorted(
        rows, key=lambda row: (row[2], row[0], row[5])
    ):
        before = nodes.get(player_id)
        if before is not None and before.state is TorchState.LIT:
            continue
        name = before.name if before else name_of(keys, named, sealed)
        nodes[player_id] = ChainNode(player_id, parent_id, leg, _state(state, ends_at, at), name)
    return list(nodes.values())
