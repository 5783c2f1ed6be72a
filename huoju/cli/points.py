"""`huoju points`: show, correct, expire."""

import click
from sqlalchemy import select

from core.database import read_only
from core.models import Campaign, Join, Player, Transfer
from handlers.points import verbs
from huoju.cli.console import address_of, installation, out, table

_ADDRESS = click.argument("address")


@click.group()
def points() -> None:
    """Look at points, correct them by transfer, expire them."""


@points.command()
@_ADDRESS
def show(address: str) -> None:
    """Points of the player at ADDRESS (channel/account/user) in every campaign, with all movements."""
    here = installation()
    key = here.keys.address_key(*address_of(address))
    rows = table("campaign", "at (UTC)", "change", "reason", "note")
    with read_only(here.runtime().sessions) as session:
        joined = (
            select(Player, Campaign.name)
            .join(Join, Join.player_id == Player.id)
            .join(Campaign, Campaign.id == Player.campaign_id)
            .where(Join.address_key == key)
        )
        found = session.execute(joined).all()
        for player, name in found:
            mine = (Transfer.owner_id == player.id) & (Transfer.asset == "points")
            for one in session.scalars(select(Transfer).where(mine).order_by(Transfer.at)):
                sign = "+" if one.credit == f"player:{player.id}" else "-"
                rows.add_row(name, f"{one.at:%Y-%m-%d %H:%M}", f"{sign}{one.amount}", one.reason, one.note or "")
            rows.add_row(name, "balance", str(player.points), "", "")
    out.print(rows if found else f"{address} has not joined a campaign.")


@points.command()
@_ADDRESS
@click.argument("campaign")
@click.argument("change", type=click.IntRange(-verbs.MOST_POINTS, verbs.MOST_POINTS))
@click.option("--reason", required=True, help="Told to the player, and kept.")
@click.option("--ref", help="Your own reference: the same one is carried out once only.")
def correct(address: str, campaign: str, change: int, reason: str, ref: str | None) -> None:
    """Correct the points of the player at ADDRESS in CAMPAIGN by CHANGE (after -- when negative); the player is told.

    Nothing is overwritten: a correction is one more transfer.
    """
    if change == 0:
        raise click.BadParameter("0 changes nothing")
    here = installation()
    key = here.keys.address_key(*address_of(address))
    ref = ref or f"{here.clock():%Y%m%dT%H%M%S}-{here.randomness.take(4).hex()}"
    balance = verbs.correct(here.runtime(), key, campaign, change, ref=ref, note=reason, at=here.clock())
    if balance is None:
        out.print(f"{ref} was carried out before; nothing changed.")
    else:
        out.print(f"Corrected by {change:+} under {ref}; the player has {balance} points now and is told.")


@points.command()
def expire() -> None:
    """Take all points that have expired by now (the clock of `huoju run` does this every minute)."""
    here = installation()
    count = verbs.expire_due(here.runtime(), here.clock())
    out.print(f"Looked after {count} players whose points were due.")
