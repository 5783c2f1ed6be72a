"""Checks of invites and links: one inviter each, who came before; rewards as decided; nothing lost in a link."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, literal, not_, or_, select
from sqlalchemy.orm import aliased

from core.audit.faults import Books, Check, Fault
from core.audit.published import published_rules
from core.ledger import POINTS
from core.linking import LINKS
from core.models import Invite, InviteWord, JoinedPhone, Player, Recommendation, Transfer
from core.times import local_day
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


def _rewards(books: Books) -> Iterator[Fault]:
    for share, points in (("invite:", Invite.inviter_points), ("invited:", Invite.invitee_points)):
        paid = _transferred("", share, points)
        held, released = _transferred("held:", share, points), _transferred("released:", share, points)
        back = or_(_transferred("revoked:", share, points), _transferred("clawed-back:", share, None))
        right = case(
            (Invite.state.in_(("joined", "closed")), and_(points == 0, ~paid, ~held)),
            (points == 0, and_(~paid, ~held, ~released)),
            (Invite.state == "rewarded", and_(paid, ~held, ~back)),
            (Invite.state == "held", and_(held, ~paid, ~released, ~back)),
            (Invite.state == "released", and_(held, released, ~back)),
            else_=or_(paid, held),
        )
        for player_id in books.session.scalars(select(Invite.player_id).where(not_(right))):
            yield Fault(_name(player_id), f"its {share[:-1]} reward and the ledger do not agree")
        known = exists().where(Transfer.ref == literal(share).concat(cast(Invite.player_id, String)))
        for ref in books.session.scalars(select(Transfer.ref).where(_begins(share), ~known)):
            yield Fault(f"transfer {ref}", "rewards an invite that does not exist")


def _begins(prefix: str) -> ColumnElement[bool]:
    return func.substr(Transfer.ref, 1, len(prefix)) == prefix


def _transferred(mark: str, share: str, points: ColumnElement[int] | object) -> ColumnElement[bool]:
    ref = literal(mark + share).concat(cast(Invite.player_id, String))
    amount = [Transfer.amount == points] if points is not None else []
    return exists().where(Transfer.ref == ref, Transfer.asset == POINTS, *amount)


def _caps(books: Books) -> Iterator[Fault]:
    for campaign_id, versions in published_rules(books).items():
        caps = [rules.invites.per_player_per_day for rules in versions.values() if rules.invites]
        if not caps:
            continue
        zone = next(iter(versions.values())).zone
        rewarded = and_(Invite.campaign_id == campaign_id, Invite.inviter_points > 0)
        many = select(Invite.inviter_id).where(rewarded).group_by(Invite.inviter_id).having(func.count() > max(caps))
        for inviter_id in books.session.scalars(many).all():
            mine = select(Invite.qualified_at).where(Invite.inviter_id == inviter_id, rewarded)
            instants = [at for at in books.session.scalars(mine) if at is not None]
            days = {local_day(at, zone) for at in instants}
            if len(instants) > max(caps) * len(days):
                yield Fault(f"player {inviter_id}", f"was rewarded for {len(instants)} friends on {len(days)} days")


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
    owner, arrow = cast(Transfer.owner_id, String), literal(">")
    left = select(
        owner.concat(arrow).concat(func.substr(Transfer.ref, 10)).label("pair"), Transfer.amount.label("moved")
    )
    came = select(func.substr(Transfer.ref, 9).concat(arrow).concat(owner), -Transfer.amount)
    moves = left.where(_begins("link-out:")).union_all(came.where(_begins("link-in:"))).subquery()
    sums = select(moves.c.pair, func.sum(moves.c.moved)).group_by(moves.c.pair).having(func.sum(moves.c.moved) != 0)
    for names, total in books.session.execute(sums):
        yield Fault(f"{LINKS} {names}", f"{total} points were lost between two linked players")


CHECKS = (
    Check("every player has at most one inviter, who was there before", _inviters),
    Check("every reward for an invite is in the ledger, as it was decided", _rewards),
    Check("nobody was rewarded for more friends a day than the limit", _caps),
    Check("every invite word, phone and recommendation has its player", _known),
    Check("every linked player became one of the campaign, points and all", _linked),
)
