"""Each command_status means what the standard says, or may pass."""

import pytest

from bots.sms.smpp.command_status import STATUSES, Meaning, status_of

MEANT = {
    Meaning.TAKEN: {0x00},
    Meaning.SLOWER: {0x14, 0x58},
    Meaning.LATER: {0x04, 0x05, 0x08, 0x0D, 0x0E, 0x0F, 0x45, 0x64},
    Meaning.GONE: {0x0B},
    Meaning.DOUBTFUL: {0xFF},
}


@pytest.mark.parametrize("code", STATUSES)
def test_each_status_means_what_the_table_of_the_standard_says(code):
    meant = next((meaning for meaning, codes in MEANT.items() if code in codes), Meaning.NEVER)
    assert status_of(code).meaning is meant


def test_there_are_all_statuses_of_the_standard():
    assert len(STATUSES) == 48
    assert all(codes <= STATUSES.keys() for codes in MEANT.values())


@pytest.mark.parametrize("code", [0x400, 0x9999])
def test_a_vendors_status_may_pass(code):
    assert status_of(code).meaning is Meaning.LATER
    assert status_of(code).name == f"status_{code:#x}"
