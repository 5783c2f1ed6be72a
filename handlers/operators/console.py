"""Links to the console: given out for twelve hours and one campaign, and taken back before that where need be."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, Change, Column, ColumnFormat, Link, Table, line
from core.arguments import Arguments, Given
from core.campaign.publication import get_campaign
from core.campaign.published import newest_rules
from core.database import locked
from core.keys import Keyring
from core.links import read_signed, signed
from core.models import Campaign
from core.operators import Role, VerbRefused
from core.verbs import Desk, Group, Verb
from handlers.operators.tables import ConsoleLink

LASTS = timedelta(hours=12)
_PURPOSE = "console"


class Claimed(NamedTuple):
    """What a link says of itself, and has signed."""

    link_id: int
    campaign_id: int


def path_of(keys: Keyring, link: ConsoleLink) -> str:
    """Where the console is opened by ``link``."""
    return f"/console/{signed(keys, _PURPOSE, f'{link.id}.{link.campaign_id}', link.expires_at)}"


def claimed_by(keys: Keyring, token: str, at: datetime) -> Claimed | None:
    """What the end of a path says, taken back or not; None where it is not ours, or its time is over."""
    said = read_signed(keys, _PURPOSE, token, at)
    if said is None:
        return None
    link_id, _, campaign_id = said.partition(".")
    return Claimed(int(link_id), int(campaign_id))


def open_links(session: Session, campaign_id: int, at: datetime) -> frozenset[int]:
    """The ids of the links of a campaign that are good at ``at``. One query."""
    mine = (ConsoleLink.campaign_id == campaign_id, ConsoleLink.expires_at > at, ConsoleLink.revoked_at.is_(None))
    return frozenset(session.scalars(select(ConsoleLink.id).where(*mine)))


class _Console(Arguments):
    campaign: Annotated[str | None, Given.IN_PLACE] = Field(
        None, description="The name of a campaign; where only one goes on, that one.", examples=["snack"]
    )


class _Revoke(Arguments):
    link: Annotated[str | None, Given.IN_PLACE] = Field(
        None, description="The number of a link, or all; without it those that are open are listed.", examples=["3"]
    )


def _give(desk: Desk, given: _Console) -> Answer:
    with desk.runtime.sessions.begin() as session:
        campaign = get_campaign(session, given.campaign) if given.campaign else _only(session)
        link = ConsoleLink(
            campaign_id=campaign.id,
            made_at=desk.at,
            made_by=desk.operator or "shell",
            expires_at=desk.at + LASTS,
        )
        session.add(link)
        session.flush()
        path, zone = path_of(desk.runtime.keys, link), newest_rules(session, campaign).zone
    until = f"{link.expires_at.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"
    parts: list[AnswerPart] = [
        Link("The console", path),
        line(
            "It shows {campaign} until {until} to whoever has the link; /console revoke {number} takes it back.",
            campaign=campaign.name,
            until=until,
            number=link.id,
        ),
    ]
    if desk.runtime.public_url is None:
        parts.append(line("HUOJU_PUBLIC_URL is not set: put the address of this server before it."))
    return Answer(parts, changes=[Change("console link", None, link.id, campaign.name)])


def _only(session: Session) -> Campaign:
    """The campaign that goes on, where it is one."""
    going_on = session.scalars(select(Campaign).where(Campaign.state != "ended").order_by(Campaign.id)).all()
    if len(going_on) == 1:
        return going_on[0]
    names = ", ".join(one.name for one in going_on)
    if not names:
        raise VerbRefused("no campaign goes on now; name one behind /console")
    raise VerbRefused("name the campaign behind /console; these go on: {names}", names=names)


_LINK = (
    Column("link"),
    Column("campaign"),
    Column("given to"),
    Column("given at", ColumnFormat.MINUTE),
    Column("good until", ColumnFormat.MINUTE),
)


def _revoke(desk: Desk, given: _Revoke) -> Answer:
    with desk.runtime.sessions.begin() as session:
        good = (ConsoleLink.expires_at > desk.at, ConsoleLink.revoked_at.is_(None))
        found = session.scalars(locked(select(ConsoleLink).where(*good), ConsoleLink.id, ConsoleLink)).all()
        if given.link is None:
            return _listed(session, found)
        chosen = [one for one in found if given.link.casefold() in {"all", "全部", str(one.id)}]
        if not chosen:
            raise VerbRefused("no link is open under {number}; /console revoke lists those that are", number=given.link)
        for one in chosen:
            one.revoked_at, one.revoked_by = desk.at, desk.operator or "shell"
        numbers = ", ".join(str(one.id) for one in chosen)
    return Answer(
        [line("Taken back: {numbers}. Screens that show it go dark within seconds.", numbers=numbers)],
        changes=[Change("console link", one.id, None) for one in chosen],
    )


def _listed(session: Session, found: Collection[ConsoleLink]) -> Answer:
    names = {row.id: row.name for row in session.execute(select(Campaign.id, Campaign.name))}
    rows = [(one.id, names[one.campaign_id], one.made_by, one.made_at, one.expires_at) for one in found]
    return Answer([Table("links", _LINK, rows, empty="No link to the console is open.")])


_CONSOLE = Group("console", "Give out links to the live console, and take them back.")

VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=_CONSOLE,
        chinese="大屏",
        role=Role.OPERATOR,
        says="A link to the live console of a campaign, for a screen and the phone: twelve hours, numbers only.",
        more="Whoever has the link sees it, so give it to nobody who should not. It shows no phone, name or text.",
        takes=_Console,
        act=_give,
        changes=True,
        undo=lambda _, changes: ("console revoke", {"link": str(changes[0].after)}),
    ),
    Verb(
        group=_CONSOLE,
        word="revoke",
        chinese="收回大屏",
        role=Role.OPERATOR,
        says="Take a link to the console back, or all of them; without a number list those that are open.",
        takes=_Revoke,
        act=_revoke,
        changes=True,
        final="a link that was taken back stays so; ask for a new one",
    ),
)
