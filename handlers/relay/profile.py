"""What a relay shows of one player: the shown name, and the newest torches; and how a name is found."""

import unicodedata
from collections.abc import Sequence

from sqlalchemy import select

from core.answers import AnswerPart, Column, ColumnFormat, Table, line
from core.models import Player
from core.profile import Finder, ShownPlayer, Sought
from handlers.relay.names import name_of, waiting_name
from handlers.relay.tables import Torch

_SHOWN = 3
MOST_READ = 10_000
"""Names are ciphertext: to find one, so many are opened."""
_COLUMNS = (
    Column("torch"),
    Column("leg"),
    Column("how"),
    Column("state"),
    Column("granted", ColumnFormat.MINUTE),
    Column("lit", ColumnFormat.MINUTE),
)


def profile(shown: ShownPlayer) -> Sequence[AnswerPart]:
    """The name that everybody reads, the one that waits, and the newest torches."""
    parts: list[AnswerPart] = []
    player = shown.player
    if shown.personal and (name := name_of(shown.keys, player.id, player.name_sealed)) is not None:
        parts.append(line("Shown as “{name}”.", name=name))
    if shown.personal and (waiting := waiting_name(shown.keys, player)) is not None:
        parts.append(line("The name “{name}” waits for review.", name=waiting))
    newest = select(Torch).where(Torch.player_id.in_(shown.ids)).order_by(Torch.granted_at.desc(), Torch.number.desc())
    rows = [
        (one.number, one.leg, one.how, one.state, one.granted_at, one.lit_at)
        for one in shown.session.scalars(newest.limit(_SHOWN))
    ]
    return [*parts, Table("torches", _COLUMNS, rows, empty="")]


def _by_name(sought: Sought, most: int) -> Sequence[int]:
    """Those who are shown by that name, or whose name has it in it, as far as names are read."""
    wanted = _plain(sought.text)
    if not any(map(str.isalpha, wanted)):
        return []
    named = select(Player.id, Player.name_sealed).where(Player.name_sealed.is_not(None)).order_by(Player.id)
    rows = sought.session.execute(named.limit(MOST_READ + 1)).all()
    if len(rows) > MOST_READ:
        sought.told.append(
            line("Shown names are sealed, and only {count} of them were looked through.", count=MOST_READ)
        )
    names = ((row.id, _plain(name_of(sought.keys, *row) or "")) for row in rows[:MOST_READ])
    found = [(name != wanted, player_id) for player_id, name in names if wanted in name]
    return [player_id for _, player_id in sorted(found)[:most]]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


FINDERS = (Finder(_by_name, exact=False),)
