"""What becomes of consent: who does not want to hear more."""

from sqlalchemy import select

from core.measures.measure import Counting, Measure, Period
from core.models import Address, Consent, Join


def _out(period: Period) -> Counting:
    mine = (Join.campaign_id == period.campaign_id, Join.joined_at <= Consent.at)
    found = select(Address.channel).select_from(Consent)
    joined = found.join(Address, Address.key == Consent.address_key).join(Join, Join.address_key == Consent.address_key)
    return Counting(joined.where(Consent.what == "out", period.has(Consent.at), *mine).group_by(Address.channel))


MEASURES = (
    Measure(
        name="opted out",
        chinese="退订",
        says="Wishes of players to hear nothing unasked, said here, or by the platform, or by leaving.",
        counts=_out,
    ),
)
