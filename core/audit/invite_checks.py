"""Checks of invites and links: one inviter each, who came before; nothing lost in a link."""

from collections.abc import Iterator

from sqlalchemy import Select, String, bindparam, case, cast, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import numbered, transfer_fault
from core.models import Invite, InviteWord, JoinedPhone, Player, Recommendation, Transfer
from core.words import Mark, row_number


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
_word = exists().where(InviteWord.word == Player.invite_word)
_WITHOUT_WORD = select(Player.id).where(Player.invite_word.is_not(None), ~_word)


def _known(books: Books) -> Iterator[Fault]:
    for what, player_id in books.session.execute(_OF_NOBODY):
        yield Fault(f"{what} of player {player_id}", "belongs to no player of its campaign")
    for player_id in books.session.scalars(_WITHOUT_WORD):
        yield Fault(f"player {player_id}", "has an invite word that nobody can use")


_into = aliased(Player)
_BADLY_LINKED = (
    select(Player.id)
    .outerjoin(_into, _into.id == Player.merged_into)
    .where(
        Player.merged_into.is_not(None),
        or_(
            _into.id.is_(None),
            _into.merged_into.is_not(None),
            _into.campaign_id != Player.campaign_id,
            Player.points != 0,
        ),
    )
)


def _linked(books: Books) -> Iterator[Fault]:
    for player_id in books.session.scalars(_BADLY_LINKED):
        yield Fault(f"player {player_id}", "was linked to no living player of the campaign, or left points behind")
    yield from _moved(books)


_OUT, _IN = "link-out:", "link-in:"
_moves, _owner, _other = numbered(_OUT, _IN), aliased(Player), aliased(Player)
_leaves = _moves.c.kind == _OUT
_counterpart = exists().where(
    Transfer.owner_id == _moves.c.number,
    Transfer.ref == case((_leaves, _IN), else_=_OUT).concat(cast(_moves.c.owner_id, String)),
    Transfer.amount == _moves.c.amount,
)
_HALVES = (
    select(_moves.c.owner_id, _moves.c.ref)
    .outerjoin(_owner, _owner.id == _moves.c.owner_id)
    .outerjoin(_other, _other.id == _moves.c.number)
    .where(
        or_(
            _owner.id.is_(None),
            _other.id.is_(None),
            case((_leaves, _owner.merged_into), else_=_other.merged_into).is_(None),
            func.coalesce(_owner.merged_into, _owner.id) != func.coalesce(_other.merged_into, _other.id),
            ~_counterpart,
        )
    )
)


def _moved(books: Books) -> Iterator[Fault]:
    """What left the younger player came to the older one: two transfers, each naming the other's owner."""
    for owner_id, ref in books.session.execute(_HALVES):
        yield transfer_fault(owner_id, ref, "is not one half of a link of two players")


CHECKS = (
    Check("every player has at most one inviter, who was there before", _inviters),
    Check("every invite word, phone and recommendation has its player", _known),
    Check("every linked player became one of the campaign, points and all", _linked),
)
