"""Lookup: whom an operator means by a phone, an address, a number or an invite word, and who is near what was typed."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alphabet import normalise
from core.answers import Line
from core.arguments import PlayerName
from core.models import Account, Address, Join, Player
from core.models.players import ROOT
from core.operators import Role, VerbRefused
from core.phones import read_phone
from core.places import Place, place_named
from core.profile import Sought
from core.verbs import Desk
from core.words import Kind, Mark, is_word, row_number

MOST_NAMED = 3
"""Of several players who are meant alike, so many are named."""


class Found(NamedTuple):
    """A person whom an operator means, at one address of theirs."""

    address_key: bytes
    """Where the person was named, or else where they were heard last, if anything arrives there."""
    player_id: int | None
    """The very player who was named; None where an address or a phone was, which may play in several campaigns."""


def find_player(session: Session, desk: Desk, named: PlayerName) -> Found:
    """Whom ``named`` means. An address is taken as it is written, whether we have heard of it or not.

    Raises VerbRefused where nobody is meant, several are, or the role may not look people up by what they are called.
    """
    if named.address is not None or named.phone is not None:
        _refuse_auditor(desk)
    if named.address is not None:
        return Found(desk.runtime.keys.address_key(*named.address), None)
    if named.player_id is not None:
        return _of_player(session, _root(session, named.player_id), named)
    if named.phone is not None:
        return _of_phone(session, desk, named)
    ids = _roots(session, _by_mechanics(session, desk, named.said, exact=True, most=MOST_NAMED + 1))
    if not ids:
        raise VerbRefused("nobody has the invite code {word}", word=named.said)
    return _of_player(session, ids[0], named)


def _refuse_auditor(desk: Desk) -> None:
    if not desk.role.covers(Role.SUPPORT):
        raise VerbRefused("name the player by number: only support looks people up by phone or address")


def _root(session: Session, player_id: int) -> int | None:
    return session.scalar(select(ROOT).where(Player.id == player_id))


def _roots(session: Session, ids: Collection[int]) -> list[int]:
    """Whom these players have become, each once, in their order."""
    became = dict(row for row in session.execute(select(Player.id, ROOT).where(Player.id.in_(sorted(ids)))))
    return list(dict.fromkeys(became[each] for each in ids if each in became))


def _of_player(session: Session, player_id: int | None, named: PlayerName) -> Found:
    if player_id is None:
        raise VerbRefused("there is no player {player}", player=named.said)
    mine = select(Address).join(Join, Join.address_key == Address.key).where(Join.player_id == player_id)
    return Found(_best(session.scalars(mine)).key, player_id)


def _best(addresses: Iterable[Address]) -> Address:
    return max(addresses, key=lambda each: (each.gone_at is None, each.heard_at, each.key))


def _of_phone(session: Session, desk: Desk, named: PlayerName) -> Found:
    phones = phones_in(session, desk, named.said)
    addresses = addresses_of(session, desk, phones)
    found = _by_mechanics(session, desk, named.said, exact=True, most=MOST_NAMED + 1, phones=phones)
    ids = _roots(session, found)
    joined = select(Address).join(Join, Join.address_key == Address.key).where(Join.player_id.in_(ids))
    addresses = [*addresses, *(session.scalars(joined) if ids else ())]
    persons = {each.person or each.key for each in addresses}
    if not persons:
        raise VerbRefused("nobody here has the phone {phone}", phone=named.said)
    if len(persons) > 1:
        several = select(Join.player_id).where(Join.address_key.in_({each.key for each in addresses}))
        numbers = [row_number(Mark.PLAYER, each) for each in session.scalars(several.limit(MOST_NAMED))]
        raise VerbRefused("several people have this phone, name one by number: {players}", players=", ".join(numbers))
    return Found(_best(addresses).key, None)


def phones_in(session: Session, desk: Desk, text: str) -> list[str]:
    """The numbers in E.164 that ``text`` may be, as the regions of all campaigns read it."""
    campaigns = desk.runtime.shelf.look(session).values()
    regions = [None, *dict.fromkeys(campaign.rules.region for campaign in campaigns)]
    return list(dict.fromkeys(phone for region in regions if (phone := read_phone(text, region)) is not None))


def addresses_of(session: Session, desk: Desk, users: Sequence[str]) -> list[Address]:
    """The addresses of ``users``, as platforms call them, at the accounts of ours that send, have sent or are named."""
    if not users:
        return []
    campaigns = desk.runtime.shelf.look(session).values()
    places = {place_named(name) for campaign in campaigns for name in campaign.rules.channels}
    places |= {Place(one.channel, one.account) for one in desk.outlets()}
    places |= {Place(*row) for row in session.execute(select(Account.channel, Account.account))}
    keys = sorted(desk.runtime.keys.address_key(*place, user) for place in places for user in users)
    return list(session.scalars(select(Address).where(Address.key.in_(keys))))


def _by_mechanics(
    session: Session,
    desk: Desk,
    text: str,
    *,
    exact: bool,
    most: int,
    phones: Sequence[str] = (),
    told: list[Line] | None = None,
) -> list[int]:
    word = normalise(text)
    named = word if is_word(Kind.INVITE, word) else None
    sought = Sought(session, desk.runtime.keys, text, named, phones, [] if told is None else told)
    found: dict[int, None] = {}
    for finder in desk.runtime.mechanics.finders():
        if finder.exact or not exact:
            found |= dict.fromkeys(finder.find(sought, most))
    return list(found)


def seek_players(
    session: Session, desk: Desk, text: str, named: PlayerName | None, most: int
) -> tuple[list[int], list[Line]]:
    """The ids of up to ``most`` players whom ``text`` may mean: by what it names, or by what they are called.

    And what is to be said of how they were looked for.
    """
    if named is not None and named.player_id is not None:
        return _roots(session, [named.player_id]), []
    told = list[Line]()
    phones: list[str] = []
    if named is not None and named.address is not None:
        keys = [desk.runtime.keys.address_key(*named.address)]
    else:
        phones = phones_in(session, desk, text) if named is not None and named.phone is not None else []
        keys = [each.key for each in addresses_of(session, desk, [*phones, text])]
    joined = select(Join.player_id).where(Join.address_key.in_(keys)).order_by(Join.joined_at).limit(most)
    found = [*session.scalars(joined)] if keys else []
    found += _by_mechanics(session, desk, text, exact=False, most=most, phones=phones, told=told)
    return _roots(session, list(dict.fromkeys(found)))[:most], told


def ids_of(session: Session, found: Found) -> list[int]:
    """The ids of all players whom that person speaks for, or of the one who was named, with those linked to them."""
    speaks = select(Join.player_id).where(Join.address_key == found.address_key)
    roots = [found.player_id] if found.player_id is not None else session.scalars(speaks).all()
    return (
        list(
            session.scalars(
                select(Player.id).where(Player.id.in_(roots) | Player.merged_into.in_(roots)).order_by(Player.id)
            )
        )
        if roots
        else []
    )
