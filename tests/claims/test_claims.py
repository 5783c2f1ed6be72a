"""Claims in words: delivery, voucher, counter and points; deadlines, approvals, second draws, and what came back."""

import hmac
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from core.campaign.live import kept_seed
from core.keys import KeysUnusable
from core.models import Campaign
from core.operators import OperatorRefused
from core.words import Kind, word_of
from handlers.claims.details import Details, details_of, shown_at
from handlers.claims.fulfilment import ClaimRefused, Parcel, approve, cancel, deliver, pick_up, ship
from handlers.claims.tables import Claim, SecondDraw
from handlers.claims.vouchers import serve_waiting, take_in
from handlers.draws.tables import Draw, Prize
from tests.snack import SNACK, SURE
from tests.stage import Stage
from tests.talking import buy, claims, faults, keys_of, link_up, play, states

ANNA = ("Anna Lee", "13800138000", "12 King Street", "yes")
SECOND = SURE.replace("unclaimed: stock", "unclaimed: second draw").replace("stock: 10,", "stock: 1,")


def _prize(kind: str, *, dear: bool = False) -> str:
    """A campaign whose every code wins a prize of this kind."""
    points = ", points: 30 points" if kind == "points" else ""
    text = SURE.replace("stock: 10, claim: delivery", f"stock: 10, claim: {kind}{points}")
    return text.replace("value: 100 CNY", "value: 2999 CNY") if dear else text


def _only(stage: Stage) -> Claim:
    (claim,) = claims(stage)
    return claim


def _won(stage: Stage, text: str = SURE) -> Stage:
    """u1 has won and said where it goes."""
    stage.publish(text)
    play(stage)
    for answer in ANNA:
        stage.say(answer)
    assert states(stage) == ["ready"]
    return stage


# id, kind, the keys of what the winner reads, the claim's state
KINDS = [
    ("delivery", ["redeem.won", "delivery.name"], "open"),
    ("voucher", ["redeem.won", "claim.voucher_follows"], "ready"),
    ("counter", ["redeem.won", "claim.counter"], "open"),
    ("points", ["redeem.won", "claim.received"], "received"),
]


@pytest.mark.parametrize(("kind", "told", "state"), KINDS, ids=[row[0] for row in KINDS])
def test_each_kind_of_claim_reaches_its_winner(stage: Stage, kind: str, told: list[str], state: str) -> None:
    stage.publish(_prize(kind))
    assert keys_of(play(stage)) == told
    assert states(stage) == [state]
    assert f"balance={30 if kind == 'points' else 0}" in stage.say("points")
    assert faults(stage) == []


@pytest.mark.parametrize("kind", [row[0] for row in KINDS])
def test_what_is_dear_waits_for_two_different_operators(stage: Stage, kind: str) -> None:
    stage.publish(_prize(kind, dear=True))
    told = keys_of(play(stage))
    assert told[-1] == ("delivery.name" if kind == "delivery" else "claim.approval")
    if kind == "delivery":
        assert [keys_of(stage.say(text))[0] for text in ANNA][-1] == "claim.approval"
    claim = _only(stage)
    with pytest.raises(ClaimRefused):
        ship(stage.runtime, claim.id, Parcel(), stage.now)
    assert "another operator" in approve(stage.runtime, claim.id, "Wang", stage.now).text
    with pytest.raises(ClaimRefused, match="another operator"):
        approve(stage.runtime, claim.id, "wang", stage.now)
    with pytest.raises(OperatorRefused, match="1 to 40"):
        approve(stage.runtime, claim.id, "wang ", stage.now)
    after = {"delivery": "ready", "voucher": "ready", "counter": "open", "points": "received"}[kind]
    assert after in approve(stage.runtime, claim.id, "Li", stage.now).text
    assert states(stage) == [after]
    heard = {"voucher": "claim.voucher_follows", "points": "claim.received", "counter": "claim.counter"}
    assert keys_of(stage.told()[-1]) == [heard.get(kind, "claim.ready")]
    with pytest.raises(ClaimRefused):
        approve(stage.runtime, claim.id, "Zhao", stage.now)
    assert faults(stage) == []


