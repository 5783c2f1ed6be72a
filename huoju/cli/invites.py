"""`huoju invites`: list, release, revoke."""

from itertools import islice

import click

from core.arguments import row_of
from core.campaign.publishing import get_campaign
from core.database import read_only
from core.verbs import patiently
from core.words import Mark, row_number
from handlers.invites import verbs
from handlers.invites.verbs import ListedInvite, listed
from huoju.cli.console import installation, out, table

_STATES = ("joined", "rewarded", "held", "released", "revoked", "closed", "all")
_NUMBER = click.argument("number")
_OPERATOR = click.option("--operator", required=True, help="Who decides; kept with the invite.")


@click.group()
def invites() -> None:
    """Review invites that look made up: release what is held, or take it back."""


@invites.command("list")
@click.argument("campaign", required=False)
@click.option("--state", type=click.Choice(_STATES), default="held", show_default=True, help="Only these.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most so many.")
def list_invites(campaign: str | None, state: str, limit: int) -> None:
    """Invites (to CAMPAIGN), the most suspicious first; friends and inviters by number, no names and no phones.

    Only what is held is shown, unless another --state is asked for.
    """
    columns = ("number", "campaign", "state", "score", "signs", "how", "joined (UTC)", "qualified (UTC)", "points")
    rows = table(*columns, "inviter")
    with read_only(installation().runtime().sessions) as session:
        if campaign is not None:
            get_campaign(session, campaign)
        found = list(islice(listed(session, campaign, None if state == "all" else state), limit + 1))
    if not found:
        out.print("There is no invite." if state == "all" else f"No invite is {state}; --state all shows every one.")
        return
    for one in found[:limit]:
        rows.add_row(*_facts(one))
    out.print(rows)
    if len(found) > limit:
        out.print(f"… and more; --limit shows more than {limit}")


def _facts(one: ListedInvite) -> list[str]:
    invite = one.invite
    return [
        row_number(Mark.FRIEND, invite.player_id),
        one.campaign,
        invite.state,
        str(invite.score),
        ", ".join(filter(None, (invite.signs, "ring" if invite.ring else None))) or "-",
        invite.how,
        f"{invite.joined_at:%Y-%m-%d %H:%M}",
        f"{invite.qualified_at:%Y-%m-%d %H:%M}" if invite.qualified_at else "-",
        f"{invite.inviter_points} + {invite.invitee_points}",
        row_number(Mark.FRIEND, invite.inviter_id),
    ]


@invites.command()
@_NUMBER
@_OPERATOR
def release(number: str, operator: str) -> None:
    """Pay what the invite NUMBER holds to both; both are told."""
    here = installation()
    friend_id, runtime = row_of(Mark.FRIEND, number), here.runtime()
    patiently(lambda: verbs.release(runtime, friend_id, operator, here.clock()))
    out.print(f"{row_number(Mark.FRIEND, friend_id)} is released; both are told.")


@invites.command()
@_NUMBER
@_OPERATOR
@click.confirmation_option(prompt="A revoked invite is never paid again, and what was paid is taken back. Revoke it?")
def revoke(number: str, operator: str) -> None:
    """Take the rewards of the invite NUMBER back: held ones quietly, paid ones by transfer, and both are told."""
    here = installation()
    friend_id, runtime = row_of(Mark.FRIEND, number), here.runtime()
    missing = patiently(lambda: verbs.revoke(runtime, friend_id, operator, here.clock()))
    spent = f"; {missing} points were spent already and are missing" if missing else ""
    out.print(f"{row_number(Mark.FRIEND, friend_id)} is revoked{spent}.")
