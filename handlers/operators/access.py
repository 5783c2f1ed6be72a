"""Who may say verbs: addresses with a role, and words that give one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.alphabet import normalise
from core.campaign.platforms import may_be_forged
from core.database import locked, read_only
from core.engine.runtime import Runtime
from core.keys import Keyring
from core.models import Address
from core.models.players import USER_COLUMN
from core.operators import Role
from core.places import Place
from core.words import Kind, is_word, new_word
from handlers.operators.tables import Invitation, LogEntry, Operator

SLEEPS_AFTER = timedelta(days=90)
INVITATION_LASTS = timedelta(hours=24)
GUESSES = timedelta(hours=1)
MOST_GUESSES = 5
"""Rows that the verbs of one stranger are worth in the log within that time."""


class Speaker(NamedTuple):
    """Who says a verb, and where."""

    name: str
    role: Role
    place: Place
    address_key: bytes

    @property
    def can_be_forged(self) -> bool:
        """Whether anybody may write with this sender."""
        return may_be_forged(self.place.channel)


def speaker_at(session: Session, address_key: bytes, place: Place, at: datetime) -> Speaker | None:
    """The operator at this address; None for anybody else, and for one whose role was taken away or sleeps."""
    found = session.get(Operator, address_key)
    if found is None or found.removed_at is not None or at - found.used_at > SLEEPS_AFTER:
        return None
    return Speaker(found.name, Role(found.role), place, address_key)


def speakers(runtime: Runtime) -> frozenset[bytes]:
    """The keys of all addresses that may say verbs, those whose role sleeps among them."""
    with read_only(runtime.sessions) as session:
        return frozenset(session.scalars(select(Operator.address_key).where(Operator.removed_at.is_(None))))


class Seat(NamedTuple):
    """An address at which somebody is, or was, an operator."""

    place: Place
    user: str
    role: str | None
    """None where it was taken away, or sleeps."""


def seats(runtime: Runtime, places: Sequence[Place], at: datetime) -> list[Seat]:
    """All seats at ``places``."""
    with read_only(runtime.sessions) as session:
        statement = select(Operator, Address).join(Address, Address.key == Operator.address_key)
        found = [(one, address) for one, address in session.execute(statement) if address.place in places]
        return [
            Seat(
                address.place,
                runtime.keys.unseal(USER_COLUMN, address.key, address.user_sealed),
                None if one.removed_at is not None or at - one.used_at > SLEEPS_AFTER else one.role,
            )
            for one, address in found
        ]


def word_hash(keys: Keyring, word: str) -> bytes:
    """The blind index of an invitation's word."""
    return keys.index("operator-word", word)


def read_word(text: str) -> str | None:
    """``text`` as an invitation's word, where it is spelt like one."""
    word = normalise(text)
    return word if is_word(Kind.OPERATOR, word) else None


class Appointment(NamedTuple):
    """What somebody is to be trusted with, and by whose word."""

    name: str
    role: Role
    by: str


def invite(session: Session, runtime: Runtime, made: Appointment, at: datetime) -> str:
    """A new word that makes whoever says it first an operator."""
    word = new_word(Kind.OPERATOR, runtime.randomness)
    session.add(
        Invitation(
            word_hash=word_hash(runtime.keys, word),
            name=made.name,
            role=made.role.value,
            made_at=at,
            made_by=made.by,
            expires_at=at + INVITATION_LASTS,
            taken_at=None,
            taken_key=None,
        )
    )
    session.flush()
    return word


def invitation_of(session: Session, keys: Keyring, word: str, at: datetime) -> Invitation | None:
    """The invitation with this word, locked, while it is good."""
    mine = select(Invitation).where(Invitation.word_hash == word_hash(keys, word))
    found = session.scalars(locked(mine, Invitation.word_hash, Invitation)).one_or_none()
    return found if found is not None and found.taken_at is None and at < found.expires_at else None


def accept(session: Session, invitation: Invitation, address_key: bytes, at: datetime) -> Operator:
    """Make the address an operator's; the word is good no more."""
    invitation.taken_at, invitation.taken_key = at, address_key
    made = Appointment(invitation.name, Role(invitation.role), invitation.made_by)
    return appoint(session, address_key, made, at)


def appoint(session: Session, address_key: bytes, made: Appointment, at: datetime) -> Operator:
    """Give the address a role, in place of whatever it had."""
    found = session.get(Operator, address_key) or Operator(address_key=address_key)
    found.name, found.role, found.added_at, found.added_by = made.name, made.role.value, at, made.by
    found.used_at, found.removed_at, found.rest_sealed = at, None, None
    session.add(found)
    session.flush()
    return found


def guessed_often(session: Session, address_key: bytes, at: datetime) -> bool:
    """Whether a stranger has said so many verbs that no more of them are written down."""
    mine = (LogEntry.address_key == address_key) & (LogEntry.ending == "stranger") & (LogEntry.at > at - GUESSES)
    return (session.scalar(select(func.count()).select_from(LogEntry).where(mine)) or 0) >= MOST_GUESSES
