"""Held rewards: what looks made up waits for a review; honest chains of any shape never do."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from handlers.invites.scores import Verdict, judge
from handlers.invites.tables import Invite
from handlers.invites.verbs import InviteRefused, release, revoke
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import buy, faults, invites, keys_of, play, word_of

NOON = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
LIMIT = 100
RECENT = 60


@dataclass
class Crowd:
    """Friends who come one after another, judged as the engine judges them, with no database."""

    luck: random.Random
    friends: dict[int, Invite]

    def joins(self, friend: int, inviter: int, at: datetime, *, phone: str | None = None, text: str = "") -> Invite:
        said = text or f"{inviter}{self.luck.choice(['', '!', ' hi', '。'])}"
        invite = Invite(
            player_id=friend,
            inviter_id=inviter,
            joined_at=at,
            qualified_at=None,
            ring=False,
            range_key=phone[:-3].encode() if phone else None,
            text_key=said.encode(),
        )
        self.friends[friend] = invite
        return invite

    def judged(self) -> Iterator[tuple[Invite, Verdict]]:
        """Everybody at the qualifying act, in the order of these acts."""
        for invite in sorted(self.friends.values(), key=lambda each: each.qualified_at or NOON):
            at = invite.qualified_at
            assert at is not None
            recent = [
                Invite(**{**_plain(other), "qualified_at": _past(other.qualified_at, at)})
                for other in self.friends.values()
                if other.inviter_id == invite.inviter_id and other.joined_at <= at
            ]
            recent.sort(key=lambda each: each.joined_at)
            yield invite, judge(invite, recent[-RECENT:], self.friends.get(invite.inviter_id))


def _past(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at <= now else None


def _plain(invite: Invite) -> dict[str, object]:
    names = ("player_id", "inviter_id", "joined_at", "qualified_at", "ring", "range_key", "text_key")
    return {name: getattr(invite, name) for name in names}


def _pause(luck: random.Random, minutes: float) -> timedelta:
    """How long people take: most about ``minutes``, some hours."""
    return timedelta(minutes=luck.lognormvariate(0, 1) * minutes)


def _phone(luck: random.Random) -> str:
    """Carriers sell a few popular prefixes; the rest is spread."""
    return f"+86{luck.choice(['138', '139', '150', '186', '199'])}{luck.randrange(10**8):08}"


def _line(luck: random.Random) -> Iterator[tuple[int, int]]:
    return ((n, n - 1) for n in range(1, 61))


def _star(luck: random.Random) -> Iterator[tuple[int, int]]:
    return ((n, 0) for n in range(1, 61))


def _tree(luck: random.Random) -> Iterator[tuple[int, int]]:
    return ((n, (n - 1) // 2) for n in range(1, 64))


def _villages(luck: random.Random) -> Iterator[tuple[int, int]]:
    """Two villages that each know one another, and one cousin between them."""
    for n in range(1, 81):
        first = 0 if n <= 40 else 40
        yield n, luck.randrange(first, n) if n != 41 else 7


SHAPES = [
    ("a line", _line, 20),
    ("a star in an afternoon", _star, 30),
    ("a tree", _tree, 20),
    ("villages", _villages, 9),
]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("name", "shape", "minutes"), SHAPES, ids=[row[0] for row in SHAPES])
def test_honest_chains_of_any_shape_are_never_held(name: str, shape, minutes: int, seed: int) -> None:
    luck = random.Random(f"{name}{seed}")
    crowd, here = Crowd(luck, {}), {0: NOON}
    star_at = NOON
    for friend, inviter in shape(luck):
        star_at += timedelta(minutes=luck.expovariate(1 / 5))
        base = star_at if name.startswith("a star") else here[inviter]
        here[friend] = base + _pause(luck, minutes)
        invite = crowd.joins(friend, inviter, here[friend], phone=_phone(luck), text=f"word-{inviter}")
        invite.qualified_at = here[friend] + _pause(luck, 4)
    scores = {invite.player_id: verdict for invite, verdict in crowd.judged()}
    assert len(scores) >= 60
    assert {friend: verdict for friend, verdict in scores.items() if verdict.score >= LIMIT} == {}


def test_a_family_a_class_and_a_bus_are_never_held() -> None:
    """Neighbouring numbers of one family plan, seven pupils in one minute, and both at once for the slow ones."""
    crowd = Crowd(random.Random("bus"), {})
    for n in range(1, 5):
        crowd.joins(n, 0, NOON + timedelta(hours=n), phone=f"+8613800138{n:03}")
    for n in range(10, 17):
        crowd.joins(n, 9, NOON + timedelta(seconds=8 * (n - 10)), phone=_phone(crowd.luck))
    for n, invite in enumerate(crowd.friends.values()):
        invite.qualified_at = invite.joined_at + timedelta(minutes=2, seconds=n * n)
    assert max(verdict.score for _, verdict in crowd.judged()) < LIMIT


# id, friends, seconds between them, seconds until each code (plus a jitter below 1), phones in one block, a ring
MADE_UP = [
    ("a burst of bots", 20, 1.0, 40, False, False),
    ("one range of numbers", 8, 900.0, 400, True, False),
    ("twins in a burst", 12, 6.0, 30, False, False),
    ("twins in a range", 4, 900.0, 30, True, False),
    ("twins in a ring", 8, 900.0, 30, False, True),
    ("a burst in a ring", 10, 5.0, 500, False, True),
]


@pytest.mark.parametrize(
    ("name", "count", "gap_s", "delay_s", "block", "ring"), MADE_UP, ids=[row[0] for row in MADE_UP]
)
def test_what_is_made_up_is_held(name: str, count: int, gap_s: float, delay_s: int, block: bool, ring: bool) -> None:
    luck = random.Random(name)
    crowd = Crowd(luck, {})
    if ring:
        crowd.joins(0, 999, NOON - timedelta(days=1)).ring = True
        crowd.friends[0].qualified_at = NOON
    for n in range(1, count + 1):
        phone = f"+8613800138{luck.randrange(1000):03}" if block else _phone(luck)
        invite = crowd.joins(n, 0, NOON + timedelta(seconds=n * gap_s), phone=phone, text="WORD")
        jitter = luck.random() if name.startswith("twins") else luck.random() * 300
        invite.qualified_at = invite.joined_at + timedelta(seconds=delay_s + jitter)
    verdicts = [verdict for invite, verdict in crowd.judged() if invite.player_id]
    assert sum(verdict.score >= LIMIT for verdict in verdicts) >= 1
    assert verdicts[-1].score >= LIMIT


def _burst(stage: Stage) -> str:
    """u1 has brought 15 friends in half a minute; the last one's code is answered with the return value."""
    stage.publish(SNACK)
    play(stage)
    word = word_of(stage)
    for number in range(15):
        stage.wait(seconds=2)
        assert keys_of(stage.say(word, by=f"bot{number}")) == ["invite.joined"]
    stage.wait(minutes=1)
    return play(stage, "bot14")


