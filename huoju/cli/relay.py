"""`huoju relay`: the numbers and boards of a torch relay, checking a perk, removing a name."""

from collections.abc import Mapping

import click
from sqlalchemy.orm import Session

from core.alphabet import grouped, normalise
from core.campaign.published import newest_rules
from core.campaign.publishing import get_campaign
from core.campaign.rules import Rules
from core.database import read_only
from core.keys import Keyring
from core.models import Campaign
from core.operators import Refused
from core.texts.writing import to_the_second
from core.times import local_day
from core.verbs import patiently
from core.words import Kind, is_word
from handlers.relay.boards import Board, RelayNumbers, boards, not_counted, relay_numbers, words_of
from handlers.relay.names import forget_name, name_of
from handlers.relay.perks import is_perk_code, perk_behind
from huoju.cli.console import installation, out, table

_CAMPAIGN = click.argument("campaign")
_BOARDS = {
    "longest": ("Longest chains, by who began them", "legs"),
    "lit": ("Most torches lit in one chain, by who began it", "lit"),
    "today": ("Most friends today", "friends"),
}


@click.group()
def relay() -> None:
    """Look at a torch relay, check a perk, remove an abusive name."""


def _relay_of(session: Session, name: str) -> tuple[Campaign, Rules]:
    campaign = get_campaign(session, name)
    rules = newest_rules(session, campaign)
    if rules.relay is None:
        raise Refused(f"{campaign.name} has no torch relay")
    return campaign, rules


def _tell_waiting(session: Session, campaign: Campaign) -> None:
    if waiting := not_counted(session, campaign.id):
        out.print(f"{waiting} events are not counted yet; a running clock counts them every second.")


@relay.command()
@_CAMPAIGN
def numbers(campaign: str) -> None:
    """How the relay of CAMPAIGN does: torches, K-factor, share lit, seconds to light, depth and days."""
    with read_only(installation().runtime().sessions) as session:
        one, _ = _relay_of(session, campaign)
        print_numbers(relay_numbers(session, one.id))
        _tell_waiting(session, one)


def print_numbers(found: RelayNumbers) -> None:
    """Print what a relay has come to."""
    unlit = found.granted - found.lit - found.out
    out.print(f"Torch ambassadors: {found.ambassadors}, with {found.granted} torches, relit ones counted again.")
    out.print(f"Lit: {found.lit}, out: {found.out}, still waiting for a friend: {unlit}.")
    out.print(f"Share lit, of those that are settled: {found.share_lit:.1%}")
    out.print(f"K-factor (friends brought by each ambassador): {found.k_factor:.3f}")
    seconds = "nothing is lit yet" if found.median_seconds is None else f"{found.median_seconds} s"
    out.print(f"Median time to light a torch: {seconds}")
    legs = table("leg", "ambassadors")
    for leg, count in sorted(found.legs.items()):
        legs.add_row(str(leg), str(count))
    days = table("day", "granted", "lit")
    for day, (granted, lit) in found.days.items():
        days.add_row(day.isoformat(), str(granted), str(lit))
    for rows in (legs, days):
        if rows.row_count:
            out.print(rows)


@relay.command("boards")
@_CAMPAIGN
@click.option("--top", type=click.IntRange(1, 1000), default=10, show_default=True, help="Lines of each board.")
def show_boards(campaign: str, top: int) -> None:
    """The boards of CAMPAIGN: longest chains, most lit, most friends today.

    Who chose no name is shown by the own invite word, which `huoju relay forget-name` takes, too.
    """
    here = installation()
    with read_only(here.runtime().sessions) as session:
        one, rules = _relay_of(session, campaign)
        today = local_day(here.clock(), rules.zone)
        print_boards(session, here.keys, boards(session, one.id, today, top))
        _tell_waiting(session, one)


def print_boards(session: Session, keys: Keyring, heads: Mapping[str, Board]) -> None:
    """Print the heads of boards with names, and the invite words of whoever stands there."""
    words = words_of(session, (player_id for head in heads.values() for player_id, _, _ in head))
    for board, (title, unit) in _BOARDS.items():
        rows = table("place", "name", "word", unit)
        for place, (player_id, sealed, score) in enumerate(heads[board], start=1):
            word = grouped(words[player_id]) if player_id in words else "-"
            rows.add_row(str(place), name_of(keys, player_id, sealed) or "-", word, str(score))
        out.print(f"{title}:")
        out.print(rows if rows.row_count else "nobody yet")


@relay.command()
@click.argument("code")
def perk(code: str) -> None:
    """Check the perk CODE that a player shows; exit 1 when it is none."""
    if not is_perk_code(code):
        raise Refused(_what_else(normalise(code)))
    here = installation()
    with read_only(here.runtime().sessions) as session:
        found = perk_behind(session, here.keys, code)
    if found is None:
        raise Refused("this code is spelt like a perk, but no torch here has earned it; do not accept it")
    title = f"{found.title.zh} / {found.title.en}" if found.title else found.name
    since = to_the_second(found.since, found.rules.zone)
    out.print(f"Good: {title}")
    out.print(f"Campaign {found.campaign} ({found.rules.title.zh} / {found.rules.title.en}).")
    out.print(f"The torch burns since {since} ({found.rules.zone.key}), leg {found.leg}.")


def _what_else(word: str) -> str:
    """Why ``word`` is no code of a perk."""
    if is_word(Kind.INVITE, word):
        return 'this is an invite word, not the code of a perk; the player sees that one by sending "perk" or "特权"'
    if is_word(Kind.PICKUP, word):
        return "this is a pick-up code of a prize, not of a perk; use huoju claims pick-up"
    return 'mistyped: a symbol is wrong or missing; the player sees the code by sending "perk" or "特权"'


@relay.command("forget-name")
@click.argument("word")
def forget(word: str) -> None:
    """Remove the name that the player with the invite WORD chose to be shown by; the player may choose another."""
    if not is_word(Kind.INVITE, normalise(word)):
        raise Refused("this is no invite word, a symbol is wrong or missing; copy it from `huoju relay boards`")
    here = installation()
    runtime = here.runtime()

    def act() -> bool | None:
        with runtime.sessions.begin() as session:
            return forget_name(session, word)

    match patiently(act):
        case None:
            raise Refused("nobody has this invite word; copy it from `huoju relay boards`")
        case False:
            out.print("This player has chosen no name; nothing changed.")
        case True:
            out.print("The name is removed; boards, pages and friends see none from now on.")
