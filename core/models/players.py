"""People: an address on one channel, the player it speaks for in a campaign, and the join between them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, ScalarSelect, String, false, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from core.models.base import Base, BigId, KeyedHash, Word
from core.places import Place

USER_COLUMN = "addresses.user"
"""What the sealed user of an address is bound to, with its key."""

ERASED = ""
"""The user of an address that was erased, or of the nobody who stays of one."""


class Address(Base):
    """A person on one channel and account, found by a blind index; the user id itself is ciphertext."""

    __tablename__ = "addresses"
    __table_args__ = (
        CheckConstraint("said_count >= 0", name="said_count"),
        Index(
            "ix_addresses_person",
            "person",
            postgresql_where=text("person IS NOT NULL"),
            sqlite_where=text("person IS NOT NULL"),
        ),
        {"postgresql_with": {"fillfactor": "70"}},  # updated by every message: room for HOT updates
    )

    key: Mapped[KeyedHash] = mapped_column(primary_key=True)
    channel: Mapped[Word]
    account: Mapped[Word]
    user_sealed: Mapped[bytes]
    language: Mapped[str | None]
    """Of the player's own first words, or chosen ("zh", "en", "vi"); None until words came."""
    app_language: Mapped[str | None]
    """Of their app, as the platform said last: counts while ``language`` is None, and where that is not spoken."""
    campaign_id: Mapped[int | None]
    """The campaign that this address played last: the one that words like "points" mean."""
    said_count: Mapped[int]
    """How many texts were said to this address; the sequence number of the last one."""
    heard_at: Mapped[datetime]
    wrong_on: Mapped[date | None]
    """The campaign day on which ``wrong_tries`` counts."""
    wrong_tries: Mapped[int]
    person: Mapped[KeyedHash | None]
    """The same for all addresses that were linked: they join a new campaign as one player."""
    scanned: Mapped[str | None] = mapped_column(String(12))
    """The invite word that this address scanned or tapped, until it types a word where the channel needs one."""
    came_by: Mapped[str | None] = mapped_column(String(64))
    """The scene by which this address follows us, as it is counted (core/scenes.py); None for none."""
    offered: Mapped[str | None] = mapped_column(String(80))
    """The words, a space between, that the last text of this address may have meant: it was asked which."""
    question: Mapped[str | None] = mapped_column(String(120))
    """What was asked here last and is not answered yet: kind and subject, with a space between (core/questions.py)."""
    question_campaign_id: Mapped[int | None]
    """The campaign that the question is of; None for one of no campaign."""
    question_until: Mapped[datetime | None]
    question_again: Mapped[bool]
    """It was asked a second time, after an answer that could not be understood."""
    question_number: Mapped[int]
    """The number of what was asked last. It grows with each question, so that it never comes again at this address."""
    typed_left: Mapped[int]
    """Texts that may be sent until ``typed_until`` because the player wrote, where the platform counts them."""
    typed_until: Mapped[datetime | None]
    tapped_left: Mapped[int]
    """The same because the player tapped, scanned or followed."""
    tapped_until: Mapped[datetime | None]
    opted_out_at: Mapped[datetime | None]
    """Since when the player wants to hear nothing unasked; None while that is welcome."""
    wished_at: Mapped[datetime | None]
    """When the last wish of the person, in either direction, or the last link was made: what is older comes late."""
    gone_at: Mapped[datetime | None]
    """Since when nothing arrives there: unfollowed, blocked, or no such number. Whoever speaks is back."""
    blocked_at: Mapped[datetime | None]
    """Since when whoever speaks there may play nothing, as an operator decided; the same at all of a person's."""
    blocked_by: Mapped[str | None] = mapped_column(String(40))
    blocked_why_sealed: Mapped[bytes | None]
    """Why, in the operator's words."""
    block_told: Mapped[bool] = mapped_column(server_default=false())
    """Whether that was said there, which is done once."""
    erased_at: Mapped[datetime | None]
    """When all that was known here was erased. Of the person the row keeps nothing but its key, so that nobody is
    written to again who asked for that, and nothing is earned here a second time for coming."""
    begun_again_at: Mapped[datetime | None]
    """When the person said after that to begin as new; None as long as nothing can be played here."""
    answers_until: Mapped[datetime | None]
    """The end of the hour in which ``answers`` and ``helpless_answers`` count."""
    answers: Mapped[int]
    helpless_answers: Mapped[int]

    @property
    def place(self) -> Place:
        """Which of our accounts it talks with."""
        return Place(self.channel, self.account)


