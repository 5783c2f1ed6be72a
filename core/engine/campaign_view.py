"""One campaign as an operator looks at it: what runs, since when, for how long, what is left, and what it comes to."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.answers import AnswerPart, Column, ColumnFormat, Line, Table, Value, Verbatim, VerbName, line, listing
from core.campaign.goods import Goods
from core.campaign.grammar import in_order
from core.campaign.live import LiveCampaign
from core.campaign.rules import Rules
from core.engine.campaign_costs import costs_told
from core.engine.text_verbs import called
from core.measures.comparison import shown
from core.measures.figures import Counts, Span, figures
from core.mechanics import Mechanics
from core.models import Batch, Campaign, CampaignVersion
from core.models.stock import Stocked
from core.times import local_day
from core.verbs import Desk

FIGURES = (
    "players joined",
    "codes redeemed",
    "prizes won",
    "worth of prizes won",
    "points given",
    "points outstanding",
    "liability",
    "torches lit",
)
"""What is told, as far as a campaign has it; each is counted since it opened."""
_STOCK = (
    Column("name", ColumnFormat.COPIED),
    Column("stock"),
    Column("left"),
    Column("by plan"),
    Column("value"),
    Column("title"),
)
_DAY = timedelta(days=1)


def campaign_told(desk: Desk, session: Session, row: Campaign) -> Iterator[AnswerPart]:
    """All that is told of the campaign ``row``, from above to below."""
    campaign = desk.runtime.shelf.look(session)[row.id]
    rules, version = campaign.rules, session.get_one(CampaignVersion, (row.id, row.version))
    told = "{campaign}: version {version}, {state}. Published on {at} (UTC)."
    at = f"{version.published_at:%Y-%m-%d %H:%M}"
    lines = [
        line("{title}", title=Verbatim(" / ".join(rules.title.each))),
        line(told, campaign=row.name, version=row.version, state=row.state, at=at),
        line("It runs from {opens} to {closes}.", opens=str(rules.opens), closes=str(rules.closes)),
        _how_long(campaign, desk.at),
        line("Where: {channels}.", channels=", ".join(rules.channels)),
        *_codes(session, rules, row.id),
        _texts(rules),
    ]
    yield listing(lines, "\n")
    yield from costs_told(rules)
    yield _figures(desk, session, campaign)
    rows = list(_stock(session, desk.runtime.mechanics, campaign, desk.at))
    yield Table("goods", _STOCK, rows, title="Prizes and gifts:", empty="")
    yield line("Rules (SHA-256): {hash}", hash=version.rules_hash)
    yield line("Commitment to the draw seed (SHA-256): {hash}", hash=row.seed_commitment)


def _how_long(campaign: LiveCampaign, at: datetime) -> Line:
    opens_at, closes_at = campaign.published.opens_at, campaign.closes_at
    if campaign.state == "ended":
        return line("It was ended on {at} (UTC).", at=f"{closes_at:%Y-%m-%d %H:%M}")
    if at >= closes_at:
        return line("By its dates it is over since {at} (UTC).", at=f"{closes_at:%Y-%m-%d %H:%M}")
    until, told = (
        (opens_at, ("It opens within a day.", "It opens in {count} days."))
        if at < opens_at
        else (closes_at, ("It closes within a day.", "It closes in {count} days."))
    )
    days = (until - at) // _DAY
    return line(told[1], count=days) if days > 1 else line(told[0])


def _codes(session: Session, rules: Rules, campaign_id: int) -> Iterator[Line]:
    if not rules.takes_codes():
        return
    counted = select(Batch.state, func.sum(Batch.codes_count)).where(Batch.campaign_id == campaign_id)
    found = {state: int(count) for state, count in session.execute(counted.group_by(Batch.state))}
    told = "Codes: {active} active, {inert} not activated yet, {void} void."
    yield line(told, **{state: found.get(state, 0) for state in ("active", "inert", "void")})
    if rules.planned_codes:
        yield line("So many are planned: {count}.", count=rules.planned_codes)


def _figures(desk: Desk, session: Session, campaign: LiveCampaign) -> Table:
    """As `/stats` tells them since the campaign opened."""
    measures, zone = desk.runtime.mechanics.measures, campaign.rules.zone
    told = [each for name in FIGURES if (each := measures.get(name)) is not None and each.told(campaign.rules)]
    today = local_day(desk.at, zone)
    span = Span(min(local_day(campaign.published.opens_at, zone), today), desk.at)
    counts = Counts(session, desk.runtime.mechanics.sections, measures)
    values = figures(counts, campaign, span, [each.name for each in told])
    row: list[Value] = [shown(each, campaign.rules, values[each.name]) for each in told]
    return Table("figures", [Column(each.name) for each in told], [row], upright=True)


def _stock(session: Session, mechanics: Mechanics, campaign: LiveCampaign, at: datetime) -> Iterator[tuple[Value, ...]]:
    """What is left of all that can be won or bought, and what would be if it went evenly until the end."""
    opens_at, closes_at = campaign.published.opens_at, campaign.published.closes_at
    still = min(max((closes_at - at) / (closes_at - opens_at), 0.0), 1.0)
    for kind, goods in _shelves(mechanics, campaign.rules):
        found = session.scalars(select(kind).where(kind.campaign_id == campaign.id).order_by(kind.name)).all()
        order = {name: place for place, name in enumerate(goods)}
        for one in sorted(found, key=lambda each: order.get(each.name, len(order))):
            item = goods.get(one.name)
            title = " / ".join(item.title.each) if item is not None else None
            value = str(item.value) if item is not None and item.value is not None else None
            yield one.name, one.stock, one.stock_left, round(one.stock * still), value, title


def _shelves(mechanics: Mechanics, rules: Rules) -> Iterator[tuple[type[Stocked], dict[str, Goods]]]:
    """Each table of things in stock, and what the file says of them by name, in its order."""
    for mechanic in mechanics.each:
        sections = [found for kind in mechanic.sections if (found := rules.section(kind)) is not None]
        goods = {item.name: item for section in sections for _, item in section.goods()}
        yield from ((table, goods) for table in mechanic.tables if issubclass(table, Stocked))


def _texts(rules: Rules) -> Line:
    """How many texts a file words itself, by language."""
    own = {language: len(texts) for language, texts in rules.texts.items()}
    spoken = in_order(rules.languages)
    each = [line("{count} in {language}", count=own.get(name, 0), language=called(name)) for name in spoken]
    told = "Its first answer is in {language}. Texts of its own: {each}; {verb} shows them."
    verb = VerbName("campaign text")
    return line(told, language=called(rules.language), each=listing(each), verb=verb)
