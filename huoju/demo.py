"""The demo: publish an example campaign, keep a small active batch, and know three of its codes that are unused."""

from itertools import islice
from pathlib import Path

from sqlalchemy import select

from core.alphabet import normalise
from core.campaign.publication import publish
from core.campaign.reader import CampaignFile, read_campaign
from core.database import read_only
from core.models import Batch, Campaign
from core.new_file import NewFile
from handlers import MECHANICS
from handlers.codes.batches import Issue, activate
from handlers.codes.issuance import CardList, issue
from handlers.codes.tables import Code, Redemption
from huoju.bootstrap import Installation

BATCH_SIZE = 200
SHOWN = 3


def set_up(here: Installation, example: Path, folder: Path) -> list[str]:
    """Publish ``example`` where it is not yet, and return three unused codes, issuing a batch when fewer are left.

    The codes of a demo lie in ``folder``, one CSV a batch; nothing that exists is changed.
    """
    file = read_campaign(example, MECHANICS.sections)
    with here.runtime().sessions.begin() as session:
        if session.scalar(select(Campaign.id).where(Campaign.name == file.rules.name)) is None:
            publish(session, file, here.clock(), here.keys, here.randomness, mechanics=MECHANICS)
    unused = _unused(here, _known(folder, file))
    return unused if len(unused) == SHOWN else _new_batch(here, file, folder)[:SHOWN]


def _known(folder: Path, file: CampaignFile) -> list[str]:
    paths = sorted(folder.glob(f"demo-{file.rules.name}-*.csv"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [line.rsplit(",", 1)[-1] for path in paths for line in path.read_text("utf-8").split()[1:]]


def _unused(here: Installation, known: list[str]) -> list[str]:
    """The first codes of ``known`` that are active and unused in this database."""
    hashes = {here.keys.code_hash(normalise(code)): code for code in known}
    with read_only(here.runtime().sessions) as session:
        good = session.scalars(
            select(Code.hash)
            .join(Batch, Batch.id == Code.batch_id)
            .outerjoin(Redemption, Redemption.code_hash == Code.hash)
            .where(Code.hash.in_(list(hashes)), Batch.state == "active", Redemption.code_hash.is_(None))
        )
        there = set(good)
    return list(islice((code for code_hash, code in hashes.items() if code_hash in there), SHOWN))


def _new_batch(here: Installation, file: CampaignFile, folder: Path) -> list[str]:
    path = folder / f"demo-{file.rules.name}-{here.clock():%Y%m%dT%H%M%S}-{here.randomness.take(2).hex()}.csv"
    with NewFile(path, None) as out:
        with here.runtime().sessions.begin() as session:
            how = Issue(here.keys, here.randomness, here.clock(), MECHANICS.sections)
            done = issue(session, file.rules.name, BATCH_SIZE, CardList(out), how)
            activate(session, done.batch_id, here.clock(), done.file_sha256)
            out.keep()
        out.commit()
    return [line.rsplit(",", 1)[-1] for line in path.read_text("utf-8").split()[1:]]
