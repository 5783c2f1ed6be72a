"""What operators do with a relay: its numbers and boards, checking a perk, and the names that players chose."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alphabet import grouped, normalise
from core.answers import (
    Answer,
    AnswerPart,
    ArgumentName,
    Change,
    Column,
    ColumnFormat,
    Line,
    Reach,
    Table,
    Verbatim,
    VerbName,
    line,
    more_than,
    said,
)
from core.arguments import Arguments, Given, row_of
from core.campaign.publication import get_campaign
from core.campaign.published import newest_rules
from core.campaign.rules import Rules
from core.database import read_only
from core.keys import Keyring
from core.models import Campaign
from core.operators import Role, VerbRefused
from core.texts.formats import to_the_second
from core.times import local_day
from core.verbs import Desk, Group, Verb, patiently
from core.words import Kind, Mark, is_word, row_number
from handlers.invites import InviteWord
from handlers.relay.boards import Board, RelayNumbers, boards, not_counted, relay_numbers, words_of
from handlers.relay.name_review import approve, listed, refuse
from handlers.relay.names import forget_name, name_of
from handlers.relay.perks import is_perk_code, perk_behind
from handlers.relay.rules import RelayRules

_BOARDS = {
    "longest": ("Longest chains, by who began them:", "legs"),
    "lit": ("Most torches lit in one chain, by who began it:", "lit"),
    "today": ("Most friends today:", "friends"),
}


class _Campaign(Arguments):
    campaign: str = Field(description="The name of a campaign with a relay.", examples=["snack"])


class _Boards(_Campaign):
    top: Annotated[int, Field(ge=1, le=1000)] = Field(10, description="Lines of each board.")


class _Code(Arguments):
    code: str = Field(description="The code of a perk, as the player shows it.", examples=["7KQ29XMPAC"])


class _Word(Arguments):
    word: str = Field(description="The player's own invite code.", examples=["7KQ29XMP"])


class _Names(Arguments):
    campaign: Annotated[str | None, Given.IN_PLACE] = Field(None, description="Those of one campaign.")
    shown: bool = Field(default=False, description="Those that everybody reads, instead of those that wait.")
    limit: Annotated[int, Field(ge=1, le=100_000)] = Field(100, description="At most so many.")


class _Whose(Arguments):
    players: tuple[str, ...] = Field(
        title="PLAYER",
        min_length=1,
        description="Numbers from the list of names, or invite codes.",
        examples=[row_number(Mark.FRIEND, 1)],
    )


def _relay_of(session: Session, name: str) -> tuple[Campaign, Rules]:
    campaign = get_campaign(session, name)
    rules = newest_rules(session, campaign)
    if rules.section(RelayRules) is None:
        raise VerbRefused("{campaign} has no torch relay", campaign=campaign.name)
    return campaign, rules


def _waiting(session: Session, campaign: Campaign) -> list[Line]:
    waiting = not_counted(session, campaign.id)
    told = "{waiting} events are not counted yet; a running clock counts them every second."
    return [line(told, waiting=waiting)] if waiting else []


def _numbers(desk: Desk, given: _Campaign) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        campaign, _ = _relay_of(session, given.campaign)
        return Answer([*numbers_told(relay_numbers(session, campaign.id)), *_waiting(session, campaign)])


def numbers_told(found: RelayNumbers) -> Sequence[AnswerPart]:
    """What a relay has come to."""
    median = found.median_seconds
    light = line("nothing is lit yet") if median is None else line("{count} s", count=median)
    return [
        line(
            "Torch ambassadors: {ambassadors}, with {granted} torches, relit ones counted again.",
            ambassadors=found.ambassadors,
            granted=found.granted,
        ),
        line(
            "Lit: {lit}, out: {out}, still waiting for a friend: {unlit}.",
            lit=found.lit,
            out=found.out,
            unlit=found.granted - found.lit - found.out,
        ),
        line("Share lit, of those that are settled: {share_lit:.1%}", share_lit=found.share_lit),
        line("K-factor (friends brought by each ambassador): {k_factor:.3f}", k_factor=found.k_factor),
        line("Median time to light a torch: {light}", light=light),
        Table("legs", (Column("leg"), Column("ambassadors")), sorted(found.legs.items()), empty=""),
        Table(
            "days",
            (Column("day"), Column("granted"), Column("lit")),
            [(day, granted, lit) for day, (granted, lit) in found.days.items()],
            empty="",
        ),
    ]


def _show_boards(desk: Desk, given: _Boards) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        campaign, rules = _relay_of(session, given.campaign)
        today = local_day(desk.at, rules.zone)
        heads = boards(session, campaign.id, today, given.top)
        return Answer([*boards_told(session, desk.runtime.keys, heads), *_waiting(session, campaign)])


def boards_told(session: Session, keys: Keyring, heads: Mapping[str, Board]) -> Sequence[AnswerPart]:
    """The heads of boards with names, and the invite words of whoever stands there."""
    words = words_of(session, (player_id for head in heads.values() for player_id, _, _ in head))
    return [
        Table(
            board,
            (Column("place"), Column("name"), Column("word"), Column(unit)),
            [
                (
                    place,
                    name_of(keys, player_id, sealed),
                    grouped(words[player_id]) if player_id in words else None,
                    score,
                )
                for place, (player_id, sealed, score) in enumerate(heads[board], start=1)
            ],
            title=heading,
            empty="nobody yet",
        )
        for board, (heading, unit) in _BOARDS.items()
    ]


def _perk(desk: Desk, given: _Code) -> Answer:
    if not is_perk_code(given.code):
        raise _no_perk(normalise(given.code))
    with read_only(desk.runtime.sessions) as session:
        found = perk_behind(session, desk.runtime.keys, given.code)
    if found is None:
        raise VerbRefused("this code is spelt like a perk, but no torch here has earned it; do not accept it")
    if found.blocked:
        raise VerbRefused("whoever earned this perk is blocked; do not accept it")
    title = " / ".join(found.title.each) if found.title else found.name
    return Answer(
        [
            line("Good: {title}", title=title),
            line(
                "Campaign {campaign} ({title}).",
                campaign=found.campaign,
                title=Verbatim(" / ".join(found.rules.title.each)),
            ),
            line(
                "The torch burns since {since} ({zone}), leg {leg}.",
                since=to_the_second(found.since, found.rules.zone),
                zone=found.rules.zone.key,
                leg=found.leg,
            ),
        ]
    )


def _no_perk(word: str) -> VerbRefused:
    """Why ``word`` is no code of a perk."""
    if is_word(Kind.INVITE, word):
        return VerbRefused(
            'this is an invite code, not the code of a perk; the player sees that one by sending "perk" or "特权"'
        )
    if is_word(Kind.PICKUP, word):
        told = "this is a pick-up code of a prize, not of a perk; use {verb}"
        return VerbRefused(told, verb=VerbName("claims pick-up"))
    return VerbRefused('mistyped: a symbol is wrong or missing; the player sees the code by sending "perk" or "特权"')


def _forget_name(desk: Desk, given: _Word) -> Answer:
    if not is_word(Kind.INVITE, normalise(given.word)):
        told = "this is no invite code, a symbol is wrong or missing; copy it from {verb}"
        raise VerbRefused(told, verb=VerbName("relay boards"))

    def act() -> bool | None:
        with desk.runtime.sessions.begin() as session:
            return forget_name(session, given.word)

    match patiently(act):
        case None:
            raise VerbRefused("nobody has this invite code; copy it from {verb}", verb=VerbName("relay boards"))
        case False:
            return said("This player has chosen no name; nothing changed.")
        case True:
            done = line("The name is removed; boards, pages and friends see none from now on.")
            return Answer([done], changes=[Change("name", "shown", None, given.word)], reach=Reach(1))


def _list_names(desk: Desk, given: _Names) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        if given.campaign is not None:
            get_campaign(session, given.campaign)
        names = listed(session, desk.runtime.keys, given.campaign, waiting=not given.shown)
        found = list(islice(names, given.limit + 1))
    meanwhile = [] if given.shown else [Column("shown meanwhile"), Column("waits since", ColumnFormat.MINUTE)]
    rows = [
        (
            row_number(Mark.FRIEND, one.player_id),
            one.campaign,
            one.name,
            *([] if given.shown else [one.shown, one.at]),
            grouped(one.word) if one.word else None,
        )
        for one in found[: given.limit]
    ]
    waits = "No name waits; {option} lists those that everybody reads."
    none = line("No name is shown.") if given.shown else line(waits, option=ArgumentName("shown=yes"))
    columns = (Column("number", ColumnFormat.COPIED), Column("campaign"), Column("name"), *meanwhile, Column("word"))
    return Answer([Table("names", columns, rows, empty=none), *more_than(given.limit, found)])


def _approve(desk: Desk, given: _Whose) -> Answer:
    return _decide(desk, given, approve, "approved")


def _refuse(desk: Desk, given: _Whose) -> Answer:
    return _decide(desk, given, refuse, "refused")


_Decision = Callable[[Session, Keyring, int, str, datetime], str]


_DECIDED = {"approved": "“{name}” is shown from now on.", "refused": "“{name}” is shown to nobody."}


def _decide(desk: Desk, given: _Whose, decision: _Decision, became: str) -> Answer:
    """All of them, or none where one is refused."""

    def act() -> list[tuple[int, str]]:
        keys = desk.runtime.keys
        with desk.runtime.sessions.begin() as session:
            whose = [_whose(session, one) for one in given.players]
            return [(one, decision(session, keys, one, desk.operator, desk.at)) for one in whose]

    done = patiently(act)
    return Answer(
        [line(_DECIDED[became], name=name) for _, name in done],
        changes=[Change("name", None, became, row_number(Mark.FRIEND, one)) for one, _ in done],
        reach=Reach(len({one for one, _ in done})),
    )


def _whose(session: Session, player: str) -> int:
    """The player behind a number or an invite word. Raises VerbRefused."""
    word = normalise(player)
    if not is_word(Kind.INVITE, word):
        return row_of(Mark.FRIEND, player)
    found = session.scalar(select(InviteWord.player_id).where(InviteWord.word == word))
    if found is None:
        raise VerbRefused("nobody has this invite code")
    return found


_RELAY = Group("relay", "Look at a torch relay, check a perk, remove an abusive name.")
_NAMES = Group("names", "Look at the names that players chose: let those that wait be shown, or take a name away.")
VERBS = (
    Verb(
        group=_RELAY,
        word="numbers",
        chinese="火炬数据",
        role=Role.AUDITOR,
        says="How the relay of a campaign does: torches, K-factor, share lit, seconds to light, depth and days.",
        takes=_Campaign,
        act=_numbers,
    ),
    Verb(
        group=_RELAY,
        word="boards",
        chinese="火炬榜",
        role=Role.SUPPORT,
        says="The boards of a campaign: longest chains, most lit, most friends today.",
        more="Who chose no name is shown by their invite code; a name can be removed by it, too.",
        takes=_Boards,
        act=_show_boards,
    ),
    Verb(
        group=_RELAY,
        word="perk",
        chinese="查特权",
        role=Role.SUPPORT,
        says="Check the code of a perk that a player shows.",
        takes=_Code,
        act=_perk,
    ),
    Verb(
        group=_RELAY,
        word="forget-name",
        chinese="删称呼",
        role=Role.SUPPORT,
        says="Remove the name that a player chose to be shown by, by their invite code; the player may choose another.",
        takes=_Word,
        act=_forget_name,
        changes=True,
        final="we keep no name that was removed; the player may choose it again",
    ),
    Verb(
        group=_NAMES,
        word="list",
        chinese="查称呼",
        role=Role.SUPPORT,
        says="Names that wait for somebody to look at them, the oldest first.",
        takes=_Names,
        act=_list_names,
    ),
    Verb(
        group=_NAMES,
        word="approve",
        chinese="准称呼",
        role=Role.SUPPORT,
        says="Let the names of some players that wait be shown.",
        takes=_Whose,
        act=_approve,
        changes=True,
        final="others may have read the name; refuse it, and it is shown no more",
        signed="the player",
    ),
    Verb(
        group=_NAMES,
        word="refuse",
        chinese="拒称呼",
        role=Role.SUPPORT,
        says="Take away the name that waits, or else the one that is shown; what the player chooses next waits, then.",
        takes=_Whose,
        act=_refuse,
        changes=True,
        final="we keep no name that was refused; the player may choose it again",
        signed="the player",
    ),
)
