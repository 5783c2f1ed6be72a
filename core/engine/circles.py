"""Load whom a turn concerns beside its senders: inviters, friends, and the other addresses of linked people.

Who they are is looked up before anything is locked, so that all addresses, and after them all players, are locked in
one order. What could change meanwhile is looked at again under the locks.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from core import bulk
from core.context import Friends, TurnRows
from core.database import Moved
from core.engine.claiming import Delivery
from core.engine.locking import find_spokesmen, user_of
from core.engine.routes import Needs
from core.models import Address, Invite, InviteWord, Join, JoinedPhone, LinkWord, Player, Recommendation
from core.phones import phone_of, read_phone

LATEST_FRIENDS = 60
"""Of one inviter, looked at when the next one is judged."""
_LEVELS = 5
"""So many inviters above a player are looked at."""

_PENDING = (
    select(Invite.inviter_id)
    .join(Join, Join.player_id == Invite.player_id)
    .where(bulk.among(Join.address_key, "keys"), Invite.state == "joined")
)
_WORDS = select(InviteWord.word, InviteWord.player_id).where(bulk.among(InviteWord.word, "words"))
_RECOMMENDED = (
    select(Recommendation.phone_key, Recommendation.campaign_id, Recommendation.inviter_id)
    .where(bulk.among(Recommendation.phone_key, "keys"))
    .order_by(Recommendation.at, Recommendation.inviter_id)
)
_JOINED = select(JoinedPhone.phone_key, JoinedPhone.campaign_id, JoinedPhone.player_id).where(
    bulk.among(JoinedPhone.phone_key, "keys")
)
_DAY = timedelta(days=1)
_TYPED = (
    select(Recommendation.inviter_id, func.count())
    .where(bulk.among(Recommendation.inviter_id, "ids"), Recommendation.at > bindparam("since"))
    .group_by(Recommendation.inviter_id)
)
_INVITES = select(Invite).where(bulk.among(Invite.player_id, "ids"))
_PERSONS = select(Address.person, Address.key).where(bulk.among(Address.person, "persons"))


class Wanted(NamedTuple):
    """One delivery and the rows that its message may name."""

    delivery: Delivery
    needs: Needs


def find_others(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> set[bytes]:
    """The addresses, beside the senders', that must be locked for these messages."""
    others = _linked(session, rows, wanted)
    recommenders = _recommended(session, rows, wanted)
    if not any(campaign.rules.invites for campaign in rows.campaigns.values()):
        return others
    ids: set[int] = set()
    if words := sorted({each.needs.invite_word for each in wanted if each.needs.invite_word}):
        rows.circles.words.update((word, player_id) for word, player_id in session.execute(_WORDS, {"words": words}))
        ids.update(rows.circles.words.values())
    ids |= _pending(session, wanted)
    ids |= recommenders
    return others | find_spokesmen(session, rows, ids)


def _pending(session: Session, wanted: Sequence[Wanted]) -> set[int]:
    """The inviters of senders whose code may be the act that their invite waits for."""
    keys = sorted({each.delivery.key[0] for each in wanted if each.needs.code})
    return set(session.scalars(_PENDING, {"keys": keys})) if keys else set()


