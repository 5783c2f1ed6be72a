"""Checks of invites and links: one inviter each, who came before; nothing lost in a link."""

from collections.abc import Iterator

from sqlalchemy import String, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import numbered, transfer_fault
from core.models import Invite, InviteWord, JoinedPhone, Player, Recommendation, Transfer
from core.words import Mark, row_number


def _name(player_id: int) -> str:
    return f"invite {row_number(Mark.FRIEND, player_id)}"


def _inviters(books: Books) -> Iterator[Fault]:
    friend, inviter = aliased(Player), aliased(Player)
    statement = (
        select(Invite.player_id)
        .outerjoin(friend, friend.id == Invite.player_id)
        .outerjoin(inviter, inviter.id == Invite.inviter_id)
        .where(
            or_(
                friend.id.is_(None),
                inviter.id.is_(None),
                friend.campaign_id != Invite.campaign_id,
                inviter.campaign_id != Invite.campaign_id,
                friend.joined_at != Invite.joined_at,
                inviter.id == friend.id,
            )
        )
    )
    for player_id in books.session.scalars(statement):
        yield Fault(_name(player_id), "its players are not of one campaign, or it was not made at the first join")
    yield from _cycles(books)


def _cycles(books: Books) -> Iterator[Fault]:
    """Follow only those whose inviter is not older: a chain through all others goes back in time and must end."""
    friend, inviter = aliased(Player), aliased(Player)
    statement = (
        select(Invite.player_id)
        .join(friend, friend.id == Invite.player_id)
        .join(inviter, inviter.id == Invite.inviter_id)
        .where(inviter.joined_at >= friend.joined_at)
    )
    for start in books.session.scalars(statement).all():
        at: int | None = start
        seen: set[int] = set()
        while at is not None and at not in seen:
            seen.add(at)
            at = books.session.scalar(select(Invite.inviter_id).where(Invite.player_id == at))
        if at is not None:
            yield Fault(_name(start), "stands in a circle of inviters")


def _known(books: Books) -> Iterator[Fault]:
    for table, column in ((InviteWord, InviteWord.player_id), (JoinedPhone, JoinedPhone.player_id)):
        there = exists().where(Player.id == column, Player.campaign_id == table.campaign_id)
        for player_id in books.session.scalars(select(column).where(~there)):
            yield Fault(f"{table.__tablename__} of player {player_id}", "belongs to no player of its campaign")
    there = exists().where(Player.id == Recommendation.inviter_id, Player.campaign_id == Recommendation.campaign_id)
    for player_id in books.session.scalars(select(Recommendation.inviter_id).where(~there)):
        yield Fault(f"recommendation of player {player_id}", "belongs to no player of its campaign")
    word = exists().where(InviteWord.word == Player.invite_word)
    for player_id in books.session.scalars(select(Player.id).where(Player.invite_word.is_not(None), ~word)):
        yield Fault(f"player {player_id}", "has an invite word that nobody can use")


def _linked(books: Books) -> Iterator[Fault]:
    into = aliased(Player)
    statement = (
        select(Player.id)
        .outerjoin(into, into.id == Player.merged_into)
        .where(
            Player.merged_into.is_not(None),
            or_(
                into.id.is_(None),
                into.merged_into.is_not(None),
                into.campaign_id != Player.campaign_id,
                Player.points != 0,
            ),
        )
    )
    for player_id in books.session.scalars(statement):
        yield Fault(f"player {player_id}", "was linked to no living player of the campaign, or left points behind")
    yield from _moved(books)


def _moved(books: Books) -> Iterator[Fault]:
    """What left the younger player came to the older one: two transfers, each naming the other's owner."""
    for mine, its in (("link-out:", "link-in:"), ("link-in:", "link-out:")):
        moves, owner, other = numbered(mine), aliased(Player), aliased(Player)
        younger = owner if mine == "link-out:" else other
        counterpart = exists().where(
            Transfer.owner_id == moves.c.number,
            Transfer.ref == literal(its).concat(cast(moves.c.owner_id, String)),
            Transfer.amount == moves.c.amount,
        )
        statement = (
            select(moves.c.owner_id, moves.c.ref)
            .outerjoin(owner, owner.id == moves.c.owner_id)
            .outerjoin(other, other.id == moves.c.number)
            .where(
                or_(
                    owner.id.is_(None),
                    other.id.is_(None),
                    younger.merged_into.is_(None),
                    func.coalesce(owner.merged_into, owner.id) != func.coalesce(other.merged_into, other.id),
                    ~counterpart,
                )
            )
        )
        for owner_id, ref in books.session.execute(statement):
            yield transfer_fault(owner_id, ref, "is not one half of a link of two players")


CHECKS = (
    Check("every player has at most one inviter, who was there before", _inviters),
    Check("every invite word, phone and recommendation has its player", _known),
    Check("every linked player became one of the campaign, points and all", _linked),
)
