"""What every campaign comes to: who plays it, what they say, and what is said to them."""

from sqlalchemy import ColumnElement, FunctionElement, and_, distinct, func, or_, select

from core.campaign.rules import Rules
from core.measures.measure import ALL_CHANNELS, Counting, Measure, Period, Sum, Unit, happened
from core.models import Address, Inbox, Join, OutboundJob, Outbox, Player, Receipt, Transfer
from core.models.ledger import HOUSE
from core.outbox import answer_ref, replay_ref

_answers = and_(Outbox.part == 0, or_(Outbox.ref.startswith(answer_ref("")), Outbox.ref.startswith(replay_ref(""))))
_speakers = func.count(distinct(Outbox.address_key))
_SPENT_BY = "account:"


def _joined(period: Period) -> Counting:
    return happened(Player.id, Player.joined_at, period.made(Player.id))(period)


def _said(
    period: Period, only: ColumnElement[bool] | None = None, value: FunctionElement[int] | None = None
) -> Counting:
    mine = (Outbox.campaign_id == period.campaign_id, period.has(Outbox.said_at))
    if not period.by_channel:
        return Counting(select(ALL_CHANNELS).select_from(Outbox).where(*mine), only, value, "said")
    found = select(Address.channel).join_from(Outbox, Address, Address.key == Outbox.address_key)
    return Counting(found.where(*mine).group_by(Address.channel), only, value, "said")


def _failed(period: Period) -> Counting:
    mine = (Join.campaign_id == period.campaign_id, Join.joined_at <= Inbox.received_at)
    found = select(Address.channel).select_from(Inbox)
    joined = found.join(Address, Address.key == Inbox.address_key).join(Join, Join.address_key == Inbox.address_key)
    failed = joined.where(Inbox.state == "failed", period.has(Inbox.received_at), *mine)
    return Counting(failed.group_by(Address.channel))


def _given_up(period: Period) -> Counting:
    mine = (OutboundJob.campaign_id == period.campaign_id, OutboundJob.state == "dead")
    found = select(OutboundJob.channel).where(*mine, period.has(OutboundJob.due_at))
    return Counting(found.group_by(OutboundJob.channel))


def _waiting(period: Period) -> Counting:
    mine = (OutboundJob.campaign_id == period.campaign_id, OutboundJob.state.in_(("due", "held", "sending")))
    return Counting(select(OutboundJob.channel).where(*mine).group_by(OutboundJob.channel))


def _arrived(period: Period) -> Counting:
    """A text of several parts, or of which a platform says so twice, has arrived once."""
    its_text = (Outbox.address_key == Receipt.address_key, Outbox.sequence == Receipt.sequence)
    of_campaign = select(Outbox.sequence).where(*its_text, Outbox.campaign_id == period.campaign_id).exists()
    texts = (
        select(Receipt.channel, Receipt.address_key, Receipt.sequence)
        .where(Receipt.fate == "delivered", period.has(Receipt.at), of_campaign)
        .distinct()
        .subquery()
    )
    return Counting(select(texts.c.channel).group_by(texts.c.channel))


def _cost(period: Period) -> Counting:
    currency = currency_of(period.rules)
    asset = Transfer.asset == f"money:{currency}" if currency else Transfer.asset.startswith("money:")
    mine = (Transfer.owner_id == HOUSE, Transfer.campaign_id == period.campaign_id, asset, period.has(Transfer.at))
    return Counting(select(Transfer.debit).where(*mine).group_by(Transfer.debit), value=func.sum(Transfer.amount))


def currency_of(rules: Rules) -> str | None:
    """The currency of what a campaign costs; None where its file names none."""
    money = rules.points.worth or rules.budget
    return money.currency if money else None


MEASURES = (
    Measure(
        name="players joined",
        chinese="新玩家",
        says="People who joined, each once, whether or not they were linked to another one since.",
        counts=_joined,
    ),
    Measure(
        name="active players",
        chinese="活跃玩家",
        says="Addresses of players that wrote and were answered, each once a day; longer is told as the mean of days.",
        counts=lambda period: _said(period, _answers, _speakers),
        sum=Sum.DISTINCT,
    ),
    Measure(
        name="messages heard",
        chinese="收到消息",
        says="Messages of players that were answered in this campaign.",
        counts=lambda period: _said(period, _answers),
    ),
    Measure(
        name="messages failed",
        chinese="失败消息",
        says="Messages of players that could not be dealt with and wait to be replayed.",
        counts=_failed,
        kept=False,
    ),
    Measure(
        name="texts sent",
        chinese="发出消息",
        says="Texts that were said to players, answers included, each once however often it was tried.",
        counts=_said,
    ),
    Measure(
        name="texts delivered",
        chinese="送达消息",
        says="Texts of the last 30 days of which a platform said that they arrived, by when it took them.",
        counts=_arrived,
        kept=False,
    ),
    Measure(
        name="texts failed",
        chinese="未送达消息",
        says="Texts that were given up and wait for an operator, by when they were last due.",
        counts=_given_up,
        kept=False,
    ),
    Measure(
        name="texts waiting",
        chinese="待发消息",
        says="Texts that are still to be sent at this moment, or held until their player speaks.",
        counts=_waiting,
        sum=Sum.STANDING,
        kept=False,
    ),
    Measure(
        name="cost of texts",
        chinese="短信费用",
        says="What texts of this campaign cost, by the ledger, each try that was paid for.",
        counts=_cost,
        unit=Unit.MICROS,
        channel_of=lambda account: account.removeprefix(_SPENT_BY).partition(":")[0],
    ),
)
