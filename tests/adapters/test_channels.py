"""Every channel keeps the contract of bots/base.py; what is listed and what there is are the same."""

from pathlib import Path

import pytest

import bots
from bots import CHANNELS, Listed, load

FOLDERS = sorted(path.parent.name for path in Path(bots.__file__).parent.glob("*/channel.py"))


def test_every_folder_is_listed() -> None:
    assert len(CHANNELS) >= 5
    assert sorted(listed.name for listed in CHANNELS) == FOLDERS


@pytest.mark.parametrize("listed", CHANNELS, ids=[listed.name for listed in CHANNELS])
def test_a_channel_is_what_its_line_says(listed: Listed) -> None:
    channel = load(listed.name)
    assert channel.name == listed.name
    assert bool(channel.built_in) is listed.built_in
    assert bool(channel.models) is not listed.built_in
    assert bool(listed.command) is bool(channel.holds_links or channel.commands or channel.scenes)
    assert all(command.name and command.help for command in channel.commands)


def test_no_other_channel_is_loaded() -> None:
    with pytest.raises(KeyError):
        load("base")
