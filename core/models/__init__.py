"""The tables. Keys lead with the column that a sharded database would distribute by: player, address or code hash.

Foreign keys stay within one such column (or point to the few rows of campaigns and batches): across them a sharded
database has none, and every check of one locks the row it points to. `huoju audit` checks those instead.
"""

from core.models.base import Base
from core.models.calendar import CalendarRun
from core.models.campaigns import Batch, Campaign, CampaignVersion, Heartbeat, Installation
from core.models.chats import Consent, Inbox, Outbox
from core.models.codes import Code, Guesses, Redemption
from core.models.goods import Claim, SecondDraw, Voucher
from core.models.invites import Invite, InviteWord, JoinedPhone, Recommendation
from core.models.ledger import Transfer
from core.models.parts import MessagePart
from core.models.players import Address, Join, Link, LinkWord, Player
from core.models.relay import Chain, QuotaDay, RelayNews, Runner, RunnerDay, Tally, Torch
from core.models.scenes import SceneDay
from core.models.sending import Account, NoticeRight, OutboundJob, Receipt, Spending, Touch
from core.models.timers import Timer

__all__ = [
    "Account",
    "Address",
    "Base",
    "Batch",
    "CalendarRun",
    "Campaign",
    "CampaignVersion",
    "Chain",
    "Claim",
    "Code",
    "Consent",
    "Guesses",
    "Heartbeat",
    "Inbox",
    "Installation",
    "Invite",
    "InviteWord",
    "Join",
    "JoinedPhone",
    "Link",
    "LinkWord",
    "MessagePart",
    "NoticeRight",
    "OutboundJob",
    "Outbox",
    "Player",
    "QuotaDay",
    "Receipt",
    "Recommendation",
    "Redemption",
    "RelayNews",
    "Runner",
    "RunnerDay",
    "SceneDay",
    "SecondDraw",
    "Spending",
    "Tally",
    "Timer",
    "Torch",
    "Touch",
    "Transfer",
    "Voucher",
]
