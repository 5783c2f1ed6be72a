"""Players over SMPP: a real engine, a real database, a sender and an SMSC that cuts when it hurts."""

from concurrent.futures import Future

import pytest

from core.blame import Unavailable
from core.messages import Answer, Answered
from tests.adapters.smpp.rig import ANNA, BOB, Game
from tests.fakes.smsc import Connection, Mo, Smsc, parts
from tests.sending.rig import states
from tests.stage import Stage

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def acknowledged(smsc: Smsc, *mos: Mo) -> None:
    smsc.until(lambda: all(0 in mo.statuses for mo in mos))


def test_a_code_is_redeemed_and_answered(stage: Stage, smsc: Smsc):
    with Game(stage, smsc) as game:
        mo = Mo(ANNA, stage.codes(1)[0].encode())
        smsc.say(mo)
        acknowledged(smsc, mo)
        (answer,) = game.answers()
        assert answer.startswith("redeem.points balance=10 points=10")
        (submitted,) = smsc.submits
        assert (submitted.source, submitted.dest, submitted.registered) == ("12345", ANNA, 1)
        assert states(stage) == []


def test_nothing_is_acknowledged_before_the_commit(stage: Stage, smsc: Smsc):
    with Game(stage, smsc) as game:
        turn: Future[Answer] = Future()
        game.submit = lambda _message: turn
        first, second = Mo(ANNA, b"help"), Mo("HUOJU", b"spam", ton=5)
        smsc.say(first, second)
        acknowledged(smsc, second)  # whose sender is a name: nobody
        assert first.statuses == []
        turn.set_result(Answer(Answered.NEW))
        acknowledged(smsc, first)


@pytest.mark.parametrize("hard", [False, True], ids=["closed", "reset"])
def test_a_cut_before_the_acknowledgement_plays_once_and_answers_once(stage: Stage, smsc: Smsc, hard: bool):
    with Game(stage, smsc) as game:
        cut = []

        def cutting(message):
            future = game.engine.submit(message)
            if not cut:
                cut.append(message)
                smsc.connections[0].cut(hard=hard)
                future.result(10)
            return future

        game.submit = cutting
        mo = Mo(ANNA, stage.codes(1)[0].encode())
        smsc.say(mo)
        acknowledged(smsc, mo)
        assert mo.delivered == 2
        assert [answer.split()[0] for answer in game.answers()] == ["redeem.points"]


def test_an_acknowledgement_that_is_lost_with_its_link_is_taken_back(stage: Stage, smsc: Smsc):
    """The SMSC never saw it: what it delivers again is the same message."""
    with Game(stage, smsc) as game:
        smsc.reads_answers = False
        mo = Mo(ANNA, b"help")
        smsc.say(mo)
        smsc.until(lambda: smsc.answers)
        smsc.reads_answers = True
        smsc.connections[0].cut()
        acknowledged(smsc, mo)
        assert mo.delivered == 2
        assert len(game.answers()) == 1


def test_two_equal_answers_are_two_messages(stage: Stage, smsc: Smsc):
    with Game(stage, smsc) as game:
        for _ in range(2):
            mo = Mo(ANNA, b"help")
            smsc.say(mo)
            acknowledged(smsc, mo)
        assert len(game.answers()) == 2


def test_a_second_process_after_a_kill_knows_what_was_not_acknowledged(stage: Stage, smsc: Smsc):
    with Game(stage, smsc) as game:
        smsc.reads_answers = False  # the first process is killed before its acknowledgement is out
        mo = Mo(ANNA, b"help")
        smsc.say(mo)
        smsc.until(lambda: smsc.answers)
        assert len(game.answers()) == 1
        game.links.stop(0)
        smsc.reads_answers = True
        with Game(stage, smsc, publishes=False) as second:
            acknowledged(smsc, mo)
            assert mo.delivered == 2
            assert second.answers() == []


def test_many_players_share_turns_over_two_links(stage: Stage, smsc: Smsc):
    with Game(stage, smsc, binds=2) as game:
        game.bind(2)
        mos: list[Mo] = []
        while {submitted.link for submitted in smsc.submits} != {0, 1}:  # each sends what it finds, so soon both do
            more = [Mo(f"861380013{n:04d}", b"help") for n in range(len(mos), len(mos) + 60)]
            smsc.say(*more)
            acknowledged(smsc, *more)
            mos += more
            assert len(game.answers()) == len(more)
        assert {submitted.dest for submitted in smsc.submits} == {mo.source for mo in mos}


def test_one_link_dies_and_the_other_goes_on(stage: Stage, smsc: Smsc):
    with Game(stage, smsc, binds=2) as game:
        game.bind(2)
        smsc.bind_status = 0x0D
        smsc.connections[0].cut()
        mos = [Mo(BOB, b"help"), Mo(ANNA, b"help")]
        smsc.say(*mos)
        acknowledged(smsc, *mos)
        assert len(game.answers()) == 2
        assert "bound" in {one.state for one in game.links.state()}  # the other one may be binding again by now


def test_what_the_engine_cannot_take_comes_again(stage: Stage, smsc: Smsc):
    with Game(stage, smsc) as game:
        tries = []

        def away_at_first(message):
            tries.append(message)
            if len(tries) < 3:
                raise Unavailable("not now")
            return game.engine.submit(message)

        game.submit = away_at_first
        mo = Mo(ANNA, b"help")
        smsc.say(mo)
        acknowledged(smsc, mo)
        assert mo.statuses == [0x64, 0x64, 0]
        assert len({message.external_id for message in tries}) == 1
        assert len(game.answers()) == 1


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 1, 0, 2, 2)], ids=["in order", "mixed", "doubled"])
def test_a_long_message_is_one_message(stage: Stage, smsc: Smsc, order):
    with Game(stage, smsc) as game:
        code = stage.codes(1)[0].encode()
        all_parts = parts(ANNA, [code[:5], code[5:9], code[9:]])
        mos = [Mo(ANNA, all_parts[n].octets, esm_class=0x40) for n in order]
        smsc.say(*mos)
        acknowledged(smsc, *mos)
        assert [answer.split()[0] for answer in game.answers()] == ["redeem.points"]


def test_throttling_closes_the_account_and_loses_nothing(stage: Stage, smsc: Smsc):
    with Game(stage, smsc) as game:
        mos = [Mo(f"861380013{n:04d}", b"help") for n in range(5)]
        smsc.say(*mos)
        acknowledged(smsc, *mos)
        smsc.submit_status = lambda _submitted: 0x58
        assert len(game.answers()) >= 1
        assert len(states(stage)) == 5
        smsc.submit_status = lambda _submitted: 0
        assert game.answers() == []  # the account is closed for a while
        game.desk.wait(seconds=2)
        assert len(game.answers()) == 5
        assert states(stage) == []


def test_a_cut_on_each_delivery_ends_with_each_message_played_once(stage: Stage, smsc: Smsc):
    with Game(stage, smsc) as game:
        codes = stage.codes(6)
        mos = [Mo(f"861380013{n:04d}", code.encode()) for n, code in enumerate(codes)]
        cuts = iter([False, True, False, True, True] + [False] * 1000)

        def sometimes(connection: Connection, _mo: Mo) -> None:
            if next(cuts):
                connection.cut(hard=True)

        smsc.before_deliver = sometimes
        smsc.say(*mos)
        acknowledged(smsc, *mos)
        game.bind()
        assert [answer.split()[0] for answer in game.answers()] == ["redeem.points"] * 6
