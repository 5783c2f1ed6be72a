"""What a turn loads to make two addresses one person: the other side of each link, and what both were before."""

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.context import Context, TurnRows
from core.engine.locks import user_of
from core.engine.routes import AllWanted, Requirement
from core.models import Address, Player
from core.phones import phone_of
from core.scenes import PERSONAL
from handlers.linking.tables import LinkWord


@dataclass(slots=True)
class LinkRows:
    """The link words of a turn, by their hashes."""

    words: dict[bytes, LinkWord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkRequires(Requirement):
    """A link word."""

    word: str | None = None
    """Normalised."""

    def guess(self, *, defers_to_prompt: bool) -> str | None:
        """A wrong word costs a try, whatever it answers."""
        del defers_to_prompt
        return self.word

    def is_known(self, ctx: Context) -> bool:
        """Whether there is such a word."""
        return self.word is not None and word_hash(ctx.rows, self.word) in ctx.rows.of(LinkRows).words

    def scene(self, rows: TurnRows) -> str | None:
        """Somebody's own."""
        del rows
        return None if self.word is None else PERSONAL


def word_hash(rows: TurnRows, word: str) -> bytes:
    """The blind index of a normalised link word."""
    return rows.keys.index("link-word", word)


def _hashes(rows: TurnRows, wanted: AllWanted) -> list[bytes]:
    words = {needs.word for _, needs in wanted.of(LinkRequires) if needs.word}
    return sorted(word_hash(rows, word) for word in words)


def related(session: Session, rows: TurnRows, wanted: AllWanted) -> set[bytes]:
    """The addresses that a link word comes from, and all that were linked to either side before."""
    hashes = _hashes(rows, wanted)
    if not hashes:
        return set()
    sides = set(session.scalars(select(LinkWord.address_key).where(LinkWord.word_hash.in_(hashes))))
    both = sorted(sides | {delivery.key[0] for delivery, needs in wanted.of(LinkRequires) if needs.word})
    persons = select(Address.person).where(Address.key.in_(both), Address.person.is_not(None))
    return sides | set(session.scalars(select(Address.key).where(Address.person.in_(persons))))


def load(session: Session, rows: TurnRows, wanted: AllWanted) -> None:
    """Load the link words, the players that both sides absorbed, and which of their addresses are phones."""
    hashes = _hashes(rows, wanted)
    if not hashes:
        return
    words = rows.of(LinkRows).words
    words.update(
        (each.word_hash, each) for each in session.scalars(select(LinkWord).where(LinkWord.word_hash.in_(hashes)))
    )
    for delivery, needs in wanted.of(LinkRequires):
        if needs.word and (found := words.get(word_hash(rows, needs.word))):
            rows.sides.setdefault(delivery.key[0], set()).add(found.address_key)
    absorbed = select(Player.id, Player.merged_into).where(Player.merged_into.in_(sorted(rows.people)))
    rows.roots.update((player_id, root or 0) for player_id, root in session.execute(absorbed))
    phones = {key: phone_of(user_of(rows, address)) for key, address in rows.addresses.items()}
    rows.phones.update((key, rows.keys.index("phone", phone)) for key, phone in phones.items() if phone)
