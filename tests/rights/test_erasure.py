"""Whoever wants to be erased is: nothing by which they were known is left, and all still adds up."""

import pytest
from sqlalchemy import func, select, text

from core.models import Address, Base, Inbox, Player, Transfer
from core.operators import Role
from handlers import MECHANICS
from handlers.claims.tables import Claim, WinnerRecord
from handlers.rights.erase import erase_due
from handlers.rights.tables import Erasure
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, link_up, word_of

ME, ELSEWHERE, FRIEND = "+8613800138000", "user-elsewhere", "user-friend"
NAME, HOME = "王小明明", "Furong Road 17, Changsha"
GIFTS = (
    CAMPAIGN
    + """
invites: {inviter: 5 points, invitee: 3 points}
gifts:
  - {name: cap, title: {zh: 帽子, en: A cap}, price: 5 points, value: 20 CNY, stock: 5, claim: delivery}
"""
)


def everything(stage: Stage) -> str:
    """All columns of all rows, and all that is sealed, opened."""
    found: list[str] = []
    with stage.database.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                found += [value.hex() if isinstance(value, bytes) else str(value) for value in row]
        for one in MECHANICS.sealed:
            columns = select(*one.named_by, one.column).where(one.column.is_not(None))
            for *named, sealed in connection.execute(columns):
                found.append(one.open(stage.keys, named, sealed))
    return "\n".join(found)


def ledger(stage: Stage) -> list[tuple[object, ...]]:
    """What each account of the house and each asset come to."""
    with stage.sessions() as session:
        moved = select(Transfer.asset, func.count(), func.sum(Transfer.amount)).group_by(Transfer.asset)
        return sorted(tuple(row) for row in session.execute(moved))


def asked(stage: Stage, by: str = ME) -> None:
    assert "erase.confirm days=7" in stage.say("erase me", by=by)
    assert stage.say("yes", by=by).startswith("erase.asked at=")


def test_nothing_is_left_by_which_the_person_was_known(stage: Stage) -> None:
    stage.publish(GIFTS)
    stage.say(word_of(stage, FRIEND), by=ME)
    stage.say(stage.codes(1)[0], by=ME)
    link_up(stage, (ELSEWHERE, "second"), (ME, "test"))
    word = word_of(stage, ME)
    stage.say(f"my secret is {NAME}", by=ME)
    for said in ("gifts", "cap", "yes"):
        stage.say(said, by=ME)
    stage.say(f"{NAME}, 13800138000, {HOME}", by=ME)
    stage.appoint(Role.OWNER)
    stage.command(f"/player show {ME}", by="boss")
    stage.command(f'/player block {ME} reason="{NAME} cheats"', by="boss")
    stage.command(f"/player unblock {ME}", by="boss")
    asked(stage)
    known = [ME, ME[1:], "13800138000", ELSEWHERE, NAME, "Furong", word, "my secret", stage.key(ME).hex()]
    before = everything(stage)
    assert [each for each in known if each not in before] == []
    stage.wait(days=6, hours=23)
    assert erase_due(stage.runtime, stage.now) == 0
    assert NAME in everything(stage)
    stage.wait(hours=1)
    assert erase_due(stage.runtime, stage.now) == 1
    after = everything(stage)
    hashes = {stage.key(ME).hex(), stage.key(ELSEWHERE, channel="second").hex()}
    assert [each for each in known if each in after and each not in hashes] == []
    with stage.sessions() as session:
        blank = {one.key.hex() for one in session.scalars(select(Address).where(Address.erased_at.is_not(None)))}
        assert blank == hashes
        assert session.scalar(select(func.sum(Player.points)).where(Player.points > 0)) == 5  # the friend's reward
        (claim,) = session.scalars(select(Claim))
        assert (claim.state, claim.details_sealed) == ("cancelled", None)
        assert session.scalars(select(Erasure.state)).all() == ["done"]
        assert session.scalars(select(Inbox.address_key).where(Inbox.address_key == stage.key(ME))).all() == []
    assert faults(stage) == []


def test_who_comes_back_begins_as_new_by_a_word(stage: Stage) -> None:
    stage.publish(GIFTS)
    word = word_of(stage, FRIEND)
    stage.say(word, by=ME)
    stage.say(stage.codes(1)[0], by=ME)
    first = stage.delivery("a secret", by=ME, id="old")
    stage.take(first)
    asked(stage)
    stage.wait(days=7)
    erase_due(stage.runtime, stage.now)
    stage.wait(minutes=1)
    for said in ("hello", "points", word, "start", "yes"):
        assert stage.say(said, by=ME) == "erased.told"
    (again,) = stage.take(first)
    assert again.texts == ("erased.told",)
    assert stage.say("begin again", by=ME).startswith("erased.begun")
    stage.say(word, by=ME)
    stage.say(stage.codes(1)[0], by=ME)
    with stage.sessions() as session:
        mine = session.execute(text("SELECT count(*) FROM joins")).scalar_one()
        assert mine == 3  # the friend, nobody, and the new one
        points = sorted(session.scalars(select(Player.points)))
        assert points == [0, 5, 10]  # no reward for coming, and none for bringing, a second time
    assert "points.balance balance=10" in stage.say("points", by=ME)
    assert faults(stage) == []


