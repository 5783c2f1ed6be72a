"""What operators do for people's rights: hand over a person's data."""

from pydantic import Field

from core.answers import Answer, Change, line
from core.arguments import Arguments, PlayerArgument
from core.bulk import append
from core.engine.lookup import find_player
from core.models import Address
from core.models.base import table_of
from core.operators import Role, VerbRefused
from core.verbs import Desk, Group, Verb
from handlers.rights.links import new_link
from handlers.rights.tables import DataLink


class _Person(Arguments):
    player: PlayerArgument = Field(description="The person: number, phone, invite word or channel/account/user.")


def _give(desk: Desk, given: _Person) -> Answer:
    if desk.runtime.public_url is None:
        raise VerbRefused("links need HUOJU_PUBLIC_URL; without one, read {verb} to the person", verb="player show")
    with desk.runtime.sessions.begin() as session:
        found = find_player(session, desk, given.player)
        if session.get(Address, found.address_key) is None:
            raise VerbRefused("nobody has ever written from {player}", player=given.player.said)
        runtime = desk.runtime
        link = new_link(runtime.keys, runtime.randomness, found.address_key, desk.at, desk.operator or Role.OWNER)
        append(session, table_of(DataLink), [link.row])
    told = "All that is kept about {player}, once, until {until:%Y-%m-%d %H:%M} UTC: {link}"
    return Answer(
        [
            line(told, player=given.player.said, until=link.until, link=desk.runtime.public_url + link.path),
            line("Be sure that it reaches the person and nobody else."),
        ],
        changes=[Change("file", None, "my-data.zip")],
    )


_RIGHTS = Group("rights", "What a person may have: their data.")
VERBS = (
    Verb(
        group=_RIGHTS,
        word="data",
        chinese="玩家数据",
        role=Role.SUPPORT,
        says="A link that gives a person all that is kept about them, once, within a day.",
        takes=_Person,
        act=_give,
        changes=True,
        final="whoever holds the link has a day; what it gave cannot be taken back",
    ),
)
