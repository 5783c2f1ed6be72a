"""Checks of invites: one inviter each, who came before; every reward given once, as it was decided."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import begins, count_of, counted, numbered, transfer_fault
from core.audit.transfer_checks import PLAYER, house, moves
from core.ledger import POINTS
from core.lists import among
from core.models import Player, Transfer
from core.models.players import ROOT
from core.words import Mark, row_number
from handlers.invites.rules import InviteRules
from handlers.invites.tables import Invite, InviteWord, JoinedPhone, Recommendation


def _name(player_id: int) -> str:
    return f"invite {row_number(Mark.FRIEND, player_id)}"


_friend, _inviter = aliased(Player), aliased(Player)
_ODD = (
    select(Invite.player_id)
    .outerjoin(_friend, _friend.id == Invite.player_id)
    .outerjoin(_inviter, _inviter.id == Invite.inviter_id)
    .where(
        or_(
            _friend.id.is_(None),
            _inviter.id.is_(None),
            _friend.campaign_id != Invite.campaign_id,
            _inviter.campaign_id != Invite.campaign_id,
            _friend.joined_at != Invite.joined_at,
            _inviter.id == _friend.id,
        )
    )
)


def _inviters(books: Books) -> Iterator[Fault]:
    for player_id in books.session.scalars(_ODD):
        yield Fault(_name(player_id), "its players are not of one campaign, or it was not made at the first join")
    yield from _cycles(books)


_NOT_LATER = (
    select(Invite.player_id)
    .join(_friend, _friend.id == Invite.player_id)
    .join(_inviter, _inviter.id == Invite.inviter_id)
    .where(_inviter.joined_at >= _friend.joined_at)
)
_INVITER = select(Invite.inviter_id).where(Invite.player_id == bindparam("player_id"))


def _cycles(books: Books) -> Iterator[Fault]:
    """Follow only those whose inviter is not older: a chain through all others goes back in time and must end."""
    for start in books.session.scalars(_NOT_LATER).all():
        at: int | None = start
        seen: set[int] = set()
        while at is not None and at not in seen:
            seen.add(at)
            at = books.session.scalar(_INVITER, {"player_id": at})
        if at is not None:
            yield Fault(_name(start), "stands in a circle of inviters")


def _strange(
    what: str, player_id: InstrumentedAttribute[int], campaign_id: InstrumentedAttribute[int]
) -> Select[str, int]:
    """The rows of a table that name no player of their campaign."""
    there = exists().where(Player.id == player_id, Player.campaign_id == campaign_id)
    return select(literal(what), player_id).where(~there)


_OF_NOBODY = union_all(
    _strange("invite_words", InviteWord.player_id, InviteWord.campaign_id),
    _strange("joined_phones", JoinedPhone.player_id, JoinedPhone.campaign_id),
    _strange("recommendation", Recommendation.inviter_id, Recommendation.campaign_id),
)
_of_word = aliased(Player)
_word = exists().where(
    InviteWord.word == Player.invite_word,
    _of_word.id == InviteWord.player_id,
    func.coalesce(_of_word.merged_into, _of_word.id) == ROOT,
)
_WITHOUT_WORD = select(Player.id).where(Player.invite_word.is_not(None), ~_word)


def _known(books: Books) -> Iterator[Fault]:
    for what, player_id in books.session.execute(_OF_NOBODY):
        yield Fault(f"{what} of player {player_id}", "belongs to no player of its campaign")
    for player_id in books.session.scalars(_WITHOUT_WORD):
        yield Fault(f"player {player_id}", "has an invite code that nobody can use, or that is somebody else's")


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


def _reward_name(player_id: int) -> str:
    return f"invite {row_number(Mark.FRIEND, player_id)}"


_reviewed = Invite.state.in_(("released", "revoked"))
_BY_NOBODY = select(Invite.player_id).where(_reviewed, Invite.decided_by.is_(None))


def _rewards(books: Books) -> Iterator[Fault]:
    for share in _SHARES:
        for owner_id, ref in books.session.execute(_NOT_GIVEN[share.prefix]):
            yield transfer_fault(owner_id, ref, "is not what an invite gives to this player")
        for player_id in books.session.scalars(_DISAGREEING[share.prefix]):
            yield Fault(
                _reward_name(player_id), "its {who} reward and the ledger do not agree", {"who": share.prefix[:-1]}
            )
    for owner_id, ref in books.session.execute(_STRAYS):
        yield transfer_fault(owner_id, ref, "is about no reward")
    for player_id in books.session.scalars(_BY_NOBODY):
        yield Fault(_reward_name(player_id), "was released or revoked by nobody")
    yield from _promised(books)


def _not_given(share: _Share) -> Select[int, str]:
    """Each transfer is for the player whom the invite rewards, or whom that one has become, and of its amount."""
    moves, owner, party = numbered(*share.kinds().values()), aliased(Player), aliased(Player)
    partly = and_(moves.c.kind == share.kinds()["clawed"], moves.c.amount < share.points)
    return (
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


def _disagreeing(share: _Share) -> Select[int]:
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
    return select(Invite.player_id).outerjoin(counts, counts.c.number == Invite.player_id).where(not_(right))


_NOT_GIVEN = {share.prefix: _not_given(share) for share in _SHARES}
_DISAGREEING = {share.prefix: _disagreeing(share) for share in _SHARES}

_marks = [mark for mark in _MARKS.values() if mark]
_about_a_share = or_(*(begins(mark + share.prefix) for mark in _marks for share in _SHARES))
_STRAYS = select(Transfer.owner_id, Transfer.ref).where(or_(*map(begins, _marks)), not_(_about_a_share))

_NOT_PROMISED = select(Invite.player_id).where(
    Invite.campaign_id == bindparam("campaign_id"),
    not_(and_(among(Invite.inviter_points, "inviter"), among(Invite.invitee_points, "invitee"))),
)


def _promised(books: Books) -> Iterator[Fault]:
    """The points of each invite are those of some version, as it does not say which one it met."""
    for campaign_id, versions in books.rules.items():
        invites = [each for rules in versions.values() if (each := rules.section(InviteRules))]
        promises = {
            "campaign_id": campaign_id,
            "inviter": sorted({0, *(rules.inviter for rules in invites)}),
            "invitee": sorted({0, *(rules.invitee for rules in invites)}),
        }
        for player_id in books.session.scalars(_NOT_PROMISED, promises):
            yield Fault(_reward_name(player_id), "gives what no version of the rules gives")


# By the inviter of each invite, not by whom that one has become: before a link each had a day's limit.
_day = (Invite.campaign_id, Invite.inviter_id, Invite.rewarded_on)
_rewarded = select(*_day, func.count()).where(Invite.rewarded_on.is_not(None)).group_by(*_day)
_BUSY_DAYS = _rewarded.having(func.count() > bindparam("least"))
"""On which an inviter was rewarded for more friends than the least of all limits."""
_WRONG_DAY = select(Invite.player_id).where(
    or_(
        and_(Invite.inviter_points > 0, Invite.rewarded_on.is_(None)),
        and_(Invite.inviter_points == 0, Invite.rewarded_on.is_not(None)),
    )
)


def _caps(books: Books) -> Iterator[Fault]:
    limits = {
        campaign_id: max(
            (each.per_player_per_day for rules in versions.values() if (each := rules.section(InviteRules))), default=0
        )
        for campaign_id, versions in books.rules.items()
    }
    least = {"least": min(limits.values(), default=0)}
    for campaign_id, inviter_id, on, count in books.session.execute(_BUSY_DAYS, least):
        if count > (limit := limits.get(campaign_id, count)):
            yield Fault(
                f"player {inviter_id}",
                "was rewarded for {count} friends on {on}; the limit is {limit}",
                {"count": count, "on": on, "limit": limit},
            )
    for player_id in books.session.scalars(_WRONG_DAY):
        yield Fault(_reward_name(player_id), "its reward and the day whose limit it used up do not agree")


CHECKS = (
    Check("every player has at most one inviter, who was there before", _inviters),
    Check("every invite code, phone and recommendation has its player", _known),
    Check("every reward for an invite is in the ledger, as it was decided", _rewards),
    Check("nobody was rewarded for more friends a day than the limit", _caps),
)
TRANSFERS = (
    moves("invite:", house("points"), PLAYER),
    moves("invited:", house("points"), PLAYER),
    moves("held:", house("points"), house("held")),
    moves("released:", house("held"), PLAYER),
    moves("revoked:", house("held"), house("points")),
    moves("clawed-back:", PLAYER, house("points")),
)
