"""The command line: `huoju …`. Every refusal is one clear sentence; a trace goes to a file, never to the screen."""

import sys
from pathlib import Path

import click

from core.blame import is_worlds
from core.times import system_clock
from huoju.cli import (
    accounts,
    campaign,
    claims,
    codes,
    doctor,
    draws,
    inbox,
    invites,
    keys,
    operate,
    outbox,
    points,
    relay,
    run,
    simulate,
    telegram,
    timers,
    vouchers,
    wechat,
)
from huoju.cli.common import REFUSALS, complain
from huoju.cli.troubles import told
from huoju.logs import places

TRACE_FILE = Path("var/huoju-error.log")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="huoju")
def cli() -> None:
    """Huoju (火炬) runs interactive campaigns inside chat apps.

    Settings come from the environment (HUOJU_…) or a .env file; the README lists them.
    """


for command in (
    run.run,
    run.web,
    run.sms,
    telegram.telegram,
    run.sender,
    run.clock,
    run.chat,
    doctor.doctor,
    accounts.accounts,
    wechat.wechat,
    campaign.campaign,
    codes.codes,
    draws.draws,
    points.points,
    claims.claims,
    vouchers.vouchers,
    invites.invites,
    relay.relay,
    simulate.simulate,
    inbox.inbox,
    outbox.outbox,
    timers.timers,
    keys.keys,
    operate.audit,
    operate.db,
    operate.texts,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; exit 1 with one sentence when something is refused."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        complain("stopped")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except REFUSALS as error:
        complain(str(error))
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  # an operator never sees a trace
        if is_worlds(error):
            complain(told(error))
            sys.exit(1)
        complain(f"something went wrong here ({type(error).__name__}); the details {_keep_trace(error)}")
        sys.exit(70)


def _keep_trace(error: Exception) -> str:
    """Append the kind of ``error`` and the places it came through, never its text; returns where they are, or why not.

    The text of an exception may quote a player or a row.
    """
    lines = [f"{system_clock():%Y-%m-%dT%H:%M:%SZ} {type(error).__name__}", *(f"  {place}" for place in places(error))]
    try:
        TRACE_FILE.parent.mkdir(exist_ok=True)
        with TRACE_FILE.open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as trouble:
        return f"could not be written to {TRACE_FILE} ({trouble.strerror})"
    return f"are in {TRACE_FILE}"
