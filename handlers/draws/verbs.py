"""What operators do with draws: reveal a seed, compute every draw again, see the last ones."""

import hashlib
from typing import Annotated

from pydantic import Field

from core.answers import Answer, ArgumentName, Change, Column, ColumnFormat, Reach, Table, VerbName, line, said
from core.arguments import Arguments
from core.audit.faults import Books, Fault
from core.campaign.live import kept_seed
from core.campaign.publication import get_campaign, reveal
from core.database import read_only
from core.new_file import write_lines
from core.operators import Misspoken, Role, VerbRefused
from core.verbs import Desk, Group, LeftFile, Verb
from handlers.draws.audit import wrong_draws
from handlers.draws.export import draws_to_export, export_draws
from handlers.draws.latest import latest_draws

_SHOWN = 20
_OTHER_SEED = "this seed is not the one that {campaign} committed to: {commitment}"


class _Campaign(Arguments):
    campaign: str = Field(description="The name of a campaign.", examples=["snack"])


class _Verify(_Campaign):
    seed: str | None = Field(
        None, description="The seed in hex, as it was revealed; without it, the one that is kept here."
    )


class _Latest(Arguments):
    count: Annotated[int, Field(ge=1, le=1000)] = Field(20, description="How many.")


def _reveal(desk: Desk, given: _Campaign) -> Answer:
    with desk.runtime.sessions.begin() as session:
        was_revealed = get_campaign(session, given.campaign).revealed_at is not None
        seed = reveal(session, given.campaign, desk.at, desk.runtime.keys)
    return Answer(
        [line("Seed of {campaign}: {seed}", campaign=given.campaign, seed=seed)],
        changes=[] if was_revealed else [Change("seed", None, "revealed", given.campaign)],
        reach=Reach(campaign=given.campaign),
    )


def _verify(desk: Desk, given: _Verify) -> Answer:
    faults: list[Fault] = []
    count = 0
    with read_only(desk.runtime.sessions) as session:
        campaign, keys = get_campaign(session, given.campaign), desk.runtime.keys
        seed = kept_seed(campaign, keys) if given.seed is None else _read_seed(given.seed)
        if hashlib.sha256(seed).hexdigest() != campaign.seed_commitment:
            raise VerbRefused(_OTHER_SEED, campaign=campaign.name, commitment=campaign.seed_commitment)
        for fault in wrong_draws(Books(session, keys), campaign, seed, desk.work.told):
            count += 1
            faults += [fault] if count <= _SHOWN else []
    if count:
        table = Table("faults", (Column("row"), Column("wrong")), [(fault.row, fault.told) for fault in faults])
        return Answer([table], wrong=[line("{count} draws do not follow from the seed", count=count)])
    return said(
        "The seed matches its commitment, and every draw of {campaign} follows from it.", campaign=given.campaign
    )


def _read_seed(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        told = "{option}: give the seed in hex, as {verb} prints it"
        raise Misspoken(told, option=ArgumentName("seed"), verb=VerbName("draws reveal")) from None


_COLUMNS = (Column("at", ColumnFormat.SECOND), Column("campaign"), Column("odds"), Column("prize"))


def _latest(desk: Desk, given: _Latest) -> Answer:
    rows = [
        (one.at, " / ".join(one.campaign.values()), one.odds, " / ".join(one.prize.values()) if one.prize else None)
        for one in latest_draws(desk.runtime.sessions, desk.runtime.shelf, desk.at, given.count)
    ]
    return Answer([Table("draws", _COLUMNS, rows)])


def _foresee_export(desk: Desk, given: _Campaign) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        count = draws_to_export(session, given.campaign)
    return said("{count} draws of {campaign} would be in the file.", count=count, campaign=given.campaign)


def _export(desk: Desk, given: _Campaign) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        count = draws_to_export(session, given.campaign)
        path = desk.path_for(f"draws-{given.campaign}.jsonl")
        lines = export_draws(session, given.campaign, desk.runtime.keys)
        sha256 = write_lines(path, lines, lambda done: desk.work.told(min(done, count), count))
    return Answer(
        [
            line("Every draw of {campaign} is in the file.", campaign=given.campaign),
            line("Anybody can check it, with Python alone: python verify.py and the name of the file."),
            line("SHA-256 of the file: {sha256}", sha256=sha256),
        ],
        file=path,
    )


_DRAWS = Group("draws", "Reveal seeds, verify and export draws.")
VERBS = (
    Verb(
        group=_DRAWS,
        word="reveal",
        chinese="公布种子",
        role=Role.OPERATOR,
        says="Publish the draw seed of an ended campaign, for everybody to verify; the rules show it from now on.",
        takes=_Campaign,
        act=_reveal,
        changes=True,
        confirm="A seed that was published is known for good. Reveal it?",
        final="whoever has read the seed knows it",
    ),
    Verb(
        group=_DRAWS,
        word="verify",
        chinese="验抽奖",
        role=Role.AUDITOR,
        says="Compute every draw of a campaign again with a second, independent implementation.",
        takes=_Verify,
        act=_verify,
        long=True,
    ),
    Verb(
        group=_DRAWS,
        word="latest",
        chinese="最近抽奖",
        role=Role.SUPPORT,
        says="The last draws of all campaigns.",
        takes=_Latest,
        act=_latest,
    ),
    Verb(
        group=_DRAWS,
        word="export",
        chinese="导出抽奖",
        role=Role.OPERATOR,
        says="A file with all that anybody needs to verify a campaign whose seed is revealed: seed, rules, every draw.",
        more="It names no player and no code; verify.py, which needs only Python, checks it.",
        takes=_Campaign,
        act=_export,
        long=True,
        foresees=_foresee_export,
        leaves=LeftFile("A new file, JSON by line.", "draws.jsonl"),
    ),
)
