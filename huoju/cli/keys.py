"""`huoju keys`: add a newer key for what is sealed from now on."""

import click

from core.keys import add_sealing_key
from core.randomness import SystemRandomness
from huoju.cli.console import out
from huoju.settings import read_settings


@click.group()
def keys() -> None:
    """Look after the key file. Back it up: without it no code and no name can ever be read."""


@keys.command()
def rotate() -> None:
    """Seal everything new with a fresh key; what is sealed already stays readable. Restart the processes after it."""
    settings = read_settings()
    number = add_sealing_key(settings.keys_file, SystemRandomness())
    out.print(f"{settings.keys_file} has key {number} now. Back the file up and restart Huoju's processes.")
