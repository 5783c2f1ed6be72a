"""[keep] of huoju.toml: how long rows are kept, and what of it is refused, with what would do."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.retention.keep import ALL, INBOX, KEEPABLE, OUTBOX, Keep
from huoju.account_registry import MODELS, complete_registry
from huoju.accounts import AccountsRefused, kept, read_accounts
from huoju.settings import Settings


def _settings(tmp_path: Path, lines: str) -> Settings:
    (tmp_path / "huoju.toml").write_text(lines, encoding="utf-8")
    return Settings(config_file=tmp_path / "huoju.toml")


REFUSED = [
    ("keep = 3", "keep: write a table"),
    ("[keep]\ninbx = '90 days'", "keep.inbx: this is not known here (do you mean inbox?)"),
    ("[keep]\ninbox = 90", "keep.inbox: write a length of time in quotes"),
    ("[keep]\ninbox = 'long'", "keep.inbox: write a length of time such as"),
    ("[keep]\ninbox = '29 days'\noutbox = '29 days'", "keep.inbox: 30 days at the least: a delivery that"),
    ("[keep]\noutbox = '500 days'", "keep.outbox: this is longer than inbox"),
    ("[keep]\noutbox = 'for ever'", "keep.outbox: this is longer than inbox"),
    ("[keep]\nguesses = '1 day'", "keep.guesses: 7 days at the least"),
]


@pytest.mark.parametrize(("lines", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_what_cannot_be_is_refused_and_nothing_goes_meanwhile(tmp_path: Path, lines: str, told: str) -> None:
    settings = _settings(tmp_path, lines)
    with pytest.raises(AccountsRefused) as refused:
        read_accounts(settings, MODELS)
    assert told in str(refused.value)
    assert kept(settings) == complete_registry(settings).keep == ALL


def test_what_is_not_said_is_kept_as_usual(tmp_path: Path) -> None:
    keep = kept(_settings(tmp_path, "[keep]\ninbox = 'for ever'\noutbox = '90 days'\n"))
    assert keep == Keep({"inbox": None, "outbox": timedelta(days=90)})
    assert (keep.length(INBOX), keep.length(OUTBOX)) == (None, timedelta(days=90))
    assert all(each.least <= each.usual == Keep().length(each) for each in KEEPABLE)
    assert kept(_settings(tmp_path, "this is no TOML")) == ALL
    assert kept(Settings(config_file=tmp_path / "nothing.toml")) == ALL, "a file that was named, and is not there"
