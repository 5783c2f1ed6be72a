"""`huoju claims`: list, show, approve, deliver, cancel, pick-up; with export and ship of parcels.py."""

import sys

import click

from core.arguments import row_of
from core.database import read_only
from core.verbs import patiently
from core.words import Mark, row_number
from handlers.claims import fulfilment
from handlers.claims.details import FIELDS, details_of
from handlers.claims.queries import ListedClaim, get_claim, listed
from handlers.claims.fulfilment import ClaimRefused
from huoju.cli.console import complain, installation, out, table
from huoju.cli.shipments import export, ship

_NUMBER = click.argument("number")
_STATES = ("open", "ready", "shipped", "received", "lapsed", "cancelled")


@click.group()
def claims() -> None:
    """Bring prizes and gifts to their players: approve, export for the warehouse, ship, hand over, cancel."""


claims.add_command(export)
claims.add_command(ship)


@claims.command("list")
@click.argument("campaign", required=False)
@click.option("--state", type=click.Choice(_STATES), help="Only these.")
@click.option("--waiting-for-approval", is_flag=True, help="Only what two operators must approve, and have not yet.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most so many.")
def list_claims(campaign: str | None, state: str | None, limit: int, *, waiting_for_approval: bool) -> None:
    """All claims (of CAMPAIGN), oldest first; no names and no addresses."""
    columns = ("number", "campaign", "item", "kind", "state", "source", "opened (UTC)", "deadline (UTC)", "approvals")
    rows = table(*columns, "revision")
    with read_only(installation().runtime().sessions) as session:
        found = listed(session, campaign, state, waits_for_approval=waiting_for_approval, most=limit + 1)
    for one in found[:limit]:
        rows.add_row(*_facts(one).values())
    out.print(rows)
    if len(found) > limit:
        out.print(f"… and more; --limit shows more than {limit}")


def _facts(one: ListedClaim) -> dict[str, str]:
    claim = one.claim
    return {
        "number": row_number(Mark.CLAIM, claim.id),
        "campaign": one.campaign,
        "item": claim.item,
        "kind": claim.kind,
        "state": claim.state,
        "source": claim.source,
        "opened (UTC)": f"{claim.opened_at:%Y-%m-%d %H:%M}",
        "deadline (UTC)": f"{claim.deadline_at:%Y-%m-%d %H:%M}" if claim.deadline_at else "-",
        "approvals": one.approvals,
        "revision": str(claim.revision),
    }


@claims.command()
@_NUMBER
@click.option("--details", is_flag=True, help="Show name, phone and address, too.")
def show(number: str, *, details: bool) -> None:
    """One claim."""
    here = installation()
    claim_id = row_of(Mark.CLAIM, number)
    with read_only(here.runtime().sessions) as session:
        one = get_claim(session, claim_id)
    claim, rows = one.claim, table("", "")
    rows.show_header = False
    shown = _facts(one) | {
        "exported": f"revision {claim.exported_revision}" if claim.exported_revision else "-",
        "approved by": ", ".join(filter(None, (claim.first_approver, claim.second_approver))) or "-",
        "carrier": claim.carrier or "-",
        "tracking number": claim.tracking or "-",
        "closed (UTC)": f"{claim.closed_at:%Y-%m-%d %H:%M}" if claim.closed_at else "-",
    }
    if details:
        known = details_of(here.keys, claim)
        shown |= {field: getattr(known, field) or "-" for field in FIELDS}
    for name, value in shown.items():
        rows.add_row(name, value)
    out.print(rows)


@claims.command()
@_NUMBER
@click.option("--operator", required=True, help="Who approves it.")
def approve(number: str, operator: str) -> None:
    """Approve the claim NUMBER; two different operators must, before what is of great value leaves."""
    here = installation()
    claim_id, runtime = row_of(Mark.CLAIM, number), here.runtime()

    def act() -> str:
        return fulfilment.approve(runtime, claim_id, operator, here.clock())

    done = patiently(act)
    out.print(f"{row_number(Mark.CLAIM, claim_id)}: {done}.")


@claims.command()
@click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True)
def deliver(numbers: tuple[str, ...]) -> None:
    """The parcels of the claims NUMBER... have arrived; the players are told."""
    here = installation()
    ids, runtime, refused = [row_of(Mark.CLAIM, number) for number in numbers], here.runtime(), 0
    for claim_id in ids:
        try:
            patiently(lambda: fulfilment.deliver(runtime, claim_id, here.clock()))  # noqa: B023  # it is called at once
        except ClaimRefused as error:
            complain(str(error))
            refused += 1
    out.print(f"delivered {len(ids) - refused}, refused {refused}")
    sys.exit(1 if refused else 0)


@claims.command()
@_NUMBER
@click.option("--reason", required=True, help="Told to the player.")
@click.confirmation_option(prompt="A cancelled claim cannot be brought back, and its player is told. Cancel it?")
def cancel(number: str, reason: str) -> None:
    """Cancel the claim NUMBER: the piece goes back to stock, points for a gift to the player, who is told why."""
    here = installation()
    claim_id, runtime = row_of(Mark.CLAIM, number), here.runtime()
    patiently(lambda: fulfilment.cancel(runtime, claim_id, reason, here.clock()))
    out.print(f"{row_number(Mark.CLAIM, claim_id)} is cancelled; the player is told.")


@claims.command("pick-up")
@click.argument("code")
def pick_up(code: str) -> None:
    """Redeem the pick-up CODE that a player shows at the counter; it works once."""
    here = installation()
    runtime = here.runtime()
    done = patiently(lambda: fulfilment.pick_up(runtime, code, here.clock()))
    out.print(f"Hand over: {done}")
