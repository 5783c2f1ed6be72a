"""What operators do with segments: count one, see why somebody is in it, list those with a name, export one."""

import re
from collections.abc import Iterator
from typing import Annotated, NamedTuple

from pydantic import Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.answers import Answer, AnswerPart, Column, Line, Table, Value, Verbatim, VerbName, line
from core.arguments import Arguments, Given, NoArguments, PlayerArgument
from core.campaign.live import LiveCampaign
from core.database import read_only
from core.engine.lookup import find_player
from core.measures.verbs import only_one
from core.models import Address, Join, Player
from core.new_file import write_lines
from core.operators import Role, VerbRefused
from core.segments import tree
from core.segments.reading import Lexicon
from core.segments.segment import Segment, Sought, look_up, read
from core.segments.tree import Called, Denied, Either, Every, Leaf, Node, Unknown
from core.segments.words import Asked
from core.verbs import Desk, Group, LeftFile, Verb
from core.words import Mark, row_number
from handlers.segments.reach import NOW, WHY, reach

_CHUNK = 5000
_MARKS = {True: "✓", False: "✗", None: "?"}
_OF = re.compile(r"(.+?)\s+(?:of|in|于)\s+([a-z][a-z0-9-]*)", re.DOTALL | re.IGNORECASE)
_TEXT = "Whom you mean: conditions with and, or, not, or the name of a segment; “of snack” behind it names a campaign."
_EXAMPLE = "redeemed in the last 14 days and points >= 100"


class _Segment(Arguments):
    text: str = Field(title="SEGMENT", description=_TEXT, examples=[_EXAMPLE])
    campaign: Annotated[str | None, Given.BY_NAME] = Field(
        None, description="A campaign; without it, the one that goes on.", examples=["snack"]
    )


class _Why(Arguments):
    player: PlayerArgument = Field(description="The player: number, phone, invite code or channel/account/user.")
    text: str = Field(title="SEGMENT", description=_TEXT, examples=[_EXAMPLE])
    campaign: Annotated[str | None, Given.BY_NAME] = Field(
        None, description="A campaign; without it, the one that goes on.", examples=["snack"]
    )


class _Listed(Arguments):
    campaign: Annotated[str | None, Given.IN_PLACE] = Field(
        None, description="A campaign; without it, the one that goes on.", examples=["snack"]
    )


class _Meant(NamedTuple):
    """A segment of a campaign, and in what it is asked."""

    segment: Segment
    campaign: LiveCampaign
    asked: Asked


def _campaign(session: Session, desk: Desk, name: str | None) -> LiveCampaign:
    campaigns = list(desk.runtime.shelf.read(session).values())
    if name is None:
        return only_one(campaigns)
    found = next((each for each in campaigns if each.rules.name == name), None)
    if found is None:
        raise VerbRefused("there is no campaign {campaign}", campaign=name)
    return found


def _meant(session: Session, desk: Desk, text: str, name: str | None) -> _Meant:
    """The segment and the campaign that were said. Raises VerbRefused."""
    said = _OF.fullmatch(text.strip())
    names = {each.rules.name for each in desk.runtime.shelf.read(session).values()}
    if name is None and said is not None and said[2].casefold() in names:
        text, name = said[1], said[2].casefold()
    campaign = _campaign(session, desk, name)
    segment = read(text.strip(), desk.runtime.mechanics.segments, campaign.rules, desk.at)
    return _Meant(segment, campaign, Asked(campaign.rules, desk.at))


def _count(desk: Desk, given: _Segment) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        meant = _meant(session, desk, given.text, given.campaign)
        found = reach(session, meant.segment, meant.campaign, desk.at)
    size, now = sum(each.players for each in found), sum(each.players for each in found if each.why == NOW)
    rows: list[tuple[Value, ...]] = [
        (each.players, line(WHY[each.why]), None if each.place is None else str(each.place).rstrip("/"))
        for each in found
    ]
    name = meant.campaign.rules.name
    told = "Players of {campaign} in this segment: {size}. Of these can be told something now: {now}."
    parts: list[AnswerPart] = [line(told, campaign=name, size=size, now=now)]
    parts += _shut(meant.campaign, desk)
    columns = (Column("players"), Column("why"), Column("where"))
    return Answer([*parts, Table("reach", columns, rows, empty="")])


