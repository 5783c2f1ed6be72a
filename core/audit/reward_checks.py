"""Checks of rewards for invites: each transfer is one that the invite decided, and no day has more than its limit."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, func, not_, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import begins, count_of, counted, numbered, transfer_fault
from core.audit.published import published_rules
from core.ledger import POINTS
from core.models import Invite, Player, Transfer
from core.words import Mark, row_number

_MARKS = {"paid": "", "held": "held:", "released": "released:", "revoked": "revoked:", "clawed": "clawed-back:"}


class _Share(NamedTuple):
    """One of the two rewards: how its refs begin, who gets it and how much."""

    prefix: str
    player_id: SQLColumnExpression[int]
    points: SQLColumnExpression[int]

    def kinds(self) -> dict[str, str]:
        return {name: mark + self.prefix for name, mark in _MARKS.items()}


_SHARES = (
    _Share("invite:", Invite.inviter_id, Invite.inviter_points),
    _Share("invited:", Invite.player_id, Invite.invitee_points),
)


def _name(player_id: int) -> str:
    return f"invite {row_number(Mark.FRIEND, player_id)}"


def _rewards(books: Books) -> Iterator[Fault]:
    for share in _SHARES:
        yield from _belong(books, share)
        yield from _agree(books, share)
    yield from _strays(books)
    reviewed = Invite.state.in_(("released", "revoked"))
    for player_id in books.session.scalars(select(Invite.player_id).where(reviewed, Invite.decided_by.is_(None))):
        yield Fault(_name(player_id), "was released or revoked by nobody")
    yield from _promised(books)


def _belong(books: Books, share: _Share) -> Iterator[Fault]:
    """Each transfer is for the player whom the invite rewards, or whom that one has become, and of its amount."""
    moves, owner, party = numbered(*share.kinds().values()), aliased(Player), aliased(Player)
    partly = and_(moves.c.kind == share.kinds()["clawed"], moves.c.amount < share.points)
    statement = (
        select(moves.c.owner_id, moves.c.ref)
        .outerjoin(Invite, Invite.player_id == moves.c.number)
        .outerjoin(owner, owner.id == moves.c.owner_id)
        .outerjoin(party, party.id == share.player_id)
        .where(
            or_(
                owner.id.is_(None),
                party.id.is_(None),
                func.coalesce(owner.merged_into, owner.id) != func.coalesce(party.merged_into, party.id),
                Invite.campaign_id != moves.c.campaign_id,
                moves.c.asset != POINTS,
                and_(moves.c.amount != share.points, not_(partly)),
            )
        )
    )
    for owner_id, ref in books.session.execute(statement):
        yield transfer_fault(owner_id, ref, "is not what an invite gives to this player")


def _agree(books: Books, share: _Share) -> Iterator[Fault]:
    """State and transfers agree, counted over all owners."""
    counts = counted(share.kinds())
    each = {name: count_of(counts, name) for name in _MARKS}

    def exactly(*names: str, besides: str | None = None) -> ColumnElement[bool]:
        wanted = [each[name] == (1 if name in names else 0) for name in _MARKS if name != besides]
        return and_(*wanted, *([each[besides] <= 1] if besides else []))

    taken_back = [exactly("paid", besides="clawed"), exactly("held", "released", besides="clawed")]
    right = case(
        (share.points == 0, exactly()),
        (Invite.state == "rewarded", exactly("paid")),
        (Invite.state == "held", exactly("held")),
        (Invite.state == "released", exactly("held", "released")),
        (Invite.state == "revoked", or_(exactly("held", "revoked"), *taken_back)),
        else_=share.points == 0,  # joined and closed ones have decided nothing
    )
    statement = select(Invite.player_id).outerjoin(counts, counts.c.number == Invite.player_id).where(not_(right))
    for player_id in books.session.scalars(statement):
        yield Fault(_name(player_id), f"its {share.prefix[:-1]} reward and the ledger do not agree")


def _strays(books: Books) -> Iterator[Fault]:
    marks = [mark for mark in _MARKS.values() if mark]
    known = or_(*(begins(mark + share.prefix) for mark in marks for share in _SHARES))
    statement = select(Transfer.owner_id, Transfer.ref).where(or_(*(begins(mark) for mark in marks)), not_(known))
    for owner_id, ref in books.session.execute(statement):
        yield transfer_fault(owner_id, ref, "is about no reward")


def _promised(books: Books) -> Iterator[Fault]:
    """The points of each invite are those of some version, as it does not say which one it met."""
    for campaign_id, versions in published_rules(books).items():
        invites = [rules.invites for rules in versions.values() if rules.invites]
        wrong = or_(
            Invite.inviter_points.not_in({0, *(rules.inviter for rules in invites)}),
            Invite.invitee_points.not_in({0, *(rules.invitee for rules in invites)}),
        )
        for player_id in books.session.scalars(
            select(Invite.player_id).where(Invite.campaign_id == campaign_id, wrong)
        ):
            yield Fault(_name(player_id), "gives what no version of the rules gives")


def _caps(books: Books) -> Iterator[Fault]:
    # By the inviter of each invite, not by whom that one has become: before a link each had a day's limit.
    day = (Invite.inviter_id, Invite.rewarded_on)
    for campaign_id, versions in published_rules(books).items():
        most = max((rules.invites.per_player_per_day for rules in versions.values() if rules.invites), default=0)
        rewarded = select(*day, func.count()).where(Invite.campaign_id == campaign_id, Invite.rewarded_on.is_not(None))
        for inviter_id, on, count in books.session.execute(rewarded.group_by(*day).having(func.count() > most)):
            yield Fault(f"player {inviter_id}", f"was rewarded for {count} friends on {on}; the limit is {most}")
    wrong = or_(
        and_(Invite.inviter_points > 0, Invite.rewarded_on.is_(None)),
        and_(Invite.inviter_points == 0, Invite.rewarded_on.is_not(None)),
    )
    for player_id in books.session.scalars(select(Invite.player_id).where(wrong)):
        yield Fault(_name(player_id), "its reward and the day whose limit it used up do not agree")


CHECKS = (
    Check("every reward for an invite is in the ledger, as it was decided", _rewards),
    Check("nobody was rewarded for more friends a day than the limit", _caps),
)
