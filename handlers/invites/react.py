"""Who brought whom in: set for ever when somebody joins, by a word, or by the phone that was recommended first."""

from collections.abc import Iterable
from datetime import datetime

from core import bulk
from core.campaign.platforms import friends_on
from core.context import TurnRows
from core.events import Addressed, Joined, KeptApart, Merged, Merging
from core.models import Address, Player
from core.phones import phone_of
from handlers.invites.load import InviteRows
from handlers.invites.tables import Invite, JoinedPhone

_RANGE_DIGITS = 3


def attribute(rows: TurnRows, joined: Joined) -> None:
    """Keep who brought the new player in: whose word it is, or whoever recommended the phone first.

    Its phones can be recommended no more.
    """
    player, address, message = joined.player, joined.address, joined.message
    inviter, how = joined.inviter or _scanned(rows, address, player.campaign_id), "word"
    mine, key, at = rows.of(InviteRows), phone_key(rows, message.user), message.received_at
    if key is not None and (key, player.campaign_id) not in mine.joined_phones:
        _remember(rows, key, player, at)
        if inviter is None and friends_on(rows.campaigns[player.campaign_id].rules, message.place):
            waiting = [rows.root(each) for each in mine.recommended.get((key, player.campaign_id), ())]
            inviter, how = next((rows.people[each] for each in waiting if each in rows.people), None), "phone"
    if inviter is not None and address.erased_at is None:  # who was erased may have been brought in before
        _invite(rows, joined, inviter, how)
    _remember_phones(rows, {address.key, *rows.persons.get(address.person or b"", ())}, player, at)


def _invite(rows: TurnRows, joined: Joined, inviter: Player, how: str) -> None:
    player, message = joined.player, joined.message
    phone = phone_of(message.user)
    invite = bulk.fresh(
        Invite,
        player_id=player.id,
        campaign_id=player.campaign_id,
        inviter_id=inviter.id,
        how=how,
        state="joined",
        joined_at=message.received_at,
        qualified_at=None,
        inviter_points=0,
        invitee_points=0,
        rewarded_on=None,
        score=0,
        signs=None,
        ring=False,
        range_key=rows.keys.index("phone-range", phone[:-_RANGE_DIGITS]) if phone else None,
        text_key=rows.keys.index("words", message.text),
        decided_by=None,
        decided_at=None,
    )
    rows.add(invite)
    mine = rows.of(InviteRows)
    mine.invites[player.id] = invite
    mine.recent.setdefault(inviter.id, []).append(invite)


def _scanned(rows: TurnRows, address: Address, campaign_id: int) -> Player | None:
    """Whose invite word the sender scanned, before the typed word that makes it count."""
    mine = rows.of(InviteRows)
    owner = mine.words.get(mine.scanned.get(address.key, ""))
    inviter = rows.people.get(rows.root(owner)) if owner is not None else None
    return inviter if inviter is not None and inviter.campaign_id == campaign_id else None


def phone_key(rows: TurnRows, user: str) -> bytes | None:
    """The blind index of the phone number that ``user`` is, on channels where it is one."""
    phone = phone_of(user)
    return rows.keys.index("phone", phone) if phone else None


def remember_phones(rows: TurnRows, addressed: Addressed) -> None:
    """A linked person has joined with all phones."""
    _remember_phones(rows, addressed.keys, addressed.player, addressed.at)


def _remember_phones(rows: TurnRows, keys: Iterable[bytes], player: Player, at: datetime) -> None:
    """A phone among the addresses ``keys``, which speak for ``player`` now, can be recommended no more."""
    for key in sorted({rows.phones[each] for each in keys if each in rows.phones}):
        if (key, player.campaign_id) not in rows.of(InviteRows).joined_phones:
            _remember(rows, key, player, at)


def _remember(rows: TurnRows, key: bytes, player: Player, at: datetime) -> None:
    rows.of(InviteRows).joined_phones[key, player.campaign_id] = player.id
    rows.append(JoinedPhone, phone_key=key, campaign_id=player.campaign_id, player_id=player.id, at=at)


def keep_apart(rows: TurnRows, merging: Merging) -> KeptApart | None:
    """A friend stays a friend: where one of them, or somebody linked to that one before, invited the other."""
    both = {merging.one.id, merging.other.id}
    invites = rows.of(InviteRows).invites.values()
    brought = any({rows.root(invite.player_id), rows.root(invite.inviter_id)} == both for invite in invites)
    return KeptApart() if brought else None


def close(rows: TurnRows, merged: Merged) -> None:
    """Whoever had joined before cannot be brought in any more; a word, and what a day brought, stays its player's."""
    invite = rows.of(InviteRows).invites.get(merged.younger.id)
    if invite is not None and invite.state == "joined":
        invite.state = "closed"
    older, younger = merged.older, merged.younger
    older.invite_word = older.invite_word or younger.invite_word
    if younger.rewarded_on is not None and (older.rewarded_on is None or younger.rewarded_on >= older.rewarded_on):
        same = younger.rewarded_on == older.rewarded_on
        older.rewarded_today = younger.rewarded_today + older.rewarded_today * same
        older.rewarded_on = younger.rewarded_on
