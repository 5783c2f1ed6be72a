"""Checks of torches: lit by the first friend in time and by nobody else, in their place, never forgotten."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.published import published_rules
from core.campaign.platforms import relay_on
from core.models import Address, Invite, Join, Player, QuotaDay, Timer, Torch
from core.models.players import ROOT
from core.relay.torches import OUT, perk_code
from core.times import local_day
from core.words import Mark, row_number

_STREAMED = {"yield_per": 5_000}
_KEY = (Torch.player_id, Torch.number)


def torch_fault(player_id: int, number: int, wrong: str) -> Fault:
    """A fault of one torch."""
    return Fault(f"torch {number} of {row_number(Mark.FRIEND, player_id)}", wrong)


def _lit(books: Books) -> Iterator[Fault]:
    friend, passer, holder = aliased(Invite), aliased(Player), aliased(Player)
    brought = (
        select(friend.player_id)
        .join(passer, passer.id == friend.inviter_id)
        .join(holder, holder.id == Torch.player_id)
        .where(
            friend.player_id == Torch.lit_by,
            friend.joined_at == Torch.lit_at,
            func.coalesce(passer.merged_into, passer.id) == func.coalesce(holder.merged_into, holder.id),
        )
    )
    for player_id, number in books.session.execute(select(*_KEY).where(Torch.state == "lit", ~exists(brought))):
        yield torch_fault(player_id, number, "is lit, but not by a friend of its player who joined then")
    for campaign_id, versions in published_rules(books).items():
        always = [{each for each in rules.channels if relay_on(rules, each)} for rules in versions.values()]
        in_time = (
            exists()
            .where(Invite.inviter_id == Torch.player_id, Invite.joined_at >= Torch.granted_at)
            .where(Invite.joined_at < Torch.ends_at, or_(Torch.lit_at.is_(None), Torch.lit_at > Invite.joined_at))
            .where(Join.player_id == Invite.player_id, Join.address_key == Address.key)
            .where(Join.joined_at == Invite.joined_at, Address.channel.in_(set.intersection(*always)))
        )
        statement = select(*_KEY).where(Torch.campaign_id == campaign_id, in_time)
        for player_id, number in books.session.execute(statement):
            yield torch_fault(player_id, number, "was not lit by the first friend who joined in its window")


def _placed(books: Books) -> Iterator[Fault]:
    parent, before, mine, its = aliased(Torch), aliased(Torch), aliased(Player), aliased(Player)
    handed = exists().where(
        parent.player_id == Torch.parent_id,
        parent.number == Torch.parent_number,
        parent.chain_id == Torch.chain_id,
        parent.leg == Torch.leg - 1,
        parent.campaign_id == Torch.campaign_id,
    )
    same = and_(
        before.chain_id == Torch.chain_id,
        before.leg == Torch.leg,
        func.coalesce(before.parent_id, 0) == func.coalesce(Torch.parent_id, 0),
        before.granted_at < Torch.granted_at,
    )
    one = func.coalesce(mine.merged_into, mine.id) == func.coalesce(its.merged_into, its.id)
    again = exists().where(same, mine.id == Torch.player_id, its.id == before.player_id, one)
    begins = and_(Torch.leg == 1, Torch.chain_id == Torch.player_id)
    wrong = or_(
        and_(Torch.how == "relit", ~again),
        and_(Torch.how != "relit", Torch.number != 1),
        and_(Torch.how != "relit", Torch.leg == 1, ~begins),
        and_(Torch.leg > 1, ~handed),
    )
    for player_id, number in books.session.execute(select(*_KEY).where(wrong)):
        yield torch_fault(player_id, number, "does not stand where its chain puts it")
    yield from _handed_by_inviters(books)


def _handed_by_inviters(books: Books) -> Iterator[Fault]:
    """A first torch comes from the one who brought its player in, and holds a place of the player's own campaign."""
    passer = select(ROOT).where(Player.id == Torch.parent_id).scalar_subquery()
    inviter = select(ROOT).join(Invite, Invite.inviter_id == Player.id).where(Invite.player_id == Torch.player_id)
    foreign = ~exists().where(Player.id == Torch.player_id, Player.campaign_id == Torch.campaign_id)
    not_by = and_(Torch.how != "relit", Torch.leg > 1, passer.is_distinct_from(inviter.scalar_subquery()))
    for player_id, number in books.session.execute(select(*_KEY).where(or_(foreign, not_by))):
        yield torch_fault(player_id, number, "came from somebody who did not bring its player in")


def _timed(books: Books) -> Iterator[Fault]:
    timed = exists().where(
        Timer.owner_id == Torch.player_id,
        Timer.kind == OUT,
        Timer.subject == cast(Torch.number, String),
        Timer.due_at == Torch.ends_at,
        Timer.state.in_(("due", "failed")),
    )
    for player_id, number in books.session.execute(select(*_KEY).where(Torch.state == "unlit", ~timed)):
        yield torch_fault(player_id, number, "waits for a friend, and no clock would ever put it out")


def _given(books: Books) -> Iterator[Fault]:
    zones = {campaign: rules[max(rules)].zone for campaign, rules in published_rules(books).items()}
    given: Counter[tuple[int, object]] = Counter()
    from_quota = select(Torch.campaign_id, Torch.granted_at).where(Torch.how == "quota")
    for campaign_id, at in books.session.execute(from_quota, execution_options=_STREAMED):
        given[campaign_id, local_day(at, zones[campaign_id])] += 1
    for quota in books.session.scalars(select(QuotaDay)):
        if quota.taken != given.pop((quota.campaign_id, quota.day), 0):
            yield Fault(f"quota of campaign {quota.campaign_id} on {quota.day}", "does not equal the torches given out")
    for campaign_id, day in given:
        yield Fault(f"quota of campaign {campaign_id} on {day}", "was never counted")
    for torch in books.session.scalars(select(Torch).where(Torch.perk.is_not(None)), execution_options=_STREAMED):
        if torch.perk_hash != books.keys.index("perk", perk_code(books.keys, torch)):
            yield torch_fault(torch.player_id, torch.number, "has a perk that staff would not find")


CHECKS = (
    Check("every torch is lit by the first friend in its window, and by nobody else", _lit),
    Check("every torch stands in its place in the chain, behind the one who handed it on", _placed),
    Check("every torch that waits has its timer", _timed),
    Check("every torch of a quota and every perk is counted and found", _given),
)
