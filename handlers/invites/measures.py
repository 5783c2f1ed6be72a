"""The word of invites for segments."""

from core.segments import Facts, Predicate, since_then
from handlers.invites.tables import Invite

_FRIENDS = Facts(Invite.inviter_id, Invite.joined_at)

SEGMENTS = (
    Predicate(
        name="brought a friend",
        where=_FRIENDS.exist_since,
        check=since_then,
        latest=_FRIENDS.latest(),
        lasts=True,
    ),
)
