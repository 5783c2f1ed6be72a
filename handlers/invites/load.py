"""What a turn loads of invites: who brought whom in, whose word it is, and which phones were recommended.

Who they are is looked up before anything is locked; what could change meanwhile is looked at again under the locks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from core import lists
from core.campaign.platforms import asks_word
from core.campaign.rules import Rules
from core.context import Context, TurnRows
from core.database import Moved
from core.engine.locks import find_preferred_addresses
from core.engine.routes import AllWanted, Requirement
from core.models import Address, Join, Player
from core.models.players import ROOT, root_of
from core.phones import phone_of, read_phone
from core.scenes import INVITE
from handlers.codes import CodeRequires
from handlers.invites.tables import Invite, InviteWord, JoinedPhone, Recommendation

LATEST_FRIENDS = 60
"""Of one inviter, looked at when the next one is judged."""
_LEVELS = 5
"""So many inviters above a player are looked at."""

_INVITES = select(Invite).where(lists.among(Invite.player_id, "ids"))
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


class Friends(NamedTuple):
    """What a player's invites have brought so far."""

    joined: int
    waiting: int
    """Recommended by phone, and not heard of yet."""
    rewarded: int
    held: int
    points: int


@dataclass(slots=True)
class InviteRows:
    """What is known in a turn of those who bring friends in."""

    words: dict[str, int] = field(default_factory=dict)
    """The player of each invite word."""
    invites: dict[int, Invite] = field(default_factory=dict)
    """Invites by the friend that was invited."""
    recent: dict[int, list[Invite]] = field(default_factory=dict)
    """The latest friends of each inviter, in order of joining."""
    above: dict[int, set[int]] = field(default_factory=dict)
    """The inviters above each sender who tries to invite, a few levels up."""
    recommended: dict[tuple[bytes, int], list[int]] = field(default_factory=dict)
    """Who recommended a phone in a campaign, first one first."""
    joined_phones: dict[tuple[bytes, int], int] = field(default_factory=dict)
    recommending: dict[int, int] = field(default_factory=dict)
    """How many phones each sender recommended within a day."""
    scanned: dict[bytes, str] = field(default_factory=dict)
    """The invite word that an address scanned, where a typed word makes it count."""
    friends: dict[int, Friends] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InviteRequires(Requirement):
    """An invite word, or a friend's phone."""

    word: str | None = None
    """Normalised."""
    phone: str | None = None
    """As typed."""
    scanned: bool = False
    """The word that the sender scanned before."""
    friends: bool = False
    """What the player's invites have brought."""

    @property
    def joins(self) -> bool:
        """A friend's word joins, and so does whoever recommends."""
        return self.word is not None or self.phone is not None or self.scanned

    def is_known(self, ctx: Context) -> bool:
        """Whether it is somebody's word here."""
        return self.word is not None and owner_of(ctx, self.word) is not None

    def scene(self, rows: TurnRows) -> str | None:
        """A friend's word."""
        return INVITE if self.word is not None and self.word in rows.of(InviteRows).words else None


def owner_of(ctx: Context, word: str) -> Player | None:
    """Whose invite word it is, in a campaign that is played here; None for one that nobody may learn to exist."""
    owner = ctx.rows.of(InviteRows).words.get(word)
    found = ctx.rows.people.get(ctx.rows.root(owner)) if owner is not None else None
    campaign = ctx.rows.campaigns[found.campaign_id] if found else None
    return found if campaign and campaign.rules.plays_at(ctx.message.place) else None


def related(session: Session, rows: TurnRows, wanted: AllWanted) -> set[bytes]:
    """The addresses of the inviters whom these messages concern, those that were heard last."""
    mine, recommenders = rows.of(InviteRows), _recommended(session, rows, wanted)
    named = {needs.word for _, needs in wanted.of(InviteRequires) if needs.word}
    if not (named or _brings_friends(rows) or rows.campaigns.ended.bring_friends):
        return set()  # but a word of when they could be is known still
    ids: set[int] = set()
    mine.scanned.update(_scanned(session, rows, wanted))
    if words := sorted(named | set(mine.scanned.values())):
        mine.words.update((word, player_id) for word, player_id in session.execute(_WORDS, {"words": words}))
        ids.update(mine.words.values())
    ids |= _pending(session, rows, wanted)
    ids |= recommenders
    return find_preferred_addresses(session, rows, ids)


def _brings_friends(rows: TurnRows) -> bool:
    """Whether friends can be brought into a campaign that matters here."""
    return any(campaign.rules.brings_friends for campaign in rows.campaigns.values())


