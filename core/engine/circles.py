"""Load whom a turn concerns beside its senders: inviters, friends, and the other addresses of linked people.

Who they are is looked up before anything is locked, so that all addresses, and after them all players, are locked in
one order. What could change meanwhile is looked at again under the locks.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from core import lists
from core.campaign.platforms import asks_word
from core.campaign.rules import Rules
from core.context import TurnRows
from core.database import Moved
from core.engine.claiming import Delivery
from core.engine.friends import load_above, load_friends, load_invites
from core.engine.locking import find_spokesmen, user_of
from core.engine.routes import Needs
from core.models import Address, Invite, InviteWord, Join, JoinedPhone, LinkWord, Player, Recommendation
from core.models.players import USER_COLUMN, root_of
from core.phones import phone_of, read_phone

_PENDING = (
    select(Invite.inviter_id)
    .join(Join, Join.player_id == Invite.player_id)
    .where(
        lists.among(Join.address_key, "keys"), Invite.state == "joined", lists.among(Invite.campaign_id, "campaign_ids")
    )
)
_SCANNED = select(Address.key, Address.scanned).where(lists.among(Address.key, "keys"), Address.scanned.is_not(None))
_WORDS = select(InviteWord.word, InviteWord.player_id).where(lists.among(InviteWord.word, "words"))
_RECOMMENDED = (
    select(Recommendation.phone_key, Recommendation.campaign_id, root_of(Recommendation.inviter_id))
    .where(lists.among(Recommendation.phone_key, "keys"))
    .order_by(Recommendation.at, Recommendation.inviter_id)
)
_JOINED = select(JoinedPhone.phone_key, JoinedPhone.campaign_id, root_of(JoinedPhone.player_id)).where(
    lists.among(JoinedPhone.phone_key, "keys")
)
"""Phones that have joined, and whom their player has become."""
_DAY = timedelta(days=1)
_TYPED = (
    select(Recommendation.inviter_id, func.count())
    .where(lists.among(Recommendation.inviter_id, "ids"), Recommendation.at > bindparam("since"))
    .group_by(Recommendation.inviter_id)
)
_PERSONS = select(Address.person, Address.key, Address.user_sealed).where(lists.among(Address.person, "persons"))


class Wanted(NamedTuple):
    """One delivery and the rows that its message may name."""

    delivery: Delivery
    needs: Needs


def find_others(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> set[bytes]:
    """The addresses, beside the senders', that must be locked for these messages."""
    others = _linked(session, rows, wanted) | _of_one_person(session, wanted)
    recommenders = _recommended(session, rows, wanted)
    named = {each.needs.invite_word for each in wanted if each.needs.invite_word}
    if not (named or _brings_friends(rows) or rows.campaigns.ended.bring_friends):
        return others  # but a word of when they could be is known still
    ids: set[int] = set()
    rows.circles.scanned.update(_scanned(session, rows, wanted))
    if words := sorted(named | set(rows.circles.scanned.values())):
        rows.circles.words.update((word, player_id) for word, player_id in session.execute(_WORDS, {"words": words}))
        ids.update(rows.circles.words.values())
    ids |= _pending(session, rows, wanted)
    ids |= recommenders
    return others | find_spokesmen(session, rows, ids)


def _brings_friends(rows: TurnRows) -> bool:
    """Whether friends can be brought into a campaign that matters here."""
    return any(campaign.rules.brings_friends() for campaign in rows.campaigns.values())