def _shut(campaign: LiveCampaign, desk: Desk) -> Iterator[Line]:
    """What holds for all of a campaign."""
    if (why := campaign.why_closed(desk.at)) is not None:
        told = {
            "campaign.not_open": "{campaign} is not open yet: until then nothing unasked is said in it.",
            "campaign.paused": "{campaign} is paused: meanwhile nothing unasked is said in it.",
            "campaign.over": "{campaign} is over: nothing unasked is said in it any more.",
        }[why]
        yield line(told, campaign=campaign.rules.name)


def _why(desk: Desk, given: _Why) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        meant = _meant(session, desk, given.text, given.campaign)
        player, address = _player(session, desk, given, meant.campaign)
        sought = look_up(session, [meant.segment], [player.id], explained=True)
        answer = meant.segment.check(sought, player, address, meant.asked)
        seen = _Looked(sought, player, address, meant.asked)
        rows = list(_explained(meant.segment.node, meant.segment.text, seen, 0))
    told = {
        True: "{player} is in this segment of {campaign}.",
        False: "{player} is not in this segment of {campaign}.",
        None: "Nobody knows whether {player} is in this segment of {campaign}, so it leaves them out.",
    }[answer]
    first = line(told, player=row_number(Mark.PLAYER, player.id), campaign=meant.campaign.rules.name)
    return Answer([first, Table("conditions", (Column("holds"), Column("text"), Column("seen")), rows)])


def _player(session: Session, desk: Desk, given: _Why, campaign: LiveCampaign) -> tuple[Player, Address]:
    """The player of the campaign who was named, and the address where a notice goes. Raises VerbRefused."""
    found = find_player(session, desk, given.player)
    mine = select(Join.player_id).where(Join.address_key == found.address_key, Join.campaign_id == campaign.id)
    player = session.get(Player, session.scalar(mine) or 0)
    if player is None:
        raise VerbRefused("{player} does not play {campaign}", player=given.player.said, campaign=campaign.rules.name)
    joined = select(Address).join(Join, Join.address_key == Address.key).where(Join.player_id == player.id)
    plays = campaign.rules.plays_at
    best = max(session.scalars(joined), key=lambda one: (plays(one.place), one.gone_at is None, one.heard_at, one.key))
    return player, best


class _Looked(NamedTuple):
    """One player whom a segment is looked at for."""

    sought: Sought
    player: Player
    address: Address
    asked: Asked

    def answer(self, node: Node) -> bool | None:
        """Whether ``node`` is true of the player."""
        return tree.check(node, lambda leaf: self.sought.seen(leaf, self.player, self.address), self.asked)

    def value(self, leaf: Leaf) -> Line:
        """What was seen."""
        return leaf.value(self.sought.seen(leaf, self.player, self.address), self.asked)


def _explained(node: Node, text: str, looked: _Looked, depth: int) -> Iterator[tuple[Value, ...]]:
    """Each part of a segment in a row: whether it is true, what it is, and what was seen."""
    mark, indent = _MARKS[looked.answer(node)], "  " * depth
    match node:
        case Leaf(span=span):
            yield mark, Verbatim(f"{indent}{text[span.begin : span.end]}"), looked.value(node)
        case Every(parts) | Either(parts):
            told = "{indent}all of these" if isinstance(node, Every) else "{indent}one of these"
            yield mark, line(told, indent=Verbatim(indent)), None
            for part in parts:
                yield from _explained(part, text, looked, depth + 1)
        case Denied(part):
            yield mark, line("{indent}not", indent=Verbatim(indent)), None
            yield from _explained(part, text, looked, depth + 1)
        case Unknown(part=part):
            yield mark, line("{indent}not known", indent=Verbatim(indent)), None
            yield from _explained(part, text, looked, depth + 1)
        case Called(name=name, part=part, text=own):
            yield mark, Verbatim(f"{indent}{name}"), None
            yield from _explained(part, own, looked, depth + 1)


def _list(desk: Desk, given: _Listed) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        campaign = _campaign(session, desk, given.campaign)
        asked, words = Asked(campaign.rules, desk.at), desk.runtime.mechanics.segments
        named = campaign.rules.segments_named()
        rows = [
            (Verbatim(name), _size(session, campaign, read(text, words, campaign.rules), asked), Verbatim(text))
            for name, text in named.items()
        ]
    empty = line("{campaign} names no segments; its file can, in segments:", campaign=campaign.rules.name)
    columns = (Column("name"), Column("players"), Column("text"))
    more = line("What can be said in a segment: {verb}", verb=VerbName("segments words"))
    return Answer([Table("segments", columns, rows, empty=empty), more])


