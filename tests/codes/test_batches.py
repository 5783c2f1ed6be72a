"""Batches: how many codes may live, what may be mixed, and what may become of a batch."""

import hashlib
import io

import pytest

from core.alphabet import normalise
from handlers import MECHANICS
from handlers.codes.batches import Issue, Issued, activate, void
from handlers.codes.importer import import_codes
from handlers.codes.issuance import CardList, issue
from handlers.codes.limits import BatchRefused
from tests.stage import CAMPAIGN, Stage

SHORT = CAMPAIGN.replace("length: 12", "length: 9")
MOST = (32**8 - 22**8) // 10**9
"""So many codes of nine symbols can live, in all campaigns together, while a phone can be won."""
PLANNED = CAMPAIGN.replace("length: 12", "length: 12, planned: 100")


def _issue(stage: Stage, count: int, campaign: str = "snack", out: io.BytesIO | None = None) -> Issued:
    with stage.sessions.begin() as session:
        how = Issue(stage.keys, stage.randomness, stage.now, MECHANICS.sections)
        return issue(session, campaign, count, CardList(out or io.BytesIO()), how)


def _import(stage: Stage, *lines: str) -> Issued:
    with stage.sessions.begin() as session:
        how = Issue(stage.keys, stage.randomness, stage.now, MECHANICS.sections)
        return import_codes(
            session, "snack", [(row, normalise(line)) for row, line in enumerate(lines, 1)], "0" * 64, how
        )


def test_the_codes_of_all_campaigns_share_one_space(stage: Stage) -> None:
    names = ("snack", "tea", "cake")
    for name in names:
        stage.publish(SHORT.replace("name: snack", f"name: {name}"))
    for name in names[:2]:
        _issue(stage, MOST * 2 // 5, name)
    with pytest.raises(BatchRefused, match=f"of 9 symbols at most {MOST} codes"):
        _issue(stage, MOST * 2 // 5, "cake")
    assert _issue(stage, MOST - 2 * (MOST * 2 // 5), "cake").codes_count


def test_a_void_batch_makes_room(stage: Stage) -> None:
    stage.publish(SHORT)
    batch = _issue(stage, MOST)
    with pytest.raises(BatchRefused):
        _issue(stage, 1)
    with stage.sessions.begin() as session:
        void(session, batch.batch_id, stage.now)
    assert _issue(stage, MOST).codes_count == MOST


def test_no_more_than_planned(stage: Stage) -> None:
    stage.publish(PLANNED)
    _issue(stage, 60)
    with pytest.raises(BatchRefused, match="100 codes are planned, but there would be 101"):
        _issue(stage, 41)
    assert _issue(stage, 40).codes_count == 40


@pytest.mark.parametrize("first", ["issued", "imported"])
def test_issued_and_imported_codes_of_one_length_are_never_mixed(stage: Stage, first: str) -> None:
    """Among imported ones a typo could not be told from a guess."""
    stage.publish(CAMPAIGN)
    acts = [lambda: _issue(stage, 1), lambda: _import(stage, "ABCDEFGH2345", "ZYXWVTSR9876")]
    one, other = acts if first == "issued" else acts[::-1]
    batch = one()
    with pytest.raises(BatchRefused, match="use another length"):
        other()
    with stage.sessions.begin() as session:
        void(session, batch.batch_id, stage.now)
    assert other().codes_count


def test_a_code_is_imported_once(stage: Stage) -> None:
    stage.publish(CAMPAIGN)
    alike = ["ABCDEFGH23450000", "ZYXWVTSR98760000", "ABCDEFGH2345OOOO"]
    with pytest.raises(BatchRefused, match="row 3 is the same code as row 1"):
        _import(stage, *alike)
    _import(stage, *alike[:2])
    with pytest.raises(BatchRefused, match="known already: the codes in row 2;"):
        _import(stage, "MNPQRSTVWXYZ2345", "zyxwvtsr98760000")


def test_what_is_activated_is_the_printers_file_and_once(stage: Stage) -> None:
    stage.publish(CAMPAIGN)
    out = io.BytesIO()
    batch = _issue(stage, 3, out=out)
    printed = hashlib.sha256(out.getvalue()).hexdigest()
    assert batch.file_sha256 == printed
    with stage.sessions.begin() as session, pytest.raises(BatchRefused, match=f"its SHA-256 should be {printed}"):
        activate(session, batch.batch_id, stage.now, "0" * 64)
    with stage.sessions.begin() as session:
        assert activate(session, batch.batch_id, stage.now, printed).state == "active"
    with stage.sessions.begin() as session, pytest.raises(BatchRefused, match="is active; only an inert batch"):
        activate(session, batch.batch_id, stage.now)
    with stage.sessions.begin() as session:
        void(session, batch.batch_id, stage.now)
    for act in (activate, void):
        with stage.sessions.begin() as session, pytest.raises(BatchRefused, match="is void"):
            act(session, batch.batch_id, stage.now)
