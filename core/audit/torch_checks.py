"""Checks of torches: lit by the first friend in time and by nobody else, in their place, never forgotten."""

from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import String, and_, bindparam, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.campaign.platforms import relay_on
from core.campaign.rules import Rules
from core.lists import among
from core.models import Address, Invite, Join, Player, QuotaDay, Timer, Torch
from core.models.players import ROOT
from core.places import place_named
from core.relay.torches import OUT, perk_code
from core.times import local_day
from core.words import Mark, row_number

_STREAMED = {"yield_per": 5_000}
_KEY = (Torch.player_id, Torch.number)


def torch_fault(player_id: int, number: int, wrong: str) -> Fault:
    """A fault of one torch."""
    return Fault(f"torch {number} of {row_number(Mark.FRIEND, player_id)}", wrong)


_friend, _passer, _holder = aliased(Invite), aliased(Player), aliased(Player)
_brought = (
    select(_friend.player_id)
    .join(_passer, _passer.id == _friend.inviter_id)
    .join(_holder, _holder.id == Torch.player_id)
    .where(
        _friend.player_id == Torch.lit_by,
        _friend.joined_at == Torch.lit_at,
        func.coalesce(_passer.merged_into, _passer.id) == func.coalesce(_holder.merged_into, _holder.id),
    )
)
_LIT_BY_NOBODY = select(*_KEY).where(Torch.state == "lit", ~exists(_brought))
_in_time = (
    exists()
    .where(Invite.inviter_id == Torch.player_id, Invite.joined_at >= Torch.granted_at)
    .where(Invite.joined_at < Torch.ends_at, or_(Torch.lit_at.is_(None), Torch.lit_at > Invite.joined_at))
    .where(Join.player_id == Invite.player_id, Join.address_key == Address.key)
    .where(Join.joined_at == Invite.joined_at)
    .where(or_(among(Address.channel, "always_on"), among(Address.channel + "/" + Address.account, "always_on")))
)
_NOT_LIT = select(*_KEY).where(Torch.campaign_id == bindparam("campaign_id"), _in_time)


def _lit(books: Books) -> Iterator[Fault]:
    for player_id, number in books.session.execute(_LIT_BY_NOBODY):
        yield torch_fault(player_id, number, "is lit, but not by a friend of its player who joined then")
    for campaign_id, versions in books.rules.items():
        names = {name for rules in versions.values() for name in (*rules.channels, *_handed_on_at(rules))}
        always = (name for name in names if all(relay_on(rules, place_named(name)) for rules in versions.values()))
        if not (always_on := sorted(always)):
            continue
        named = {"campaign_id": campaign_id, "always_on": always_on}
        for player_id, number in books.session.execute(_NOT_LIT, named):
            yield torch_fault(player_id, number, "was not lit by the first friend who joined in its window")


def _handed_on_at(rules: Rules) -> Sequence[str]:
    """The places that the file names for torches alone."""
    return (rules.relay.channels if rules.relay else None) or ()


_parent, _before, _mine, _its = aliased(Torch), aliased(Torch), aliased(Player), aliased(Player)
_handed = exists().where(
    _parent.player_id == Torch.parent_id,
    _parent.number == Torch.parent_number,
    _parent.chain_id == Torch.chain_id,
    _parent.leg == Torch.leg - 1,
    _parent.campaign_id == Torch.campaign_id,
)
_same_place = and_(
    _before.chain_id == Torch.chain_id,
    _before.leg == Torch.leg,
    func.coalesce(_before.parent_id, 0) == func.coalesce(Torch.parent_id, 0),
    _before.granted_at < Torch.granted_at,
)
_one = func.coalesce(_mine.merged_into, _mine.id) == func.coalesce(_its.merged_into, _its.id)
_again = exists().where(_same_place, _mine.id == Torch.player_id, _its.id == _before.player_id, _one)
_begins = and_(Torch.leg == 1, Torch.chain_id == Torch.player_id)
_MISPLACED = select(*_KEY).where(
    or_(
        and_(Torch.how == "relit", ~_again),
        and_(Torch.how != "relit", Torch.number != 1),
        and_(Torch.how != "relit", Torch.leg == 1, ~_begins),
        and_(Torch.leg > 1, ~_handed),
    )
)


def _placed(books: Books) -> Iterator[Fault]:
    for player_id, number in books.session.execute(_MISPLACED):
        yield torch_fault(player_id, number, "does not stand where its chain puts it")
    yield from _handed_by_inviters(books)


_passed = select(ROOT).where(Player.id == Torch.parent_id).scalar_subquery()
_inviter = select(ROOT).join(Invite, Invite.inviter_id == Player.id).where(Invite.player_id == Torch.player_id)
_foreign = ~exists().where(Player.id == Torch.player_id, Player.campaign_id == Torch.campaign_id)
_not_by = and_(Torch.how != "relit", Torch.leg > 1, _passed.is_distinct_from(_inviter.scalar_subquery()))
_FROM_ANOTHER = select(*_KEY).where(or_(_foreign, _not_by))


def _handed_by_inviters(books: Books) -> Iterator[Fault]:
    """A first torch comes from the one who brought its player in, and holds a place of the player's own campaign."""
    for player_id, number in books.session.execute(_FROM_ANOTHER):
        yield torch_fault(player_id, number, "came from somebody who did not bring its player in")


_timer = exists().where(
    Timer.owner_id == Torch.player_id,
    Timer.kind == OUT,
    Timer.subject == cast(Torch.number, String),
    Timer.due_at == Torch.ends_at,
    Timer.state.in_(("due", "failed")),
)
_WITHOUT_TIMER = select(*_KEY).where(Torch.state == "unlit", ~_timer)


def _timed(books: Books) -> Iterator[Fault]:
    for player_id, number in books.session.execute(_WITHOUT_TIMER):
        yield torch_fault(player_id, number, "waits for a friend, and no clock would ever put it out")


_FROM_QUOTA = select(Torch.campaign_id, Torch.granted_at).where(Torch.how == "quota")
_QUOTAS = select(QuotaDay)
_WITH_PERK = select(Torch).where(Torch.perk.is_not(None))


def _given(books: Books) -> Iterator[Fault]:
    zones = {campaign: rules[max(rules)].zone for campaign, rules in books.rules.items()}
    given: Counter[tuple[int, object]] = Counter()
    for campaign_id, at in books.session.execute(_FROM_QUOTA, execution_options=_STREAMED):
        given[campaign_id, local_day(at, zones[campaign_id])] += 1
    for quota in books.session.scalars(_QUOTAS):
        if quota.taken != given.pop((quota.campaign_id, quota.day), 0):
            yield Fault(f"quota of campaign {quota.campaign_id} on {quota.day}", "does not equal the torches given out")
    for campaign_id, day in given:
        yield Fault(f"quota of campaign {campaign_id} on {day}", "was never counted")
    for torch in books.session.scalars(_WITH_PERK, execution_options=_STREAMED):
        if torch.perk_hash != books.keys.index("perk", perk_code(books.keys, torch)):
            yield torch_fault(torch.player_id, torch.number, "has a perk that staff would not find")


CHECKS = (
    Check("every torch is lit by the first friend in its window, and by nobody else", _lit),
    Check("every torch stands in its place in the chain, behind the one who handed it on", _placed),
    Check("every torch that waits has its timer", _timed),
    Check("every torch of a quota and every perk is counted and found", _given),
)
