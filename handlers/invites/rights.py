"""What invites keep about people: whose word they came by, whom they brought, and phones that were recommended."""

from core.personal import CAMPAIGN, Cell, Kept, Label, WhoseData, by, column
from handlers.invites.tables import Invite, InviteWord, JoinedPhone, Recommendation

_AT = Label("at", "时间")


def _side(whose: WhoseData, row: Invite) -> Cell:
    return "you were invited · 您受邀" if row.player_id in whose.ids else "you invited · 您邀请"


def _reward(whose: WhoseData, row: Invite) -> Cell:
    return row.invitee_points if row.player_id in whose.ids else row.inviter_points


def _mine(whose: WhoseData, row: Invite) -> bool:
    return row.player_id in whose.ids


KEPT = (
    Kept(
        table=Invite,
        title=Label("Invitations", "邀请记录"),
        of=by(Invite.player_id, Invite.inviter_id),
        gives=(
            (_AT, column("joined_at")),
            CAMPAIGN,
            (Label("who", "谁邀请谁"), _side),
            (Label("how", "方式"), column("how")),
            (Label("state", "状态"), column("state")),
            (Label("your reward", "您的奖励"), _reward),
            (Label("how made up it looked", "可疑程度"), lambda whose, row: row.score if _mine(whose, row) else None),
            (Label("why", "可疑原因"), lambda whose, row: row.signs if _mine(whose, row) else None),
        ),
    ),
    Kept(
        table=InviteWord,
        title=Label("Your invite words", "您的邀请口令"),
        of=lambda whose: InviteWord.word.in_(whose.invite_words),
        gives=((Label("word", "口令"), column("word")), CAMPAIGN, (_AT, column("made_at"))),
    ),
    Kept(
        table=Recommendation,
        title=Label("Phones that you recommended, or by which you were", "您推荐的或推荐您的手机号"),
        of=lambda whose: Recommendation.inviter_id.in_(whose.ids) | Recommendation.phone_key.in_(whose.phone_keys),
        gives=(
            (_AT, column("at")),
            CAMPAIGN,
            (Label("of phone", "号码"), lambda _, row: f"hash {row.phone_key.hex()}"),
        ),
    ),
    Kept(
        table=JoinedPhone,
        title=Label("Phones with which you joined", "您参加活动所用的手机号"),
        of=lambda whose: JoinedPhone.phone_key.in_(whose.phone_keys),
        gives=(
            (_AT, column("at")),
            CAMPAIGN,
            (Label("of phone", "号码"), lambda _, row: f"hash {row.phone_key.hex()}"),
        ),
    ),
)