def _recommended(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> set[int]:
    """Who recommended the senders' phones, first one first, and what is known of phones that were typed."""
    circles, keys = rows.circles, set[bytes]()
    own = {phone for each in wanted if (phone := phone_of(each.delivery.message.user)) and each.needs.joins}
    typed = {phone for each in wanted if each.needs.phone for phone in _readings(rows, each.needs.phone)}
    keys = {rows.keys.index("phone", phone) for phone in own | typed}
    if not keys:
        return set()
    for key, campaign_id, inviter_id in session.execute(_RECOMMENDED, {"keys": sorted(keys)}):
        circles.recommended.setdefault((key, campaign_id), []).append(inviter_id)
    for key, campaign_id, player_id in session.execute(_JOINED, {"keys": sorted(keys)}):
        circles.joined_phones[key, campaign_id] = player_id
    mine = {rows.keys.index("phone", phone) for phone in own}
    return {inviters[0] for (key, _), inviters in circles.recommended.items() if key in mine}


def _readings(rows: TurnRows, typed: str) -> set[str]:
    """What a typed number may mean in the campaigns that there are."""
    regions = {campaign.rules.region for campaign in rows.campaigns.values()}
    return {phone for region in regions if (phone := read_phone(typed, region)) is not None}


def _linked(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> set[bytes]:
    """The addresses that a link word comes from, and all that were linked to either side before."""
    hashes = {rows.keys.index("link-word", each.needs.link_word) for each in wanted if each.needs.link_word}
    if not hashes:
        return set()
    sides = set(session.scalars(select(LinkWord.address_key).where(LinkWord.word_hash.in_(sorted(hashes)))))
    both = sorted(sides | {each.delivery.key[0] for each in wanted if each.needs.link_word})
    persons = select(Address.person).where(Address.key.in_(both), Address.person.is_not(None))
    return sides | set(session.scalars(select(Address.key).where(Address.person.in_(persons))))


def load_circles(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> None:
    """Load invites, persons and link words, all addresses and players being locked.

    Raises Moved when a sender was invited while we waited for the locks.
    """
    invites = any(campaign.rules.invites for campaign in rows.campaigns.values())
    if invites and not _pending(session, wanted) <= rows.circles.roots.keys():
        raise Moved("a friend joined meanwhile")
    if persons := sorted({address.person for address in rows.addresses.values() if address.person}):
        for person, key in session.execute(_PERSONS, {"persons": persons}):
            rows.circles.persons.setdefault(person or b"", []).append(key)
    hashes = sorted({rows.keys.index("link-word", e.needs.link_word) for e in wanted if e.needs.link_word})
    if hashes:
        found = session.scalars(select(LinkWord).where(LinkWord.word_hash.in_(hashes)))
        rows.circles.link_words.update((each.word_hash, each) for each in found)
        _load_linked(session, rows)
    recommending = {each.delivery.key[0] for each in wanted if each.needs.phone}
    inviting = {p.id for (key, _), p in rows.players.items() if key in recommending}
    inviting |= {rows.root(player_id) for player_id in rows.circles.words.values()}
    if inviting:
        _load_above(session, rows, sorted(inviting))
    if recommending:
        since = min(each.delivery.message.received_at for each in wanted) - _DAY
        mine = sorted(p.id for (key, _), p in rows.players.items() if key in recommending)
        rows.circles.recommending.update(
            (player_id, count) for player_id, count in session.execute(_TYPED, {"ids": mine, "since": since})
        )
    if rows.circles.roots or inviting or hashes:
        _load_invites(session, rows)
    curious = {each.delivery.key[0] for each in wanted if each.needs.friends}
    if curious:
        _load_friends(session, rows, [p.id for (key, _), p in rows.players.items() if key in curious])


def _load_linked(session: Session, rows: TurnRows) -> None:
    """What both sides of a link were before: the players they absorbed, and the phones that joined."""
    absorbed = select(Player.id, Player.merged_into).where(Player.merged_into.in_(sorted(rows.people)))
    rows.circles.roots.update((player_id, root or 0) for player_id, root in session.execute(absorbed))
    phones = {key: phone_of(user_of(rows, address)) for key, address in rows.addresses.items()}
    rows.circles.phones.update((key, rows.keys.index("phone", phone)) for key, phone in phones.items() if phone)
    if keys := sorted(rows.circles.phones.values()):
        for key, campaign_id, player_id in session.execute(_JOINED, {"keys": keys}):
            rows.circles.joined_phones[key, campaign_id] = player_id


def _load_invites(session: Session, rows: TurnRows) -> None:
    """The invites of all players at hand, and the latest friends of each inviter."""
    found = session.scalars(_INVITES, {"ids": sorted({*rows.people, *rows.circles.roots})})
    rows.circles.invites.update((invite.player_id, invite) for invite in found)
    inviters = sorted({*rows.circles.roots, *rows.circles.roots.values()})
    if not inviters:
        return
    place = func.row_number().over(partition_by=Invite.inviter_id, order_by=Invite.joined_at.desc())
    numbered = select(Invite, place.label("place")).where(Invite.inviter_id.in_(inviters)).subquery()
    latest = aliased(Invite, numbered)
    statement = select(latest).where(numbered.c.place <= LATEST_FRIENDS).order_by(numbered.c.joined_at)
    for invite in session.scalars(statement):
        rows.circles.recent.setdefault(rows.root(invite.inviter_id), []).append(invite)


def _load_above(session: Session, rows: TurnRows, player_ids: Sequence[int]) -> None:
    """The inviters above each of these players, level by level."""
    above: dict[int, set[int]] = {player_id: set() for player_id in player_ids}
    reached = {player_id: player_id for player_id in player_ids}
    for _ in range(_LEVELS):
        statement = select(Invite.player_id, Invite.inviter_id).where(Invite.player_id.in_(set(reached.values())))
        inviter_of = dict(row for row in session.execute(statement))
        reached = {start: inviter_of[at] for start, at in reached.items() if at in inviter_of}
        for start, inviter in reached.items():
            above[start].add(inviter)
    rows.circles.above.update(above)


def _load_friends(session: Session, rows: TurnRows, player_ids: Sequence[int]) -> None:
    """Count what the invites of each player brought, those of players linked to it included."""
    mine = Player.id.in_(player_ids) | Player.merged_into.in_(player_ids)
    root = func.coalesce(Player.merged_into, Player.id)
    counted = (
        select(root, Invite.state, func.count(), func.sum(Invite.inviter_points))
        .select_from(Invite)
        .join(Player, Player.id == Invite.inviter_id)
        .where(mine)
        .group_by(root, Invite.state)
    )
    waiting = (
        select(root, func.count())
        .select_from(Recommendation)
        .join(Player, Player.id == Recommendation.inviter_id)
        .outerjoin(
            JoinedPhone,
            (JoinedPhone.phone_key == Recommendation.phone_key)
            & (JoinedPhone.campaign_id == Recommendation.campaign_id),
        )
        .where(mine, JoinedPhone.phone_key.is_(None))
        .group_by(root)
    )
    states: dict[int, dict[str, tuple[int, int]]] = {}
    for player_id, state, count, points in session.execute(counted):
        states.setdefault(player_id, {})[state] = (count, int(points))
    expected = dict(row for row in session.execute(waiting))
    for player_id in player_ids:
        mine_by = states.get(player_id, {})
        paid = [mine_by.get(state, (0, 0)) for state in ("rewarded", "released")]
        rows.circles.friends[player_id] = Friends(
            joined=sum(count for count, _ in mine_by.values()),
            waiting=expected.get(player_id, 0),
            rewarded=sum(count for count, _ in paid),
            held=mine_by.get("held", (0, 0))[0],
            points=sum(points for _, points in paid),
        )
