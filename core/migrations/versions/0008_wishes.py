"""Wishes: when the last one of each person was made, and who was linked to whom when."""

from collections import defaultdict
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0008"
down_revision = "0007"

_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
_ADDRESSES = sa.table(
    "addresses",
    sa.column("key", sa.LargeBinary()),
    sa.column("person", sa.LargeBinary()),
    sa.column("opted_out_at", Instant()),
    sa.column("wished_at", Instant()),
)
_CONSENTS = sa.table(
    "consents",
    sa.column("address_key", sa.LargeBinary()),
    sa.column("at", Instant()),
    sa.column("what", sa.String()),
    sa.column("how", sa.String()),
)
_WORDS = sa.table("link_words", sa.column("address_key", sa.LargeBinary()), sa.column("used_at", Instant()))
_LINKS = sa.table(
    "links",
    sa.column("address_key", sa.LargeBinary()),
    sa.column("external_id", sa.String()),
    sa.column("other_key", sa.LargeBinary()),
    sa.column("at", Instant()),
)


def upgrade() -> None:
    op.add_column("addresses", sa.Column("wished_at", Instant(), nullable=True))
    op.create_table(
        "links",
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("other_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_links_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_key", "external_id", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_other_key"), "links", ["other_key"], unique=False)
    _wish(_link())


def _link() -> list[tuple[list[bytes], datetime]]:
    """Write who is one person: since the last link word of theirs was used, as nothing else is known."""
    connection = op.get_bind()
    used = sa.select(_WORDS.c.address_key, _WORDS.c.used_at).where(_WORDS.c.used_at.is_not(None))
    used_at = {bytes(key): at for key, at in connection.execute(used.order_by(_WORDS.c.used_at))}
    persons = defaultdict[bytes, list[bytes]](list)
    linked = sa.select(_ADDRESSES.c.person, _ADDRESSES.c.key).where(_ADDRESSES.c.person.is_not(None))
    for person, key in connection.execute(linked.order_by(_ADDRESSES.c.key)):
        persons[bytes(person)].append(bytes(key))
    since = [(keys, max(used_at.get(key, _UNKNOWN) for key in keys)) for keys in persons.values()]
    links = [
        {"address_key": keys[0], "external_id": f"before:{other.hex()}", "other_key": other, "at": at}
        for keys, at in since
        for other in keys[1:]
    ]
    if links:
        connection.execute(sa.insert(_LINKS), links)
    return since


def _wish(persons: list[tuple[list[bytes], datetime]]) -> None:
    """Let every address be as the last of its wishes in time says, whenever that was dealt with."""
    connection = op.get_bind()
    wishes = defaultdict[bytes, list[tuple[datetime, bool, bool]]](list)
    for key, at, what, how in connection.execute(sa.select(_CONSENTS)):
        wishes[bytes(key)].append((at, what == "out", how == "left"))
    linked = {key for keys, _ in persons for key in keys}
    since = {bytes(key): at for key, at in connection.execute(sa.select(_ADDRESSES.c.key, _ADDRESSES.c.opted_out_at))}
    for keys, linked_at in [*persons, *(([key], _UNKNOWN) for key in wishes if key not in linked)]:
        said = sorted((*wish, key) for key in keys for wish in wishes[key])
        out = _played(keys, said, linked_at)
        wished_at = max([linked_at, *(at for at, *_ in said)])
        for key in keys:
            opted_out_at = (since[key] or out[key]) if key in out else None
            values = {"opted_out_at": opted_out_at, "wished_at": wished_at}
            connection.execute(sa.update(_ADDRESSES).where(_ADDRESSES.c.key == key).values(**values))


def _played(
    keys: list[bytes], said: list[tuple[datetime, bool, bool, bytes]], linked_at: datetime
) -> dict[bytes, datetime]:
    """Who of ``keys`` has opted out, and since when."""
    out: dict[bytes, datetime] = {}
    before = [wish for wish in said if wish[0] <= linked_at]
    for at, stops, _, key in before:
        _heed(out, [key], None if stops else key, at)
    if out:
        _heed(out, keys, None, linked_at)
    for at, stops, alone, key in said[len(before) :]:
        _heed(out, [key] if alone else keys, None if stops else key, at)
    return out


def _heed(out: dict[bytes, datetime], keys: list[bytes], starts: bytes | None, at: datetime) -> None:
    """Opt ``keys`` out, or the one that ``starts`` in."""
    if starts is not None:
        out.pop(starts, None)
    else:
        for key in keys:
            out.setdefault(key, at)
