"""Races for torches: many friends, two clocks, roll-ups, the day's quota, scans and links, and a kill in between."""

from datetime import datetime, timedelta

from sqlalchemy import select

from core.blame import may_pass_when_retried
from core.engine.runtime import Runtime
from core.models import Timer
from handlers.invites.tables import Invite
from handlers.relay.rollup import roll_up
from handlers.relay.tables import RelayNews, Torch
from tests.races.crowd import PROCESSES, Crowd, Part, Says, count, dealt, faults, own_world, play, texts, told
from tests.races.shop import deadlocks, tick, url_of
from tests.races.test_kill import _answers_before_kill
from tests.relay.recount import wrong_torches
from tests.relay.torchbearers import RELAY, begin, open_relay, param
from tests.stage import START, Stage

END = START + timedelta(minutes=10)
RULES = RELAY.replace("quota_per_day: 3", "quota_per_day: 12").replace("after: 1h", "after: 1s")


def come(runtime: Runtime, turns: list[list[tuple[Says, datetime]]]) -> list[str]:
    """Take turns whose messages were received at different instants."""
    answers = []
    for turn in turns:
        for says, at in turn:
            answers += texts(play(runtime, [[says]], at))
    return answers


def clock(runtime: Runtime, since: datetime, seconds: int) -> int:
    """A clock that goes from ``since`` on, counting the torches every second."""
    fired = 0
    for second in range(seconds):
        fired += tick(runtime, since + timedelta(seconds=second), 7)
        try:
            roll_up(runtime)
        except Exception as error:
            if not may_pass_when_retried(error):
                raise
    return fired


def _done(stage: Stage) -> None:
    tick(stage.runtime, END + timedelta(hours=1))
    roll_up(stage.runtime)
    assert count(stage, Timer, Timer.state == "failed") == count(stage, RelayNews) == 0
    assert count(stage, Torch, Torch.state == "unlit", Torch.ends_at <= END + timedelta(hours=1)) == 0
    assert deadlocks(stage) == 0
    assert wrong_torches(stage) == []
    assert faults(stage) == []


def test_friends_around_the_end_while_two_clocks_put_torches_out(arena: Stage, crowd: Crowd) -> None:
    open_relay(arena, RULES)
    words = [begin(arena, f"a{number}") for number in range(6)]
    around = [-1000, -1, 0, 1, 1000, 2500]  # after the last but one, torches are lit anew
    says = [
        (Says(f"f{number}-{each}", word, f"m{number}-{each}"), END + timedelta(milliseconds=each))
        for number, word in enumerate(words)
        for each in (around if number % 2 else around[2:])
    ]
    again = [(Says(f"a{number}", "relight", f"again-{number}"), END + timedelta(seconds=2)) for number in range(6)]
    halves = [[[each] for each in says[:0:-1]], [[each] for each in [*says, *again]]]
    clocks = [Part(clock, (END - timedelta(seconds=2), 6)), Part(clock, (END - timedelta(seconds=1), 6))]
    crowd.race(url_of(arena), [*[Part(come, (half,)) for half in halves], *clocks])
    assert count(arena, Invite) == len(says)
    assert count(arena, Torch, Torch.leg == 1, Torch.number == 1, Torch.state == "lit") == 3
    for number in range(6):
        heard = arena.told(f"a{number}")
        assert sum(text.startswith("relay.lit") for text in heard) <= 1 + number % 2
    _done(arena)


def test_all_friends_of_one_ambassador_at_once(arena: Stage, crowd: Crowd) -> None:
    open_relay(arena, RULES)
    word = begin(arena, "a")
    messages = [Says(f"f{number}", word, f"m{number % 30}") for number in range(30) for _ in range(3)]
    said = crowd.play(url_of(arena), dealt(messages, PROCESSES, 5, "friends"))
    assert {len(different) for different in told(said).values()} == {1}
    assert count(arena, Torch, Torch.leg == 2) == 30
    assert sum(text.startswith("relay.lit") for text in arena.told("a")) == 1
    assert (
        sum("relay.you_lit" in one for different in told(said).values() for texts_, _ in different for one in texts_)
        == 1
    )
    _done(arena)


def test_the_quota_of_a_day_taken_by_many_at_once(arena: Stage, crowd: Crowd) -> None:
    open_relay(arena, RULES)
    messages = [Says(f"p{number}", "torch", f"m{number}") for number in range(40)]
    said = texts(crowd.play(url_of(arena), dealt(messages, PROCESSES, 3, "quota")))
    assert sum(each.startswith("relay.granted") for each in said) == count(arena, Torch) == 12
    assert sum(each.startswith("relay.quota_gone") for each in said) == 28
    _done(arena)


def test_links_scans_and_joins_beside_each_other(arena: Stage, crowd: Crowd) -> None:
    open_relay(arena, RULES.replace("  window: 10m", "  window: 10m\n  typed_word: [test]"))
    pairs = [(f"x{number}", f"y{number}") for number in range(6)]
    words = {by: begin(arena, by) for pair in pairs for by in pair}
    links = [Says(y, param(arena.say("link", by=x), "word"), f"link-{x}") for x, y in pairs]
    for number, by in enumerate(words):
        arena.say(words[by], by=f"s{number}", typed=False)
    joins = [Says(f"f-{by}", word, f"j-{by}") for by, word in words.items()]
    scans = [Says(f"s{number}", "1", f"s-{number}") for number in range(len(words))]
    asks = [Says(by, "torch", f"t-{by}") for by in words]
    hands = dealt([*links, *joins, *scans, *asks], PROCESSES - 1, 4, "links")
    parts = [*[Part(play, (hand, START + timedelta(minutes=1))) for hand in hands], Part(clock, (END, 2))]
    *said, _ = crowd.race(url_of(arena), parts)
    answers = texts([each for hand in said for each in hand])
    assert sum(each.startswith("link.linked") for each in answers) == 6
    assert count(arena, Invite) == 24
    assert count(arena, Torch, Torch.leg == 1, Torch.state == "lit") == 12
    _done(arena)


def test_a_killed_process_loses_no_torch(arena: Stage) -> None:
    open_relay(arena, RULES)
    words = [begin(arena, f"a{number}") for number in range(10)]
    messages = [Says(f"f{number}", words[number % 10], f"m{number}") for number in range(60)]
    heard = _answers_before_kill(url_of(arena), "killed relay", messages, 9)
    assert heard
    assert 0 < count(arena, Invite) < 60, "killed too late to prove anything"
    with own_world(url_of(arena), "next relay") as runtime:
        again = play(runtime, [[says] for says in messages])
    assert {len(different) for different in told([*heard, *again]).values()} == {1}
    assert count(arena, Torch, Torch.leg == 2) == 60
    with arena.sessions() as session:
        lit = session.scalars(select(Torch.lit_by).where(Torch.leg == 1)).all()
    assert len(set(lit)) == 10
    _done(arena)