def _scanned(session: Session, rows: TurnRows, wanted: AllWanted) -> dict[bytes, str]:
    """The invite words that senders scanned before, at places where a typed word makes them count."""
    keys = _scanning(rows, wanted)
    return {key: word or "" for key, word in session.execute(_SCANNED, {"keys": keys})} if keys else {}


def _scanning(rows: TurnRows, wanted: AllWanted) -> list[bytes]:
    """The senders for whom a word counts that they scanned before."""
    places = {each.delivery.message.place for each in wanted}
    asking = {
        place
        for place in places
        if rows.campaigns.ended.at(place).asks_word or any(asks_word(c.rules, place) for c in rows.campaigns.values())
    }
    return sorted({e.delivery.key[0] for e in wanted if e.requires.joins and e.delivery.message.place in asking})


def _pending(session: Session, rows: TurnRows, wanted: AllWanted) -> set[int]:
    """The inviters of senders whose code may be the act that their invite waits for."""
    going_on = (campaign for campaign in rows.campaigns.values() if campaign.state != "ended")
    waiting = [campaign.id for campaign in going_on if _waits_for_code(campaign.rules)]
    keys = sorted({delivery.key[0] for delivery, needs in wanted.of(CodeRequires) if needs.codes}) if waiting else []
    return set(session.scalars(_PENDING, {"keys": keys, "campaign_ids": waiting})) if keys else set()


def _waits_for_code(rules: Rules) -> bool:
    """Whether a friend's code concerns the inviter: for a reward, or as the friend's torch comes from there."""
    return any(section.waits_for_code for section in rules.each())


def _recommended(session: Session, rows: TurnRows, wanted: AllWanted) -> set[int]:
    """Who recommended the senders' phones, first one first, and what is known of phones that were typed."""
    mine, keys = rows.of(InviteRows), set[bytes]()
    own = {phone for each in wanted if (phone := phone_of(each.delivery.message.user)) and each.requires.joins}
    typed = {phone for _, needs in wanted.of(InviteRequires) if needs.phone for phone in _readings(rows, needs.phone)}
    keys = {rows.keys.index("phone", phone) for phone in own | typed}
    if not keys:
        return set()
    if _brings_friends(rows):
        for key, campaign_id, inviter_id in session.execute(_RECOMMENDED, {"keys": sorted(keys)}):
            mine.recommended.setdefault((key, campaign_id), []).append(inviter_id)
    for key, campaign_id, player_id in session.execute(_JOINED, {"keys": sorted(keys)}):
        mine.joined_phones[key, campaign_id] = player_id
    senders = {rows.keys.index("phone", phone) for phone in own}
    return {inviters[0] for (key, _), inviters in mine.recommended.items() if key in senders}


def _readings(rows: TurnRows, typed: str) -> set[str]:
    """What a typed number may mean in the campaigns that there are."""
    regions = {campaign.rules.region for campaign in rows.campaigns.values()}
    return {phone for region in regions if (phone := read_phone(typed, region)) is not None}


def load(session: Session, rows: TurnRows, wanted: AllWanted) -> None:
    """Load invites, and what is known of inviters, all addresses and players being locked.

    Raises Moved when a sender was invited while we waited for the locks.
    """
    unseen = _pending(session, rows, wanted) - rows.roots.keys()
    if unseen and find_preferred_addresses(
        session, rows, unseen
    ):  # else they have no address left, and never will be seen
        raise Moved("a friend joined meanwhile")
    _refuse_rescanned(rows, wanted)
    _load_joined_phones(session, rows)
    recommending = {delivery.key[0] for delivery, needs in wanted.of(InviteRequires) if needs.phone}
    inviting = {p.id for (key, _), p in rows.players.items() if key in recommending}
    inviting |= _words_of_returning(rows, wanted)
    if inviting:
        load_above(session, rows, sorted(inviting))
    if recommending:
        since = min(each.delivery.message.received_at for each in wanted) - _DAY
        mine = sorted(p.id for (key, _), p in rows.players.items() if key in recommending)
        rows.of(InviteRows).recommending.update(
            (player_id, count) for player_id, count in session.execute(_TYPED, {"ids": mine, "since": since})
        )
    judging = bool(rows.roots) and any(needs.codes for _, needs in wanted.of(CodeRequires))
    if judging or inviting or rows.sides:
        load_invites(session, rows, judging=judging)
    curious = {delivery.key[0] for delivery, needs in wanted.of(InviteRequires) if needs.friends}
    if curious:
        load_friends(session, rows, [p.id for (key, _), p in rows.players.items() if key in curious])


