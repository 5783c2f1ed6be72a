"""What invites show of one player: who brought them in, and whom they brought; and how a word or a phone is found."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.alphabet import grouped
from core.answers import AnswerPart, line
from core.models import Player
from core.models.players import ROOT
from core.profile import Finder, ShownPlayer, Sought
from core.words import Mark, row_number
from handlers.invites.tables import Invite, InviteWord, JoinedPhone


def profile(shown: ShownPlayer) -> Sequence[AnswerPart]:
    """The inviter, the friends by how their invites stand, and the player's own word."""
    parts: list[AnswerPart] = []
    inviter = (
        select(ROOT, Invite.state)
        .select_from(Invite)
        .join(Player, Player.id == Invite.inviter_id)
        .where(Invite.player_id.in_(shown.ids), Invite.state != "closed")
    )
    for inviter_id, state in shown.session.execute(inviter):
        told = "Brought in by {player}; that invite is {state}."
        parts.append(line(told, player=row_number(Mark.PLAYER, inviter_id), state=state))
    friends = select(Invite.state, func.count()).where(Invite.inviter_id.in_(shown.ids)).group_by(Invite.state)
    states = dict(row for row in shown.session.execute(friends))
    if states:
        told = "Friends brought in: {all}; rewarded {rewarded}, held {held}, taken back {revoked}."
        rewarded = states.get("rewarded", 0) + states.get("released", 0)
        held, revoked = states.get("held", 0), states.get("revoked", 0)
        parts.append(line(told, all=sum(states.values()), rewarded=rewarded, held=held, revoked=revoked))
    if shown.personal and shown.player.invite_word is not None:
        parts.append(line("Invite word: {word}.", word=grouped(shown.player.invite_word)))
    return parts


def _by_word(sought: Sought, _most: int) -> Sequence[int]:
    mine = select(InviteWord.player_id).where(InviteWord.word == sought.word)
    return sought.session.scalars(mine).all() if sought.word is not None else []


def _by_phone(sought: Sought, most: int) -> Sequence[int]:
    keys = sorted(sought.keys.index("phone", phone) for phone in sought.phones)
    joined = select(JoinedPhone.player_id).where(JoinedPhone.phone_key.in_(keys)).order_by(JoinedPhone.at.desc())
    return sought.session.scalars(joined.limit(most)).all() if keys else []


FINDERS = (Finder(_by_word, exact=True), Finder(_by_phone, exact=True))