def _scanned(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> dict[bytes, str]:
    """The invite words that senders scanned before, at places where a typed word makes them count."""
    keys = _scanning(rows, wanted)
    return {key: word or "" for key, word in session.execute(_SCANNED, {"keys": keys})} if keys else {}


def _scanning(rows: TurnRows, wanted: Sequence[Wanted]) -> list[bytes]:
    """The senders for whom a word counts that they scanned before."""
    places = {each.delivery.message.place for each in wanted}
    asking = {
        place
        for place in places
        if rows.campaigns.ended.at(place).asks_word or any(asks_word(c.rules, place) for c in rows.campaigns.values())
    }
    return sorted({e.delivery.key[0] for e in wanted if e.needs.joins and e.delivery.message.place in asking})


def _pending(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> set[int]:
    """The inviters of senders whose code may be the act that their invite waits for."""
    going_on = (campaign for campaign in rows.campaigns.values() if campaign.state != "ended")
    waiting = [campaign.id for campaign in going_on if _waits_for_code(campaign.rules)]
    keys = sorted({each.delivery.key[0] for each in wanted if each.needs.codes}) if waiting else []
    return set(session.scalars(_PENDING, {"keys": keys, "campaign_ids": waiting})) if keys else set()


def _waits_for_code(rules: Rules) -> bool:
    """Whether a friend's code concerns the inviter: for a reward, or as the friend's torch comes from there."""
    return rules.invites is not None or (rules.relay is not None and "invited" not in rules.relay.qualify)


def _recommended(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> set[int]:
    """Who recommended the senders' phones, first one first, and what is known of phones that were typed."""
    circles, keys = rows.circles, set[bytes]()
    own = {phone for each in wanted if (phone := phone_of(each.delivery.message.user)) and each.needs.joins}
    typed = {phone for each in wanted if each.needs.phone for phone in _readings(rows, each.needs.phone)}
    keys = {rows.keys.index("phone", phone) for phone in own | typed}
    if not keys:
        return set()
    if _brings_friends(rows):
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


def _of_one_person(session: Session, wanted: Sequence[Wanted]) -> set[bytes]:
    """The addresses that were linked to senders who speak for all of theirs."""
    keys = sorted({each.delivery.key[0] for each in wanted if each.needs.person})
    if not keys:
        return set()
    persons = select(Address.person).where(Address.key.in_(keys), Address.person.is_not(None))
    return set(session.scalars(select(Address.key).where(Address.person.in_(persons))))


def load_circles(session: Session, rows: TurnRows, wanted: Sequence[Wanted]) -> None:
    """Load invites, persons and link words, all addresses and players being locked.

    Raises Moved when a sender was invited while we waited for the locks.
    """
    unseen = _pending(session, rows, wanted) - rows.circles.roots.keys()
    if unseen and find_spokesmen(session, rows, unseen):  # else they have no address left, and never will be seen
        raise Moved("a friend joined meanwhile")
    _refuse_rescanned(rows, wanted)
    if persons := sorted({address.person for address in rows.addresses.values() if address.person}):
        _load_persons(session, rows, persons)
    hashes = sorted({rows.keys.index("link-word", e.needs.link_word) for e in wanted if e.needs.link_word})
    if hashes:
        found = session.scalars(select(LinkWord).where(LinkWord.word_hash.in_(hashes)))
        rows.circles.link_words.update((each.word_hash, each) for each in found)
        _load_linked(session, rows)
    recommending = {each.delivery.key[0] for each in wanted if each.needs.phone}
    inviting = {p.id for (key, _), p in rows.players.items() if key in recommending}
    inviting |= _words_of_returning(rows, wanted)
    if inviting:
        load_above(session, rows, sorted(inviting))
    if recommending:
        since = min(each.delivery.message.received_at for each in wanted) - _DAY
        mine = sorted(p.id for (key, _), p in rows.players.items() if key in recommending)
        rows.circles.recommending.update(
            (player_id, count) for player_id, count in session.execute(_TYPED, {"ids": mine, "since": since})
        )
    judging = bool(rows.circles.roots) and any(each.needs.codes for each in wanted)
    if judging or inviting or hashes:
        load_invites(session, rows, judging=judging)
    curious = {each.delivery.key[0] for each in wanted if each.needs.friends}
    if curious:
        load_friends(session, rows, [p.id for (key, _), p in rows.players.items() if key in curious])


def _words_of_returning(rows: TurnRows, wanted: Sequence[Wanted]) -> set[int]:
    """Whose words were sent by somebody who has joined already: no friend to bring in, perhaps a ring to see."""
    owners = {(each.delivery.key[0], rows.circles.words.get(each.needs.invite_word or "")) for each in wanted}
    found = ((key, rows.people.get(rows.root(owner))) for key, owner in owners if owner is not None)
    return {owner.id for key, owner in found if owner and (key, owner.campaign_id) in rows.players}


def _refuse_rescanned(rows: TurnRows, wanted: Sequence[Wanted]) -> None:
    """Raise Moved when a sender whose scanned word counts now scanned one while we waited for the locks."""
    for key in _scanning(rows, wanted):
        if rows.addresses[key].scanned not in {rows.circles.scanned.get(key), None}:
            raise Moved("another word was scanned meanwhile")


def _load_persons(session: Session, rows: TurnRows, persons: Sequence[bytes]) -> None:
    """All addresses of these persons; of those that are phones, where they have joined."""
    for person, key, sealed in session.execute(_PERSONS, {"persons": persons}):
        rows.circles.persons.setdefault(person or b"", []).append(key)
        if (phone := phone_of(rows.keys.unseal(USER_COLUMN, key, sealed))) is not None:
            rows.circles.phones[key] = rows.keys.index("phone", phone)
    _load_joined_phones(session, rows)


def _load_joined_phones(session: Session, rows: TurnRows) -> None:
    if keys := sorted(rows.circles.phones.values()):
        for key, campaign_id, player_id in session.execute(_JOINED, {"keys": keys}):
            rows.circles.joined_phones[key, campaign_id] = player_id


def _load_linked(session: Session, rows: TurnRows) -> None:
    """What both sides of a link were before: the players they absorbed, and the phones that joined."""
    absorbed = select(Player.id, Player.merged_into).where(Player.merged_into.in_(sorted(rows.people)))
    rows.circles.roots.update((player_id, root or 0) for player_id, root in session.execute(absorbed))
    phones = {key: phone_of(user_of(rows, address)) for key, address in rows.addresses.items()}
    rows.circles.phones.update((key, rows.keys.index("phone", phone)) for key, phone in phones.items() if phone)
    _load_joined_phones(session, rows)
