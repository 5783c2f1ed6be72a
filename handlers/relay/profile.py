"""What a relay shows of one player: the shown name, and the newest torches; and how a name is found."""

import unicodedata
from collections.abc import Sequence
from itertools import islice

from sqlalchemy import select

from core.answers import AnswerPart, Column, ColumnFormat, Table, line
from core.profile import Finder, ShownPlayer, Sought
from handlers.relay.name_review import listed
from handlers.relay.names import name_of, waiting_name
from handlers.relay.tables import Torch

_SHOWN = 3
_MOST_READ = 100_000
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
    names = (
        (one.player_id, _plain(one.name))
        for one in islice(listed(sought.session, sought.keys, waiting=False), _MOST_READ)
    )
    found = [(name != wanted, player_id) for player_id, name in names if wanted in name]
    return [player_id for _, player_id in sorted(found)[:most]]


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


FINDERS = (Finder(_by_name, exact=False),)