def _size(session: Session, campaign: LiveCampaign, segment: Segment, asked: Asked) -> int:
    counted = select(func.count()).select_from(Player).where(*_all_of(campaign))
    return session.scalar(segment.among(session, counted, asked)) or 0


def _all_of(campaign: LiveCampaign) -> tuple[ColumnElement[bool], ...]:
    return Player.campaign_id == campaign.id, Player.merged_into.is_(None)


def _words(desk: Desk, _given: NoArguments) -> Answer:
    columns = (Column("name"), Column("in Chinese"), Column("what it means"))
    return Answer([Table("words", columns, list(_each_word(desk.runtime.mechanics.segments)))])


def _each_word(words: Lexicon) -> Iterator[tuple[Value, ...]]:
    for word in words.by_name.values():
        yield Verbatim(word.name), Verbatim(" / ".join(word.chinese[:2])), word.says


def _foresee_export(desk: Desk, given: _Segment) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        meant = _meant(session, desk, given.text, given.campaign)
        size = _size(session, meant.campaign, meant.segment, meant.asked)
    return Answer([line("{size} players of {campaign} would be in the file.", size=size, campaign=_name(meant))])


def _name(meant: _Meant) -> str:
    return meant.campaign.rules.name


def _export(desk: Desk, given: _Segment) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        meant = _meant(session, desk, given.text, given.campaign)
        count = _size(session, meant.campaign, meant.segment, meant.asked)
        path = desk.path_for(f"segment-{_name(meant)}.csv")
        write_lines(path, _lines(session, meant), lambda done: desk.work.told(min(done, count), count))
    told = "{count} players of {campaign} are in the file, by their numbers; it names no address."
    return Answer([line(told, count=count, campaign=_name(meant))], file=path)


def _lines(session: Session, meant: _Meant) -> Iterator[str]:
    """The lines of the file: a heading, and a player each; nothing in them needs quotes."""
    yield "\ufeffplayer,joined_at,channel,points\n"
    columns = select(Player.id, Player.joined_at, Player.channel, Player.points)
    wanted = meant.segment.among(session, columns.where(*_all_of(meant.campaign)), meant.asked).order_by(Player.id)
    for player_id, joined_at, channel, points in session.execute(wanted, execution_options={"yield_per": _CHUNK}):
        yield f"{row_number(Mark.PLAYER, player_id)},{joined_at.isoformat()},{channel},{points}\n"


_SEGMENT = Group("segment", "Count whom a segment means, and who of them can be told something now.")
_SEGMENTS = Group("segments", "See why somebody is in a segment, list segments and words, export one.")
VERBS = (
    Verb(
        group=_SEGMENT,
        chinese="人群",
        role=Role.AUDITOR,
        says=_SEGMENT.says,
        more="Quiet hours are told by the campaign's zone; how often a person may be told something is looked at when"
        " it is sent. Whoever is blocked, and operators who play, are counted like all players.",
        takes=_Segment,
        act=_count,
    ),
    Verb(
        group=_SEGMENTS,
        word="why",
        chinese="人群原因",
        aliases=("segment why",),
        role=Role.AUDITOR,
        says="Show of one player each condition of a segment: ✓ true, ✗ not, ? not known, and what was seen.",
        takes=_Why,
        act=_why,
    ),
    Verb(
        group=_SEGMENTS,
        word="list",
        chinese="人群列表",
        aliases=("segment list",),
        role=Role.AUDITOR,
        says="The segments that a campaign file gives a name, and how many players are in each.",
        takes=_Listed,
        act=_list,
    ),
    Verb(
        group=_SEGMENTS,
        word="words",
        chinese="人群条件",
        aliases=("segment words",),
        role=Role.AUDITOR,
        says="All words that can stand in a segment, and what each means.",
        takes=NoArguments,
        act=_words,
    ),
    Verb(
        group=_SEGMENTS,
        word="export",
        chinese="导出人群",
        aliases=("segment export",),
        role=Role.OPERATOR,
        says="A file with the numbers of all players in a segment.",
        more="It has no phones and no names; numbers find a player here, and nowhere else.",
        takes=_Segment,
        act=_export,
        long=True,
        foresees=_foresee_export,
        leaves=LeftFile("A new file, CSV.", "segment.csv"),
    ),
)
