"""Claims: how what was won or bought reaches its player."""

from pathlib import Path

from core.events import Joined, Merged
from core.mechanics import Mechanic
from core.menu import MenuWord
from core.messages import Keyword
from core.retention.keep import WINNERS
from core.retention.kinds import Aged
from handlers.claims import (
    announcement,
    audit,
    delivery,
    load,
    measures,
    parcel,
    profile,
    react,
    results,
    rights,
    say,
    timers,
    unasked,
    verbs,
)
from handlers.claims.load import ClaimRequires
from handlers.claims.parcel import has_many_digits
from handlers.claims.parcel_block import read_parcel
from handlers.claims.parcel_words import SURE_NAME
from handlers.claims.rules import ClaimRules, has_claims
from handlers.claims.tables import Claim, SecondDraw, Voucher, WinnerRecord
from handlers.claims.unasked import offer, take_unasked
from handlers.draws import Won
from handlers.gifts import Bought

__all__ = [
    "MECHANIC",
    "SURE_NAME",
    "ClaimRequires",
    "has_many_digits",
    "offer",
    "read_parcel",
    "take_unasked",
]

MECHANIC = Mechanic(
    name="claims",
    sections=(ClaimRules,),
    texts=Path(__file__).parent / "texts",
    tables=(Claim, Voucher, SecondDraw, WinnerRecord),
    sealed=rights.SEALED,
    kept=rights.KEPT,
    parts=rights.part,
    forgets=rights.forget,
    ages=(Aged(table=WinnerRecord, keep=WINNERS, at=WinnerRecord.won_at),),
    help=say.help_lines,
    terms=say.terms,
    routes=(say.ROUTE, parcel.ROUTE),
    prompts=(*say.PROMPTS, *delivery.PROMPTS, *unasked.PROMPTS),
    load=load.load,
    rank=40,
    on={Joined: react.begin, Merged: react.inherit, Won: react.claim_prize, Bought: react.claim_gift},
    asks=announcement.announce,
    timers=timers.KINDS,
    schedule=timers.SCHEDULE,
    segments=measures.SEGMENTS,
    measures=measures.MEASURES,
    results=results.RESULTS,
    checks=audit.CHECKS,
    verbs=verbs.VERBS,
    profile=profile.profile,
    transfers=audit.TRANSFERS,
    menu=(
        MenuWord(
            5,
            "prizes",
            Keyword(zh="奖品", en="Prizes"),
            shows=lambda rules, _: has_claims(rules),
            mine=True,
        ),
    ),
)
