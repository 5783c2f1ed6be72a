"""Joins through the relay: beside plain redemptions, and among five million torches beside five thousand.

A join locks and changes two players and two conversations, makes a player, an invite, a torch with its word and three
timers, lights a torch, and says something to both.
"""

import itertools
import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from benchmarks.ground import ACCOUNT, CHANNEL, Ground, by_callbacks, opened, phone
from benchmarks.report import Result, compared, interleaved, rate, say
from benchmarks.servers import Places
from benchmarks.torches import add_ambassadors, add_strangers, settle
from core.engine.engine import Engine
from core.messages import InboundMessage
from handlers.relay.rollup import roll_up

CAMPAIGN = Path(__file__).with_name("relay.yaml")
FEW, MANY = 5_000, 5_000_000
KNOWN = 50_000
"""Torches whose players are met; all others are there, too."""
ROUNDS, BLOCK = 5, 1_500
_TABLES = "addresses, players, joins, invite_words, torches"
_NEW_PHONES = 50_000_000
_NEW_WORDS = text(
    "SELECT invite_word FROM players JOIN torches ON torches.player_id = players.id WHERE players.joined_at >= :since"
)


def run(places: Places) -> Iterator[Result]:
    """Two rows."""
    with ExitStack() as stack:
        small = _Side(stack.enter_context(_ground(places, stack)), FEW)
        say("joins through the relay, beside redemptions in the same campaign")
        rates = interleaved(ROUNDS, {"joins": small.joins, "redemptions": small.redemptions})
        yield compared("joins through the relay, to redemptions", rates["joins"], rates["redemptions"], goal=0.5)
        large = _Side(stack.enter_context(_ground(places, stack)), MANY)
        sides = {"5 thousand": small.joins, "5 million": large.joins}
        rates = interleaved(ROUNDS, sides)
        small.engine.close()
        large.engine.close()
    slower = sorted(few / many for few, many in zip(rates["5 thousand"], rates["5 million"], strict=True))
    what = f"a join among {MANY:,} torches: time, to {FEW:,}"
    figures = rate(rates["5 million"]), rate(rates["5 thousand"])
    yield Result(what, *figures, slower[ROUNDS // 2], "×", goal=1.3, at_least=False)


def _ground(places: Places, stack: ExitStack) -> AbstractContextManager[Ground]:
    return opened(stack.enter_context(places.postgres()), places.directory, CAMPAIGN)


class _Side:
    """One database with so many torches that wait for a friend."""

    def __init__(self, ground: Ground, torches: int) -> None:
        self.ground, self.engine, self.chosen = ground, Engine(ground.runtime), random.Random(1)
        now = ground.installation.clock()
        known = min(torches, KNOWN)
        half = (torches - known) // 2
        granted_at = now - timedelta(minutes=1)
        first, self.words = add_ambassadors(ground, known, granted_at, "unlit")
        for start, count in ((first - half, half), (first + known, torches - known - half)):
            if count:
                add_strangers(ground, start, count, granted_at)  # before them in every index, and after them
        settle(ground, _TABLES)
        self._friends = itertools.count(_NEW_PHONES)
        ground.join()

    def joins(self) -> float:
        """Let BLOCK friends send words from all over the table, each of a torch that waits; joins a second.

        Each lights one and gets one, so a small table never runs out of torches that make a join dear.
        """
        began = self.ground.installation.clock()
        self.chosen.shuffle(self.words)
        taken, self.words = self.words[:BLOCK], self.words[BLOCK:]
        found = by_callbacks(self.engine, [self._friend(word) for word in taken])
        with self.ground.installation.database.connect() as connection:
            self.words += connection.scalars(_NEW_WORDS, {"since": began}).all()
        roll_up(self.ground.runtime)
        return found

    def redemptions(self) -> float:
        """Redeem BLOCK codes of players who have joined; redemptions a second."""
        return by_callbacks(self.engine, self.ground.messages(BLOCK))

    def _friend(self, word: str) -> InboundMessage:
        number, now = next(self._friends), self.ground.installation.clock()
        address = (CHANNEL, ACCOUNT, phone(number))
        return InboundMessage.received(address, f"join-{number}", word, now, waits=True)
