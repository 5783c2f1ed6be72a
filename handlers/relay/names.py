"""The name that a player chose to be shown by: ciphertext at rest, cleaned of everything that is no name."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core import database
from core.alphabet import normalise
from core.blocks import blocked_since
from core.database import read_only
from core.keys import Keyring
from core.models import Player
from core.models.players import ROOT
from core.phones import looks_like_phone
from handlers.invites import InviteWord

NAME_COLUMN = "players.name"
WAITING_COLUMN = "players.name_waiting"
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
    """Let ``player`` be shown as ``name``, which is clean; no other one waits any more."""
    player.name_sealed = keys.seal(NAME_COLUMN, name_row(player.id), name)
    player.name_waiting_sealed = player.name_waiting_at = None


def await_name(keys: Keyring, player: Player, name: str, at: datetime) -> None:
    """Keep ``name``, which is clean, until an operator has looked at it; it is shown to nobody before."""
    player.name_waiting_sealed, player.name_waiting_at = keys.seal(WAITING_COLUMN, name_row(player.id), name), at


def was_refused(player: Player) -> bool:
    """Whether an operator took a name from ``player`` last: what is chosen next waits, whatever it is."""
    return player.name_decided_at is not None and player.name_sealed is None


def waiting_name(keys: Keyring, player: Player) -> str | None:
    """The name that waits; None without one."""
    sealed = player.name_waiting_sealed
    return keys.unseal(WAITING_COLUMN, name_row(player.id), sealed) if sealed is not None else None


def inherit_name(keys: Keyring, older: Player, younger: Player, at: datetime) -> None:
    """Let ``older`` be called as ``younger``, who is linked to it, where it has chosen no name itself."""
    name, waiting = name_of(keys, younger.id, younger.name_sealed), waiting_name(keys, younger)
    refused = was_refused(older) or was_refused(younger)
    if older.name_decided_at is None:
        older.name_decided_by, older.name_decided_at = younger.name_decided_by, younger.name_decided_at
    if older.name_sealed is None and older.name_waiting_sealed is None:
        if name is not None and not refused:
            give_name(keys, older, name)
        if waiting is not None or (name is not None and refused):
            await_name(keys, older, waiting or name or "", younger.name_waiting_at or at)
    younger.name_sealed = younger.name_waiting_sealed = younger.name_waiting_at = None


def name_of(keys: Keyring, player_id: int, sealed: bytes | None) -> str | None:
    """The name behind ``sealed``; None for somebody who chose none."""
    return keys.unseal(NAME_COLUMN, name_row(player_id), sealed) if sealed is not None else None


def shown_name(keys: Keyring, player_id: int, sealed: bytes | None) -> str | Mapping[str, str]:
    """The name that others read, in a notice and on a board."""
    return name_of(keys, player_id, sealed) or _SOMEBODY


def name_behind(sessions: sessionmaker[Session], keys: Keyring, word: str) -> str | None:
    """What whoever has the invite ``word`` is shown as; None for nobody, no name, and somebody who is blocked."""
    of_word = select(InviteWord.player_id).where(InviteWord.word == normalise(word)).scalar_subquery()
    root = select(ROOT).where(Player.id == of_word).scalar_subquery()
    with read_only(sessions) as session:
        statement = select(Player.id, Player.name_sealed, blocked_since(Player.id)).where(Player.id == root)
        found = session.execute(statement).one_or_none()
    return None if found is None or found[2] is not None else name_of(keys, found[0], found[1])


def forget_name(session: Session, word: str) -> bool | None:
    """Take the name from the player behind the invite ``word``; False when none was chosen, None for no such word.

    What was linked to the player loses its name, too: a board may still show it for what came before the link. The
    caller commits. Raises Moved when the player was linked to another while we waited for the lock.
    """
    people = person_of(session, session.scalar(select(InviteWord.player_id).where(InviteWord.word == normalise(word))))
    if people is None:
        return None
    named = [each for each in people if each.name_sealed is not None or each.name_waiting_sealed is not None]
    for player in named:
        player.name_sealed = player.name_waiting_sealed = player.name_waiting_at = None
    session.flush()
    return bool(named)


def person_of(session: Session, player_id: int | None) -> Sequence[Player] | None:
    """Under lock, the player whom ``player_id`` has become, and all that were linked to it; None without one.

    Raises Moved when the player was linked to another while we waited for the lock.
    """
    root = session.scalar(select(ROOT).where(Player.id == player_id)) if player_id is not None else None
    if root is None:
        return None
    mine = select(Player).where((Player.id == root) | (Player.merged_into == root))
    people = session.scalars(database.locked(mine, Player.id, Player)).all()
    if any(player.id == root and player.merged_into is not None for player in people):
        raise database.Moved("the player was linked meanwhile")
    return people


def name_row(player_id: int) -> bytes:
    """The row part of the associated data of a sealed name."""
    return player_id.to_bytes(8, "big")
