"""`huoju draws`: reveal the seed of an ended campaign and verify every draw."""

import hashlib

import click

from core.audit.draw_checks import wrong_draws
from core.audit.faults import Books
from core.campaign.live import kept_seed
from core.campaign.publishing import get_campaign, reveal
from core.draws.latest import latest_draws
from huoju.cli.common import Refused, installation, out, table

_CAMPAIGN = click.argument("campaign")
_SHOWN = 20


@click.group()
def draws() -> None:
    """Reveal seeds and verify draws."""


@draws.command("reveal")
@_CAMPAIGN
def reveal_seed(campaign: str) -> None:
    """Publish the draw seed of an ended CAMPAIGN, for everybody to verify; the rules answer shows it from now on."""
    here = installation()
    with here.world().sessions.begin() as session:
        seed = reveal(session, campaign, here.clock(), here.keys)
    out.print(f"Seed of {campaign}: {seed}")


@draws.command()
@_CAMPAIGN
@click.option("--seed", help="The seed in hex, as it was revealed; without it, the one that is kept here.")
def verify(campaign: str, seed: str | None) -> None:
    """Compute every draw of CAMPAIGN again with a second, independent implementation; exit 1 when one differs."""
    here = installation()
    with here.world().sessions() as session:
        one = get_campaign(session, campaign)
        raw = bytes.fromhex(_checked(seed)) if seed else kept_seed(one, here.keys)
        if hashlib.sha256(raw).hexdigest() != one.seed_commitment:
            raise Refused(f"this seed is not the one that {campaign} committed to: {one.seed_commitment}")
        faults = 0
        for fault in wrong_draws(Books(session, here.keys), one, raw):
            faults += 1
            if faults <= _SHOWN:
                out.print(f"{fault.row}: {fault.wrong}", markup=False)
    if faults:
        raise Refused(f"{faults} draws do not follow from the seed")
    out.print(f"The seed matches its commitment, and every draw of {campaign} follows from it.")


def _checked(seed: str) -> str:
    try:
        bytes.fromhex(seed)
    except ValueError:
        raise Refused("--seed: give the seed in hex, as `huoju draws reveal` prints it") from None
    return seed


@draws.command()
@click.option("--count", type=click.IntRange(1, 1000), default=20, help="How many.")
def latest(count: int) -> None:
    """The last draws of all campaigns."""
    rows = table("at (UTC)", "campaign", "odds", "prize")
    world = installation().world()
    for one in latest_draws(world.sessions, world.shelf, count):
        prize = one.prize["zh"] if one.prize else "-"
        rows.add_row(f"{one.at:%Y-%m-%d %H:%M:%S}", one.campaign["zh"], str(one.odds), prize)
    out.print(rows)
