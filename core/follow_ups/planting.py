"""Plant follow-ups: a timer each, in the transaction of the event that they are counted from."""

from datetime import datetime

from core.campaign.follow_ups import Event
from core.campaign.live import LiveCampaign
from core.context import TurnRows
from core.timers.setting import set_timer

FOLLOW_UP = "follow-up"


def plant(
    rows: TurnRows, campaign: LiveCampaign, owner_id: int, event: Event, at: datetime, *, number: int = 1
) -> None:
    """Plant every follow-up that counts from ``event``, which happened to the player ``owner_id`` at ``at``.

    An event that may happen again to one player has a ``number``, each time another (a torch's; the count of wins):
    planted twice for the same one, a timer breaks its primary key and the turn is taken again.
    """
    for follow_up in campaign.rules.follow_ups or ():
        if follow_up.when.event == event:
            set_timer(
                rows,
                owner_id,
                FOLLOW_UP,
                subject=subject_of(follow_up.name, event),
                occurrence=number,
                due_at=at + follow_up.when.after,
                since=at,
            )


def joined(rows: TurnRows, campaign: LiveCampaign, player_id: int, at: datetime) -> None:
    """Plant what counts from the first contact, and from the last word, which is the first one so far."""
    plant(rows, campaign, player_id, "first contact", at)
    plant(rows, campaign, player_id, "last word", at)


def subject_of(name: str, event: Event) -> str:
    """The subject of a follow-up's timers; a name that counts from another event in a later version is another one."""
    return f"{name}:{event}"
