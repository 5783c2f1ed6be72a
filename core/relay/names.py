"""The name that a player chose to be shown by: ciphertext at rest, cleaned of everything that is no name."""

import unicodedata
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database
from core.codes.alphabet import normalise
from core.context import TurnRows
from core.keys import Keyring
from core.models import InviteWord, Player
from core.models.players import ROOT
from core.phones import looks_like_phone

NAME_COLUMN = "players.name"
LONGEST = 20
"""Characters of a name."""
_FEWEST_LETTERS = 1
_SOMEBODY: Mapping[str, str] = {"zh": "一位朋友", "en": "a friend"}


def clean_name(text: str) -> str | None:
    """``text`` as a name of 1 to 20 characters on one line, or None when it is none: a link, a phone number, no letter.

    Control and direction marks, which could change the text around a name, are taken out.
    """
    plain = unicodedata.normalize("NFKC", text)
    kept = "".join(each for each in plain if unicodedata.category(each)[0] not in "CZ" or each == " ")
    name = " ".join(kept.split())
    letters = sum(each.isalpha() for each in name)
    if not letters >= _FEWEST_LETTERS or len(name) > LONGEST:
        return None
    lowered = name.casefold()
    is_link = any(mark in lowered for mark in ("://", "www.", ".com", ".cn", "@", "/"))
    return None if is_link or looks_like_phone(name) else name


def give_name(keys: Keyring, player: Player, name: str) -> None:
    """Let ``player`` be shown as ``name``, which is clean."""
    player.name_sealed = keys.seal(NAME_COLUMN, name_row(player.id), name)


def name_of(keys: Keyring, player_id: int, sealed: bytes | None) -> str | None:
    """The name behind ``sealed``; None for somebody who chose none."""
    return keys.unseal(NAME_COLUMN, name_row(player_id), sealed) if sealed is not None else None


def shown_name(rows: TurnRows, player: Player) -> str | Mapping[str, str]:
    """The name that others read."""
    return name_of(rows.keys, player.id, player.name_sealed) or _SOMEBODY


def forget_name(session: Session, word: str) -> bool | None:
    """Take the name from the player behind the invite ``word``; False when none was chosen, None for no such word.

    What was linked to the player loses its name, too: a board may still show it for what came before the link. The
    caller commits. Raises Moved when the player was linked to another while we waited for the lock.
    """
    of_word = select(InviteWord.player_id).where(InviteWord.word == normalise(word)).scalar_subquery()
    root = session.scalar(select(ROOT).where(Player.id == of_word))
    if root is None:
        return None
    mine = select(Player).where((Player.id == root) | (Player.merged_into == root))
    people = session.scalars(database.locked(mine, Player.id, Player)).all()
    if any(player.id == root and player.merged_into is not None for player in people):
        raise database.Moved("the player was linked meanwhile")
    named = [player for player in people if player.name_sealed is not None]
    for player in named:
        player.name_sealed = None
    session.flush()
    return bool(named)


def name_row(player_id: int) -> bytes:
    """The row part of the associated data of a sealed name."""
    return player_id.to_bytes(8, "big")
