"""What invites keep about people: whose word they came by, whom they brought, and phones that were recommended."""

from sqlalchemy import delete, select, update

from core.models import Join, Player
from core.models.base import table_of
from core.models.players import ROOT
from core.personal import CAMPAIGN, Cell, Forgetting, Kept, Label, WhoseData, by, column
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
        title=Label("Your invite words", "您的邀请码"),
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


def forget(forgetting: Forgetting) -> None:
    """Take away phones and words by which the person is found; that a phone has joined stays, as a keyed hash.

    Whom the person invited, and by whom they were, may have been told their name.
    """
    session, ids = forgetting.session, forgetting.whose.ids
    phones = forgetting.whose.phone_keys
    session.execute(update(table_of(Invite)).where(Invite.player_id.in_(ids)).values(range_key=None, text_key=None))
    session.execute(
        delete(Recommendation).where(Recommendation.inviter_id.in_(ids) | Recommendation.phone_key.in_(phones))
    )
    words = forgetting.whose.invite_words
    session.execute(update(table_of(Player)).where(Player.id.in_(ids)).values(invite_word=None))
    session.execute(delete(InviteWord).where(InviteWord.word.in_(words)))
    pairs = select(Invite.player_id, Invite.inviter_id).where(Invite.player_id.in_(ids) | Invite.inviter_id.in_(ids))
    friends = {each for pair in session.execute(pairs) for each in pair} - set(ids)
    roots = select(ROOT).where(Player.id.in_(sorted(friends)))
    forgetting.near.update(session.scalars(select(Join.address_key).where(Join.player_id.in_(roots))))