class Link(Base):
    """Two addresses became one person: where the word was typed, by which message, and where it came from."""

    __tablename__ = "links"

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    other_key: Mapped[KeyedHash] = mapped_column(index=True)
    at: Mapped[datetime]


class Join(Base):
    """An address joined a campaign, once: which player it speaks for."""

    __tablename__ = "joins"

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    player_id: Mapped[BigId] = mapped_column(index=True)
    joined_at: Mapped[datetime]


class Player(Base):
    """A person in one campaign. ``points`` caches the ledger and may not fall below zero.

    The day's counters hold for ``redeemed_on``, a campaign day that only moves forward: a clock that jumps back
    gives nobody a second day.
    """

    __tablename__ = "players"
    __table_args__ = (
        CheckConstraint("points >= 0", name="points"),
        Index(
            "ix_players_points_expire_at",
            "points_expire_at",
            postgresql_where=text("points_expire_at IS NOT NULL"),
            sqlite_where=text("points_expire_at IS NOT NULL"),
        ),
        Index(
            "ix_players_merged_into",
            "merged_into",
            postgresql_where=text("merged_into IS NOT NULL"),
            sqlite_where=text("merged_into IS NOT NULL"),
        ),
        Index(
            "ix_players_name_waiting_at",
            "name_waiting_at",
            postgresql_where=text("name_waiting_at IS NOT NULL"),
            sqlite_where=text("name_waiting_at IS NOT NULL"),
        ),
        {"postgresql_with": {"fillfactor": "70"}},  # updated by every redemption: room for HOT updates
    )

    id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    channel: Mapped[Word] = mapped_column(server_default="")
    """Of the address by which this player joined, which measures count by: it stays when players are linked, joins move
    to the older one then."""
    points: Mapped[BigId]
    points_expire_at: Mapped[datetime | None]
    """The earliest instant at which some of the points may expire; None when none will."""
    redeemed_on: Mapped[date | None]
    """The campaign day of the last redemption; None for whoever never redeemed a code. It tells what redemptions tell,
    which are not found by player: a turn and a segment ask for it without a query (an audit compares them)."""
    redeemed_today: Mapped[int]
    drawn_today: Mapped[int]
    wins: Mapped[int]
    joined_at: Mapped[datetime]
    invite_word: Mapped[str | None] = mapped_column(String(12))
    """The invite word that is shown as this player's. Whose a word is says its own row; this one is there wherever the
    player is, for every text that names a word, without a query (an audit compares them)."""
    rewarded_on: Mapped[date | None]
    """The campaign day on which ``rewarded_today`` counts rewards for friends; it only moves forward."""
    rewarded_today: Mapped[int]
    merged_into: Mapped[BigId | None]
    """The player that this one became when two addresses were linked; None for a player of one's own."""
    name_sealed: Mapped[bytes | None]
    """The name that the player chose to be shown by."""
    name_waiting_sealed: Mapped[bytes | None]
    """A name that nobody is shown before an operator has looked at it; the one before goes on being shown."""
    name_waiting_at: Mapped[datetime | None]
    name_decided_by: Mapped[str | None] = mapped_column(String(40))
    """The operator who approved or refused a name of this player last. Without a name since then it was refused."""
    name_decided_at: Mapped[datetime | None]


ROOT = func.coalesce(Player.merged_into, Player.id)
"""The player whom a row of the players table has become."""


def root_of(player_id: InstrumentedAttribute[int]) -> ScalarSelect[int]:
    """The player whom ``player_id``, a column of another table, has become.

    Looked up a row, where few are found: PostgreSQL takes twice as long to begin a join.
    """
    return select(ROOT).where(Player.id == player_id).scalar_subquery()
