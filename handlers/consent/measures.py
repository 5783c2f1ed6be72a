"""What becomes of consent: who does not want to hear more."""

from sqlalchemy import select

from core.measures.measure import Counting, Measure, Period
from core.models import Address, Consent, Join
from core.segments.facts import Facts
from core.segments.words import Predicate


def _out(period: Period) -> Counting:
    mine = (Join.campaign_id == period.campaign_id, Join.joined_at <= Consent.at)
    found = select(Address.channel).select_from(Consent)
    joined = found.join(Address, Address.key == Consent.address_key).join(Join, Join.address_key == Consent.address_key)
    return Counting(joined.where(Consent.what == "out", period.has(Consent.at), *mine).group_by(Address.channel))


_OUT = Facts(
    Join.player_id,
    Address.opted_out_at,
    (Address.opted_out_at.is_not(None),),
    beside=((Address, Address.key == Join.address_key),),
    follow=True,
)

SEGMENTS = (
    Predicate(
        name="opted out",
        also=("has opted out", "unsubscribed"),
        chinese=("退订", "已退订", "退订了"),
        says="Wants to hear nothing unasked.",
        where=lambda _: _OUT.exist(),
        check=lambda seen, _: bool(seen.found[_OUT]),
        facts=(_OUT,),
    ),
)

MEASURES = (
    Measure(
        name="opted out",
        chinese="退订",
        says="Wishes of players to hear nothing unasked, said here, or by the platform, or by leaving.",
        counts=_out,
    ),
)
