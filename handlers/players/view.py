"""A player as operators see one: where they talk with us, what they want to hear, and what was said last."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.answers import AnswerPart, Column, ColumnFormat, Table, Value, line
from core.blocks import block_at
from core.keys import Keyring
from core.models import Address, Inbox, Join, Outbox, Player
from core.models.chats import TEXT_COLUMN, row_key
from core.models.players import USER_COLUMN
from core.outbox import REPLY_COLUMN, reply_row
from core.phones import masked, phone_of

LONGEST = 200
"""Characters of a text that are shown."""
_SHOWN = 3
"""Signs of a user that are shown of one that is no phone, before and after what is hidden."""


@dataclass(frozen=True, slots=True)
class Person:
    """All addresses of one person, and the players whom they speak for."""

    addresses: Sequence[Address]
    players: Sequence[Player]
    """One of each campaign, the one that was joined last first."""


def person_at(session: Session, address_key: bytes) -> Person | None:
    """The person who talks at an address; None where nobody ever did."""
    address = session.get(Address, address_key)
    if address is None:
        return None
    mine = [address]
    if address.person is not None:
        linked = select(Address).where(Address.person == address.person).order_by(Address.heard_at.desc(), Address.key)
        mine = list(session.scalars(linked))
    keys = [each.key for each in mine]
    joined = select(Player).join(Join, Join.player_id == Player.id).where(Join.address_key.in_(keys)).distinct()
    return Person(mine, session.scalars(joined.order_by(Player.joined_at.desc(), Player.id)).all())


def shown_user(keys: Keyring, address: Address, *, whole: bool) -> str:
    """The user behind an address, ``whole`` or so that whoever knows it knows it again."""
    user = keys.unseal(USER_COLUMN, address.key, address.user_sealed)
    if whole:
        return user
    if phone_of(user):
        return masked(user)
    return user if len(user) <= 2 * _SHOWN else f"{user[:_SHOWN]}***{user[-_SHOWN:]}"


def wish_of(address: Address) -> str:
    """Whether what nobody asked for is welcome at an address."""
    if address.gone_at is not None:
        return "gone"
    return "welcome" if address.opted_out_at is None else "opted out"


def addresses_told(keys: Keyring, person: Person, *, personal: bool, whole: bool) -> Iterator[AnswerPart]:
    """Where the person talks with us, and whether they may play."""
    columns = [Column("channel"), *([Column("user", ColumnFormat.COPIED)] if personal else [])]
    columns += [
        Column("language"),
        Column("heard", ColumnFormat.MINUTE),
        Column("news"),
        Column("since", ColumnFormat.MINUTE),
    ]
    rows: list[tuple[Value, ...]] = [
        (
            str(each.place),
            *([shown_user(keys, each, whole=whole)] if personal else []),
            each.language or each.app_language,
            each.heard_at,
            wish_of(each),
            each.gone_at or each.opted_out_at,
        )
        for each in person.addresses
    ]
    yield Table("addresses", columns, rows)
    if (block := block_at(keys, person.addresses[0])) is not None:
        told = (
            "Blocked since {at:%Y-%m-%d %H:%M} UTC by {by}: {why}"
            if personal
            else "Blocked since {at:%Y-%m-%d %H:%M} UTC."
        )
        yield line(told, at=block.at, by=block.by, why=block.why)


def last_words(session: Session, keys: Keyring, person: Person, most: int) -> Table:
    """The newest ``most`` texts of the person, and as many of ours, oldest first."""
    mine = [each.key for each in person.addresses]
    theirs = select(Inbox).where(Inbox.address_key.in_(mine)).order_by(Inbox.received_at.desc()).limit(most)
    ours = select(Outbox).where(Outbox.address_key.in_(mine)).order_by(Outbox.said_at.desc(), Outbox.sequence.desc())
    said: list[tuple[datetime, int, str, str, str]] = [
        (
            one.received_at,
            0,
            "player",
            one.kind,
            keys.unseal(TEXT_COLUMN, row_key((one.address_key, one.external_id)), one.text_sealed),
        )
        for one in session.scalars(theirs)
    ]
    said += [
        (
            one.said_at,
            one.sequence,
            "we",
            one.state,
            keys.unseal(REPLY_COLUMN, reply_row(one.address_key, one.ref, one.part), one.text_sealed),
        )
        for one in session.scalars(ours.limit(most))
    ]
    columns = (Column("at", ColumnFormat.SECOND), Column("who"), Column("how"), Column("text", ColumnFormat.QUOTED))
    rows = [(at, who, how, text[:LONGEST]) for at, _, who, how, text in sorted(said)]
    return Table("words", columns, rows, title="Last words:", empty="")
