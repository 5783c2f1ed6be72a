"""What operators do with players: find one, look at one, block one, say something to one."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.answers import (
    Answer,
    AnswerPart,
    ArgumentName,
    Change,
    Column,
    ColumnFormat,
    Reach,
    Table,
    Value,
    VerbName,
    line,
)
from core.arguments import Arguments, Given, PlayerArgument, player_named
from core.database import read_only
from core.engine.lookup import find_player, seek_players
from core.models import Address, Campaign, Join, Player
from core.operators import Role, VerbRefused
from core.profile import ShownPlayer
from core.verbs import Desk, Group, Verb, patiently
from core.words import Mark, row_number
from handlers.players.blocking import block, unblock
from handlers.players.speaking import say_to
from handlers.players.view import Person, addresses_told, last_words, person_at, wish_of

_LONGEST_REASON, _LONGEST_TEXT = 200, 1000
_COUNTED = 100
"""Of those who are not shown so many are counted."""


def _on_one_line(reason: str) -> str:
    told = reason.strip()
    if not 1 <= len(told) <= _LONGEST_REASON or not told.isprintable():
        raise PydanticCustomError("reason", "give 1 to 200 signs, on one line")
    return told


def _sayable(text: str) -> str:
    told = text.strip()
    if not 1 <= len(told) <= _LONGEST_TEXT or not all(each.isprintable() or each == "\n" for each in told):
        raise PydanticCustomError("text", "give 1 to 1000 signs that can be read")
    return told


class _Find(Arguments):
    text: str = Field(
        title="WHO",
        description="A phone, a shown name, an invite code, channel/account/user, a user's id or a player's number.",
        examples=["13800138000"],
    )
    limit: Annotated[int, Field(ge=1, le=50)] = Field(5, description="At most so many.")


class _Player(Arguments):
    player: PlayerArgument = Field(description="The player: number, phone, invite code or channel/account/user.")


class _Show(_Player):
    details: bool = Field(default=False, description="Show phones and users whole.")
    words: Annotated[int, Field(ge=0, le=50)] = Field(3, description="How many of the last words of each side.")


class _Block(_Player):
    reason: Annotated[str, Given.BY_NAME, AfterValidator(_on_one_line)] = Field(
        description="Kept for other operators; the player is not told.", examples=["cheats"]
    )


class _Say(_Player):
    text: Annotated[str, AfterValidator(_sayable)] = Field(
        description="What is said, word for word.", examples=["Hello"]
    )


_FOUND = (
    Column("number", ColumnFormat.COPIED),
    Column("campaign"),
    Column("points"),
    Column("joined", ColumnFormat.MINUTE),
    Column("heard", ColumnFormat.MINUTE),
    Column("channels"),
    Column("news"),
)


def _find(desk: Desk, given: _Find) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        most, named = given.limit + _COUNTED, player_named(given.text)
        ids, told = seek_players(session, desk, given.text.strip(), named, most)
        rows = [_facts(session, each) for each in ids[: given.limit]]
    more = len(ids) - len(rows)
    parts: list[AnswerPart] = [Table("players", _FOUND, rows, empty="Nobody here is called so.")]
    if more > 0:
        why = "… and {more} more; say more of whom you mean, or {option}" if more < _COUNTED else "… and many more"
        parts.append(line(why, more=more, option=ArgumentName("limit=50")))
    return Answer([*parts, *told])


def _facts(session: Session, player_id: int) -> tuple[Value, ...]:
    player = session.get_one(Player, player_id)
    name = session.scalar(select(Campaign.name).where(Campaign.id == player.campaign_id))
    mine = select(Address).join(Join, Join.address_key == Address.key).where(Join.player_id == player_id)
    addresses = session.scalars(mine.order_by(Address.heard_at.desc(), Address.key)).all()
    state = "blocked" if any(each.blocked_at for each in addresses) else wish_of(addresses[0]) if addresses else None
    return (
        row_number(Mark.PLAYER, player_id),
        name,
        player.points,
        player.joined_at,
        addresses[0].heard_at if addresses else None,
        ", ".join(dict.fromkeys(str(each.place) for each in addresses)) or None,
        state,
    )


def _show(desk: Desk, given: _Show) -> Answer:
    personal = desk.role.covers(Role.SUPPORT)
    with read_only(desk.runtime.sessions) as session:
        found = find_player(session, desk, given.player)
        person = person_at(session, found.address_key)
        if person is None:
            raise VerbRefused("nobody has ever written from {player}", player=given.player.said)
        parts = list(_played(session, desk, person, found.player_id, personal=personal))
        keys = desk.runtime.keys
        parts += addresses_told(keys, person, personal=personal, whole=given.details)
        if personal and given.words:
            parts.append(last_words(session, keys, person, given.words))
    return Answer(parts)


def _played(
    session: Session, desk: Desk, person: Person, player_id: int | None, *, personal: bool
) -> Sequence[AnswerPart]:
    """What the person did in the campaign that was meant, or that they played last, and where else they play."""
    players = {each.id: each for each in person.players}
    last = {each.campaign_id: each for each in person.players}
    player = (
        players.get(player_id or 0)
        or last.get(person.addresses[0].campaign_id or 0)
        or next(iter(person.players), None)
    )
    if player is None:
        return [line("Whoever writes there has joined no campaign.")]
    campaigns = desk.runtime.shelf.read(session)
    absorbed = select(Player.id).where(Player.merged_into == player.id).order_by(Player.id)
    shown = ShownPlayer(
        session,
        desk.runtime.keys,
        player,
        campaigns[player.campaign_id],
        [player.id, *session.scalars(absorbed)],
        desk.at,
        personal,
    )
    first = "{player} in {campaign}, since {joined:%Y-%m-%d %H:%M} UTC. Points: {points}."
    parts: list[AnswerPart] = [
        line(
            first,
            player=row_number(Mark.PLAYER, player.id),
            campaign=campaigns[player.campaign_id].rules.name,
            joined=player.joined_at,
            points=player.points,
        )
    ]
    for profile in desk.runtime.mechanics.profiles():
        parts += profile(shown)
    for other in person.players:
        if other is not player:
            told = "Plays {campaign}, too: {player}"
            parts.append(
                line(
                    told,
                    campaign=campaigns[other.campaign_id].rules.name,
                    player=row_number(Mark.PLAYER, other.id),
                )
            )
    return parts


def _block(desk: Desk, given: _Block) -> Answer:
    count, before = block(desk, given.player, given.reason)
    if before is not None:
        told = "{player} is blocked already, since {at:%Y-%m-%d %H:%M} UTC by {by}; nothing changed."
        return Answer([line(told, player=given.player.said, at=before.at, by=before.by)])
    told = "{player} is blocked (addresses: {count}): nothing can be played there, and nothing unasked goes there."
    return Answer(
        [line(told, player=given.player.said, count=count)],
        changes=[Change("blocked", None, given.reason)],
        reach=Reach(people=1),
    )


def _unblock(desk: Desk, given: _Player) -> Answer:
    count, before = unblock(desk, given.player)
    if before is None:
        return Answer([line("{player} is not blocked; nothing changed.", player=given.player.said)])
    told = "{player} may play again (addresses: {count})."
    return Answer(
        [line(told, player=given.player.said, count=count)],
        changes=[Change("blocked", before.why, None)],
        reach=Reach(people=1),
    )


def _say(desk: Desk, given: _Say) -> Answer:
    said = patiently(lambda: say_to(desk, given.player, given.text))
    if said.held:
        told = "Held at {place}: the platform lets us send nothing before the player writes or taps again."
    elif said.answers:
        told = "On its way at {place}, as an answer to what came on {heard:%Y-%m-%d %H:%M} UTC."
    else:
        told = "Queued at {place}: it answers nothing of late, so it keeps quiet hours, and a STOP meanwhile drops it."
    parts: list[AnswerPart] = [line(told, place=str(said.place), heard=said.heard_at)]
    if said.paused:
        parts.append(
            line(
                "{place} is paused: nothing goes there before {verb}.",
                place=str(said.place),
                verb=VerbName("outbox resume"),
            )
        )
    return Answer(parts, reach=Reach(people=1))


def _unblocked(given: _Block, _changes: Sequence[Change]) -> tuple[str, Mapping[str, object]]:
    return "player unblock", {"player": given.player.said}


def _blocked_again(given: _Player, changes: Sequence[Change]) -> tuple[str, Mapping[str, object]]:
    return "player block", {"player": given.player.said, "reason": changes[0].before}


_PLAYERS = Group("player", "Find a player, look at one, block one, say something to one.")
VERBS = (
    Verb(
        group=_PLAYERS,
        word="find",
        chinese="找玩家",
        role=Role.SUPPORT,
        says="Players by phone, shown name, invite code, channel/account/user, user's id or number.",
        takes=_Find,
        act=_find,
    ),
    Verb(
        group=_PLAYERS,
        word="show",
        chinese="查玩家",
        role=Role.AUDITOR,
        says="One player: points, codes, prizes, claims, friends, torches, channels, and the last words of both sides.",
        more="Who only audits sees numbers and states: no phones, no names, no words.",
        takes=_Show,
        act=_show,
    ),
    Verb(
        group=_PLAYERS,
        word="block",
        chinese="拉黑",
        role=Role.SUPPORT,
        says="Let a person play nothing, at all linked addresses; they are told so once, when they write next.",
        more="What they send is still written down, opting out is heeded, and nothing unasked is sent to them."
        " What a friend of theirs earns both of them waits among the invites that are held.",
        takes=_Block,
        act=_block,
        changes=True,
        signed="the block",
        undo=_unblocked,
    ),
    Verb(
        group=_PLAYERS,
        word="unblock",
        chinese="解除拉黑",
        role=Role.SUPPORT,
        says="Let a person who is blocked play again.",
        takes=_Player,
        act=_unblock,
        changes=True,
        undo=_blocked_again,
    ),
    Verb(
        group=_PLAYERS,
        word="say",
        chinese="回复玩家",
        role=Role.SUPPORT,
        says="Say one text to one player, where the platform and the player's own wishes let it.",
        more=("Within 48 hours it answers what they wrote. Later it keeps quiet hours; to who opted out nothing goes."),
        takes=_Say,
        act=_say,
        changes=True,
        final="What was said stays said; say what is right.",
    ),
)
