"""Invites: who brought whom, the words and phone numbers they were invited by, and what is held for review."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import BY_TIME, Base, BigId, KeyedHash, Word


class Invite(Base):
    """The one inviter of a player, set at the first join and never changed.

    ``state``: "joined" until the qualifying act, then "rewarded" or "held"; a held one is "released" or "revoked", a
    rewarded one may be "revoked"; "closed" when the player was linked to one who had joined before.
    """

    __tablename__ = "invites"
    __table_args__ = (
        CheckConstraint("inviter_id <> player_id", name="not_oneself"),
        CheckConstraint("how IN ('word', 'phone')", name="how"),
        CheckConstraint("state IN ('joined', 'rewarded', 'held', 'released', 'revoked', 'closed')", name="state"),
        CheckConstraint("inviter_points >= 0 AND invitee_points >= 0", name="points"),
        Index("ix_invites_inviter_id", "inviter_id", "joined_at"),
        Index("ix_invites_campaign_id", "campaign_id", "state"),
        Index("ix_invites_joined_at", "joined_at", **BY_TIME),
    )

    player_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    """The friend."""
    campaign_id: Mapped[int]
    inviter_id: Mapped[BigId]
    how: Mapped[Word]
    state: Mapped[Word]
    joined_at: Mapped[datetime]
    qualified_at: Mapped[datetime | None]
    inviter_points: Mapped[BigId]
    """What the inviter gets for it, decided at the qualifying act; 0 when the day's cap was reached."""
    invitee_points: Mapped[BigId]
    rewarded_on: Mapped[date | None]
    """The campaign day whose limit the inviter's reward used up: a day of the inviter that never moves back."""
    score: Mapped[int]
    """How made up it looks: 0 not at all, 100 and more very much."""
    signs: Mapped[str | None] = mapped_column(String(120))
    """What the score is made of, such as "burst,range"."""
    ring: Mapped[bool]
    """This friend tried to invite somebody back who stands above in the same chain."""
    range_key: Mapped[KeyedHash | None]
    """Blind index of the friend's phone number without its last three digits."""
    text_key: Mapped[KeyedHash | None]
    """Fingerprint of the friend's first words, exactly as typed."""
    decided_by: Mapped[Word | None]
    decided_at: Mapped[datetime | None]


class InviteWord(Base):
    """A personal invite word and whose it is."""

    __tablename__ = "invite_words"

    word: Mapped[str] = mapped_column(String(12), primary_key=True)
    player_id: Mapped[BigId]
    campaign_id: Mapped[int]
    made_at: Mapped[datetime]


class Recommendation(Base):
    """A player typed a friend's phone number. Nothing is sent to it: it waits until the friend writes."""

    __tablename__ = "recommendations"

    phone_key: Mapped[KeyedHash] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    inviter_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False, index=True)
    at: Mapped[datetime]


class JoinedPhone(Base):
    """A phone number that has joined a campaign: it can be recommended no more."""

    __tablename__ = "joined_phones"

    phone_key: Mapped[KeyedHash] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    player_id: Mapped[BigId]
    at: Mapped[datetime]
