"""The demo: publish example campaigns, keep a batch of codes for each, and deal its cards, each to one visitor only."""

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from core.alphabet import normalise
from core.campaign.publication import CampaignRefused, publish
from core.campaign.reader import read_campaign
from core.database import read_only
from core.models import Batch, Campaign
from core.new_file import NewFile
from handlers import MECHANICS
from handlers.codes.batches import Issue, activate
from handlers.codes.issuance import CardList, issue
from handlers.codes.limits import BatchRefused
from handlers.codes.tables import Code, Redemption
from huoju.bootstrap import Installation

BATCH_SIZE = 200


def campaign_files(given: Sequence[Path]) -> list[Path]:
    """The campaign files among ``given``: files as they are, and those in folders by name."""
    each = ((path,) if path.is_file() else sorted(path.glob("*.yaml")) for path in given)
    return [path for paths in each for path in paths]


def set_up(here: Installation, examples: Sequence[Path]) -> "list[Deck]":
    """Publish those of ``examples`` that are not yet, and give the deck of each that takes codes, with cards in it."""
    decks = []
    for example in examples:
        file = read_campaign(example, MECHANICS.sections)
        with here.runtime().sessions.begin() as session:
            if session.scalar(select(Campaign.id).where(Campaign.name == file.rules.name)) is None:
                publish(session, file, here.clock(), here.keys, here.randomness, mechanics=MECHANICS)
        if file.rules.takes_codes():
            decks.append(Deck(here, file.rules.name))
            decks[-1].begin()
    return decks


@dataclass(frozen=True, slots=True)
class Deck:
    """The cards of one demo campaign: its batches' CSV files beside the key file, and a list of what was dealt.

    Safe to share between threads and between processes of one machine. Nothing that exists is changed, so a card that
    was dealt is dealt to nobody else, whatever is restarted.
    """

    here: Installation
    campaign: str

    @property
    def is_there(self) -> bool:
        """Whether a demo was ever set up for this campaign."""
        return bool(self._batches())

    def begin(self) -> None:
        """Issue a first batch where no card is left."""
        with self._alone():
            if not self._undealt(1):
                self._issue()

    def deal(self, held: Sequence[str], count: int) -> list[str]:
        """A hand of ``count`` cards: those of ``held`` that were dealt and can still be used, and new ones.

        Fewer when the campaign may issue no more codes, or has ended.
        """
        with self._alone():
            ours = set(self._dealt())
            kept = self._unused([code for code in dict.fromkeys(held) if code in ours])[:count]
            missing = count - len(kept)
            new = self._undealt(missing)
            if len(new) < missing and self._issue():
                new = self._undealt(missing)
            self._write_down(new)
        return [*kept, *new]

    def show(self, count: int) -> list[str]:
        """The first ``count`` cards that nobody has; they are not dealt by being shown."""
        with self._alone():
            return self._undealt(count)

    def _batches(self) -> list[Path]:
        named = re.compile(rf"demo-{re.escape(self.campaign)}-\d{{8}}T\d{{6}}-[0-9a-f]{{4}}\.csv")
        folder = self.here.settings.keys_file.parent
        return sorted(path for path in folder.glob("demo-*.csv") if named.fullmatch(path.name))

    @property
    def _dealt_file(self) -> Path:
        return self.here.settings.keys_file.parent / f"demo-{self.campaign}.dealt"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other process deals from this deck."""
        handle = os.open(self._dealt_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _dealt(self) -> list[str]:
        return self._dealt_file.read_text("utf-8").split()

    def _write_down(self, codes: Sequence[str]) -> None:
        with self._dealt_file.open("a", encoding="utf-8") as file:
            file.write("".join(f"{code}\n" for code in codes))
            file.flush()
            os.fsync(file.fileno())

    def _undealt(self, count: int) -> list[str]:
        dealt = set(self._dealt())
        printed = (line.rsplit(",", 1)[-1] for path in self._batches() for line in path.read_text("utf-8").split()[1:])
        return self._unused([code for code in printed if code not in dealt])[:count]

    def _unused(self, codes: Sequence[str]) -> list[str]:
        """Those of ``codes`` that are active and unused in this database, in their order."""
        hashes = {self.here.keys.code_hash(normalise(code)): code for code in codes}
        with read_only(self.here.runtime().sessions) as session:
            good = session.scalars(
                select(Code.hash)
                .join(Batch, Batch.id == Code.batch_id)
                .outerjoin(Redemption, Redemption.code_hash == Code.hash)
                .where(Code.hash.in_(list(hashes)), Batch.state == "active", Redemption.code_hash.is_(None))
            )
            there = set(good)
        return [code for code_hash, code in hashes.items() if code_hash in there]

    def _issue(self) -> bool:
        """Issue one more batch; False where the campaign takes no more."""
        here = self.here
        name = f"demo-{self.campaign}-{here.clock():%Y%m%dT%H%M%S}-{here.randomness.take(2).hex()}.csv"
        try:
            with NewFile(self._dealt_file.with_name(name), None) as out:
                with here.runtime().sessions.begin() as session:
                    how = Issue(here.keys, here.randomness, here.clock(), MECHANICS.sections)
                    done = issue(session, self.campaign, BATCH_SIZE, CardList(out), how)
                    activate(session, done.batch_id, here.clock(), done.file_sha256)
                    out.keep()
                out.commit()
        except (BatchRefused, CampaignRefused):
            return False
        return True
