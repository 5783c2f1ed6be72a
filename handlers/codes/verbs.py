"""What operators do with batches of codes: issue them, let them be redeemed, void them, see how they stand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alphabet import is_checked, normalise
from core.answers import Answer, Change, Column, ColumnFormat, Reach, Table, Value, VerbName, line
from core.arguments import Arguments, Given
from core.campaign.checks import liability
from core.campaign.publication import get_campaign
from core.campaign.published import newest_rules
from core.database import read_only
from core.models import Batch, Campaign, Player, Transfer
from core.models.players import ROOT
from core.new_file import NewFile, read_recipient
from core.operators import Role, VerbRefused
from core.verbs import Desk, Group, LeftFile, Verb
from core.words import Mark, row_number
from handlers.codes import batches, issuance, stepwise
from handlers.codes.limits import live_codes
from handlers.codes.tables import Code, Redemption

_SHOWN_OF_SUM = 16


class _Batch(Arguments):
    batch: Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(description="The number of a batch.")


class _Activate(_Batch):
    sha256: str | None = Field(None, description="Activate only what was issued into the file of this SHA-256, in hex.")


class _Issue(Arguments):
    campaign: str = Field(description="The name of a campaign.", examples=["snack"])
    count: Annotated[int, Field(ge=1, le=10**9), Given.BY_NAME] = Field(description="How many codes.", examples=["10"])
    form: Annotated[Literal["csv", "pdf"], Given.IN_CHAT] = Field(
        "csv", description="What the file is: a list, or sheets of cards to cut."
    )
    recipient: str | None = Field(None, description="Encrypt the file for this age public key (age1…).")


class _Code(Arguments):
    code: str = Field(description="The code as it is printed, in any spelling.", examples=["ABCD-EFGH-JKMN"])


class _Status(Arguments):
    campaign: Annotated[str | None, Given.IN_PLACE] = Field(None, description="Those of one campaign.")


def _foresee_issue(desk: Desk, given: _Issue) -> Answer:
    if given.recipient is not None:
        read_recipient(given.recipient)
    if given.form == "pdf" and given.count > issuance.MOST_ON_SHEETS:
        raise issuance.too_many_for_sheets()
    with read_only(desk.runtime.sessions) as session:
        campaign = get_campaign(session, given.campaign)
        rules = newest_rules(session, campaign, desk.runtime.mechanics.sections)
        issuance.refuse_issue(session, campaign.id, rules, given.count)
        total = live_codes(session, campaign.id) + given.count
    parts = [
        line("{count} codes for {campaign}; nobody can use them until they are activated.", **_said(given)),
        line("With them {total} codes can cost at most {owed}.", total=total, owed=str(liability(rules, total))),
    ]
    return Answer(parts, reach=Reach(0, given.count, given.campaign))


def _said(given: _Issue) -> dict[str, Value]:
    return {"count": given.count, "campaign": given.campaign}


def _issue(desk: Desk, given: _Issue) -> Answer:
    runtime, work, printed = desk.runtime, desk.work, 0
    path = desk.path_for(f"codes-{given.campaign}-{given.count}.{given.form}{'.age' if given.recipient else ''}")
    with NewFile(path, given.recipient) as file:
        cards = _cards(desk, given, path, file)
        order = stepwise.ordered(runtime, work, given.campaign, given.count, desk.at)
        for codes in stepwise.codes_of(runtime, work, order):
            issuance.print_cards(cards, printed, codes)
            printed += len(codes)
        file_sha256 = cards.end()
        file.keep()
        file.commit()
    stepwise.end(runtime, work, order, file_sha256)
    of_what = "SHA-256 of the file once decrypted: {sha256}" if given.recipient else "SHA-256 of the file: {sha256}"
    number = str(order.batch_id)
    return Answer(
        [
            line("Batch {batch}: {count} codes, inert until you activate it.", batch=order.batch_id, count=order.count),
            line(of_what, sha256=file_sha256),
            line("When the printed cards are safe: {verb}", verb=VerbName(f"codes activate {number}")),
        ],
        changes=[Change("codes issued", None, order.count, number), Change("file", None, file_sha256, number)],
        file=path,
    )


def _cards(desk: Desk, given: _Issue, path: Path, file: NewFile) -> issuance.Cards:
    """The sheets or the list, whichever the name of the file says."""
    public_url = desk.runtime.public_url
    with read_only(desk.runtime.sessions) as session:
        campaign = get_campaign(session, given.campaign)
        rules = newest_rules(session, campaign, desk.runtime.mechanics.sections)
        links_begin = None if public_url is None else issuance.card_links(public_url, campaign.id)
    if ".pdf" not in map(str.lower, path.suffixes):
        return issuance.CardList(file, links_begin)
    printing = desk.runtime.setting(issuance.CardPrinting)
    if printing is None:
        raise VerbRefused("no sheets can be made here; ask for a list")
    return printing.sheets(file, rules, links_begin, given.count)


def _given_up(session: Session, at: datetime, kept: Mapping[str, Any]) -> Sequence[Change]:
    """A batch whose issue does not come to its end is void."""
    batch_id = stepwise.Order.of(kept).batch_id
    return [Change("state", "inert", "void", str(batch_id))] if stepwise.give_up(session, batch_id, at) else []


def _activate(desk: Desk, given: _Activate) -> Answer:
    with desk.runtime.sessions.begin() as session:
        batch = batches.activate(session, given.batch, desk.at, given.sha256)
        reach = Reach(0, batch.codes_count, session.get_one(Campaign, batch.campaign_id).name)
    told = line("Batch {batch} is active.", batch=given.batch)
    return Answer([told], changes=[Change("state", "inert", "active", str(given.batch))], reach=reach)


def _void(desk: Desk, given: _Batch) -> Answer:
    with desk.runtime.sessions.begin() as session:
        before = batches.get_batch(session, given.batch).state
        batch = batches.void(session, given.batch, desk.at)
        unused = batch.codes_count - batches.redeemed_count(session, given.batch)
        reach = Reach(0, unused, session.get_one(Campaign, batch.campaign_id).name)
    told = line("Batch {batch} is void.", batch=given.batch)
    return Answer([told], changes=[Change("state", before, "void", str(given.batch))], reach=reach)


_COLUMNS = (
    Column("batch"),
    Column("campaign"),
    Column("state"),
    Column("codes"),
    Column("redeemed"),
    Column("made", ColumnFormat.MINUTE),
    Column("SHA-256 of the file begins"),
)


def _status(desk: Desk, given: _Status) -> Answer:
    statement = select(Batch, Campaign.name).join(Campaign, Campaign.id == Batch.campaign_id).order_by(Batch.id)
    if given.campaign is not None:
        statement = statement.where(Campaign.name == given.campaign)
    with read_only(desk.runtime.sessions) as session:
        redeemed = batches.redeemed_counts(session)
        rows = [
            (
                one.id,
                name,
                one.state if one.file_sha256 or one.state != "inert" else "being issued",
                one.codes_count,
                redeemed.get(one.id, 0),
                one.created_at,
                one.file_sha256[:_SHOWN_OF_SUM],
            )
            for one, name in session.execute(statement)
        ]
    return Answer([Table("batches", _COLUMNS, rows)])


_USED = (Column("used", ColumnFormat.MINUTE), Column("by", ColumnFormat.COPIED), Column("brought"))


def _find(desk: Desk, given: _Code) -> Answer:
    found = normalise(given.code)
    with read_only(desk.runtime.sessions) as session:
        hashed = desk.runtime.keys.code_hash(found)
        known = select(Batch, Campaign.name).join(Campaign, Campaign.id == Batch.campaign_id)
        row = session.execute(known.join(Code, Code.batch_id == Batch.id).where(Code.hash == hashed)).first()
        if row is None and not is_checked(found):
            raise VerbRefused("there is no such code, and a symbol of it is wrong or missing")
        if row is None:
            raise VerbRefused("there is no such code, though it is spelt like one")
        batch, campaign = row
        used = session.get(Redemption, hashed)
        state = batch.state if used is None else "redeemed"
        facts = (batch.id, campaign, state, batch.state, *((None,) * 3 if used is None else _use(session, used)))
    columns = (Column("batch"), Column("campaign"), Column("state"), Column("batch is"), *_USED)
    return Answer([Table("codes", columns, [facts], upright=True)])


def _use(session: Session, used: Redemption) -> tuple[Value, ...]:
    """When a code was used, by which player, and what it brought: points, or a piece of something."""
    player_id = session.scalar(select(ROOT).where(Player.id == used.player_id)) or used.player_id
    refs = [f"{kind}:{used.code_hash.hex()}" for kind in ("code", "won")]
    mine = (Transfer.owner_id == used.player_id) & Transfer.ref.in_(refs)
    brought = [f"{one.amount} {one.asset}" for one in session.scalars(select(Transfer).where(mine))]
    return used.at, row_number(Mark.PLAYER, player_id), ", ".join(brought) or None


_CODES = Group("codes", "Issue codes for a printer, import, activate and void them.")
ACTIVATE = Verb(
    group=_CODES,
    word="activate",
    chinese="激活码",
    role=Role.OPERATOR,
    says="Let the codes of a batch be redeemed.",
    takes=_Activate,
    act=_activate,
    changes=True,
    final="players may have redeemed some already; a batch that must not be redeemed is made void",
)
VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=_CODES,
        word="issue",
        chinese="发码",
        role=Role.OPERATOR,
        says="Make random codes for a campaign, and a file of them for the printer; only their hashes are kept here.",
        more="Nobody can use them until they are activated. What is stopped or fails on its way is made void.",
        takes=_Issue,
        act=_issue,
        changes=True,
        final="make the batch void if it is not wanted",
        planned=True,
        long=True,
        foresees=_foresee_issue,
        abandon=_given_up,
        leaves=LeftFile("The printer's new file: .csv, or .pdf for sheets of ten cards with QR pictures.", "codes.csv"),
    ),
    ACTIVATE,
    Verb(
        group=_CODES,
        word="void",
        chinese="作废码",
        role=Role.OPERATOR,
        says="Make the unused codes of a batch worthless, for good (stolen or misprinted cards).",
        takes=_Batch,
        act=_void,
        changes=True,
        confirm="Codes of a void batch can never be redeemed again. Void it?",
        final="codes of a void batch stay worthless; issue new ones",
    ),
    Verb(
        group=_CODES,
        word="find",
        chinese="查一个码",
        role=Role.SUPPORT,
        says="One code by what is printed: its batch and state, when it was used, by which player, what it brought.",
        takes=_Code,
        act=_find,
    ),
    Verb(
        group=_CODES,
        word="status",
        chinese="查码",
        role=Role.AUDITOR,
        says="All batches, or those of one campaign: state, how many codes, how many redeemed.",
        takes=_Status,
        act=_status,
    ),
)