def _words_of_returning(rows: TurnRows, wanted: AllWanted) -> set[int]:
    """Whose words were sent by somebody who has joined already: no friend to bring in, perhaps a ring to see."""
    words = rows.of(InviteRows).words
    owners = {(delivery.key[0], words.get(needs.word or "")) for delivery, needs in wanted.of(InviteRequires)}
    found = ((key, rows.people.get(rows.root(owner))) for key, owner in owners if owner is not None)
    return {owner.id for key, owner in found if owner and (key, owner.campaign_id) in rows.players}


def _refuse_rescanned(rows: TurnRows, wanted: AllWanted) -> None:
    """Raise Moved when a sender whose scanned word counts now scanned one while we waited for the locks."""
    for key in _scanning(rows, wanted):
        if rows.addresses[key].scanned not in {rows.of(InviteRows).scanned.get(key), None}:
            raise Moved("another word was scanned meanwhile")


def _load_joined_phones(session: Session, rows: TurnRows) -> None:
    """Where the phones of linked people have joined."""
    if keys := sorted(rows.phones.values()):
        for key, campaign_id, player_id in session.execute(_JOINED, {"keys": keys}):
            rows.of(InviteRows).joined_phones[key, campaign_id] = player_id


def load_invites(session: Session, rows: TurnRows, *, judging: bool) -> None:
    """The invites of all players at hand, and the latest friends of each inviter when a new one may be judged."""
    found = session.scalars(_INVITES, {"ids": sorted({*rows.people, *rows.roots})})
    rows.of(InviteRows).invites.update((invite.player_id, invite) for invite in found)
    inviters = sorted({*rows.roots, *rows.roots.values()})
    if not inviters or not judging:
        return
    place = func.row_number().over(partition_by=Invite.inviter_id, order_by=Invite.joined_at.desc())
    numbered = select(Invite, place.label("place")).where(Invite.inviter_id.in_(inviters)).subquery()
    latest = aliased(Invite, numbered)
    statement = select(latest).where(numbered.c.place <= LATEST_FRIENDS).order_by(numbered.c.joined_at)
    for invite in session.scalars(statement):
        rows.of(InviteRows).recent.setdefault(rows.root(invite.inviter_id), []).append(invite)


def load_above(session: Session, rows: TurnRows, player_ids: Sequence[int]) -> None:
    """The inviters above each of these players, level by level."""
    above: dict[int, set[int]] = {player_id: set() for player_id in player_ids}
    reached = {player_id: player_id for player_id in player_ids}
    for _ in range(_LEVELS):
        statement = select(Invite.player_id, Invite.inviter_id).where(Invite.player_id.in_(set(reached.values())))
        inviter_of = dict(row for row in session.execute(statement))
        reached = {start: inviter_of[at] for start, at in reached.items() if at in inviter_of}
        for start, inviter in reached.items():
            above[start].add(inviter)
    rows.of(InviteRows).above.update(above)


def load_friends(session: Session, rows: TurnRows, player_ids: Sequence[int]) -> None:
    """Count what the invites of each player brought, those of players linked to it included."""
    mine = Player.id.in_(player_ids) | Player.merged_into.in_(player_ids)
    counted = (
        select(ROOT, Invite.state, func.count(), func.sum(Invite.inviter_points))
        .select_from(Invite)
        .join(Player, Player.id == Invite.inviter_id)
        .where(mine)
        .group_by(ROOT, Invite.state)
    )
    waiting = (
        select(ROOT, func.count())
        .select_from(Recommendation)
        .join(Player, Player.id == Recommendation.inviter_id)
        .outerjoin(
            JoinedPhone,
            (JoinedPhone.phone_key == Recommendation.phone_key)
            & (JoinedPhone.campaign_id == Recommendation.campaign_id),
        )
        .where(mine, JoinedPhone.phone_key.is_(None))
        .group_by(ROOT)
    )
    states: dict[int, dict[str, tuple[int, int]]] = {}
    for player_id, state, count, points in session.execute(counted):
        states.setdefault(player_id, {})[state] = (count, int(points))
    expected = dict(row for row in session.execute(waiting))
    for player_id in player_ids:
        mine_by = states.get(player_id, {})
        paid = [mine_by.get(state, (0, 0)) for state in ("rewarded", "released")]
        rows.of(InviteRows).friends[player_id] = Friends(
            joined=sum(count for count, _ in mine_by.values()),
            waiting=expected.get(player_id, 0),
            rewarded=sum(count for count, _ in paid),
            held=mine_by.get("held", (0, 0))[0],
            points=sum(points for _, points in paid),
        )
