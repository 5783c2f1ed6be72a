"""`huoju names`: list, approve, refuse."""

from collections.abc import Callable
from datetime import datetime
from itertools import islice

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.alphabet import grouped, normalise
from core.arguments import row_of
from core.campaign.publishing import get_campaign
from core.database import read_only
from core.keys import Keyring
from core.models import InviteWord
from core.operators import Refused
from core.verbs import patiently
from core.words import Kind, Mark, is_word, row_number
from handlers.relay.verbs import ListedName, listed
from handlers.relay.verbs import approve as let_show
from handlers.relay.verbs import refuse as take_away
from huoju.cli.console import installation, out, table

_WHOSE = click.argument("players", nargs=-1, required=True, metavar="PLAYER...")
_OPERATOR = click.option("--operator", required=True, help="Who decides; kept with the player.")


@click.group()
def names() -> None:
    """Look at the names that players chose: let those that wait be shown, or take a name away."""


@names.command("list")
@click.argument("campaign", required=False)
@click.option("--shown", is_flag=True, help="Those that everybody reads, instead of those that wait.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most so many.")
def list_names(campaign: str | None, *, shown: bool, limit: int) -> None:
    """Names (of CAMPAIGN) that wait for somebody to look at them, the oldest first."""
    here = installation()
    with read_only(here.runtime().sessions) as session:
        if campaign is not None:
            get_campaign(session, campaign)
        found = list(islice(listed(session, here.keys, campaign, waiting=not shown), limit + 1))
    if not found:
        out.print("No name is shown." if shown else "No name waits; --shown lists those that everybody reads.")
        return
    rows = table("number", "campaign", "name", *([] if shown else ["shown meanwhile", "waits since (UTC)"]), "word")
    for one in found[:limit]:
        rows.add_row(*_facts(one))
    out.print(rows)
    if len(found) > limit:
        out.print(f"… and more; --limit shows more than {limit}")


def _facts(one: ListedName) -> list[str]:
    meanwhile = [one.shown or "-", f"{one.at:%Y-%m-%d %H:%M}"] if one.at else []
    word = grouped(one.word) if one.word else "-"
    return [row_number(Mark.FRIEND, one.player_id), one.campaign, one.name, *meanwhile, word]


@names.command()
@_WHOSE
@_OPERATOR
def approve(players: tuple[str, ...], operator: str) -> None:
    """Let the names that wait be shown; each PLAYER is a number from the list, or an invite word."""
    _decide(players, operator, let_show, "is shown from now on")


@names.command()
@_WHOSE
@_OPERATOR
def refuse(players: tuple[str, ...], operator: str) -> None:
    """Take away the name that waits, or else the one that is shown; what the PLAYER chooses next waits, then."""
    _decide(players, operator, take_away, "is shown to nobody")


_Decide = Callable[[Session, Keyring, int, str, datetime], str]


def _decide(players: tuple[str, ...], operator: str, decide: _Decide, done: str) -> None:
    here = installation()
    runtime = here.runtime()

    def act(player: str) -> str:
        with runtime.sessions.begin() as session:
            return decide(session, here.keys, _whose(session, player), operator, here.clock())

    for player in players:
        out.print(f"“{patiently(lambda one=player: act(one))}” {done}.")  # type: ignore[misc]


def _whose(session: Session, player: str) -> int:
    """The player behind a number or an invite word. Raises Refused."""
    word = normalise(player)
    if not is_word(Kind.INVITE, word):
        return row_of(Mark.FRIEND, player)
    found = session.scalar(select(InviteWord.player_id).where(InviteWord.word == word))
    if found is None:
        raise Refused("nobody has this invite word")
    return found
