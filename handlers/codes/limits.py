"""How many codes may live: none may be guessed, more than planned, or cost more than the budget."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.alphabet import issued_bits
from core.campaign.checks import liability
from core.campaign.reader import BadCampaign
from core.campaign.rules import Rules
from core.mechanics import Publishing
from core.models import Batch
from core.operators import VerbRefused
from handlers.codes.rules import CodeRules, most_codes

_WERE_IMPORTED = "codes of {length} symbols were imported; use another length, so that a typo stays a typo"
_WERE_ISSUED = (
    "codes of {length} symbols were issued with a check symbol; use another length, so that a typo stays a typo"
)


class BatchRefused(VerbRefused):
    """What was asked cannot be done with these codes; the message says why and what to do."""


def refuse_unsafe(session: Session, campaign_id: int, rules: Rules, adding: int = 0, length: int = 0) -> None:
    """Raise BatchRefused if under ``rules`` the campaign's codes, with ``adding`` more of ``length``, were unsafe.

    Codes of all campaigns count together: the caller has locked all campaigns, or two that issue at once would not
    see each other. Codes of void batches count no more, redeemed ones still do.
    """
    statement = select(Batch.campaign_id, Batch.code_length, func.sum(Batch.codes_count), func.min(Batch.space_bits))
    live: dict[int, int] = {}
    space: dict[int, float] = {}
    mine, total = {length} if adding else set(), adding
    for owner, size, count, bits in session.execute(
        statement.where(Batch.state != "void").group_by(Batch.campaign_id, Batch.code_length)
    ):
        live[size] = live.get(size, 0) + int(count)
        space[size] = min(space.get(size, bits), bits)
        if owner == campaign_id:
            mine.add(size)
            total += int(count)
    for size in mine:
        most = most_codes(rules, int(2 ** space.get(size, issued_bits(size))))
        codes = live.get(size, 0) + (adding if size == length else 0)
        if codes > most:
            told = "of {size} symbols at most {most} codes can live safely, not {codes}; use longer codes"
            raise BatchRefused(told, size=size, most=most, codes=codes)
    _refuse_unplanned(rules, total)


def live_codes(session: Session, campaign_id: int) -> int:
    """How many codes a campaign has, but those of void batches."""
    mine = (Batch.campaign_id == campaign_id) & (Batch.state != "void")
    return session.scalar(select(func.sum(Batch.codes_count)).where(mine)) or 0


def _refuse_unplanned(rules: Rules, total: int) -> None:
    planned = rules.section(CodeRules).planned
    if planned and total > planned:
        raise BatchRefused("{planned} codes are planned, but there would be {total}", planned=planned, total=total)
    if rules.budget and liability(rules, total).cents > rules.budget.cents:
        owed = liability(rules, total)
        told = "{total} codes can cost {owed}, more than the budget of {budget}"
        raise BatchRefused(told, total=total, owed=str(owed), budget=str(rules.budget))


def refuse_mixed(session: Session, length: int, *, checked: bool) -> None:
    """Raise BatchRefused when live codes of this length are of the other kind.

    Among imported codes of the same length a typo of an issued one could not be told from a guess.
    """
    alike = (Batch.code_length == length) & (Batch.checked != checked) & (Batch.state != "void")
    if session.scalar(select(Batch.id).where(alike).limit(1)) is not None:
        raise BatchRefused(_WERE_IMPORTED if checked else _WERE_ISSUED, length=length)


def refuse_unsafe_version(session: Session, publishing: Publishing) -> None:
    """What was issued under older rules must be safe and paid for under these, too. Raises BadCampaign."""
    try:
        refuse_unsafe(session, publishing.campaign.id, publishing.rules)
    except BatchRefused as error:
        raise BadCampaign([publishing.file.violation(("codes",), error.line)]) from None