def test_it_is_taken_back_in_time(stage: Stage) -> None:
    stage.publish(GIFTS)
    stage.say(stage.codes(1)[0], by=ME)
    link_up(stage, (ELSEWHERE, "second"), (ME, "test"))
    assert stage.say("keep me", by=ME) == "erase.nothing"
    stage.say("erase me", by=ME)
    assert stage.say("no", by=ME) == "erase.not"
    asked(stage)
    assert stage.say("erase me", by=ELSEWHERE, channel="second").startswith("erase.waits")
    assert stage.say("保留我", by=ELSEWHERE, channel="second") == "erase.kept"
    stage.wait(days=8)
    assert erase_due(stage.runtime, stage.now) == 0
    assert "balance=10" in stage.say("points", by=ME)
    assert faults(stage) == []


def test_a_parcel_on_its_way_keeps_its_label_until_it_is_there(stage: Stage) -> None:
    stock = "value: 2999 CNY, stock: 10"
    stage.publish(GIFTS.replace("odds: 1/1000000000", "odds: 99/100").replace(stock, f"{stock}, claim: delivery"))
    assert "won" in stage.say(stage.codes(1)[0], by=ME)
    for said in ("prizes", f"{NAME}, 13800138000, {HOME}", "yes", "yes"):
        stage.say(said, by=ME)
    asked(stage)
    stage.wait(days=7)
    erase_due(stage.runtime, stage.now)
    with stage.sessions.begin() as session:
        (claim,) = session.scalars(select(Claim))
        assert claim.state == "ready"
        assert claim.details_sealed is not None
        assert session.scalars(select(Erasure.state)).all() == ["resting"]
    assert faults(stage) == []
    with stage.sessions.begin() as session:
        (claim,) = session.scalars(select(Claim))
        claim.state, claim.closed_at = "received", stage.now
    stage.wait(days=1)
    assert erase_due(stage.runtime, stage.now) == 1
    with stage.sessions() as session:
        assert session.scalars(select(Claim.details_sealed)).all() == [None]
        assert session.scalars(select(Erasure.state)).all() == ["done"]
        (record,) = session.scalars(select(WinnerRecord))
        assert NAME in stage.keys.unseal(
            "winner_records.winner", record.claim_id.to_bytes(8, "big"), record.winner_sealed
        )
    assert faults(stage) == []
    assert everything(stage).count("Furong") == 0


@pytest.mark.parametrize("first", ["redeem", "erase"])
def test_playing_and_erasing_wait_for_each_other(stage: Stage, first: str) -> None:
    stage.publish(GIFTS)
    code, other = stage.codes(2)
    stage.say(code, by=ME)
    asked(stage)
    stage.wait(days=7)
    acts = [lambda: stage.say(other, by=ME), lambda: erase_due(stage.runtime, stage.now)]
    for act in acts if first == "redeem" else reversed(acts):
        act()
    with stage.sessions() as session:
        assert session.scalars(select(Player.points)).all() == [0]
    assert faults(stage) == []


def test_by_verb_it_takes_two(stage: Stage) -> None:
    stage.publish(GIFTS)
    stage.say(stage.codes(1)[0], by=ME)
    stage.appoint(Role.SUPPORT)
    stage.appoint(Role.OWNER, by="second", name="Wu Wei")
    planned = stage.command("/rights erase test/main/" + ME, by="boss")
    word = planned.split("/confirm ")[1][:4]
    assert "second operator" in stage.command(f"/confirm {word}", by="boss")
    assert "will be erased on 2026-12-08" in stage.command(f"/confirm {word}", by="second")
    assert "waiting" in stage.command("/rights erasures", by="boss")
    assert "already" in stage.command("/rights erase test/main/" + ME, by="boss")
    assert "will not be erased" in stage.command("/rights keep test/main/" + ME, by="boss")
    assert "nothing changed" in stage.command("/保留玩家数据 test/main/" + ME, by="boss")
    asked(stage)
    stage.wait(days=7)
    erase_due(stage.runtime, stage.now)
    assert "erased before" in stage.command("/rights erase test/main/" + ME, by="boss")
    assert ME not in everything(stage).replace(f"test/main/{ME}", "")
    assert faults(stage) == []


def test_who_came_back_with_a_backup_is_erased_once_more(stage: Stage) -> None:
    stage.publish(GIFTS)
    stage.say(f"my secret is {NAME}", by=ME)
    stage.appoint(Role.OWNER)
    planned = stage.command(f"/rights again {stage.key(ME).hex()} ", by="boss")
    stage.command(f"/confirm {planned.split('/confirm ')[1][:4]}", by="boss")
    assert erase_due(stage.runtime, stage.now) == 1
    assert NAME not in everything(stage)
    assert stage.key(ME).hex() in stage.command("/rights erasures", by="boss")
    assert faults(stage) == []