def test_details_are_changed_until_it_ships_and_the_warehouse_learns_of_it(stage: Stage) -> None:
    _won(stage)
    claim = _only(stage)
    listed = claim.revision
    for text in ("prizes", "4", "99 Queen Street, Kowloon", "yes"):
        told = stage.say(text)
    assert keys_of(told) == ["claim.ready"]
    claim = _only(stage)
    assert details_of(stage.keys, claim).address == "99 Queen Street, Kowloon"
    assert claim.revision == listed + 1
    with pytest.raises(ClaimRefused, match="changed by the player"):
        ship(stage.runtime, claim.id, Parcel("SF", "1", listed), stage.now)
    assert keys_of(stage.say("prizes")) == ["delivery.confirm"]
    assert ship(stage.runtime, claim.id, Parcel("SF", "1", claim.revision), stage.now)
    assert keys_of(stage.say("2")) == ["claim.shipped_with"]  # the question came before the parcel left
    assert stage.say("prizes") == "claim.shipped_with carrier=SF item=A phone tracking=1"
    assert details_of(stage.keys, _only(stage)).name == "Anna Lee"
    assert faults(stage) == []


def test_a_parcel_may_change_its_number_to_and_fro(stage: Stage) -> None:
    _won(stage)
    claim = _only(stage)
    for tracking, news in (("1", True), ("1", False), ("2", True), ("1", True), ("2", True)):
        stage.wait(minutes=1)
        assert ship(stage.runtime, claim.id, Parcel("SF", tracking, correct=True), stage.now) is news
    deliver(stage.runtime, claim.id, stage.now)
    with pytest.raises(ClaimRefused):
        deliver(stage.runtime, claim.id, stage.now)
    assert [text.split("tracking=")[-1] for text in stage.told()[-5:-1]] == ["1", "2", "1", "2"]
    assert faults(stage) == []


def test_a_pick_up_code_works_once(stage: Stage) -> None:
    stage.publish(_prize("counter"))
    code = play(stage).split("code=")[1].split()[0]
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    with pytest.raises(ClaimRefused, match="wrong or missing"):
        pick_up(stage.runtime, wrong, "Li", stage.now)
    assert pick_up(stage.runtime, f" {code.lower()} ", "Li", stage.now)[1] == "手机 / A phone"
    said = stage.now.astimezone(ZoneInfo("Asia/Shanghai")).strftime("at %Y-%m-%d %H:%M by Li")
    stage.wait(days=1)
    with pytest.raises(ClaimRefused, match=f"was handed over already, {said}"):
        pick_up(stage.runtime, code, "Wang", stage.now)
    with pytest.raises(ClaimRefused, match="there is no such pick-up code"):
        pick_up(stage.runtime, word_of(Kind.PICKUP, b"0" * 16), "Li", stage.now)
    assert faults(stage) == []


@pytest.mark.parametrize(("early", "in_time"), [(1, True), (0, False)])
def test_a_pick_up_code_ends_at_its_deadline_before_any_clock_has_come_by(
    stage: Stage, early: int, in_time: bool
) -> None:
    stage.publish(_prize("counter"))
    code = play(stage).split("code=")[1].split()[0]
    stage.wait(days=10, microseconds=-early)
    if in_time:
        assert pick_up(stage.runtime, code, "Li", stage.now)[1] == "手机 / A phone"
    else:
        with pytest.raises(ClaimRefused, match="its deadline has passed"):
            pick_up(stage.runtime, code, "Li", stage.now)
    assert states(stage) == ["received" if in_time else "open"]
    assert faults(stage) == []


def test_vouchers_that_come_later_go_to_those_who_wait_longest(stage: Stage) -> None:
    stage.publish(SNACK)
    for player in ("u1", "u2", "u3"):
        play(stage, player)
        stage.wait(minutes=1)
        assert keys_of(buy(stage, "ticket", player)) == ["gifts.bought", "claim.voucher_follows"]
    assert serve_waiting(stage.runtime, stage.now) == 0
    with stage.sessions.begin() as session:
        taken = take_in(session, stage.keys, "snack", "gift:ticket", [(1, "CINE-1"), (2, "CINE-2"), (3, "CINE-1")])
    assert taken == (2, (3,))
    assert serve_waiting(stage.runtime, stage.now) == 2
    assert serve_waiting(stage.runtime, stage.now) == 0
    codes = {stage.told(player)[-1] for player in ("u1", "u2")}
    assert codes == {f"claim.voucher code=CINE-{n} item=Cinema ticket" for n in (1, 2)}
    assert stage.say("prizes", by="u3") == "claim.voucher_follows item=Cinema ticket"
    assert faults(stage) == []


