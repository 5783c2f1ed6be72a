"""Versions: what each member of a broadcast hears, by which part of the test they are in; the rest waits for the best.

Parts are by the seed of the test and the player alone (core/shares.py): the same on each database, after a restart, and
for whoever is written down a second time. What a member is in stays, whoever they are linked to later.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

import orjson
from sqlalchemy import Select, func, select, text, update
from sqlalchemy.orm import Session

from core import database, lists
from core.chances import size_of_test
from core.models import Broadcast, BroadcastMember, BroadcastTest
from core.models.base import table_of
from core.randomness import Randomness
from core.shares import MILLION, place, share_at

HELD_OUT = "hold_out"
"""Why somebody hears nothing, so that it is seen what would have come without it."""
NOTHING = 0
"""The part of the test that hears nothing; that of each version is its number."""
SEED_BYTES = 32
MOST = 8
"""So many versions a broadcast has at most."""
FIRST = "a"
"""How the first version is called: the text that a broadcast has anyway."""
_RESERVED = text("broadcast_members.state = 'reserved'")
_CHUNK = 500
"""So many members are let hear the best version in one transaction: on SQLite senders wait for it."""


class Version(NamedTuple):
    """One way of saying it."""

    name: str
    words: Mapping[str, str]
    """By language."""


def its_test(session: Session, broadcast: Broadcast) -> BroadcastTest | None:
    """The test of a broadcast, where it has one."""
    return session.get(BroadcastTest, broadcast.id)


class Terms(NamedTuple):
    """How versions are compared."""

    within: timedelta = timedelta(days=2)
    wait: timedelta = timedelta(hours=24)
    looks: int = 1
    rate_ppm: int = 50_000
    each: int | None = None
    hold_out_ppm: int = 0

    def set_on(self, test: BroadcastTest) -> None:
        """Let it be compared so."""
        test.within_s, test.wait_s = (int(each.total_seconds()) for each in (self.within, self.wait))
        test.looks, test.rate_ppm = self.looks, self.rate_ppm
        test.asked_each, test.hold_out_ppm = self.each, self.hold_out_ppm


def planned_test(broadcast_id: int, randomness: Randomness) -> BroadcastTest:
    """A new test with a seed of its own, on the usual terms; what counts is not said yet."""
    test = BroadcastTest(
        broadcast_id=broadcast_id,
        seed=randomness.take(SEED_BYTES),
        versions=[],
        result=None,
        shares_ppm=[],
        tested=[],
        state="planned",
        looked=0,
        why=[],
        figures=[],
    )
    Terms().set_on(test)
    return test


def versions_of(broadcast: Broadcast, test: BroadcastTest | None) -> list[Version]:
    """All that it has, in their order; the number of the first one is 1."""
    others = [] if test is None else test.versions
    return [Version(FIRST, broadcast.words), *(Version(name, words) for name, words in others)]


def spoken(broadcast: Broadcast, test: BroadcastTest | None) -> dict[str, str]:
    """Each of its texts by the language, where there are several versions by the version and the language."""
    every = versions_of(broadcast, test)
    return {
        language if len(every) == 1 else f"{one.name} {language}": said
        for one in every
        for language, said in sorted(one.words.items())
    }


def words_for(broadcast: Broadcast, test: BroadcastTest | None, version: int) -> Mapping[str, str]:
    """What is said to a member who hears ``version``; 0 is that of a broadcast that has one only."""
    return versions_of(broadcast, test)[max(version, 1) - 1].words


def digest_of(broadcast: Broadcast, test: BroadcastTest) -> bytes:
    """SHA-256 of all its texts with their names."""
    told = [[one.name, dict(one.words)] for one in versions_of(broadcast, test)]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest()


class Sizes(NamedTuple):
    """About how many of the people whom it reaches are in which part."""

    each: int
    """Who hears each version while the best one is not known."""
    rest: int
    """Who waits for that."""
    held_out: int
    """Who hears nothing."""


def sizes(test: BroadcastTest, people: int) -> Sizes:
    """How large each part is where so many ``people`` are reached."""
    versions = 1 + len(test.versions)
    held_out = people * test.hold_out_ppm // MILLION
    hear = people - held_out
    if versions == 1:
        return Sizes(0, hear, held_out)
    asked = test.asked_each or size_of_test(hear, versions, test.rate_ppm / MILLION)
    each = min(asked, hear // versions)
    return Sizes(each, hear - versions * each, held_out)


def start(broadcast: Broadcast, test: BroadcastTest, people: int) -> Sizes:
    """Set how large the parts are, and that texts stay as they are from now on. One that is alone is the best."""
    planned, versions = sizes(test, people), 1 + len(test.versions)
    share = 0 if not people else planned.each * MILLION // people
    test.shares_ppm = [test.hold_out_ppm, *([share] * versions if versions > 1 else [])]
    test.digest, test.state = digest_of(broadcast, test), "testing"
    if versions == 1:
        test.state, test.winner, test.decided_at, test.told_at = "decided", 1, broadcast.frozen_at, broadcast.frozen_at
    return planned


def arm_of(test: BroadcastTest, player_id: int) -> int:
    """In which part of the test a player is: 0 hears nothing, then the versions, and behind them the rest."""
    return share_at(place(test.seed, player_id), test.shares_ppm)


def version_in(test: BroadcastTest, arm: int) -> int:
    """What who is in the part ``arm`` hears, 0 while that is not known, and for nothing."""
    if arm == NOTHING:
        return 0
    return arm if arm < len(test.shares_ppm) else test.winner or 0


def assign(session: Session, test: BroadcastTest, player_ids: Sequence[int]) -> None:
    """Put members who were just written down into their parts; who is not reached has one as well."""
    by_arm = dict[int, list[int]]()
    for player_id in player_ids:
        by_arm.setdefault(arm_of(test, player_id), []).append(player_id)
    tested = list(test.tested) or [0] * (len(test.shares_ppm) - 1)
    for arm, ids in sorted(by_arm.items()):
        reached = _put(session, test, arm, ids)
        if NOTHING < arm < len(test.shares_ppm):
            tested[arm - 1] += reached
    test.tested = tested


def _put(session: Session, test: BroadcastTest, arm: int, player_ids: Sequence[int]) -> int:
    """Write down that they are in the part ``arm``; returns how many of them are reached."""
    members, given = table_of(BroadcastMember), {"ids": player_ids}
    mine = (members.c.broadcast_id == test.broadcast_id) & lists.among(members.c.player_id, "ids")
    put = update(members).values(arm=arm, version=version_in(test, arm))
    session.connection().execute(put.where(mine, members.c.state != "waiting"), given)
    if arm == NOTHING:
        put = put.values(state="left_out", reason=HELD_OUT)
    elif arm == len(test.shares_ppm) and test.winner is None:
        put = put.values(state="reserved")
    return session.connection().execute(put.where(mine, members.c.state == "waiting"), given).rowcount


def reserved(session: Session, broadcast_id: int) -> int:
    """How many members wait for the best version."""
    mine = select(func.count()).select_from(BroadcastMember)
    return session.scalar(mine.where(BroadcastMember.broadcast_id == broadcast_id, _RESERVED)) or 0


def ready(broadcast_id: int) -> Select[int]:
    """The members of a broadcast who wait for the best version, though that is known."""
    mine = (BroadcastMember.broadcast_id == broadcast_id) & _RESERVED
    decided = BroadcastTest.broadcast_id == BroadcastMember.broadcast_id
    return select(BroadcastMember.player_id).join(BroadcastTest, decided).where(mine, BroadcastTest.state == "decided")


def let_hear(session: Session, broadcast: Broadcast, test: BroadcastTest, chunk: int = _CHUNK) -> int:
    """Let the next members who waited for the best version hear it; returns how many. The broadcast is locked."""
    members = table_of(BroadcastMember)
    mine = (BroadcastMember.broadcast_id == broadcast.id) & _RESERVED
    wanted = select(BroadcastMember.player_id).where(mine).limit(chunk)
    ids = session.scalars(database.taken(wanted, BroadcastMember.player_id, BroadcastMember)).all()
    if ids:
        found = (members.c.broadcast_id == broadcast.id) & lists.among(members.c.player_id, "ids")
        told = update(members).where(found).values(state="waiting", version=test.winner)
        session.connection().execute(told, {"ids": list(ids)})
    return len(ids)
