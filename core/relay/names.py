"""The name that a player chose to be shown by: ciphertext at rest, cleaned of everything that is no name."""

import re
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
_MOST_DIGITS = 6
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters and marks of which nothing is seen."""
_LINK = re.compile(r"://|www\.|@|/|\w\.[^\W\d_]{2}")
_HEAPED = re.compile(r"[^\W_]?([\u0300-\u036f\u0483-\u0489\u1dc0-\u1dff\u20d0-\u20ff]){4}")
"""More accents on one letter than any language has."""
_SOMEBODY: Mapping[str, str] = {"zh": "一位朋友", "en": "a friend"}


def clean_name(text: str) -> str | None:
    """``text`` as a name of 1 to 20 characters on one line, or None when it is none: a link, a phone number, no letter.

    Control and direction marks, which could change the text around a name, are taken out, and what nobody would see.
    """
    plain = unicodedata.normalize("NFKC", text)
    kept = "".join(
        each for each in plain if each == " " or (unicodedata.category(each)[0] not in "CZ" and each not in _UNSEEN)
    )
    name = " ".join(kept.split())
    if not any(each.isalpha() for each in name) or len(name) > LONGEST:
        return None
    is_number = looks_like_phone(name) or sum(each.isdigit() for each in name) > _MOST_DIGITS
    return None if is_number or _LINK.search(name.casefold()) or _HEAPED.search(name) else name


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
