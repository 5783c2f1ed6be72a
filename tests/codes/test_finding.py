"""One code is looked up by what is printed on it: where it belongs, who used it, and what it brought."""

import pytest

from core.operators import Role
from tests.snack import SNACK, SURE
from tests.stage import Stage
from tests.talking import faults, play


def _office(stage: Stage, text: str = SNACK) -> Stage:
    stage.publish(text)
    stage.appoint(Role.SUPPORT)
    return stage


@pytest.mark.parametrize("spelt", [str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code} ", str])
def test_a_code_is_found_however_it_is_spelt_and_says_who_used_it(stage: Stage, spelt: type[str]) -> None:
    _office(stage)
    (code,) = stage.codes(1)
    before = stage.command(f"/codes find {spelt(code)}", by="boss")
    for part in ("batch: 1", "campaign: snack", "state: active", "by: -"):
        assert part in before, part
    stage.say(code, by="anna")
    after = stage.command(f"/查一个码 {spelt(code)}", by="boss")
    number = stage.command("/player find test/main/anna", by="boss").split("\n")[1].split(" ")[0]
    for part in ("state: redeemed", f"by: {number}", "brought: 10 points", "used (UTC): 2026-12-01 04:00"):
        assert part in after, part
    assert not faults(stage)


def test_a_code_that_won_tells_what_it_won(stage: Stage) -> None:
    _office(stage, SURE)
    (code,) = stage.codes(1)
    stage.say(code, by="anna")
    assert "brought: 1 prize:phone" in stage.command(f"/codes find {code}", by="boss")


def test_a_void_batch_and_no_code_are_told_apart(stage: Stage) -> None:
    _office(stage)
    batch, (code,) = stage.issue(1, active=False)
    assert "state: inert" in stage.command(f"/codes find {code}", by="boss")
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert "a symbol of it is wrong" in stage.command(f"/codes find {wrong}", by="boss")
    stage.appoint(Role.AUDITOR, by="auditor", name="Wang Wu")
    assert "no verb like that for you" in stage.command(f"/codes find {code}", by="auditor")
    assert batch.batch_id == 1


def test_claims_are_listed_of_one_player(stage: Stage) -> None:
    _office(stage, SURE)
    for by in ("anna", "bo"):
        play(stage, by)
    both = stage.command("/claims list", by="boss")
    hers = stage.command("/claims list player=test/main/anna", by="boss")
    assert (both.count("phone"), hers.count("phone")) == (2, 1)
