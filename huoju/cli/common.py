"""What the commands share: opening the installation, printing, and the refusals that are shown as one sentence."""

import re

import click
from rich.console import Console
from rich.table import Table

from core.campaign.publishing import CampaignRefused
from core.campaign.reading import BadCampaign
from core.codes.limits import BatchRefused
from core.database import DatabaseUnusable
from core.engine.failing import Unavailable
from core.keys import KeysUnusable
from core.messages import NotAMessage
from core.points import PointsRefused
from huoju.compose import FolderUnusable, Installation, open_installation
from huoju.printing import PrinterFileRefused
from huoju.settings import SettingsRefused, read_settings
from huoju.web import PlaygroundRefused, PortTaken


class Refused(Exception):
    """What was asked on the command line cannot be done; the message says why and what to do."""


REFUSALS: tuple[type[Exception], ...] = (
    BadCampaign,
    BatchRefused,
    CampaignRefused,
    DatabaseUnusable,
    FolderUnusable,
    KeysUnusable,
    NotAMessage,
    PlaygroundRefused,
    PointsRefused,
    PortTaken,
    PrinterFileRefused,
    Refused,
    SettingsRefused,
    Unavailable,
)

_ADDRESS = re.compile(r"([^/]+)/([^/]+)/(.+)")

# What people wrote is shown as it is: brackets are no markup and colons no emoji.
out = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


def complain(sentence: str) -> None:
    """Print a refusal to standard error."""
    err.print(f"huoju: {sentence}")


def installation(*, create: bool = False) -> Installation:
    """The installation that the settings name, opened until the command ends. Raises one of REFUSALS."""
    here = open_installation(read_settings(), create=create)
    click.get_current_context().call_on_close(here.database.dispose)
    return here


def table(*columns: str) -> Table:
    """An empty table with ``columns``."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def address_of(text: str) -> tuple[str, str, str]:
    """Read channel/account/user. Raises BadParameter."""
    match = _ADDRESS.fullmatch(text)
    if not match:
        raise click.BadParameter("write an address as channel/account/user, for example playground/demo/anna")
    return match[1], match[2], match[3]
