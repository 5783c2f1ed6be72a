"""The engine against a model of it in plain dicts: whatever happens in whatever order, both say and hold the same."""

import itertools
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from core.campaign.publication import change_state
from core.database import open_database
from core.messages import Answered
from core.models import Join, Player
from handlers import MECHANICS
from handlers.codes.batches import activate, void
from handlers.codes.tables import Redemption
from handlers.draws.tables import Prize
from handlers.points import verbs as points
from handlers.points.verbs import PointsRefused
from tests.soundness import audit
from tests.stage import CAMPAIGN, Stage

LIMIT, WRONG_TRIES, STOCK, EARNS, EXPIRE_DAYS = 3, 4, 1, 10, 2
RULES = (
    CAMPAIGN.replace("per_player_per_day: 10, wrong_tries_per_day: 5", "per_player_per_day: 3, wrong_tries_per_day: 4")
    .replace("1/1000000000", "1/1")
    .replace("stock: 10}", "stock: 1}")
    + "points: {expire: 2 days}\n"
)
PLAYERS = ("anna", "bo")
ZONE = ZoneInfo("Asia/Shanghai")


class Made(NamedTuple):
    """An installation to copy for every run: its campaign is published, three batches of codes are printed."""

    path: Path
    batches: tuple[int, ...]
    printed: tuple[tuple[str, ...], ...]


@dataclass
class ModelPlayer:
    """What one player should have."""

    lots: list[tuple[date, int]] = field(default_factory=list)
    """Points by the day on which they were earned, oldest first."""
    redeemed_on: date | None = None
    redeemed_today: int = 0
    wins: int = 0

    @property
    def points(self) -> int:
        return sum(amount for _, amount in self.lots)

    def take(self, amount: int) -> None:
        while amount > 0:
            day, most = self.lots.pop(0)
            if most > amount:
                self.lots.insert(0, (day, most - amount))
            amount -= most

    def expire(self, today: date) -> None:
        self.lots = [(day, amount) for day, amount in self.lots if (today - day).days <= EXPIRE_DAYS]


@dataclass
class Model:
    """The rules once more, without a database."""

    batch_of: dict[str, int]
    states: dict[int, str]
    today: date
    paused: bool = False
    stock: int = STOCK
    players: dict[str, ModelPlayer] = field(default_factory=dict)
    used_by: dict[str, str] = field(default_factory=dict)
    wrong: dict[tuple[str, date], int] = field(default_factory=lambda: defaultdict(int))
    corrected: set[tuple[str, str]] = field(default_factory=set)

    def hear(self, by: str) -> None:
        """Any message first takes what has expired of its sender's points."""
        if by in self.players:
            self.players[by].expire(self.today)

    def redeem(self, by: str, code: str) -> str:
        self.hear(by)
        if (refusal := self._refusal(by, code)) is not None:
            return refusal
        player = self.players.setdefault(by, ModelPlayer())
        if player.redeemed_on != self.today:
            player.redeemed_on, player.redeemed_today = self.today, 0
        if player.redeemed_today == LIMIT:
            return "redeem.limit"
        player.redeemed_today += 1
        self.used_by[code] = by
        if self.stock:
            self.stock -= 1
            player.wins += 1
            return f"redeem.won balance={player.points} prize=A phone"
        player.lots.append((self.today, EARNS))
        return f"redeem.points balance={player.points} points={EARNS}"

    def _refusal(self, by: str, code: str) -> str | None:
        if self.wrong[by, self.today] >= WRONG_TRIES:
            return "redeem.locked"
        if self.states[self.batch_of[code]] != "active":
            self.wrong[by, self.today] += 1
            return "redeem.unknown"
        if self.paused:
            return "campaign.paused"
        if code in self.used_by:
            return "redeem.used_by_you" if self.used_by[code] == by else "redeem.used"
        return None

    def correct(self, by: str, change: int, ref: str) -> int | None:
        """The new balance, None when it was made before; KeyError and ValueError when it must be refused."""
        player = self.players[by]
        if (by, ref) in self.corrected:
            return None
        if player.points + change < 0:
            raise ValueError(change)
        self.corrected.add((by, ref))
        if change < 0:
            player.take(-change)
        else:
            player.lots.append((self.today, change))
        return player.points