def test_a_held_reward_is_paid_to_nobody_and_then_released_to_both(stage: Stage) -> None:
    assert keys_of(_burst(stage)) == ["redeem.points", "invite.friend_held"]
    assert keys_of(stage.told()[-1]) == ["invite.held"]
    assert "balance=10" in stage.say("points")
    (held,) = [invite for invite in invites(stage) if invite.state == "held"]
    assert (held.score, held.signs) == (100, "burst")
    assert "held=invite.some_held held=1" in stage.say("my invites")
    assert faults(stage) == []
    release(stage.runtime, held.player_id, "Wang", stage.now)
    with pytest.raises(InviteRefused, match="released"):
        release(stage.runtime, held.player_id, "Wang", stage.now)
    assert ("balance=30" in stage.say("points"), "balance=15" in stage.say("points", by="bot14")) == (True, True)
    assert keys_of(stage.told("bot14")[-2])[0] == "invite.released"
    assert faults(stage) == []


def test_a_held_reward_that_is_revoked_never_comes(stage: Stage) -> None:
    _burst(stage)
    (held,) = [invite for invite in invites(stage) if invite.state == "held"]
    assert revoke(stage.runtime, held.player_id, "Wang", stage.now) == 0
    assert ("balance=10" in stage.say("points"), "balance=10" in stage.say("points", by="bot14")) == (True, True)
    with pytest.raises(InviteRefused, match="revoked"):
        release(stage.runtime, held.player_id, "Wang", stage.now)
    assert faults(stage) == []


def test_points_that_were_spent_are_clawed_back_as_far_as_they_are_there(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    stage.say(word_of(stage), by="u2")
    stage.wait(minutes=2)
    assert "invite.friend_rewarded" in play(stage, "u2")
    assert keys_of(buy(stage, "mug"))[0] == "gifts.bought"  # 10 + 20 - 20 = 10 left of 20
    (invite,) = invites(stage)
    assert revoke(stage.runtime, invite.player_id, "Wang", stage.now) == 10
    assert ("balance=0" in stage.say("points"), "balance=10" in stage.say("points", by="u2")) == (True, True)
    assert any(keys_of(text) == ["invite.clawed_back"] for text in stage.told())
    assert faults(stage) == []


def test_what_is_held_or_revoked_does_not_stop_points_from_expiring(stage: Stage) -> None:
    """Held points are none of the player's: neither a line of the history nor anything that was spent."""
    hold = SNACK.replace("per_player_per_day: 10}", "per_player_per_day: 10, hold_at: 60}")
    stage.publish(hold + "points: {expire: 2 days}\n")
    play(stage)
    word = word_of(stage)
    stage.say(word, by="u2")
    for number in range(4):
        stage.say(word, by=f"twin{number}")
    stage.wait(seconds=30)
    for number in range(4):
        play(stage, f"twin{number}")
    assert "held" in [invite.state for invite in invites(stage)]
    before = stage.say("points", by="twin3")
    assert "points.line_out" not in before
    stage.wait(days=3)
    assert "balance=0" in stage.say("points", by="twin3")
    assert faults(stage) == []
