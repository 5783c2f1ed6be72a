"""The tables. Keys lead with the column that a sharded database would distribute by: player, address or code hash.

Foreign keys stay within one such column (or point to the few rows of campaigns and batches): across them a sharded
database has none, and every check of one locks the row it points to. `huoju audit` checks those instead.
"""

from core.models.base import Base
from core.models.batches import Batch
from core.models.broadcasts import Broadcast, BroadcastMember, BroadcastTest
from core.models.calendar import CalendarRun
from core.models.campaigns import Campaign, CampaignVersion, Heartbeat, Installation
from core.models.chats import Consent, Inbox, Outbox, Permission
from core.models.guesses import Guesses
from core.models.keys import Resealing
from core.models.ledger import Transfer
from core.models.measures import DailyMeasure, MeasuredDay
from core.models.parts import MessagePart
from core.models.players import Address, Join, Link, Player
from core.models.retention import Ageing
from core.models.scenes import SceneDay
from core.models.sending import Account, NoticeRight, OutboundJob, Receipt, Spending, Touch
from core.models.timers import Timer

__all__ = [
    "Account",
    "Address",
    "Ageing",
    "Base",
    "Batch",
    "Broadcast",
    "BroadcastMember",
    "BroadcastTest",
    "CalendarRun",
    "Campaign",
    "CampaignVersion",
    "Consent",
    "DailyMeasure",
    "Guesses",
    "Heartbeat",
    "Inbox",
    "Installation",
    "Join",
    "Link",
    "MeasuredDay",
    "MessagePart",
    "NoticeRight",
    "OutboundJob",
    "Outbox",
    "Permission",
    "Player",
    "Receipt",
    "Resealing",
    "SceneDay",
    "Spending",
    "Timer",
    "Touch",
    "Transfer",
]