class Machine(RuleBasedStateMachine):
    """Plays engine and model side by side."""

    def __init__(self, made: Made, directory: Path) -> None:
        super().__init__()
        shutil.copy(made.path, directory / "model.db")
        self.made, self.database = made, open_database(f"sqlite:///{directory / 'model.db'}")
        self.stage = Stage(self.database, directory)
        batch_of = {code: batch for batch, codes in zip(made.batches, made.printed, strict=True) for code in codes}
        states = dict(zip(made.batches, ("active", "inert", "active"), strict=True))
        self.model = Model(batch_of, states, self._today())
        self.codes = [code for codes in made.printed for code in codes]
        self.said: list[tuple[str, str, str, tuple[str, ...]]] = []
        self.ids = itertools.count(1)

    def _today(self) -> date:
        return self.stage.now.astimezone(ZONE).date()

    def _say(self, *messages: tuple[str, str], expected: list[str]) -> None:
        sent = [(by, text, f"m{next(self.ids)}") for by, text in messages]
        answers = self.stage.take(*[self.stage.delivery(text, by=by, id=external_id) for by, text, external_id in sent])
        assert [answer.how for answer in answers] == [Answered.NEW] * len(sent)
        for (by, text, external_id), answer, words in zip(sent, answers, expected, strict=True):
            told, *more = answer.texts
            assert more == ([] if not self.model.paused or words.startswith("campaign.") else more[:1])
            assert told.startswith(words), f"{by} said {text}: the model expects {words}, the engine said {told}"
            self.said.append((by, text, external_id, answer.texts))

    @rule(by=st.sampled_from(PLAYERS), place=st.integers(0, 13))
    def send_a_code(self, by: str, place: int) -> None:
        code = self.codes[place]
        self._say((by, code), expected=[self.model.redeem(by, code)])

    @rule(moves=st.lists(st.tuples(st.sampled_from(PLAYERS), st.integers(0, 13)), min_size=2, max_size=6))
    def send_codes_in_one_turn(self, moves: list[tuple[str, int]]) -> None:
        pairs = [(by, self.codes[place]) for by, place in moves]
        self._say(*pairs, expected=[self.model.redeem(by, code) for by, code in pairs])

    @rule(by=st.sampled_from(PLAYERS), place=st.integers(0, 13))
    def mistype_a_code(self, by: str, place: int) -> None:
        code = self.codes[place]
        self.model.hear(by)
        self._say((by, code[:-1] + ("0" if code[-1] != "0" else "1")), expected=["redeem.typo"])

    @rule(by=st.sampled_from(PLAYERS))
    def ask_for_points(self, by: str) -> None:
        self.model.hear(by)
        held = self.model.players[by].points if by in self.model.players else 0
        self._say((by, "points"), expected=[f"points.balance balance={held} "])

    @precondition(lambda self: self.said)
    @rule(data=st.data(), times=st.integers(1, 3))
    def deliver_again(self, data: st.DataObject, times: int) -> None:
        by, text, external_id, texts = data.draw(st.sampled_from(self.said))
        answers = self.stage.take(*[self.stage.delivery(text, by=by, id=external_id)] * times)
        assert [answer.texts for answer in answers] == [texts] * times
        assert {answer.how for answer in answers} == {Answered.REPEATED}

    @rule(hours=st.sampled_from([1, 13, 24, 26, 49]))
    def wait(self, hours: int) -> None:
        self.stage.now += timedelta(hours=hours)
        self.model.today = self._today()

    @rule()
    def pause_or_resume(self) -> None:
        with self.stage.sessions.begin() as session:
            change_state(session, "snack", "resume" if self.model.paused else "pause")
        self.model.paused = not self.model.paused

    @rule(number=st.integers(0, 2))
    def activate_or_void(self, number: int) -> None:
        batch = self.made.batches[number]
        act, state = {"inert": (activate, "active"), "active": (void, "void"), "void": (None, "void")}[
            self.model.states[batch]
        ]
        if act is not None and number > 0:  # the first batch stays, or there would soon be nothing to play with
            with self.stage.sessions.begin() as session:
                act(session, batch, self.stage.now)
            self.model.states[batch] = state

    @rule(data=st.data(), by=st.sampled_from(PLAYERS), ref=st.sampled_from("abcdefghij"))
    def correct_points(self, data: st.DataObject, by: str, ref: str) -> None:
        held = self.model.players[by].points if by in self.model.players else 0
        change = data.draw(st.sampled_from([20, 4, -held // 2, -held, -held - 1]).filter(bool), "change")

        def carry_out() -> int | None:
            key = self.stage.keys.address_key("test", "main", by)
            return points.correct(self.stage.runtime, key, "snack", change, ref=ref, note="?", at=self.stage.now)

        try:
            expected = self.model.correct(by, change, ref)
        except (KeyError, ValueError):
            with pytest.raises(PointsRefused):
                carry_out()
        else:
            assert carry_out() == expected

    @rule()
    def tick(self) -> None:
        points.expire_due(self.stage.runtime, self.stage.now)
        for player in self.model.players.values():
            player.expire(self.model.today)

    @invariant()
    def both_hold_the_same(self) -> None:
        name_of = {self.stage.keys.address_key("test", "main", by): by for by in PLAYERS}
        with self.stage.sessions() as session:
            joined = session.execute(select(Join.address_key, Player).join(Player, Player.id == Join.player_id)).all()
            used = session.execute(select(Redemption.code_hash, Redemption.player_id)).all()
            stock = session.scalars(select(Prize.stock_left)).one()
        held = {name_of[key]: (player.points, player.wins) for key, player in joined}
        assert held == {by: (player.points, player.wins) for by, player in self.model.players.items()}
        who = {player.id: name_of[key] for key, player in joined}
        hashes = {self.stage.keys.code_hash(code.replace("-", "")): by for code, by in self.model.used_by.items()}
        assert {code_hash: who[player_id] for code_hash, player_id in used} == hashes
        assert stock == self.model.stock

    def teardown(self) -> None:
        found = [(check.says, faults) for check, faults in audit(self.database, self.stage.keys, MECHANICS.checks)]
        self.database.dispose()
        assert found
        assert [says for says, faults in found if faults] == []


@pytest.fixture
def made(sqlite_template: Path, tmp_path: Path) -> Made:
    path = tmp_path / "made.db"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    stage = Stage(database, tmp_path)
    stage.publish(RULES)
    issued = [stage.issue(10), stage.issue(2, active=False), stage.issue(2)]
    database.dispose()
    return Made(path, tuple(batch.batch_id for batch, _ in issued), tuple(tuple(codes) for _, codes in issued))


def test_engine_and_model_agree(made: Made, tmp_path: Path) -> None:
    machine: Callable[[], Machine] = lambda: Machine(made, tmp_path)  # noqa: E731
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=40))