@pytest.mark.parametrize(("early", "ended"), [(1, False), (0, True), (-1, True)])
def test_a_claim_lapses_at_its_deadline_and_not_before(stage: Stage, early: int, ended: bool) -> None:
    stage.publish(SNACK)
    play(stage)
    stage.give(10)
    assert keys_of(buy(stage, "mug"))[0] == "gifts.bought"
    stage.wait(days=8)
    assert stage.tick() == 1
    assert keys_of(stage.told()[-1]) == ["claim.reminder"]
    stage.wait(days=2, microseconds=-early)
    assert stage.tick() == int(ended)
    assert states(stage) == ["lapsed" if ended else "open"]
    assert f"balance={20 if ended else 0}" in stage.say("points")
    assert faults(stage) == []


def test_who_has_answered_is_neither_reminded_nor_lapsed(stage: Stage) -> None:
    _won(stage)
    before = stage.told()
    stage.wait(days=30)
    assert stage.tick() == 2
    assert stage.told() == before
    assert states(stage) == ["ready"]
    assert faults(stage) == []


def test_a_cancelled_gift_gives_piece_and_points_back_and_may_be_bought_again(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    stage.give(30)
    buy(stage, "mug")
    cancel(stage.runtime, _only(stage).id, "broken in the warehouse", stage.now)
    assert keys_of(stage.told()[-1]) == ["claim.cancelled_refunded"]
    with pytest.raises(ClaimRefused):
        cancel(stage.runtime, _only(stage).id, "again", stage.now)
    assert keys_of(stage.say("Anna Lee")) == ["claim.cancelled"]  # the question came before
    assert "balance=40" in stage.say("points")
    assert keys_of(buy(stage, "mug"))[0] == "gifts.bought"
    assert faults(stage) == []


def test_a_second_draw_finds_the_next_code_that_won_nothing(stage: Stage) -> None:
    stage.publish(SECOND)
    play(stage)
    play(stage, "u2")
    play(stage, "u3")
    stage.wait(days=10)
    assert stage.tick() == 2
    assert sorted(states(stage)) == ["lapsed", "open"]
    (winner,) = [by for by in ("u2", "u3") if any("claim.second" in text for text in stage.told(by))]
    assert keys_of(stage.told(winner)[-1]) == ["claim.asked"]
    stage.wait(days=10)
    assert stage.tick() == 2
    assert sorted(states(stage)) == ["lapsed", "lapsed"]
    with stage.sessions() as session:
        assert session.scalar(select(Prize.stock_left)) == 1
        assert session.scalar(select(func.count()).select_from(SecondDraw)) == 1
    assert faults(stage) == []


def test_a_second_draw_is_among_those_who_won_nothing_and_follows_from_the_seed(stage: Stage) -> None:
    stage.publish(SECOND.replace("stock: 1,", "stock: 3,"))
    for by in ("a", "b", "c", "d", "e", "f"):
        play(stage, by)
    with stage.sessions() as session:
        won = set(session.scalars(select(Draw.player_id).where(Draw.prize.is_not(None))))
        losers = sorted(session.scalars(select(Draw.code_hash).where(Draw.prize.is_(None))))
        seed = kept_seed(session.scalars(select(Campaign)).one(), stage.keys)
    stage.wait(days=10)
    stage.tick()
    with stage.sessions() as session:
        drawn = session.scalars(select(SecondDraw).order_by(SecondDraw.claim_id)).all()
    assert len(drawn) == len(won) == 3
    for one in drawn:
        mark = hmac.digest(seed, f"snack:second:{one.claim_id}".encode(), "sha256")[:16]
        next_hash = next((each for each in losers if each >= mark), losers[0])
        assert (one.mark, one.code_hash, one.winner_id in won) == (mark, next_hash, False)
        losers.remove(next_hash)
    assert faults(stage) == []


def test_a_clock_that_was_away_reminds_nobody_of_what_has_ended(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    stage.wait(days=10)
    assert stage.tick() == 2
    assert [keys_of(text)[0] for text in stage.told()[-1:]] == ["claim.lapsed"]
    assert not any("claim.reminder" in text for text in stage.told())


@pytest.mark.parametrize(("limit", "needed"), [("99 CNY", True), ("100 CNY", False), ("101 CNY", False)])
def test_above_the_limit_means_above(stage: Stage, limit: str, needed: bool) -> None:
    stage.publish(SURE.replace("approve_above: 2000 CNY", f"approve_above: {limit}"))
    play(stage)
    assert _only(stage).needs_approval is needed


def test_details_are_whole_where_they_were_said_and_masked_on_a_linked_address() -> None:
    details = Details("Anna Lee", "+8613800138000", "12 King Street", said_at=b"here".hex())
    assert shown_at(details, b"here") == {"name": "Anna Lee", "phone": "+8613800138000", "address": "12 King Street"}
    elsewhere = shown_at(details, b"there")
    assert (elsewhere["name"], elsewhere["address"]) == ("An***", "12***")
    assert "0013" not in elsewhere["phone"]


def test_details_open_on_their_own_claim_only(stage: Stage) -> None:
    """Whoever can write to the database cannot send a parcel elsewhere by copying one claim's address to another."""
    _won(stage)
    play(stage, "u2")
    mine, other = sorted(claims(stage), key=lambda claim: claim.details_sealed is None)
    assert details_of(stage.keys, mine).missing is None
    other.details_sealed = mine.details_sealed
    with pytest.raises(KeysUnusable, match="sealed for another row"):
        details_of(stage.keys, other)


def test_a_second_draw_without_anybody_goes_back_to_stock(stage: Stage) -> None:
    stage.publish(SECOND)
    play(stage)
    play(stage)  # the loser's own code that won nothing is no rival
    stage.wait(days=10)
    assert stage.tick() == 2
    assert states(stage) == ["lapsed"]
    with stage.sessions() as session:
        assert session.scalar(select(Prize.stock_left)) == 1
        assert session.scalars(select(SecondDraw.winner_id)).all() == [None]
    assert faults(stage) == []


@pytest.mark.parametrize("older", ["u2", "u3"])
def test_a_runner_up_who_was_linked_wins_as_the_one_player(stage: Stage, older: str) -> None:
    stage.publish(SECOND)
    play(stage)
    younger = {"u2": "u3", "u3": "u2"}[older]
    for player in (older, younger):
        stage.wait(minutes=1)
        play(stage, player)
    assert keys_of(link_up(stage, (younger, "test"), (older, "test"))) == ["link.linked"]
    stage.wait(days=10)
    assert stage.tick()
    assert any("claim.second" in text for text in stage.told(younger) + stage.told(older))
    for by in ("u2", "u3"):
        assert "prizes" in stage.say("prizes", by=by) or keys_of(stage.say("prizes", by=by)) == ["delivery.name"]
    assert faults(stage) == []


def test_an_open_prize_is_never_hidden_behind_newer_ones(stage: Stage) -> None:
    text = SNACK.replace("price: 10 points, stock: 3, claim: voucher", "price: 1 points, stock: 30, claim: voucher")
    stage.publish(text.replace("claim: voucher}", "claim: voucher, vouchers: generated}"))
    play(stage)
    stage.give(50)
    buy(stage, "mug")
    stage.say("cancel")
    for _ in range(10):
        stage.wait(minutes=1)
        assert keys_of(buy(stage, "ticket")) == ["gifts.bought", "claim.voucher"]
    assert "item=Mug" in stage.say("prizes")
    assert faults(stage) == []


def test_a_prize_that_somebody_claims_cannot_leave_the_campaign(stage: Stage) -> None:
    from core.campaign.reader import BadCampaign  # noqa: PLC0415

    stage.publish(SNACK)
    play(stage)
    stage.give(30)
    buy(stage, "mug")
    mug = next(line for line in SNACK.splitlines() if "name: mug" in line)
    with pytest.raises(BadCampaign, match="mug are won already"):
        stage.publish(SNACK.replace(mug + "\n", ""))
    stage.publish(SNACK.replace("claim: delivery, per_player", "claim: counter, per_player"))
    for text in ANNA:
        told = stage.say(text)
    assert keys_of(told) == ["claim.ready"]  # what was promised stays
    stage.publish(SNACK.replace("closes: 90 days", "closes: 91 days"))
    assert faults(stage) == []
