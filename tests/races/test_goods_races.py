"""Races for goods: the last mug, each voucher, each pick-up code, two approvals, a deadline, a second draw."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.models import Player, Timer, Transfer
from handlers.claims.fulfilment import Parcel
from handlers.claims.tables import Claim, SecondDraw, Voucher
from handlers.gifts.tables import Gift
from tests.races.crowd import PROCESSES, Crowd, Part, Says, count, dealt, faults, play, texts
from tests.races.shop import REFUSED, asked, deadlocks, details, operate, rich, serve, tick, url_of, vouchers, word_of
from tests.snack import SNACK, SURE
from tests.stage import START, Stage

BUYERS = [f"p{number:02}" for number in range(16)]
MUG, TICKET, BAG = 1, 2, 3
DEADLINE = START + timedelta(days=10)


def _first_words(said: list[str]) -> Counter[str]:
    return Counter(each.split(" ")[0] for each in said)


def _claims(stage: Stage) -> list[Claim]:
    with stage.sessions() as session:
        return list(session.scalars(select(Claim).order_by(Claim.id)))


@pytest.mark.parametrize("processes", [2, PROCESSES])
def test_the_last_mug_is_bought_by_exactly_one_of_many(arena: Stage, crowd: Crowd, processes: int) -> None:
    arena.publish(SNACK.replace("stock: 2,", "stock: 1,"))
    rich(arena, BUYERS)
    asked(arena, BUYERS, MUG)
    said = texts(crowd.play(url_of(arena), dealt([Says(by, "yes", "yes") for by in BUYERS], processes, 2, "mug")))
    assert _first_words(said) == {"gifts.bought": 1, "gifts.gone": 15}
    assert count(arena, Player, Player.points == 20) == 15
    assert count(arena, Gift, Gift.name == "mug", Gift.stock_left == 0) == count(arena, Claim) == 1
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_each_voucher_is_handed_out_once_and_the_rest_wait(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK.replace("stock: 3, claim: voucher", "stock: 16, claim: voucher"))
    rich(arena, BUYERS)
    vouchers(arena, "gift:ticket", [f"first-{number}" for number in range(5)])
    asked(arena, BUYERS, TICKET)
    first, late = BUYERS[:12], BUYERS[12:]
    said = crowd.play(url_of(arena), dealt([Says(by, "yes", "yes") for by in first], PROCESSES, 2, "tickets"))
    told = [answer.texts[1] for _, answer in said]
    assert _first_words(told) == {"claim.voucher": 5, "claim.voucher_follows": 7}
    vouchers(arena, "gift:ticket", [f"second-{number}" for number in range(9)])
    buying = Part(play, ([[Says(by, "yes", "yes")] for by in late],))
    *served, bought = crowd.race(url_of(arena), [*[Part(serve, (START,))] * 3, buying])
    at_once = _first_words([answer.texts[1] for _, answer in bought])["claim.voucher"]
    assert sum(served) + at_once == 9
    assert count(arena, Voucher, Voucher.claim_id.is_(None)) == 0
    vouchers(arena, "gift:ticket", [f"third-{number}" for number in range(9)])
    assert sum(crowd.race(url_of(arena), [Part(serve, (START,))] * PROCESSES)) == 2
    codes = [line.split("code=")[1].split()[0] for by in BUYERS for line in arena.told(by) if "claim.voucher " in line]
    assert len(codes) == len(set(codes)) == 16
    assert deadlocks(arena) == 0
    assert faults(arena) == []


@pytest.mark.parametrize("ids", [("yes", "yes"), ("yes", "again")], ids=["same message", "two messages"])
def test_a_gift_that_is_confirmed_twice_at_once_is_paid_for_once(
    arena: Stage, crowd: Crowd, ids: tuple[str, str]
) -> None:
    arena.publish(SNACK.replace("stock: 5, claim: counter", "stock: 50, claim: counter"))
    rich(arena, BUYERS, 3)
    asked(arena, BUYERS, BAG)
    said = crowd.play(url_of(arena), [[[Says(by, "yes", name)] for by in BUYERS] for name in ids])
    bought = [says.by for (says, _), told in zip(said, texts(said), strict=True) if told.startswith("gifts.bought")]
    assert len(bought) == (32 if ids[0] == ids[1] else 16)
    assert set(bought) == set(BUYERS)
    assert count(arena, Claim) == count(arena, Player, Player.points == 20) == 16
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_the_limit_of_a_player_holds_over_all_addresses(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK.replace("stock: 2,", "stock: 20,"))
    mine = ["a1", "a2", "a3", "a4"]
    rich(arena, mine, 4)
    for other in mine[1:]:
        assert arena.say(word_of(arena, mine[0], "link"), by=other).startswith("link.linked")
    rounds = [[[Says(by, said, f"{number}-{said}")] for number in range(6) for said in ("gifts", "1")] for by in mine]
    hasty = [
        [turn for pair in zip(each[::2], each[1::2], strict=True) for turn in (*pair, [Says(by, "yes", f"y{n}")])]
        for n, (by, each) in enumerate(zip(mine, rounds, strict=True))
    ]
    crowd.play(url_of(arena), hasty)
    for said in ("cancel", "gifts", "1", "1"):
        arena.say(said, by="a1")
    assert count(arena, Claim, Claim.item == "mug") == 1
    assert arena.say("gifts", by="a2").startswith("gifts.choose")
    assert arena.say("1", by="a2").startswith("gifts.limit")
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_a_pick_up_code_works_once_whoever_types_it(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK)
    rich(arena, BUYERS[:5], 1)
    asked(arena, BUYERS[:5], BAG)
    codes = [arena.say("yes", by=by).split("code=")[1].split()[0] for by in BUYERS[:5]]
    staff = crowd.race(url_of(arena), [Part(operate, ([("pick_up", code, "li") for code in codes], START))] * PROCESSES)
    for handed in zip(*staff, strict=True):
        assert len([each for each in handed if each != REFUSED]) == 1
    assert count(arena, Claim, Claim.state == "received") == 5
    assert deadlocks(arena) == 0
    assert faults(arena) == []


@pytest.mark.parametrize("names", [("ann", "ann", "Ann", "ANN"), ("ann", "bob", "ann", "bob")])
def test_approvals_at_once_are_those_of_two_operators(arena: Stage, crowd: Crowd, names: tuple[str, ...]) -> None:
    arena.publish(SNACK.replace("1/1000000000", "1/1"))
    rich(arena, BUYERS[:10], 1)
    ids = [claim.id for claim in _claims(arena)]
    assert len(ids) == 10
    deeds = [Part(operate, ([("approve", claim_id, name) for claim_id in ids], START)) for name in names]
    for given in zip(*crowd.race(url_of(arena), deeds), strict=True):
        assert len([each for each in given if each != REFUSED]) == len({name.casefold() for name in names})
    both = {tuple(sorted((c.first_approver or "", c.second_approver or ""))) for c in _claims(arena)}
    assert both == {("ann", "bob")} if "bob" in names else all(not first for first, _ in both)
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_a_parcel_is_shipped_or_cancelled_and_the_player_edits_only_before(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK.replace("stock: 2,", "stock: 20,"))
    rich(arena, BUYERS)
    asked(arena, BUYERS, MUG)
    play(arena.runtime, [[Says(by, "yes", "yes")] for by in BUYERS])
    play(arena.runtime, [[says] for by in BUYERS for says in details(by)])
    ids = [claim.id for claim in _claims(arena)]
    deeds = [
        [("ship", claim_id, Parcel("SF", "1", 1)) for claim_id in ids],
        [("cancel", claim_id, "sold out") for claim_id in reversed(ids)],
    ]
    edits = [[Says(by, text, f"edit-{text}")] for by in BUYERS for text in ("prizes", "4", "2 Other Road, Beijing")]
    parts = [*[Part(operate, (each, START)) for each in deeds], Part(play, (edits,))]
    shipped, cancelled, edited = crowd.race(url_of(arena), parts)
    edited_by = {says.by for says, answer in edited if answer.texts[0].startswith("delivery.confirm address=2 Other")}
    for claim, sent, ended in zip(_claims(arena), shipped, reversed(cancelled), strict=True):
        assert [sent, ended].count(REFUSED) >= 1
        if sent != REFUSED:
            assert (claim.state, claim.revision) == ("shipped", 1)
        elif ended != REFUSED:
            assert claim.state == "cancelled"
        else:
            assert (claim.state, claim.revision) == ("ready", 2)
    assert count(arena, Claim, Claim.revision == 2) == len(edited_by)
    assert count(arena, Transfer, Transfer.reason == "refund") == count(arena, Claim, Claim.state == "cancelled")
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_a_deadline_ends_a_claim_once_or_the_answer_came_before(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SNACK.replace("stock: 2,", "stock: 20,"))
    rich(arena, BUYERS)
    asked(arena, BUYERS, MUG)
    play(arena.runtime, [[Says(by, "yes", "yes")] for by in BUYERS])
    clocks = [Part(tick, (DEADLINE - timedelta(days=1),))] * PROCESSES
    assert sum(crowd.race(url_of(arena), clocks)) == 16
    reminded = [line for by in BUYERS for line in arena.told(by) if line.startswith("claim.reminder")]
    assert len(reminded) == 16
    answering = Part(play, ([[says] for by in BUYERS[::2] for says in details(by)], START + timedelta(hours=1)))
    *_, said = crowd.race(url_of(arena), [*[Part(tick, (DEADLINE,))] * 3, answering])
    assert tick(arena.runtime, DEADLINE) == 0
    accepted = {says.by for says, answer in said if answer.texts[0].startswith("claim.ready")}
    assert count(arena, Claim, Claim.state == "ready") == len(accepted)
    assert count(arena, Claim, Claim.state == "lapsed") == 16 - len(accepted)
    assert count(arena, Timer, Timer.state.in_(("due", "failed"))) == 0
    assert deadlocks(arena) == 0
    assert faults(arena) == []


def test_second_draws_by_several_clocks_choose_different_lawful_winners(arena: Stage, crowd: Crowd) -> None:
    arena.publish(SURE.replace("unclaimed: stock", "unclaimed: second draw"))
    rich(arena, [f"p{number:02}" for number in range(24)], 1)
    assert count(arena, Claim) == 10
    redeeming = Part(play, ([[Says(f"q{number}", code, "q")] for number, code in enumerate(arena.codes(6))], DEADLINE))
    crowd.race(url_of(arena), [*[Part(tick, (DEADLINE,))] * 3, redeeming])
    assert tick(arena.runtime, DEADLINE) == 0
    with arena.sessions() as session:
        drawn = session.scalars(select(SecondDraw)).all()
    assert len({each.code_hash for each in drawn}) == len({each.winner_id for each in drawn}) == 10
    assert count(arena, Claim, Claim.source == "second") == 10
    assert count(arena, Timer, Timer.state == "failed") == 0
    assert deadlocks(arena) == 0
    assert faults(arena) == []
