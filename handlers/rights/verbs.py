"""What operators do for people's rights: hand over a person's data, have it erased, take that back."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.answers import Answer, Change, Column, ColumnFormat, Reach, Table, Value, line
from core.arguments import Arguments, PlayerArgument
from core.bulk import append
from core.database import read_only
from core.engine.lookup import find_player
from core.engine.unit_of_work import unit_of_work
from core.models import Address, Consent
from core.models.base import table_of
from core.operators import Role, VerbRefused
from core.verbs import Desk, Group, Verb
from handlers.rights.erase import ask, waiting
from handlers.rights.links import new_link
from handlers.rights.tables import DataLink, Erasure


class _Person(Arguments):
    player: PlayerArgument = Field(description="The person: number, phone, invite code or channel/account/user.")


class _List(Arguments):
    limit: Annotated[int, Field(ge=1, le=500)] = Field(50, description="At most so many.")


def _of_hashes(text: str) -> str:
    told = text.lower().split()
    if not told or any(re.fullmatch("[0-9a-f]{32}", each) is None for each in told):
        raise PydanticCustomError("hashes", "give hashes as rights erasures shows them, spaces between")
    return " ".join(told)


class _Hashes(Arguments):
    hashes: Annotated[str, AfterValidator(_of_hashes)] = Field(
        description="As rights erasures showed them, spaces between.", examples=["0123456789abcdef0123456789abcdef"]
    )


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


def _erase(desk: Desk, given: _Person) -> Answer:
    with unit_of_work(desk.runtime, desk.at) as work:
        key = find_player(work.session, desk, given.player).address_key
        work.lock_address(key)
        address = work.session.get(Address, key)
        if address is None:
            raise VerbRefused("nobody has ever written from {player}", player=given.player.said)
        if address.erased_at is not None and address.begun_again_at is None:
            raise VerbRefused("{player} was erased before; nothing is left", player=given.player.said)
        before = waiting(work.session, key)
        made = ask(work.session, desk.runtime, key, desk.at, by=desk.operator or Role.OWNER)
        due_at = made.due_at
    if before is not None:
        told = "{player} will be erased on {at:%Y-%m-%d %H:%M} UTC already; nothing changed."
        return Answer([line(told, player=given.player.said, at=due_at)], reach=Reach(people=1))
    return Answer(
        [
            line("{player} will be erased on {at:%Y-%m-%d %H:%M} UTC.", player=given.player.said, at=due_at),
            line("Messages, names, phones and addresses go, points are voided, prizes that wait go back to stock."),
            line("Counts stay, and the list of winners for two years. A parcel that is packed keeps its label."),
        ],
        changes=[Change("erased", None, "waiting")],
        reach=Reach(people=1),
    )


def _keep(desk: Desk, given: _Person) -> Answer:
    with unit_of_work(desk.runtime, desk.at) as work:
        key = find_player(work.session, desk, given.player).address_key
        work.lock_address(key)
        count = 0
        while (waits := waiting(work.session, key)) is not None:
            waits.state, waits.due_at, waits.settled_at, count = "kept", None, desk.at, count + 1
            work.session.flush()
    if not count:
        return Answer([line("Nobody wants {player} to be erased; nothing changed.", player=given.player.said)])
    told = line("{player} will not be erased.", player=given.player.said)
    return Answer([told], changes=[Change("erased", "waiting", None)], reach=Reach(people=1))


def _list(desk: Desk, given: _List) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        found = select(Erasure).order_by(Erasure.asked_at.desc(), Erasure.id).limit(given.limit)
        rows: list[tuple[Value, ...]] = [
            (one.asked_at, one.asked_by, one.state, one.due_at, one.settled_at, _hashes(session, one))
            for one in session.scalars(found)
        ]
    columns = (
        Column("asked", ColumnFormat.MINUTE),
        Column("by"),
        Column("state"),
        Column("due", ColumnFormat.MINUTE),
        Column("settled", ColumnFormat.MINUTE),
        Column("hashes", ColumnFormat.COPIED),
    )
    return Answer([Table("erasures", columns, rows, empty="Nobody ever wanted to be erased.")])


def _hashes(session: Session, erasure: Erasure) -> str | None:
    """By which the addresses are known that were erased: keyed hashes, which lead to nobody without the key file."""
    left = select(Consent.address_key).where(Consent.external_id == f"erased:{erasure.id}", Consent.how == "erased")
    return " ".join(key.hex() for key in session.scalars(left.order_by(Consent.address_key))) or None


def _again(desk: Desk, given: _Hashes) -> Answer:
    count = 0
    with unit_of_work(desk.runtime, desk.at) as work:
        for key in sorted({bytes.fromhex(each) for each in given.hashes.split()}):
            address = work.session.get(Address, key)
            if address is not None and address.erased_at is None:
                made = ask(work.session, desk.runtime, key, desk.at, by=desk.operator or Role.OWNER)
                made.due_at, count = desk.at, count + 1
                work.session.flush()
    told = line("Addresses that are here again: {count}; they are erased within a minute.", count=count)
    return Answer([told], changes=[Change("erased", None, "waiting")] if count else [], reach=Reach(people=count))


def _kept(given: _Person, _changes: Sequence[Change]) -> tuple[str, Mapping[str, object]]:
    return "rights keep", {"player": given.player.said}


_RIGHTS = Group("rights", "What a person may have: their data, and that it is erased.")
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
    Verb(
        group=_RIGHTS,
        word="erase",
        chinese="删除玩家数据",
        role=Role.SUPPORT,
        says="Have all that is known of a person erased, after the days in which it can be taken back.",
        more="The person can take it back until then, too. In a chat a second operator confirms it.",
        takes=_Person,
        act=_erase,
        changes=True,
        confirm="Have this person erased?",
        second=True,
        undo=_kept,
    ),
    Verb(
        group=_RIGHTS,
        word="keep",
        chinese="保留玩家数据",
        role=Role.SUPPORT,
        says="Take back that a person is to be erased, while there is time.",
        takes=_Person,
        act=_keep,
        changes=True,
        final="say rights erase again",
    ),
    Verb(
        group=_RIGHTS,
        word="again",
        chinese="再次删除",
        role=Role.OWNER,
        says="Erase once more whoever came back with a backup that is older than their erasure.",
        more="Keep what rights erasures shows beside the backups: its hashes are what this wants.",
        takes=_Hashes,
        act=_again,
        changes=True,
        confirm="Erase these once more, at once?",
        final="what is erased is gone",
    ),
    Verb(
        group=_RIGHTS,
        word="erasures",
        chinese="删除请求",
        role=Role.AUDITOR,
        says="Who was to be erased, when, and what became of it; newest first, without names.",
        takes=_List,
        act=_list,
    ),
)
