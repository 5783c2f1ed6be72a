"""What the engine itself keeps about people: addresses, conversations, wishes, players, the ledger and timers."""

from core.models import (
    Address,
    Consent,
    Inbox,
    Join,
    Link,
    MessagePart,
    NoticeRight,
    OutboundJob,
    Outbox,
    Permission,
    Player,
    Timer,
    Touch,
    Transfer,
)
from core.models.chats import TEXT_COLUMN, row_key
from core.models.players import USER_COLUMN
from core.outbox import REPLY_COLUMN, reply_row
from core.personal import CAMPAIGN, Cell, Kept, Label, WhoseData, at, by, column
from core.words import Mark, row_number

_AT, _CHANNEL = Label("at", "时间"), Label("channel", "渠道")


def _user(whose: WhoseData, row: Address) -> Cell:
    return whose.opened(USER_COLUMN, row.key, row.user_sealed)


def _heard(whose: WhoseData, row: Inbox) -> Cell:
    return whose.opened(TEXT_COLUMN, row_key((row.address_key, row.external_id)), row.text_sealed)


def _said(whose: WhoseData, row: Outbox) -> Cell:
    return whose.opened(REPLY_COLUMN, reply_row(row.address_key, row.ref, row.part), row.text_sealed)


def _word(whose: WhoseData, row: Consent | Permission) -> Cell:
    message = whose.session.get(Inbox, (row.address_key, row.external_id))
    return None if message is None else _heard(whose, message)


def _place(whose: WhoseData, row: Consent | Permission | Inbox | Outbox) -> Cell:
    return next((str(each.place) for each in whose.addresses if each.key == row.address_key), None)


def _number(_whose: WhoseData, row: Player) -> Cell:
    return row_number(Mark.PLAYER, row.id)


def _amount(_whose: WhoseData, row: Transfer) -> Cell:
    return row.amount if row.credit == f"player:{row.owner_id}" else -row.amount


KEPT = (
    Kept(
        table=Address,
        title=Label("Where you talk with us", "您在哪里与我们联系"),
        of=at(Address.key),
        gives=(
            (_CHANNEL, lambda _, row: str(row.place)),
            (Label("user", "账号"), _user),
            (Label("language", "语言"), column("language")),
            (Label("language of the app", "应用语言"), column("app_language")),
            (Label("came by", "来源"), column("came_by")),
            (Label("texts said", "发送条数"), column("said_count")),
            (Label("last heard", "最近来信"), column("heard_at")),
            (Label("gets no news since", "退订于"), column("opted_out_at")),
            (Label("unreachable since", "无法送达自"), column("gone_at")),
            (Label("blocked since", "拉黑于"), column("blocked_at")),
        ),
    ),
    Kept(
        table=Link,
        title=Label("Chats that you linked", "您绑定的账号"),
        of=at(Link.address_key, Link.other_key),
        gives=((_AT, column("at")),),
    ),
    Kept(
        table=Consent,
        title=Label("Wishes about our news", "接收消息的意愿"),
        of=at(Consent.address_key),
        gives=(
            (_AT, column("at")),
            (_CHANNEL, _place),
            (Label("wish", "意愿"), column("what")),
            (Label("how", "方式"), column("how")),
            (Label("your words", "您的原话"), _word),
            (Label("message", "消息编号"), column("external_id")),
        ),
    ),
    Kept(
        table=Permission,
        title=Label("Other permissions", "其他许可"),
        of=at(Permission.address_key),
        gives=(
            (_AT, column("at")),
            (_CHANNEL, _place),
            (Label("for", "事项"), column("kind")),
            (Label("wish", "意愿"), column("what")),
            (Label("your words", "您的原话"), _word),
            (Label("message", "消息编号"), column("external_id")),
        ),
    ),
    Kept(
        table=Player,
        title=Label("You as a player", "您的玩家资料"),
        of=by(Player.id),
        gives=(
            (Label("number", "编号"), _number),
            CAMPAIGN,
            (Label("joined", "参加时间"), column("joined_at")),
            (Label("points", "积分"), column("points")),
            (Label("wins", "中奖次数"), column("wins")),
            (Label("last code on", "最近兑换日"), column("redeemed_on")),
            (Label("invite code", "邀请码"), column("invite_word")),
        ),
    ),
    Kept(
        table=Join,
        title=Label("Campaigns that you joined", "您参加的活动"),
        of=at(Join.address_key),
        gives=(CAMPAIGN, (_AT, column("joined_at")), (_CHANNEL, _place)),
    ),
    Kept(
        table=Transfer,
        title=Label("Points and prizes, entry by entry", "积分与奖品明细"),
        of=by(Transfer.owner_id),
        gives=(
            (_AT, column("at")),
            CAMPAIGN,
            (Label("what", "内容"), column("asset")),
            (Label("amount", "数量"), _amount),
            (Label("why", "原因"), column("reason")),
            (Label("note", "备注"), column("note")),
        ),
    ),
    Kept(
        table=Inbox,
        title=Label("What you wrote", "您发来的消息"),
        of=at(Inbox.address_key),
        gives=(
            (_AT, column("received_at")),
            (_CHANNEL, _place),
            (Label("text", "内容"), _heard),
            (Label("kind", "方式"), column("kind")),
        ),
    ),
    Kept(
        table=Outbox,
        title=Label("What we said", "我们发出的消息"),
        of=at(Outbox.address_key),
        gives=(
            (_AT, column("said_at")),
            (_CHANNEL, _place),
            (Label("text", "内容"), _said),
            (Label("state", "状态"), column("state")),
        ),
    ),
    Kept(
        table=OutboundJob,
        title=Label("Texts on their way", "待送达的消息"),
        of=at(OutboundJob.address_key),
        gives=(
            (_CHANNEL, column("channel")),
            (Label("number", "序号"), column("sequence")),
            (Label("state", "状态"), column("state")),
            (Label("due", "预定时间"), column("due_at")),
        ),
    ),
    Kept(
        table=Touch,
        title=Label("News that we sent", "发给您的营销消息"),
        of=at(Touch.address_key),
        gives=((_AT, column("at")), (Label("job", "任务"), column("job"))),
    ),
    Kept(
        table=NoticeRight,
        title=Label("Notices that you agreed to", "您同意接收的通知"),
        of=at(NoticeRight.address_key),
        gives=((Label("template", "模板"), column("template")), (Label("left", "剩余次数"), column("left"))),
    ),
    Kept(
        table=MessagePart,
        title=Label("Parts of long messages", "长消息的片段"),
        of=at(MessagePart.address_key),
        gives=(
            (_AT, column("at")),
            (Label("part", "第几段"), column("place")),
            (Label("of", "共几段"), column("total")),
        ),
    ),
    Kept(
        table=Timer,
        title=Label("What is planned or was due", "为您安排的提醒"),
        of=by(Timer.owner_id),
        gives=(
            (Label("what", "内容"), column("kind")),
            (Label("due", "预定时间"), column("due_at")),
            (Label("state", "状态"), column("state")),
        ),
    ),
)
