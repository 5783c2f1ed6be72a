"""What invites come to, and their word for segments."""

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.measures.measure import Measure, happened
from core.segments.facts import Facts
from core.segments.words import Happening, Number, Predicate, since_then
from handlers.invites.tables import Invite

_FRIENDS = Facts(Invite.inviter_id, Invite.joined_at)


def _no_reason(rules: Rules, after: str) -> Line | None:
    if not rules.brings_friends:
        return remedy("friends cannot be brought in; add invites, or remove it")
    at_once = remedy("at torch lit a friend has just been brought in; use spoke")
    return at_once if after == "torch lit" else None


def _nothing(rules: Rules) -> Line | None:
    return None if rules.brings_friends else remedy("friends cannot be brought in; add invites, or remove it")


SEGMENTS = (
    Happening(
        name="brought a friend",
        also=("brought friends", "brought in a friend"),
        chinese=("带来好友", "带过好友", "邀请过好友", "邀请好友"),
        says="Brought a friend in.",
        absent=_nothing,
        facts=_FRIENDS,
        bare=Predicate(
            name="brought a friend",
            where=lambda asked: _FRIENDS.exist_since(asked.since, asked.sums),
            check=since_then,
            latest=_FRIENDS.latest(),
            lasts=True,
            as_reason=_no_reason,
        ),
    ),
    Number(
        name="friends",
        chinese=("好友数", "邀请数"),
        says="How many friends they brought in.",
        absent=_nothing,
        facts=_FRIENDS,
        units=("friends", "人", "个"),
    ),
)

MEASURES = (
    Measure(
        name="friends brought in",
        chinese="带来好友",
        says="Players who joined because a friend brought them in, whether or not that was rewarded.",
        counts=happened(Invite.player_id, Invite.joined_at),
        told=lambda rules: rules.brings_friends,
    ),
)
